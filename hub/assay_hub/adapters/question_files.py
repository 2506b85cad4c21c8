"""What can be made of the files of a question without running any of it: its description, a comparison, a template."""

import hashlib
import io
import json
import re
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assay_assignments.check import check_question, hidden_lines
from assay_assignments.exchange import (
    BadArchiveError,
    Given,
    NotExportableError,
    Refused,
    import_questions,
    pack,
    to_course,
)
from assay_assignments.library import BadQuestionError, Question, imported, load_question
from assay_assignments.manifest import MANIFEST, NOTEBOOK, TYPES, completed, problems, written
from assay_assignments.template import BadNameError, new_question
from assay_hub.adapters.library import card_of
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.library import QuestionCard
from assay_hub.domain.question import About, Files, Incoming, Outline, OutlinedCell

_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,99}")
_SHOWN_CHARACTERS = 40
_LISTS = ("topics", "skills", "packages", "files")
_SINGLE = ("title", "difficulty", "minutes", "stub", "author", "licence")


class SourceFiles:
    """Questions as files in memory; where a folder is needed, one is made for a moment."""

    def kinds(self) -> Sequence[str]:
        """Return the types of questions."""
        return TYPES

    def begin(self, kind: str, question_id: str, title: str, author: str) -> Files:
        """Return the template of a type.

        Raises:
            BadInputError: there is no such type, or a question cannot have such an id or title.
        """
        try:
            return new_question(question_id, kind, title, author)
        except BadNameError as error:
            raise BadInputError("A question cannot begin like this.", str(error)) from error

    def about(self, files: Files) -> About:
        """Return what describes a question."""
        body = _manifest(files)
        given: dict[str, Any] = {name: tuple(body[name]) for name in _LISTS}
        given |= {name: body[name] for name in _SINGLE}
        covers = {str(marks["grade_id"]): _told(cell) for cell, marks in _tests(json.loads(files[NOTEBOOK]))}
        return About(kind=body["type"], covers=covers, **given)

    def described(self, files: Files, question_id: str, version: str, about: About) -> Files:
        """Return the files with another id, version and description; it is no official question any more."""
        body = _manifest(files)
        body |= {"id": question_id, "version": version, "type": about.kind, "official": False}
        body |= {name: list(getattr(about, name)) for name in _LISTS} | {name: getattr(about, name) for name in _SINGLE}
        return {**files, MANIFEST: written(body).encode(), NOTEBOOK: _covering(files[NOTEBOOK], about.covers)}

    def card(self, files: Files) -> QuestionCard:
        """Return a question as the library shows it.

        Raises:
            BadInputError: it cannot be read; the detail says what is wrong.
        """
        with laid_out(files) as question:
            return card_of(question)

    def outline(self, files: Files) -> Outline:
        """Return a question as a comparison needs it."""
        cells = json.loads(files[NOTEBOOK])["cells"]
        beside = {name: _digest(content) for name, content in files.items() if name not in {MANIFEST, NOTEBOOK}}
        return Outline(self.about(files), tuple(_outlined(cell, place) for place, cell in enumerate(cells, 1)), beside)

    def workspace_files(self, archive: bytes, max_bytes: int) -> Files:
        """Return what belongs to a question among the files that were taken out of a workspace.

        That is what lies in its first folder, without outputs of cells.

        Raises:
            BadInputError: it is no archive, unpacks to more than ``max_bytes`` bytes or holds no source notebook.
        """
        files = {name: content for name, content in unpacked(archive, max_bytes).items() if _NAME.fullmatch(name)}
        if NOTEBOOK not in files:
            raise BadInputError(f"There is no {NOTEBOOK} in the workspace.", "Undo its renaming or deletion there.")
        files[NOTEBOOK] = _without_outputs(files[NOTEBOOK])
        return files

    def imported(self, name: str, content: bytes, author: str) -> Sequence[Incoming]:
        """Return what an upload holds.

        Raises:
            BadInputError: it cannot be read, or there is no question in it.
        """
        try:
            found = import_questions(name, content, Given(author=author))
        except BadArchiveError as error:
            raise BadInputError("This file cannot be imported.", str(error), fields={"upload": str(error)}) from error
        return [
            Incoming(one.name, refusal=one.reason)
            if isinstance(one, Refused)
            else Incoming(one.id, one.files, one.remarks)
            for one in found
        ]

    def exported(self, files: Files) -> bytes:
        """Return a zip file with the tree of an nbgrader course.

        Raises:
            BadInputError: a course cannot hold it.
        """
        with laid_out(files) as question:
            try:
                return pack(to_course([question]))
            except NotExportableError as error:
                raise BadInputError("This question cannot be exported.", str(error)) from error


