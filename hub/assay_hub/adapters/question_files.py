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
from assay_assignments.library import KINDS, MANIFEST, NOTEBOOK, BadQuestionError, Question, load_question
from assay_hub.adapters.library import card_of
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.library import QuestionCard
from assay_hub.domain.question import About, Files, Outline, OutlinedCell

_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,99}")
_SHOWN_CHARACTERS = 40
_LISTS = ("topics", "skills", "packages", "files")
_SINGLE = ("title", "difficulty", "minutes", "stub", "author", "licence")


class SourceFiles:
    """Questions as files in memory; where a folder is needed, one is made for a moment."""

    def kinds(self) -> Sequence[str]:
        """Return the types of questions."""
        return sorted(KINDS)

    def begin(self, kind: str, question_id: str, title: str) -> Files:
        """Return the template of a type."""
        if kind not in KINDS:
            raise BadInputError("There is no such type.", fields={"kind": "There is no such type."})
        body = {
            "id": question_id,
            "version": "0.1.0",
            "kind": kind,
            "title": title,
            "difficulty": "medium",
            "minutes": 30,
            "topics": [],
            "skills": [],
            "packages": [],
            "author": "-",
            "licence": "-",
            "official": False,
        }
        cells = [
            ("markdown", f"# {title}", None),
            (
                "code",
                "def double(number):\n    ### BEGIN SOLUTION\n    return 2 * number\n    ### END SOLUTION",
                {
                    "grade": False,
                    "grade_id": "solution-double",
                    "locked": False,
                    "solution": True,
                    "task": False,
                    "schema_version": 3,
                },
            ),
            (
                "code",
                "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
                {
                    "grade": True,
                    "grade_id": "test-double",
                    "locked": True,
                    "points": 2,
                    "solution": False,
                    "task": False,
                    "schema_version": 3,
                },
            ),
        ]
        more: dict[str, Any] = {"outputs": [], "execution_count": None}
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [
                {
                    "id": f"cell-{place}",
                    "cell_type": kind_,
                    "source": source,
                    "metadata": {"nbgrader": marks} if marks else {},
                    **(more if kind_ == "code" else {}),
                }
                for place, (kind_, source, marks) in enumerate(cells)
            ],
        }
        return {MANIFEST: written(body).encode(), NOTEBOOK: json.dumps(notebook, indent=1).encode()}

    def imported(self, name: str, content: bytes) -> Sequence[tuple[str, Files]]:
        raise NotImplementedError

    def exported(self, question_id: str, files: Files) -> bytes:
        raise NotImplementedError

    def about(self, files: Files) -> About:
        """Return what describes a question."""
        body = _manifest(files)
        given: dict[str, Any] = {name: tuple(body[name]) for name in _LISTS if name in body}
        given |= {name: body[name] for name in _SINGLE if name in body}
        return About(kind=body.get("type") or body["kind"], **given)

    def described(self, files: Files, question_id: str, version: str, about: About) -> Files:
        """Return the files with another id, version and description; it is no official question any more."""
        body = _manifest(files)
        body.pop("type", None)
        body |= {"id": question_id, "version": version, "kind": about.kind, "official": False}
        body |= {name: list(getattr(about, name)) for name in _LISTS} | {name: getattr(about, name) for name in _SINGLE}
        return {**files, MANIFEST: written(body).encode()}

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

        That is what lies in its first folder, without outputs of cells; the manifest is no part of a workspace.

        Raises:
            BadInputError: it is no archive, unpacks to more than ``max_bytes`` bytes or holds no source notebook.
        """
        files = {name: content for name, content in unpacked(archive, max_bytes).items() if _NAME.fullmatch(name)}
        files.pop(MANIFEST, None)
        if NOTEBOOK not in files:
            raise BadInputError(f"There is no {NOTEBOOK} in the workspace.", "Undo its renaming or deletion there.")
        files[NOTEBOOK] = _without_outputs(files[NOTEBOOK])
        return files


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
def laid_out(files: Files) -> Iterator[Question]:
    """Give the files as a question in a folder of its own, for as long as the block runs.

    Raises:
        BadInputError: it cannot be read, or a name is no name of a file.
    """
    question_id = str(_manifest(files).get("id", ""))
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,100}", question_id):
        raise BadInputError("This question cannot be read.", "Its manifest names no id.")
    with tempfile.TemporaryDirectory(prefix="assay-question-") as folder:
        place = Path(folder, question_id)
        place.mkdir()
        for name, content in files.items():
            if not _NAME.fullmatch(name):
                raise BadInputError("This question cannot be read.", f"{name!r} is no name of a file in it.")
            (place / name).write_bytes(content)
        try:
            question = load_question(place)
            check_question(question)
        except BadQuestionError as error:
            raise BadInputError("This question cannot be read.", _plain(error, place)) from error
        yield question


def written(body: Mapping[str, Any]) -> str:
    """Return a manifest as TOML."""
    return "".join(f"{name} = {_toml(value)}\n" for name, value in body.items())


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return '"' + "".join(_escaped(character) for character in value) + '"'
    return json.dumps(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def _plain(error: Exception, folder: Path) -> str:
    """Return what an error says without the folder, which is gone before anybody can look into it."""
    return str(error).replace(f"{folder}/", "").replace(str(folder), "")


def _manifest(files: Files) -> dict[str, Any]:
    try:
        return tomllib.loads(files[MANIFEST].decode())
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError("This question cannot be read.", f"{MANIFEST}: {error}") from error


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
