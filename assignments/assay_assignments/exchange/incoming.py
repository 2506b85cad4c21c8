"""Questions out of what somebody uploads: a course, an assignment, or a single notebook."""

import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from assay_assignments.exchange.archive import BadArchiveError, unpack
from assay_assignments.exchange.course import ASIDE, Place, Sheet, sheets
from assay_assignments.exchange.foreign import NotExactError, is_otter, otter_to_nbgrader
from assay_assignments.exchange.notebooks import BadNotebookError, Described, describe, modern
from assay_assignments.library import BadQuestionError, load_question
from assay_assignments.manifest import MANIFEST, NOTEBOOK, ORIGIN, OWN_FILES, problems, written

MAX_QUESTIONS = 200
_MAGIC = b"PK\x03\x04"
_EMPTY = b"PK\x05\x06"
_ID_CHARACTERS = 100


@dataclass(frozen=True)
class Given:
    """What is said of questions that come without a manifest of their own.

    Attributes:
        type: of the manifest's ``TYPES``.
    """

    type: str = "take-home"
    difficulty: str = "medium"
    minutes: int = 60
    author: str = "unknown"
    licence: str = "LicenseRef-Unknown"


@dataclass(frozen=True)
class Found:
    """A question that can be written into a library.

    Attributes:
        files: content by name, everything that belongs into its folder.
        remarks: what its author should look at.
    """

    id: str
    files: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Something that was not taken, and why."""

    name: str
    reason: str


def import_questions(name: str, content: bytes, given: Given | None = None) -> list[Found | Refused]:
    """Return the questions of an uploaded file.

    Taken are a zip file (a course of nbgrader or its ``source`` tree, folders of notebooks, folders of questions) and a
    single notebook of Jupyter, nbgrader or otter-grader. Nothing of it runs and nothing is written.

    Args:
        name: of the file; a single notebook is called after it.
        content: of the file; it may be hostile.
        given: what is said of questions without a manifest.

    Raises:
        BadArchiveError: the file as a whole cannot be read.
    """
    given = given or Given()
    stem = PurePosixPath(name.replace("\\", "/")).name.removesuffix(".zip").removesuffix(".ipynb")
    if not content.startswith((_MAGIC, _EMPTY)):
        return [_taken(Sheet(Place(stem, stem), content, {}, {}, alone=True), given, lonely=True)]
    files = unpack(content)
    found = [_own(folder, inside) for folder, inside in sorted(_folders(files).items())]
    if not found:
        listed = sheets(files)
        if len(listed) > MAX_QUESTIONS:
            raise BadArchiveError(f"there are more than {MAX_QUESTIONS} notebooks")
        found = [_taken(sheet, given, lonely=False) for sheet in listed]
    if not found:
        raise BadArchiveError("there is no notebook in it")
    return _once(found)


def write_question(found: Found, root: Path) -> Path:
    """Write a question into a folder of its own below ``root`` and return it.

    Raises:
        FileExistsError: there is a question of this id already.
    """
    folder = root / found.id
    folder.mkdir(parents=True)
    for name, content in found.files.items():
        (folder / name).write_bytes(content)
    return folder


@dataclass
class _Draft:
    """A question that is being put together."""

    id: str
    files: dict[str, bytes]
    remarks: list[str] = field(default_factory=list)


def _folders(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return the folders of questions as they are in a library; what an export of a course puts aside is none."""
    folders = {str(PurePosixPath(path).parent) for path in files if PurePosixPath(path).name == MANIFEST}
    inside: dict[str, dict[str, bytes]] = {}
    for folder in folders:
        prefix = "" if folder == "." else f"{folder}/"
        if f"{prefix}{NOTEBOOK}" in files and PurePosixPath(folder).parent.name != ASIDE:
            inside[folder] = {path.removeprefix(prefix): one for path, one in files.items() if path.startswith(prefix)}
    return inside


def _own(folder: str, files: dict[str, bytes]) -> Found | Refused:
    """Take a folder of a question as it is."""
    if nested := [path for path in files if "/" in path]:
        return Refused(folder, f"{nested[0]} is in a folder of its own: a question's files lie beside its notebook")
    return _proved(folder, _Draft(PurePosixPath(folder).name, files))


def _taken(sheet: Sheet, given: Given, *, lonely: bool) -> Found | Refused:
    name = sheet.place.notebook if lonely else f"{sheet.place.assignment}/{sheet.place.notebook}"
    try:
        draft = _with_manifest(sheet) if sheet.aside else _without_manifest(sheet, given, lonely=lonely)
    except (BadNotebookError, NotExactError, BadQuestionError) as error:
        return Refused(name, str(error))
    return _proved(name, draft)