def unpacked(archive: bytes, max_bytes: int) -> dict[str, bytes]:
    """Return the files of a zip file, path to content, which are never written anywhere under these names.

    Raises:
        BadInputError: it is no zip file, or its content is larger than ``max_bytes`` bytes.
    """
    files: dict[str, bytes] = {}
    left = max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for member in opened.infolist():
                if member.is_dir():
                    continue
                with opened.open(member) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise BadInputError("These files are too large.", f"At most {max_bytes} bytes are accepted.")
                files[member.filename] = content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadInputError("This is no zip file that can be read.", str(error)) from error
    return files


@contextmanager
def in_a_folder(files: Files) -> Iterator[Path]:
    """Give the files in a folder of their own that is called as the question's id, for as long as the block runs.

    Raises:
        BadInputError: there is no such id, or a name is no name of a file.
    """
    question_id = str(_manifest(files)["id"])
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,100}", question_id):
        raise BadInputError("This question cannot be read.", "Its manifest names no id.")
    with tempfile.TemporaryDirectory(prefix="assay-question-") as folder:
        place = Path(folder, question_id)
        place.mkdir()
        for name, content in files.items():
            if not _NAME.fullmatch(name):
                raise BadInputError("This question cannot be read.", f"{name!r} is no name of a file in it.")
            (place / name).write_bytes(content)
        yield place


@contextmanager
def laid_out(files: Files) -> Iterator[Question]:
    """Give the files as a question, for as long as the block runs.

    Raises:
        BadInputError: it cannot be read or released.
    """
    with in_a_folder(files) as folder:
        try:
            question = load_question(folder)
            check_question(question)
        except BadQuestionError as error:
            raise BadInputError("This question cannot be read.", _plain(error, folder)) from error
        yield question


def packages_of(files: Files) -> list[str]:
    """Return what a sandbox imports once for the notebook of a question."""
    manifest = _manifest(files)
    return list(imported(manifest["packages"], manifest["kernel"]))


def _plain(error: Exception, folder: Path) -> str:
    """Return what an error says without the folder, which is gone before anybody can look into it."""
    return str(error).replace(f"{folder}/", "").replace(str(folder), "")


def _manifest(files: Files) -> dict[str, Any]:
    """Return the manifest with what was left out of it.

    Raises:
        BadInputError: it cannot be read, or something in it is wrong.
    """
    try:
        body = tomllib.loads(files[MANIFEST].decode())
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError("This question cannot be read.", f"{MANIFEST}: {error}") from error
    if wrong := problems(body):
        raise BadInputError("This question cannot be read.", f"{MANIFEST}: {'; '.join(wrong)}")
    return completed(body)


def _without_outputs(notebook: bytes) -> bytes:
    try:
        body = json.loads(notebook)
        for cell in body["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
            cell["metadata"].pop("execution", None)
            cell["metadata"].pop("trusted", None)
        return (json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInputError(f"{NOTEBOOK} cannot be read.", f"{type(error).__name__}: {error}") from error


def _tests(notebook: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each test that a machine runs, with its marks."""
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("grade") and not marks.get("solution"):
            yield cell, marks


def _told(cell: Mapping[str, Any]) -> str:
    """Return what candidates are told that a test covers."""
    about = cell["metadata"].get("assay", {}).get("about", "")
    return about if isinstance(about, str) else ""


def _covering(notebook: bytes, covers: Mapping[str, str]) -> bytes:
    """Return a notebook in which each test says what it covers; the same bytes if it says so already."""
    body = json.loads(notebook)
    changed = False
    for cell, marks in _tests(body):
        text = covers.get(str(marks["grade_id"]), _told(cell))
        if text != _told(cell):
            cell["metadata"]["assay"] = {**cell["metadata"].get("assay", {}), "about": text}
            changed = True
    return (json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode() if changed else notebook


def _outlined(cell: Mapping[str, Any], place: int) -> OutlinedCell:
    source = "".join(cell["source"])
    marks = cell["metadata"].get("nbgrader", {})
    hidden = hidden_lines(source)
    shown = next((line.strip() for line in source.splitlines() if line.strip() and line.strip() not in hidden), "")
    words = f"{place} (“{shown[:_SHOWN_CHARACTERS]}”)" if shown else str(place)
    return OutlinedCell(
        id=str(cell.get("id", place)),
        name=str(marks.get("grade_id") or words),
        role=_role(marks),
        points=float(marks.get("points", 0)),
        digest=_digest(source.encode()),
        hidden=_digest("\n".join(hidden).encode()),
    )


def _role(marks: Mapping[str, Any]) -> str:
    if marks.get("task"):
        return "a task that a person marks"
    if marks.get("grade"):
        return "an answer that a person marks" if marks.get("solution") else "a test"
    if marks.get("solution"):
        return "a solution"
    return "read-only" if marks.get("locked") else ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
