"""The team's own questions: what describes them, their versions, what a check found, and how people scored."""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.library import QuestionCard
from assay_hub.domain.plan import TEXT_CHARACTERS, fits, is_broken, one_line

Files = Mapping[str, bytes]
"""A question as files: name to content, its manifest among them."""

NOTEBOOK = "question.ipynb"
"""Name of the source notebook, with solutions and hidden tests, wherever the files of a question are."""

ID_CHARACTERS = 60
NOTE_CHARACTERS = 500
STUB_CHARACTERS = 500
MAX_WORDS = 20
MAX_MINUTES = 8 * 60
FEWEST_PEOPLE = 5
"""Under so many people nothing is said about how they scored: too few hide each other."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESERVED = frozenset({"new", "import"})
_BINS = 10


class CheckState(StrEnum):
    """Where the check of a version stands. A stored name is never renamed."""

    UNCHECKED = "unchecked"
    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


CHECKING = frozenset({CheckState.QUEUED, CheckState.RUNNING})
"""States after which a result comes by itself."""


class Step(StrEnum):
    """How much a version differs from the one before it: which part of its number rises."""

    CORRECTION = "correction"
    CHANGE = "change"
    OTHER_TASK = "other task"


@dataclass(frozen=True)
class Finding:
    """One thing that a check looked at.

    Attributes:
        title: what was looked at, in plain words.
        message: what was found; may quote solutions and hidden tests.
        cell: ``grade_id`` of the cell that it is about; empty for the question as a whole.
        required: nobody can be asked this question unless it passes.
    """

    title: str
    passed: bool
    message: str = ""
    cell: str = ""
    required: bool = True


@dataclass(frozen=True)
class Version:
    """One version of one of the team's own questions.

    Attributes:
        number: 1 for the first; rises with each.
        version: as interviews name it: ``1.0.0``.
        artefact: artefact key of the question's files.
        note: what changed, in the words of whoever saved it.
        card: as the library shows it.
    """

    question: str
    number: int
    version: str
    artefact: str
    saved_by: str
    saved_at: datetime
    note: str
    card: QuestionCard
    state: CheckState = CheckState.UNCHECKED
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether interviews can be held with it."""
        return self.state is CheckState.PASSED


@dataclass(frozen=True)
class Incoming:
    """What an upload holds under one name.

    Attributes:
        files: a question's; empty if it is not taken.
        remarks: what its author should look at.
        refusal: why it is not taken.
    """

    name: str
    files: Files = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Editing:
    """The workspace in which a question is edited, from opening to closing it.

    Attributes:
        id: of an interview's form; never the id of one.
    """

    id: str
    question: str
    opened_by: str
    opened_at: datetime


@dataclass(frozen=True)
class About:
    """What describes a question, as a form shows and changes it.

    Attributes:
        kind: one of the library's types.
        minutes: how long a prepared candidate needs.
        packages: what its notebook imports beyond the standard library.
        files: names of what a candidate gets beside the notebook; nothing else is released.
        stub: what stands where a solution was taken out; empty for nbgrader's own text.
        covers: what candidates are told that a test covers, by its ``grade_id``.
    """

    title: str
    kind: str
    difficulty: str
    minutes: int
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    stub: str = ""
    author: str = ""
    licence: str = ""
    covers: Mapping[str, str] = field(default_factory=dict)

    def checked(self) -> "About":
        """Return it with its texts tidied.

        Raises:
            BadInputError: something cannot be used; ``fields`` says what.
        """
        lists: dict[str, Any] = {name: _tidied(getattr(self, name)) for name in _LISTS}
        tidy = replace(
            self,
            title=one_line(self.title),
            author=one_line(self.author),
            licence=one_line(self.licence),
            stub=self.stub.replace("\r\n", "\n").rstrip(),
            covers={name: one_line(text) for name, text in self.covers.items()},
            **lists,
        )
        wrong = {
            "title": "" if fits(tidy.title) else f"The title needs 1 to {TEXT_CHARACTERS} characters.",
            "minutes": "" if 1 <= tidy.minutes <= MAX_MINUTES else f"Give 1 to {MAX_MINUTES} minutes.",
            "stub": "" if len(tidy.stub) <= STUB_CHARACTERS and not is_broken(tidy.stub) else "This is too long.",
            "author": "" if not tidy.author or fits(tidy.author) else "This is too long.",
            "licence": "" if not tidy.licence or fits(tidy.licence) else "This is too long.",
            **{name: _complaint(getattr(tidy, name)) for name in _LISTS},
            **{f"covers-{name}": _too_long(text) for name, text in tidy.covers.items()},
        }
        if wrong := {name: reason for name, reason in wrong.items() if reason}:
            raise BadInputError("Some of this cannot be used.", " ".join(wrong.values()), fields=wrong)
        return tidy


_LISTS = ("topics", "skills", "packages", "files")


def _tidied(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, words))))


def _too_long(text: str) -> str:
    return "" if not text or fits(text, NOTE_CHARACTERS) else f"At most {NOTE_CHARACTERS} characters are kept."


def _complaint(words: Sequence[str]) -> str:
    right = len(words) <= MAX_WORDS and all(fits(word, ID_CHARACTERS) for word in words)
    return "" if right else f"At most {MAX_WORDS}, each of at most {ID_CHARACTERS} characters."


