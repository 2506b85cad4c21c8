"""Finds out from file names who handed in what: the layouts in which instructors get submissions from elsewhere."""

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import TEXT_CHARACTERS, is_address, one_line

MAX_PEOPLE = 5_000
UNDECIDED = "?"
"""Stands for the question of a notebook while nobody has said which it is for."""

PATTERN_CHARACTERS = 200
DEFAULT_PATTERN = "{person}_{notebook}.ipynb"
_FIELDS = frozenset({"person", "name", "email", "notebook", "any"})
_NOTEBOOK = ".ipynb"
_RUBBISH = frozenset({"__MACOSX", ".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", "__pycache__"})
_NBGRADER = re.compile(r"(?:[^/]+/)*?submitted/(?P<who>[^/]+)/[^/]+/(?P<inner>.+)")
_MOODLE = re.compile(r"(?:[^/]+/)?(?P<name>[^/_]+)_(?P<who>\d+)_assignsubmission_file_?/?(?P<inner>.+)")
_CANVAS = re.compile(r"(?:[^/]+/)?(?P<name>[^/_]+)_(?:LATE_)?(?P<who>\d+)_\d+_(?P<inner>[^/]+)")
_CANVAS_AGAIN = re.compile(r"-\d+(?=\.ipynb$)")


class Layout(StrEnum):
    """How file names tell whose a file is. A stored name is never renamed."""

    AUTO = "auto"
    FOLDERS = "folders"
    PATTERN = "pattern"
    NBGRADER = "nbgrader"
    MOODLE = "moodle"
    CANVAS = "canvas"