def _with_manifest(sheet: Sheet) -> _Draft:
    """Put a question together again that we exported."""
    try:
        body = tomllib.loads(sheet.aside[MANIFEST].decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadQuestionError(f"{MANIFEST}: {error}") from error
    if wrong := problems(body):
        raise BadQuestionError(f"{MANIFEST}: {'; '.join(wrong)}")
    listed = body.get("files", [])
    if missing := [name for name in listed if name not in sheet.beside]:
        raise BadQuestionError(f"{MANIFEST}: {missing[0]} is listed in files and not there")
    files = {**sheet.aside, NOTEBOOK: sheet.notebook, **{name: sheet.beside[name] for name in listed}}
    draft = _Draft(body["id"], files)
    if sheet.alone and (left := sorted(set(sheet.beside) - set(listed))):
        draft.remarks.append(f"not in files of {MANIFEST}, and left out: {', '.join(left)}")
    return draft


def _without_manifest(sheet: Sheet, given: Given, *, lonely: bool) -> _Draft:
    for path in sheet.beside:
        if "/" in path:
            raise BadQuestionError(f"{path} is in a folder of its own: a question's files lie beside its notebook")
        if path in OWN_FILES:
            raise BadQuestionError(f"{path} is a name that a question keeps for its author: rename the file")
    read = modern(sheet.notebook)
    remarks = list(read.remarks)
    content, stub = read.content, ""
    if is_otter(read.notebook):
        turned = otter_to_nbgrader(read.notebook, sorted(sheet.beside))
        content, stub, remarks = turned.content, turned.stub, [*remarks, *turned.remarks]
    draft = _Draft(_name(sheet), {**sheet.beside, NOTEBOOK: content}, remarks)
    described = describe(content, sorted(sheet.beside))
    draft.files[MANIFEST] = written(_manifest(draft.id, described, given, sorted(sheet.beside), stub)).encode()
    if not lonely and (sheet.place.assignment, sheet.place.notebook) != (draft.id, draft.id):
        draft.files[ORIGIN] = _origin(sheet.place)
    draft.remarks.append(f"type, difficulty, minutes, author and licence are not known: look at {MANIFEST}")
    return draft


def _manifest(name: str, described: Described, given: Given, files: list[str], stub: str) -> dict[str, Any]:
    return {
        "id": name,
        "version": "1.0.0",
        "type": given.type,
        "title": described.title or name.replace("-", " ").replace("_", " ").capitalize(),
        "difficulty": given.difficulty,
        "minutes": given.minutes,
        "topics": [],
        "skills": [],
        "kernel": described.kernel,
        "packages": list(described.packages),
        "author": given.author,
        "licence": given.licence,
        "official": False,
        "files": files,
        **({"stub": stub} if stub else {}),
    }


def _name(sheet: Sheet) -> str:
    """Return an id: that of the assignment, with the notebook's when there are several."""
    parts = [sheet.place.assignment] if sheet.alone and sheet.place.assignment else list(vars(sheet.place).values())
    plain = re.sub(r"[^a-z0-9_]+", "-", "-".join(filter(None, parts)).lower()).strip("-")
    return plain[:_ID_CHARACTERS] or "question"


def _origin(place: Place) -> bytes:
    lines = [f'{name} = "{"".join(map(_escaped, text))}"\n' for name, text in vars(place).items()]
    return "".join(["# Where it came from in a course, and goes back to.\n", *lines]).encode()


def _escaped(character: str) -> str:
    return f"\\{character}" if character in '"\\' else character


def _proved(name: str, draft: _Draft) -> Found | Refused:
    """Return the question if it can be loaded."""
    with tempfile.TemporaryDirectory(prefix="assay-import-") as folder:
        for path, content in draft.files.items():
            (Path(folder) / path).write_bytes(content)
        try:
            question = load_question(Path(folder))
        except BadQuestionError as error:
            return Refused(name, str(error).removeprefix(f"{folder}/"))
    return Found(question.id, draft.files, tuple(draft.remarks))


def _once(found: list[Found | Refused]) -> list[Found | Refused]:
    """Refuse the second question of an id."""
    seen: set[str] = set()
    kept: list[Found | Refused] = []
    for one in found:
        if isinstance(one, Found) and one.id.casefold() in seen:
            kept.append(Refused(one.id, "another question of the file has the same id"))
            continue
        if isinstance(one, Found):
            seen.add(one.id.casefold())
        kept.append(one)
    return kept
