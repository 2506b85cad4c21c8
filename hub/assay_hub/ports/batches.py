"""What the use cases of batches need from the world."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO, Protocol

from assay_hub.domain.batch import (
    Batch,
    BatchGrade,
    BatchSubmission,
    Counts,
    GridPage,
    GridSearch,
    RegradeRequest,
    Show,
)
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.marking import Change, Mark, MarkedCell, RubricItem
from assay_hub.domain.result import Grade


class BatchRecords(Protocol):
    """Batches, their people and the queue of their gradings."""

    def save_batch(self, batch: Batch) -> None:
        """Store a batch in place of what was there."""

    def batch(self, batch_id: str) -> Batch | None:
        """Return a batch; in a transaction that writes, nobody else changes it until the end."""

    def batches(self) -> list[Batch]:
        """Return all batches, the latest first."""

    def delete_batch(self, batch_id: str) -> None:
        """Forget a batch with everything in it."""

    def artefacts_of(self, batch_id: str) -> set[str]:
        """Return the artefact keys of what people handed in and of what became of it."""

    def still_kept(self, keys: Iterable[str]) -> set[str]:
        """Return those of some artefact keys that something refers to; until the end nothing more can."""

    def counts(self, batch_ids: Iterable[str]) -> dict[str, Counts]:
        """Return how many gradings stand where, by batch."""

    def finished_since(self, batch_id: str, since: datetime) -> tuple[int, datetime | None]:
        """Return how many gradings were finished lately, and when the first of them was."""

    def add_batch_submissions(self, submissions: Sequence[BatchSubmission], questions: Sequence[str]) -> None:
        """Store what people handed in, and queue the grading of every question."""

    def batch_submission(self, batch_id: str, submission_id: str) -> BatchSubmission | None:
        """Return what one person handed in."""

    def batch_submissions(self, batch_id: str, ids: Iterable[str]) -> list[BatchSubmission]:
        """Return what some people handed in."""

    def batch_grades(self, question: str, submissions: Iterable[str]) -> list[BatchGrade]:
        """Return the gradings of a question for some people."""

    def next_batch_to_grade(self) -> str | None:
        """Return a batch in which something waits to be graded, the oldest first."""

    def take_batch_grade(self, batch_id: str) -> BatchGrade | None:
        """Mark one queued grading as running and return it; a row that another worker holds is skipped."""

    def batch_grade(self, submission_id: str, question: str) -> BatchGrade | None:
        """Return a grading; in a transaction that writes, nobody else changes it until the end."""

    def save_batch_grade(self, grade: BatchGrade, finished_at: datetime | None = None) -> None:
        """Store a grading in place of what was there, and when its tests ended if this is about that."""

    def queue_again(
        self, batch_id: str, submission_id: str = "", question: str = "", *, failed: bool = False, running: bool = False
    ) -> int:
        """Queue gradings again, all that are over or some of them; return how many."""

    def requeue_running_batch_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""

    def save_totals(self, question: str, rows: Sequence[tuple[str, float, float, int, bool]]) -> None:
        """Store what gradings of a question come to: submission, points, most points, waiting cells, to review."""

    def grid(self, batch: Batch, search: GridSearch) -> GridPage:
        """Return one page of people with their grades."""

    def grades_of_person(self, submission_id: str) -> dict[str, BatchGrade]:
        """Return all gradings of one person by question."""

    def beside(
        self, batch_id: str, here: tuple[int, str], show: Show, question: str, *, forward: bool
    ) -> tuple[str, str] | None:
        """Return the next or the last submission and question, in the order of numbers and then of questions."""

    def place_of(self, batch_id: str, number: int, show: Show, question: str) -> tuple[int, int]:
        """Return how many gradings of a question come before a person's and how many there are."""