@dataclass(frozen=True)
class Placed:
    """A file of an upload with what its name says.

    Attributes:
        who: the person, as the name has them; empty when it says nothing.
        name: the person's name, where the layout has one beside the id.
        inner: path of the file in the person's own folder.
        question: id of the question, for a notebook; empty when it says nothing.
    """

    path: str
    size: int
    who: str = ""
    name: str = ""
    inner: str = ""
    question: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook, which has to belong to a question."""
        return self.path.lower().endswith(_NOTEBOOK)


@dataclass(frozen=True)
class Entrant:
    """One person of an upload, with their files.

    Attributes:
        who: the person as file names have them; several for somebody under two names.
        person: their id; empty leaves them out.
    """

    who: str
    person: str
    name: str = ""
    email: str = ""
    files: tuple[Placed, ...] = ()

    @property
    def notebooks(self) -> list[Placed]:
        """Their notebooks."""
        return [file for file in self.files if file.is_notebook]


@dataclass(frozen=True)
class Match:
    """What an upload holds, by person.

    Attributes:
        layout: how it was read.
        unplaced: notebooks whose person or question nobody knows yet.
        others: other files that belong to nobody; they are left out.
        refused: files that cannot be taken, each with the reason.
        problems: what has to be put right first.
    """

    layout: Layout
    entrants: tuple[Entrant, ...]
    unplaced: tuple[Placed, ...] = ()
    others: tuple[Placed, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def kept(self) -> list[Entrant]:
        """The people whose work would be kept."""
        return [one for one in self.entrants if one.person and one.notebooks]


@dataclass(frozen=True)
class Corrections:
    """What somebody put right in a match.

    Attributes:
        people: person as in file names, to id, name and e-mail; an empty id leaves them out.
        files: path of a notebook, to the person as in file names and the question; an empty question leaves it
            out, ``UNDECIDED`` leaves it open.
    """

    people: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def match(
    files: Sequence[tuple[str, int]],
    questions: Sequence[str],
    layout: Layout,
    pattern: str = "",
    people: Mapping[str, tuple[str, str]] | None = None,
    corrections: Corrections | None = None,
) -> Match:
    """Return who handed in what.

    Args:
        files: safe relative paths with sizes in bytes.
        questions: ids of the questions.
        layout: how names are read.
        pattern: for the layout that has one, see ``Pattern``.
        people: known ids, to name and e-mail.
        corrections: what somebody put right.

    Raises:
        BadInputError: the pattern cannot be used.
    """
    fixed = corrections or Corrections()
    wanted = [(path, size) for path, size in files if not _RUBBISH & set(PurePosixPath(path).parts)]
    chosen, placed = _read(wanted, questions, layout, Pattern.read(pattern or DEFAULT_PATTERN))
    placed = [_corrected(file, fixed.files.get(file.path)) for file in placed]
    by_person: defaultdict[str, list[Placed]] = defaultdict(list)
    for file in placed:
        if file.who:
            by_person[file.who].append(file)
    known = {tidy(one).casefold(): (tidy(one), *rest) for one, rest in (people or {}).items()}
    entrants = _merged([_entrant(who, tuple(found), known, fixed) for who, found in sorted(by_person.items())])
    left_out = {path for path, (_, question) in fixed.files.items() if not question}
    unplaced = tuple(f for f in placed if _is_lost(f) and f.path not in left_out)
    others = tuple(file for file in placed if not file.is_notebook and not file.who)
    found = Match(chosen, tuple(entrants), unplaced, others)
    return replace(found, problems=_problems(found))


@dataclass(frozen=True)
class Pattern:
    """A file-name pattern such as ``{person}_{notebook}.ipynb``: fields in braces with plain text between them.

    ``{person}``, ``{name}``, ``{email}`` and ``{notebook}`` mean what they say, ``{any}`` is left alone. Without a
    slash it is held against the file's name, otherwise against the whole path. Matching takes time linear in the name.

    Attributes:
        parts: plain text and names of fields by turns; begins and ends with plain text.
    """

    parts: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Pattern":
        """Return a pattern.

        Raises:
            BadInputError: it has no person, an unknown field, or two fields with nothing between them.
        """
        parts = tuple(re.split(r"\{([^{}]*)\}", text.strip()))
        names = parts[1::2]
        counted = Counter(names)
        wrong = ""
        if len(text) > PATTERN_CHARACTERS:
            wrong = f"A pattern has at most {PATTERN_CHARACTERS} characters."
        elif unknown := [name for name in names if name not in _FIELDS]:
            wrong = f"There is no {{{unknown[0]}}}; there are {', '.join('{' + one + '}' for one in sorted(_FIELDS))}."
        elif not counted["person"] and not counted["email"]:
            wrong = "A pattern needs {person}, or {email}."
        elif any(counted[name] > 1 for name in counted if name != "any"):
            wrong = "A field stands in a pattern once."
        elif any(not between for between in parts[2:-1:2]):
            wrong = "Two fields need something between them."
        if wrong:
            raise BadInputError("This pattern cannot be used.", wrong, fields={"pattern": wrong})
        return cls(parts)

    def match(self, path: str, questions: Iterable[str]) -> dict[str, str] | None:
        """Return the fields in a path; names of notebooks that are known come first."""
        text = path if "/" in "".join(self.parts[::2]) else PurePosixPath(path).name
        if "notebook" in self.parts[1::2]:
            at = self.parts.index("notebook")
            for question in sorted(questions, key=len, reverse=True):
                joined = self.parts[at - 1] + question + self.parts[at + 1]
                found = _fields(text, (*self.parts[: at - 1], joined, *self.parts[at + 2 :]))
                if found is not None:
                    return {**found, "notebook": question}
        return _fields(text, self.parts)


def _fields(text: str, parts: Sequence[str]) -> dict[str, str] | None:
    if not text.startswith(parts[0]) or not text.endswith(parts[-1]):
        return None
    if len(parts) == 1:
        return {} if text == parts[0] else None
    at, end = len(parts[0]), len(text) - len(parts[-1])
    found = {}
    for name, after in zip(parts[1:-2:2], parts[2:-1:2], strict=True):
        stop = text.find(after, at + 1, end)
        if stop < 0:
            return None
        found[name] = text[at:stop]
        at = stop + len(after)
    found[parts[-2]] = text[at:end]
    return found if at < end else None


def people_in(text: str) -> dict[str, tuple[str, str]]:
    """Return the people of a list as CSV with the columns id, name and e-mail: id to name and e-mail.

    Raises:
        BadInputError: a line cannot be used; the detail says which.
    """
    found: dict[str, tuple[str, str]] = {}
    if "\0" in text:
        raise BadInputError("This list of people cannot be read.", "It is no text.")
    start = text.lstrip("\ufeff")
    separator = ";" if start.partition("\n")[0].count(";") > start.partition("\n")[0].count(",") else ","
    try:
        for number, row in enumerate(csv.reader(io.StringIO(start), delimiter=separator), 1):
            cells = [tidy(cell) for cell in row] + ["", "", ""]
            if number == 1 and cells[0].casefold() in {"id", "person", "student", "student_id"}:
                continue
            if not cells[0]:
                continue
            if not is_address(cells[2]):
                reason = f"Line {number}: “{cells[2][:50]}” is no e-mail address."
                raise BadInputError("This list of people cannot be read.", reason, fields={"people": reason})
            found[cells[0]] = (cells[1], cells[2])
    except csv.Error as error:
        raise BadInputError("This list of people cannot be read.", str(error)) from error
    if len(found) > MAX_PEOPLE:
        raise BadInputError("This list of people is too long.", f"At most {MAX_PEOPLE} people fit into a batch.")
    return found


def tidy(text: str) -> str:
    """Return the text as one line without characters that cannot be seen or that turn text around."""
    shown = "".join(one if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn"} else " " for one in text)
    return one_line(shown)[:TEXT_CHARACTERS].strip()


def _read(
    files: Sequence[tuple[str, int]], questions: Sequence[str], layout: Layout, pattern: Pattern
) -> tuple[Layout, list[Placed]]:
    if layout is not Layout.AUTO:
        return layout, _placed(files, questions, layout, pattern)
    tried = [(one, _placed(files, questions, one, pattern)) for one in Layout if one is not Layout.AUTO]
    order = (Layout.NBGRADER, Layout.MOODLE, Layout.CANVAS, Layout.FOLDERS, Layout.PATTERN)

    def fit(one: tuple[Layout, list[Placed]]) -> tuple[int, int]:
        known = sum(1 for file in one[1] if file.is_notebook and file.who and file.question)
        return known, -order.index(one[0])

    return max(tried, key=fit)


def _placed(
    files: Sequence[tuple[str, int]], questions: Sequence[str], layout: Layout, pattern: Pattern
) -> list[Placed]:
    top = _common_top([path for path, _ in files]) if layout is Layout.FOLDERS else ""
    found = [_place(path, size, questions, layout, pattern, top) for path, size in files]
    notebooks = Counter(file.who for file in found if file.is_notebook)
    if len(questions) != 1:
        return found
    # With one question, whoever handed in one notebook means that one, whatever it is called.
    alone = [file.is_notebook and bool(file.who) and notebooks[file.who] == 1 for file in found]
    return [replace(file, question=questions[0]) if one else file for file, one in zip(found, alone, strict=True)]


def _place(path: str, size: int, questions: Sequence[str], layout: Layout, pattern: Pattern, top: str) -> Placed:
    who = name = inner = ""
    if layout is Layout.FOLDERS:
        who, _, inner = path.removeprefix(top).partition("/")
        who = who if inner else ""
    elif layout is Layout.PATTERN:
        fields = pattern.match(path, questions) or {}
        who = fields.get("person") or fields.get("email", "")
        name = fields.get("name", "")
        notebook = fields.get("notebook", "")
        inner = f"{notebook}{_NOTEBOOK}" if notebook else PurePosixPath(path).name
    else:
        shape = {Layout.NBGRADER: _NBGRADER, Layout.MOODLE: _MOODLE, Layout.CANVAS: _CANVAS}[layout]
        if found := shape.fullmatch(path):
            parts = found.groupdict()
            who, name, inner = parts["who"], parts.get("name") or "", parts["inner"]
            inner = _CANVAS_AGAIN.sub("", inner) if layout is Layout.CANVAS else inner
    return Placed(path, size, tidy(who), tidy(name), inner, _question(inner, questions) if who else "")


def _question(inner: str, questions: Sequence[str]) -> str:
    """Return the question that a notebook's name names."""
    if not inner.lower().endswith(_NOTEBOOK):
        return ""
    stem = _plain(PurePosixPath(inner).stem)
    exact = [question for question in questions if _plain(question) == stem]
    within = [question for question in questions if _plain(question) in stem]
    return exact[0] if exact else within[0] if len(within) == 1 else ""


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


