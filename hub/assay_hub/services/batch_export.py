"""Export batches: all of one as a course folder of nbgrader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchGrade, BatchSubmission, GridRow, GridSearch, folder_of
from assay_hub.domain.errors import AssayError, NotFoundError
from assay_hub.domain.marking import MarkedCell, RubricItem
from assay_hub.domain.search import MAX_PAGE_ROWS
from assay_hub.ports import Artefacts, Clock, Database
from assay_hub.ports.batches import Courses, TakenCell, TakenNotebook, TakenPerson
from assay_hub.services.archive import unpack

_ODD = frozenset({"killed", "out-of-memory", "malformed", "needs-review"})


@dataclass(frozen=True)
class ExportBatches:
    """Writes batches for other programs.

    Args:
        max_bytes: most bytes of one person's files.
    """

    database: Database
    artefacts: Artefacts
    courses: Courses
    clock: Clock
    max_bytes: int

    def gradebook(self, person: Person, batch_id: str, into: IO[bytes]) -> Batch:
        """Write a batch as a zip file of a course folder, with solutions and hidden tests; the audit log tells of it.

        Of an anonymous batch it holds no names, but notebooks are as they were handed in.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            AssayError: something of it is not where it was kept.
        """
        require_team(person, TeamAction.MANAGE_BATCHES)
        with self.database.write() as records:
            batch = records.batch(batch_id)
            if batch is None or not batch.kept:
                raise NotFoundError
            details = {"batch": batch.id, "gradebook": True}
            records.log(Entry(self.clock.now(), person.account, Deed.EXPORTED, "", details))
        try:
            with self.courses.open(batch, into) as course:
                for people in self._people(batch):
                    course.add(people)
        except KeyError as error:
            raise AssayError("Something of this batch is not where it was kept.", "Ask an administrator.") from error
        return batch

    def _people(self, batch: Batch) -> Iterator[Iterator[TakenPerson]]:
        """Return everybody, page by page, and on a page one after the other: all files together would be too much."""
        taken: set[str] = set()
        search = GridSearch(rows=MAX_PAGE_ROWS)
        while True:
            with self.database.read() as records:
                page = records.grid(batch, search)
                ids = [row.submission.id for row in page.rows]
                cells = {ref.id: records.marked_cells(ref.id, ids) for ref in batch.questions}
                rubric = {item.id: item for item in records.rubric(batch.id)}
            yield (self._person(batch, row, cells, rubric, taken) for row in page.rows)
            if not page.next:
                return
            search = replace(search, cursor=page.next)

    def _person(
        self,
        batch: Batch,
        row: GridRow,
        cells: Mapping[str, Mapping[str, Sequence[MarkedCell]]],
        rubric: Mapping[str, RubricItem],
        taken: set[str],
    ) -> TakenPerson:
        one = row.submission
        notebooks = {
            question: TakenNotebook(
                grade,
                _cells(grade, cells[question][one.id], rubric),
                self.artefacts.get(grade.autograded) if grade.autograded else b"",
            )
            for question, grade in row.grades.items()
            if question in cells
        }
        files = unpack(self.artefacts.get(one.artefact), self.max_bytes)
        shown = _nameless(one) if batch.anonymous else one
        return TakenPerson(shown, folder_of(shown.person, taken), files, notebooks)


def _nameless(one: BatchSubmission) -> BatchSubmission:
    return replace(one.veiled(), name="")


def _cells(grade: BatchGrade, cells: Sequence[MarkedCell], rubric: Mapping[str, RubricItem]) -> tuple[TakenCell, ...]:
    open_ones = {cell.grade_id for cell in cells if cell.points(rubric) is None}
    if grade.review and not open_ones:
        # Something odd happened; nbgrader asks for a look at cells, not at notebooks.
        open_ones = {cell.grade_id for cell in cells if cell.verdict in _ODD} or {cell.grade_id for cell in cells}
    return tuple(
        TakenCell(cell, cell.by_hand(rubric), _comment(cell, rubric), cell.grade_id in open_ones) for cell in cells
    )


def _comment(cell: MarkedCell, rubric: Mapping[str, RubricItem]) -> str:
    items = [f"{item.text} ({item.points:+g})" for item in cell.items(rubric)]
    return "\n".join([*items, *([cell.mark.comment] if cell.mark.comment else [])])
