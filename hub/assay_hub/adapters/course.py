"""Writes a batch as a course folder of nbgrader."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from assay_assignments.course.made import MadeCell, MadeCourse, MadeNotebook, MadeStudent, making
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.batch import Batch
from assay_hub.ports.batches import TakenCell, TakenPerson

_NAME_CHARACTERS = 40


class NbgraderCourses:
    """Writes courses.

    Args:
        library: knows the pinned questions.
    """

    def __init__(self, library: FolderLibrary) -> None:
        self._library = library

    @contextmanager
    def open(self, batch: Batch, into: IO[bytes]) -> Iterator["NbgraderCourse"]:
        """Return what writes a batch as a zip file of a course; it is whole when that ends without an error."""
        questions = [self._library.question(ref) for ref in batch.questions]
        with making(into, assignment_of(batch), questions) as course:
            yield NbgraderCourse(course)


class NbgraderCourse:
    """A course that is being written."""

    def __init__(self, course: MadeCourse) -> None:
        self._course = course

    def add(self, people: Iterable[TakenPerson]) -> None:
        """Write what some handed in, one after the other, and then their grades."""
        self._course.add(map(_student, people))


def assignment_of(batch: Batch) -> str:
    """Return what a batch's assignment is called: its title as far as any disk and shell takes it."""
    plain = unicodedata.normalize("NFKD", batch.title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_CHARACTERS].strip("-") or f"batch-{batch.id}"


def _student(person: TakenPerson) -> MadeStudent:
    one = person.submission
    notebooks = {
        question: MadeNotebook(found.autograded, found.grade.message, [_cell(cell) for cell in found.cells])
        for question, found in person.notebooks.items()
    }
    return MadeStudent(person.folder, one.person, one.name, one.email, person.files, notebooks)


def _cell(taken: TakenCell) -> MadeCell:
    cell = taken.cell
    return MadeCell(cell.grade_id, cell.auto, taken.by_hand, cell.mark.extra, taken.comment, taken.waits)