def _common_top(paths: Sequence[str]) -> str:
    """Return the folder that everything lies in, with a slash, if people's folders lie in one."""
    tops = {path.partition("/")[0] for path in paths}
    notebooks = [path for path in paths if path.lower().endswith(_NOTEBOOK)]
    if len(tops) == 1 and notebooks and all(path.count("/") > 1 for path in notebooks):
        return f"{tops.pop()}/"
    return ""


def _is_lost(file: Placed) -> bool:
    return file.is_notebook and not (file.who and file.question)


def _corrected(file: Placed, fix: tuple[str, str] | None) -> Placed:
    if fix is None:
        return file
    who, question = fix
    if question == UNDECIDED:
        return replace(file, who=tidy(who), question="")
    return replace(file, who=tidy(who) if question else "", question=question)


def _entrant(
    who: str, files: tuple[Placed, ...], known: Mapping[str, tuple[str, str, str]], fixed: Corrections
) -> Entrant:
    if who in fixed.people:
        person, name, email = map(tidy, fixed.people[who])
        return Entrant(who, person, name or person, email, files)
    person, name, email = known.get(who.casefold(), (who, next((f.name for f in files if f.name), ""), ""))
    return Entrant(who, person, name or person, email, files)


def _merged(entrants: Iterable[Entrant]) -> list[Entrant]:
    """Return the people, with those who are the same person as one."""
    found: dict[str, Entrant] = {}
    for number, one in enumerate(entrants):
        key = one.person.casefold() or f"\0{number}"
        same = found.get(key)
        found[key] = one if same is None else replace(same, files=same.files + one.files)
    return list(found.values())


def _problems(found: Match) -> tuple[str, ...]:
    problems = []
    for one in found.entrants:
        if not one.person:
            continue
        counted = Counter(file.question for file in one.notebooks if file.question)
        twice = [question for question, times in counted.items() if times > 1]
        if twice:
            problems.append(f"{one.name or one.person} has more than one notebook for {', '.join(twice)}.")
        if not is_address(one.email):
            problems.append(f"{one.name or one.person}: “{one.email[:50]}” is no e-mail address.")
    if len(found.kept) > MAX_PEOPLE:
        problems.append(f"At most {MAX_PEOPLE} people fit into a batch.")
    return tuple(problems)