def question_id(text: str) -> str:
    """Return the id that a text names, after taking it apart into words.

    Raises:
        BadInputError: nothing is left of it that can be an id, or pages of ours have this name.
    """
    found = "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:ID_CHARACTERS].strip("-")
    if not is_question_id(found):
        reason = "The id needs letters a–z or digits, such as late-deliveries."
        raise BadInputError("This cannot be the id of a question.", reason, fields={"id": reason})
    return found


def is_question_id(text: str) -> bool:
    """Whether a text can be the id of one of the team's own questions."""
    return len(text) <= ID_CHARACTERS and _ID.fullmatch(text) is not None and text not in _RESERVED


def next_version(version: str, step: Step) -> str:
    """Return the version after this one (semantic versioning: what a past interview relied on is the first part)."""
    major, minor, patch = map(int, version.split("."))
    if step is Step.OTHER_TASK:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if step is Step.CHANGE else f"{major}.{minor}.{patch + 1}"


# What changed between two versions


@dataclass(frozen=True)
class OutlinedCell:
    """A cell as a comparison names it, without its content.

    Attributes:
        name: ``grade_id``, or its place and first words.
        role: ``solution``, ``test`` and so on; empty for an ordinary cell.
        digest: hash of its text.
        hidden: hash of what candidates do not see of it.
    """

    id: str
    name: str
    role: str
    points: float
    digest: str
    hidden: str


@dataclass(frozen=True)
class Outline:
    """A version as a comparison needs it: nothing in it gives a solution away.

    Attributes:
        about: what describes it.
        files: name to hash of the files beside notebook and manifest.
    """

    about: About
    cells: tuple[OutlinedCell, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def changes(before: Outline, after: Outline) -> list[str]:
    """Return in words what is different in a later version; solutions and tests are not quoted."""
    return [
        *_about_changes(before.about, after.about),
        *_cell_changes(before.cells, after.cells),
        *_file_changes(before.files, after.files),
    ]


def _about_changes(before: About, after: About) -> Iterable[str]:
    for one in fields(About):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old != new and one.name != "covers":
            yield f"{one.name.capitalize()}: {_words(old)} → {_words(new)}."
    for name in sorted(set(before.covers) & set(after.covers)):
        if before.covers[name] != after.covers[name]:
            yield f"What candidates are told of the test {name} was changed."


def _words(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value) or "none"


def _cell_changes(before: Sequence[OutlinedCell], after: Sequence[OutlinedCell]) -> Iterable[str]:
    old = {cell.id: cell for cell in before}
    new = {cell.id: cell for cell in after}
    yield from (f"The cell {cell.name} was added." for cell in after if cell.id not in old)
    yield from (f"The cell {cell.name} was taken away." for cell in before if cell.id not in new)
    for cell in after:
        if cell.id in old:
            yield from _one_cell(old[cell.id], cell)
    if [cell.id for cell in before if cell.id in new] != [cell.id for cell in after if cell.id in old]:
        yield "The cells are in another order."


def _one_cell(before: OutlinedCell, after: OutlinedCell) -> Iterable[str]:
    if before.digest != after.digest:
        what = "a part that candidates do not see" if before.hidden != after.hidden else "its text"
        yield f"The cell {after.name} was changed: {what}."
    if before.points != after.points:
        yield f"The cell {after.name} gives {after.points:g} points instead of {before.points:g}."
    if before.role != after.role:
        yield f"The cell {after.name} is now {after.role or 'ordinary'}; it was {before.role or 'ordinary'}."


def _file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[str]:
    yield from (f"{name} was added." for name in sorted(set(after) - set(before)))
    yield from (f"{name} was taken away." for name in sorted(set(before) - set(after)))
    yield from (f"{name} was changed." for name in sorted(set(after) & set(before)) if before[name] != after[name])


# How people scored


@dataclass(frozen=True)
class Score:
    """What one person got for a question.

    Attributes:
        person: tells people apart and names nobody.
        version: of the question that they were asked.
        share: points over the most that there were, from 0 to 1; extra credit can make it more.
    """

    person: str
    version: str
    share: float


@dataclass(frozen=True)
class Distribution:
    """How several people scored.

    Attributes:
        mean, median: shares of the points, from 0 to 1.
        bins: how many people got 0–10 %, …, 90–100 % and more of the points.
    """

    people: int
    mean: float
    median: float
    bins: tuple[int, ...]


def distribution(scores: Sequence[Score]) -> Distribution | None:
    """Return how people scored, each counted once by their last score; ``None`` for too few to say anything."""
    by_person = {score.person: score.share for score in scores}
    shares = list(by_person.values())
    if len(shares) < FEWEST_PEOPLE:
        return None
    bins = [0] * _BINS
    for share in shares:
        bins[min(max(int(share * _BINS), 0), _BINS - 1)] += 1
    return Distribution(len(shares), statistics.fmean(shares), statistics.median(shares), tuple(bins))


def by_version(scores: Sequence[Score]) -> dict[str, Distribution | None]:
    """Return the same for each version, the highest first."""
    key: Callable[[str], tuple[int, ...]] = lambda version: tuple(map(int, re.findall(r"\d+", version)))  # noqa: E731
    versions = sorted({score.version for score in scores}, key=key, reverse=True)
    return {version: distribution([one for one in scores if one.version == version]) for version in versions}
