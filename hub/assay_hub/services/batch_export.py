"""Export batches: all of one as a course folder of nbgrader, and feedback for everybody in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchGrade, BatchSubmission, Feedback, GridRow, GridSearch, folder_of
from assay_hub.domain.errors import AssayError, BadInputError, NotFoundError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.marking import MarkedCell, RubricItem
from assay_hub.domain.search import MAX_PAGE_ROWS
from assay_hub.ports import Artefacts, Clock, Database
from assay_hub.ports.batches import Courses, TakenCell, TakenNotebook, TakenPerson, Veil
from assay_hub.services.archive import unpack

_ODD = frozenset({"killed", "out-of-memory", "malformed", "needs-review"})


@dataclass(frozen=True)
class NotebookFeedback:
    """What somebody gets to see of one of their notebooks.

    Attributes:
        notebook: as it ran, without what they do not see; empty when it could not be read, or was not handed in.
    """

    question: QuestionRef
    grade: BatchGrade
    cells: tuple[TakenCell, ...]
    notebook: bytes


@dataclass(frozen=True)
class PersonFeedback:
    """What somebody gets to see of their grading.

    Attributes:
        folder: fit for the name of a file, and nobody else's.
    """

    submission: BatchSubmission
    folder: str
    notebooks: tuple[NotebookFeedback, ...]


@dataclass(frozen=True)
class _Page:
    """Some people, with the cells of their notebooks by question and submission.

    Attributes:
        taken: names of folders that somebody has.
    """

    rows: Sequence[GridRow]
    cells: Mapping[str, Mapping[str, Sequence[MarkedCell]]]
    rubric: Mapping[str, RubricItem]
    taken: set[str]

    def taken_cells(self, grade: BatchGrade) -> tuple[TakenCell, ...]:
        """Return the graded cells of a notebook."""
        return _cells(grade, self.cells[grade.question][grade.submission], self.rubric)


@dataclass(frozen=True)
class ExportBatches:
    """Writes batches for other programs.

    Args:
        max_bytes: most bytes of one person's files.
    """

    database: Database
    artefacts: Artefacts
    courses: Courses
    veil: Veil
    clock: Clock
    max_bytes: int

    def gradebook(self, person: Person, batch_id: str, into: IO[bytes]) -> Batch:
        """Write a batch as a zip file of a course folder, with solutions and hidden tests; the audit log tells of it.

        Of an anonymous batch it holds no names, but notebooks are as they were handed in.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            AssayError: something of it is not where it was kept.
        """
        batch = self._exported(person, batch_id, {"gradebook": True})
        try:
            with self.courses.open(batch, into) as course:
                for page in self._pages(batch):
                    course.add(self._person(batch, one, page) for one in page.rows)
        except KeyError as error:
            raise AssayError("Something of this batch is not where it was kept.", "Ask an administrator.") from error
        return batch

    def feedback(self, person: Person, batch_id: str, show: Feedback) -> tuple[Batch, Iterator[PersonFeedback]]:
        """Return what everybody gets to see, one after the other; the audit log tells of it first.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            BadInputError: nothing is to be shown.
        """
        require_team(person, TeamAction.MANAGE_BATCHES)
        if show is Feedback.NOTHING:
            raise BadInputError("Feedback that shows nothing is none.", "Choose what people get to see.")
        batch = self._exported(person, batch_id, {"feedback": show.value})
        return batch, (self._feedback(batch, row, page, show) for page in self._pages(batch) for row in page.rows)

    def _exported(self, person: Person, batch_id: str, details: Mapping[str, object]) -> Batch:
        require_team(person, TeamAction.MANAGE_BATCHES)
        with self.database.write() as records:
            batch = records.batch(batch_id)
            if batch is None or not batch.kept:
                raise NotFoundError
            entry = Entry(self.clock.now(), person.account, Deed.EXPORTED, "", {"batch": batch.id, **details})
            records.log(entry)
        return batch

    def _pages(self, batch: Batch) -> Iterator[_Page]:
        """Return everybody page by page; their files are read one after the other: together they would be too much."""
        taken: set[str] = set()
        search = GridSearch(rows=MAX_PAGE_ROWS)
        while True:
            with self.database.read() as records:
                page = records.grid(batch, search)
                ids = [row.submission.id for row in page.rows]
                cells = {ref.id: records.marked_cells(ref.id, ids) for ref in batch.questions}
                rubric = {item.id: item for item in records.rubric(batch.id)}
            yield _Page(page.rows, cells, rubric, taken)
            if not page.next:
                return
            search = replace(search, cursor=page.next)

    def _person(self, batch: Batch, row: GridRow, page: _Page) -> TakenPerson:
        one = row.submission
        notebooks = {
            question: TakenNotebook(grade, page.taken_cells(grade), self._autograded(grade))
            for question, grade in row.grades.items()
            if question in page.cells
        }
        files = unpack(self.artefacts.get(one.artefact), self.max_bytes)
        shown = _shown(batch, one)
        return TakenPerson(shown, folder_of(shown.person, page.taken), files, notebooks)

    def _feedback(self, batch: Batch, row: GridRow, page: _Page, show: Feedback) -> PersonFeedback:
        notebooks = []
        for ref in batch.questions:
            if grade := row.grades.get(ref.id):
                cells = page.taken_cells(grade)
                points = {one.cell.grade_id: one.points or 0.0 for one in cells}
                ran = self._autograded(grade)
                notebooks.append(NotebookFeedback(ref, grade, cells, ran and self.veil.veiled(ran, points, show)))
        shown = _shown(batch, row.submission)
        return PersonFeedback(shown, folder_of(shown.person, page.taken), tuple(notebooks))

    def _autograded(self, grade: BatchGrade) -> bytes:
        return self.artefacts.get(grade.autograded) if grade.autograded else b""


def _shown(batch: Batch, one: BatchSubmission) -> BatchSubmission:
    return replace(one.veiled(), name="") if batch.anonymous else one


def _cells(grade: BatchGrade, cells: Sequence[MarkedCell], rubric: Mapping[str, RubricItem]) -> tuple[TakenCell, ...]:
    open_ones = {cell.grade_id for cell in cells if cell.points(rubric) is None}
    if grade.review and not open_ones:
        # Something odd happened; nbgrader asks for a look at cells, not at notebooks.
        open_ones = {cell.grade_id for cell in cells if cell.verdict in _ODD} or {cell.grade_id for cell in cells}
    return tuple(
        TakenCell(cell, cell.points(rubric), cell.by_hand(rubric), _comment(cell, rubric), cell.grade_id in open_ones)
        for cell in cells
    )


def _comment(cell: MarkedCell, rubric: Mapping[str, RubricItem]) -> str:
    items = [f"{item.text} ({item.points:+g})" for item in cell.items(rubric)]
    return "\n".join([*items, *([cell.mark.comment] if cell.mark.comment else [])])
