"""Questions as plain files: a folder with ``question.toml``, ``question.ipynb`` in nbgrader's format, and data."""

import hashlib
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

MANIFEST = "question.toml"
NOTEBOOK = "question.ipynb"
KINDS = frozenset({"live coding", "data science", "debugging", "system design"})
DIFFICULTIES = frozenset({"easy", "medium", "hard"})
_DEFAULTS: dict[str, Any] = {"stub": "", "files": []}


class BadQuestionError(ValueError):
    """A question that cannot be read; the text names the file and what is wrong."""


@dataclass(frozen=True)
class Question:
    """One question at one version.

    Attributes:
        id: name of its folder; of the form of nbgrader's ``grade_id``.
        version: semantic version.
        kind: one of ``KINDS``.
        minutes: how long a prepared candidate needs.
        packages: what its notebook imports beyond the standard library.
        files: names of the files in the folder that a candidate gets beside the notebook; nothing else is released.
        stub: what stands where a solution was taken out; empty for nbgrader's own text.
        folder: where its files are.
    """

    id: str
    version: str
    kind: str
    title: str
    difficulty: str
    minutes: int
    topics: tuple[str, ...]
    skills: tuple[str, ...]
    packages: tuple[str, ...]
    author: str
    licence: str
    official: bool
    files: tuple[str, ...]
    stub: str
    folder: Path

    @property
    def notebook(self) -> Path:
        """The source notebook, with solutions and hidden tests."""
        return self.folder / NOTEBOOK

    @property
    def attachments(self) -> list[Path]:
        """The files that a candidate gets beside the notebook, sorted by name."""
        return sorted(self.folder / name for name in self.files)

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 over names and bytes of all files of the folder: changes with anything in it."""
        found = hashlib.sha256()
        for path in sorted(
            path for path in self.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ):
            name = path.relative_to(self.folder).as_posix().encode()
            found.update(hashlib.sha256(name).digest() + hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()


def load_question(folder: Path) -> Question:
    """Read one question.

    Raises:
        BadQuestionError: a file or a member is missing, or has the wrong form.
    """
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        body: dict[str, Any] = {**_DEFAULTS, **tomllib.loads(text)}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadQuestionError(f"{folder / MANIFEST}: {error}") from error
    known = {field.name for field in fields(Question)} - {"folder"}
    if set(body) != known:
        wrong = ", ".join(sorted(set(body) ^ known))
        raise BadQuestionError(f"{folder / MANIFEST}: missing or unknown: {wrong}")
    for name in ("topics", "skills", "packages", "files"):
        if not isinstance(body[name], list) or not all(isinstance(item, str) for item in body[name]):
            raise BadQuestionError(f"{folder / MANIFEST}: {name} is a list of texts")
        body[name] = tuple(body[name])
    question = Question(**body, folder=folder)
    if problem := _problem(question):
        raise BadQuestionError(f"{folder / MANIFEST}: {problem}")
    return question


def load_library(root: Path) -> tuple[Question, ...]:
    """Read every question below ``root``, sorted by id.

    Raises:
        BadQuestionError: the first that cannot be read.
    """
    return tuple(load_question(path.parent) for path in sorted(root.glob(f"*/{MANIFEST}")))


def _problem(question: Question) -> str:  # noqa: PLR0911  # one rule after the other
    texts = (question.id, question.version, question.title, question.author, question.licence, question.stub)
    if not all(isinstance(text, str) for text in texts):
        return "id, version, title, author, licence and stub are texts"
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", question.id):
        return "id has letters, digits, - and _ only"
    if not re.fullmatch(r"\d+\.\d+\.\d+", question.version):
        return "version is like 1.0.0"
    if question.kind not in KINDS or question.difficulty not in DIFFICULTIES:
        return f"kind is one of {sorted(KINDS)}, difficulty one of {sorted(DIFFICULTIES)}"
    if type(question.minutes) is not int or question.minutes <= 0 or type(question.official) is not bool:
        return "minutes is a positive whole number, official true or false"
    if {MANIFEST, NOTEBOOK} & set(question.files):
        return "the source of a question is not released"
    for name in (NOTEBOOK, *question.files):
        if not (question.folder / name).is_file() or "/" in name or name.startswith("."):
            return f"{name} is no file of the folder that can be released"
    return ""
