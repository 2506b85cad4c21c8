"""Questions as plain files: a folder with ``question.toml``, ``question.ipynb`` in nbgrader's format, and data."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_assignments.manifest import MANIFEST, NOTEBOOK, completed, problems

__all__ = ["MANIFEST", "NOTEBOOK", "BadQuestionError", "Question", "imported", "load_library", "load_question"]

_KERNEL_CLIENT = "jupyter_client.manager"


class BadQuestionError(ValueError):
    """A question that cannot be read; the text names the file and what is wrong."""


@dataclass(frozen=True)
class Question:
    """One question at one version.

    Attributes:
        id: name of its folder; of the form of nbgrader's ``grade_id``.
        version: semantic version.
        kind: one of the manifest's ``TYPES``; ``type`` in the file.
        minutes: how long a prepared candidate needs.
        kernel: name of the Jupyter kernel that runs it.
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
    kernel: str = "python3"

    @property
    def notebook(self) -> Path:
        """The source notebook, with solutions and hidden tests."""
        return self.folder / NOTEBOOK

    @property
    def imported(self) -> tuple[str, ...]:
        """What a sandbox imports once for all submissions: the packages, and for another kernel what starts it."""
        return imported(self.packages, self.kernel)

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


def imported(packages: Iterable[str], kernel: str) -> tuple[str, ...]:
    """Return what a sandbox imports once for notebooks of a kernel."""
    return (*packages, *(() if kernel == "python3" else (_KERNEL_CLIENT,)))


def load_question(folder: Path) -> Question:
    """Read one question.

    Raises:
        BadQuestionError: a file or a member is missing, or has the wrong form.
    """
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        body: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadQuestionError(f"{folder / MANIFEST}: {error}") from error
    if wrong := problems(body):
        raise BadQuestionError(f"{folder / MANIFEST}: {'; '.join(wrong)}")
    read = completed(body)
    kind = read.pop("type")
    lists = {name: tuple(value) for name, value in read.items() if isinstance(value, list)}
    question = Question(**{**read, **lists}, kind=kind, folder=folder)
    if problem := _problem(question):
        raise BadQuestionError(f"{folder / MANIFEST}: {problem}")
    return question


def load_library(root: Path) -> tuple[Question, ...]:
    """Read every question below ``root``, sorted by id.

    Raises:
        BadQuestionError: the first that cannot be read.
    """
    return tuple(load_question(path.parent) for path in sorted(root.glob(f"*/{MANIFEST}")))


def _problem(question: Question) -> str:
    if f"{question.id}.ipynb" in question.files:
        return f"{question.id}.ipynb is the name of the released notebook"
    for name in (NOTEBOOK, *question.files):
        path = question.folder / name
        if path.is_symlink() or not path.is_file():
            return f"{name} is no file of the folder that can be released"
    return ""