class MarkRecords(Protocol):
    """What people give in batches."""

    def marked_cells(self, question: str, submissions: Iterable[str]) -> dict[str, list[MarkedCell]]:
        """Return the cells of a question in their order, by submission."""

    def some_cells(self, batch_id: str, question: str) -> list[MarkedCell]:
        """Return the cells of a question as some graded notebook has them; none before the first."""

    def replace_cells(self, submission_id: str, question: str, cells: Sequence[MarkedCell]) -> None:
        """Store the cells of a notebook in place of what was there; the rubric's items stay where they are applied."""

    def save_marks(self, submission_id: str, question: str, marks: dict[str, Mark]) -> None:
        """Store what people gave for cells, by ``grade_id``."""

    def rubric(self, batch_id: str, question: str = "") -> list[RubricItem]:
        """Return the items of a batch's rubrics in their order, removed ones included."""

    def rubric_items(self, ids: Iterable[str]) -> list[RubricItem]:
        """Return the items with these ids."""

    def rubric_item(self, batch_id: str, item_id: str) -> RubricItem | None:
        """Return an item of a rubric."""

    def save_rubric_item(self, item: RubricItem) -> None:
        """Store an item of a rubric in place of what was there."""

    def applied_to(self, item_id: str) -> list[str]:
        """Return the submissions that an item is applied to."""

    def add_change(self, change: Change) -> None:
        """Store what somebody did."""

    def last_change(self, batch_id: str, account: str) -> Change | None:
        """Return the last thing that somebody did in a batch and has not taken back."""

    def mark_undone(self, change_id: int) -> None:
        """Store that something was taken back."""

    def save_request(self, request: RegradeRequest) -> None:
        """Store a request in place of what was there."""

    def request(self, batch_id: str, request_id: str) -> RegradeRequest | None:
        """Return a request."""

    def requests(self, batch_id: str, submission_id: str = "") -> list[RegradeRequest]:
        """Return the latest requests of a batch, those that are open first; at most 200."""


@dataclass(frozen=True)
class UploadedFiles:
    """What an uploaded zip file holds.

    Attributes:
        files: paths that stay in their folder, with sizes in bytes.
        refused: what cannot be taken, each with the reason.
    """

    files: tuple[tuple[str, int], ...]
    refused: tuple[tuple[str, str], ...]


class Uploads(Protocol):
    """Zip files that were uploaded and are looked through before anything of them is kept."""

    def put(self, file: BinaryIO) -> str:
        """Hold a zip file and return its key.

        Raises:
            BadInputError: it is no zip file, or holds more than is taken.
        """

    def files(self, key: str) -> UploadedFiles:
        """Return what a zip file holds.

        Raises:
            KeyError: it is not held any more.
        """

    def read(self, key: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return some of its files.

        Raises:
            KeyError: it is not held any more.
            BadInputError: a file is broken, or larger than it says.
        """

    def delete(self, key: str) -> None:
        """Let go of a zip file; nothing happens if it is not held."""


@dataclass(frozen=True)
class TakenCell:
    """A graded cell of a batch as a course has it.

    Attributes:
        by_hand: points that people gave, without extra credit; ``None`` when those of the tests hold.
        comment: what people said, and the rubric's items that apply.
        waits: whether a person still has to look at it.
    """

    cell: MarkedCell
    by_hand: float | None
    comment: str
    waits: bool


@dataclass(frozen=True)
class TakenNotebook:
    """A graded notebook of a batch as a course has it.

    Attributes:
        autograded: as it ran; empty when it could not be read.
    """

    grade: BatchGrade
    cells: tuple[TakenCell, ...]
    autograded: bytes


@dataclass(frozen=True)
class TakenPerson:
    """Somebody of a batch as a course has them.

    Attributes:
        folder: fit for the name of a folder, and nobody else's.
        files: what they handed in, content by path.
        notebooks: by question.
    """

    submission: BatchSubmission
    folder: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, TakenNotebook]


class CourseFile(Protocol):
    """A course of nbgrader that is being written."""

    def add(self, people: Iterable[TakenPerson]) -> None:
        """Write what some handed in, one after the other, and then their grades."""


class Courses(Protocol):
    """Writes courses of nbgrader."""

    def open(self, batch: Batch, into: IO[bytes]) -> AbstractContextManager[CourseFile]:
        """Return what writes a batch as a zip file of a course; it is whole when that ends without an error."""


class GraderGoneError(Exception):
    """What grades does not work at the moment; what was to be graded is not at fault."""


class BatchRunner(Protocol):
    """Grades notebooks, many of them one after the other or at the same time."""

    def grade(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """


class BatchGrader(Protocol):
    """Gets ready to grade many notebooks."""

    def open(self, refs: Sequence[QuestionRef], workers: int) -> AbstractContextManager[BatchRunner]:
        """Return what grades these questions; it may be called from ``workers`` threads.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """
