"""The submissions of a course folder: found as nbgrader finds them, read without following where they point."""

import fnmatch
import glob
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assay_assignments.course.configuration import Course
from assay_assignments.grading.files import MAX_BYTES, MAX_FILES
from assay_assignments.grading.notebook import MAX_NOTEBOOK_BYTES

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAX_DEPTH = 8
_MAX_REMARKS = 20


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes:
        files: content by path, in the folder of the assignment.
        remarks: what of it was left out.
        unread: why a notebook could not be read, by its name.
    """

    student: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    def digest(self, sources: str) -> str:
        """Return a hexadecimal SHA-256 over what is graded and what it is graded with."""
        found = hashlib.sha256(sources.encode())
        for path, content in sorted(self.files.items()):
            found.update(hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest())
            found.update(hashlib.sha256(content).digest())
        found.update(repr(sorted(self.unread.items())).encode())
        return found.hexdigest()


def find(course: Course, assignment: str, students: str = "*") -> dict[str, Path]:
    """Return the folder of each student whose name matches a pattern, sorted by name."""
    folders = glob.glob(str(course.folder("submitted", students, glob.escape(assignment))))  # noqa: PTH207  # absolute
    pattern = course.pattern("submitted", assignment)
    excluded = set(filter(None, course.option("student_id_exclude").split(",")))
    found = {match["student"]: Path(folder) for folder in folders if (match := pattern.fullmatch(folder))}
    return {student: found[student] for student in sorted(found) if student not in excluded}


def read(course: Course, student: str, folder: Path, notebooks: frozenset[str]) -> Submission:
    """Read a submission; nothing in it makes this fail.

    Args:
        course: says what is ignored.
        student: who handed it in.
        folder: where it is.
        notebooks: names of the files that are graded; other notebooks are left where they are.
    """
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        return Submission(student, unread=dict.fromkeys(notebooks, "the submission is no folder of its own"))
    files: dict[str, bytes] = {}
    unread: dict[str, str] = {}
    remarks: list[str] = []
    room = MAX_BYTES
    for path, name in _walk(folder, tuple(course.option("ignore"))):
        is_notebook = name in notebooks
        if name.endswith(".ipynb") and not is_notebook:
            continue
        content = _content(path, MAX_NOTEBOOK_BYTES if is_notebook else room)
        if content is not None and len(files) <= MAX_FILES + len(notebooks):
            room -= 0 if is_notebook else len(content)
            files[name] = content
        elif is_notebook:
            unread[name] = f"the notebook is no plain file, or larger than {MAX_NOTEBOOK_BYTES} bytes"
        else:
            remarks.append(f"{name!r} was left out: no plain file, or too large")
    return Submission(student, files, tuple(remarks[:_MAX_REMARKS]), unread)


def read_author_s(course: Course, assignment: str) -> dict[str, bytes]:
    """Return the files beside the source notebooks, which win over a submission's."""
    folder = course.folder("source", ".", assignment)
    kept = course.kept_files(assignment)
    if not folder.is_dir():
        return {}
    found = _walk(folder, (*course.option("ignore"), "*.ipynb"))
    return {name: path.read_bytes() for path, name in found if name not in kept}


def _walk(folder: Path, ignored: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for here, folders, names in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        folders[:] = sorted(one for one in folders if depth < _MAX_DEPTH and not _matches(one, ignored))
        for name in sorted(names):
            if not _matches(name, ignored):
                path = Path(here, name)
                yield path, path.relative_to(folder).as_posix()


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _content(path: Path, most: int) -> bytes | None:
    """Return what a plain file of the submission's own holds; a link, a pipe or a device is none."""
    try:
        number = os.open(path, _FLAGS)
    except OSError:
        return None
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        return file.read(most)
