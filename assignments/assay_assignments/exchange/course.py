"""nbgrader's courses: ``source/ASSIGNMENT/NOTEBOOK.ipynb`` and, beside the tree, what nbgrader has no place for.

nbgrader releases every file that lies beside a notebook in ``source``. What only authors see therefore lies in
``assay/QUESTION`` instead, where nbgrader does not look and an import finds it again.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from assay_assignments.library import Question
from assay_assignments.manifest import MANIFEST, NOTEBOOK, ORIGIN

SOURCE = "source"
ASIDE = "assay"
_ENDING = ".ipynb"


class NotExportableError(ValueError):
    """Questions that cannot stand in one course; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a question is in a course."""

    assignment: str
    notebook: str


@dataclass(frozen=True)
class Sheet:
    """One notebook of a course and what belongs to it.

    Attributes:
        beside: the other files of its assignment.
        aside: what an export of ours left for authors; empty for a course from elsewhere.
        alone: whether its assignment has no other notebook.
    """

    place: Place
    notebook: bytes
    beside: Mapping[str, bytes]
    aside: Mapping[str, bytes]
    alone: bool


def to_course(questions: Iterable[Question]) -> dict[str, bytes]:
    """Return the files of a course folder with an assignment for each question, or where the question came from.

    Raises:
        NotExportableError: two of them need the same place, or one has folders of its own.
    """
    files: dict[str, bytes] = {}
    for question in questions:
        for path, content in _tree(question).items():
            if files.setdefault(path, content) != content:
                raise NotExportableError(f"{question.id}: another question has a different {path}")
    return files


def sheets(files: Mapping[str, bytes]) -> list[Sheet]:
    """Return the notebooks of a course: those of ``source``, or of every folder where there is no ``source``."""
    root = _root(files)
    tree = {path.removeprefix(root): content for path, content in files.items() if path.startswith(root)}
    aside = _aside(tree)
    if any(path.startswith(f"{SOURCE}/") for path in tree):
        tree = {path.removeprefix(f"{SOURCE}/"): one for path, one in tree.items() if path.startswith(f"{SOURCE}/")}
        tree = {path: one for path, one in tree.items() if "/" in path}
    found = []
    for folder in sorted({str(PurePosixPath(path).parent) for path in tree if path.endswith(_ENDING)}):
        prefix = "" if folder == "." else f"{folder}/"
        inside = {path.removeprefix(prefix): one for path, one in tree.items() if path.startswith(prefix)}
        notebooks = sorted(path for path in inside if path.endswith(_ENDING) and "/" not in path)
        beside = {path: one for path, one in inside.items() if not path.endswith(_ENDING)}
        for path in notebooks:
            place = Place(PurePosixPath(folder).name, path.removesuffix(_ENDING))
            left = aside.get(place, {})
            found.append(Sheet(place, inside[path], beside, left, alone=len(notebooks) == 1))
    return found


def place_of(question_id: str, origin: bytes | None) -> Place:
    """Return where a question is in a course: where it came from, or in an assignment of its own."""
    try:
        body = tomllib.loads((origin or b"").decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        body = {}
    names = [body.get(name, question_id) for name in ("assignment", "notebook")]
    if not all(isinstance(name, str) and re.fullmatch(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*", name) for name in names):
        names = [question_id, question_id]
    return Place(*names)


def _tree(question: Question) -> dict[str, bytes]:
    files = {}
    for path in sorted(question.folder.rglob("*")):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        if path.parent != question.folder or path.is_symlink():
            raise NotExportableError(f"{question.id}: {path.name} is in a folder of its own, or a link")
        files[path.name] = path.read_bytes()
    place = place_of(question.id, files.get(ORIGIN))
    tree = {f"{SOURCE}/{place.assignment}/{place.notebook}{_ENDING}": files.pop(NOTEBOOK)}
    tree |= {f"{SOURCE}/{place.assignment}/{name}": files.pop(name) for name in question.files}
    return tree | {f"{ASIDE}/{question.id}/{name}": content for name, content in files.items()}


def _root(files: Mapping[str, bytes]) -> str:
    """Return the path to the folder that has ``source``, with a final slash; empty at the top, or for none."""
    for path in sorted(files, key=lambda path: (path.count("/"), path)):
        parts = PurePosixPath(path).parts
        if SOURCE in parts[:-1]:
            return "".join(f"{part}/" for part in parts[: parts.index(SOURCE)])
    return ""


def _aside(tree: Mapping[str, bytes]) -> dict[Place, dict[str, bytes]]:
    """Return what an export of ours left for authors, by the place of the question."""
    if not any(path.startswith(f"{SOURCE}/") for path in tree):
        return {}
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in tree.items():
        parts = PurePosixPath(path).parts
        if len(parts) == len((ASIDE, "id", "name")) and parts[0] == ASIDE:
            folders.setdefault(parts[1], {})[parts[2]] = content
    return {place_of(name, one.get(ORIGIN)): one for name, one in folders.items() if MANIFEST in one}
