"""Grade batches by hand: points, comments, rubrics and extra credit, each of which can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchGrade
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.marking import (
    MAX_ITEMS,
    Change,
    ChangeKind,
    Mark,
    MarkedCell,
    RubricItem,
    state_of,
    totals,
)
from assay_hub.domain.result import FINAL
from assay_hub.ports import Clock, Database, Records
from assay_hub.services.ids import new_id


@dataclass(frozen=True)
class MarkBatches:
    """Stores what people give."""

    database: Database
    clock: Clock

    def give(
        self,
        by: Person,
        batch_id: str,
        submission_id: str,
        question: str,
        marks: Mapping[str, Mark],
        *,
        reviewed: bool,
        seen: str = "",
    ) -> None:
        """Give points and comments for cells of one piece of work.

        Args:
            by: who gives them.
            batch_id: the batch.
            submission_id: whose work.
            question: for which question.
            marks: what is given, by ``grade_id``; other cells stay as they are.
            reviewed: whether the work is done with, as far as people are concerned.
            seen: ``state_of`` what the person saw; nothing is stored when that has changed since.

        Raises:
            NotFoundError: this person may not, or there is no such work or cell.
            WrongStateError: the tests have not run yet.
            BadInputError: points, a comment or an item cannot be used.
            ConflictError: somebody else gave something meanwhile.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            batch = _open(records, batch_id)
            grade = _graded(records, batch, submission_id, question)
            cells = {cell.grade_id: cell for cell in records.marked_cells(question, [submission_id])[submission_id]}
            if seen and seen != state_of(cells.values(), reviewed=grade.reviewed):
                raise ConflictError
            rubric = {item.id: item for item in records.rubric(batch.id, question)}
            given = {one: _checked(cells.get(one), mark, rubric) for one, mark in marks.items()}
            changed = {one: mark for one, mark in given.items() if mark != cells[one].mark}
            if not changed and reviewed == grade.reviewed:
                return
            before = _kept({one: cells[one].mark for one in changed}, reviewed=grade.reviewed)
            after = _kept(changed, reviewed=reviewed)
            _store(records, grade, cells.values(), changed, rubric, reviewed=reviewed)
            self._changed(
                records,
                Change(
                    *(0, batch.id, by.account, self.clock.now(), ChangeKind.WORK),
                    submission=submission_id,
                    question=question,
                    item="",
                    before=before,
                    after=after,
                ),
            )

    def save_item(self, by: Person, item: RubricItem) -> RubricItem:
        """Store an item of a rubric; without an id it is a new one. It counts anew wherever it is applied.

        Raises:
            NotFoundError: this person may not, or there is no such batch, question or item.
            BadInputError: text or points cannot be used, or there are too many items.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        wanted = item.checked()
        with self.database.write() as records:
            batch = _open(records, item.batch)
            if batch.question(item.question) is None:
                raise NotFoundError
            items = records.rubric(batch.id, item.question)
            before = records.rubric_item(batch.id, item.id) if item.id else None
            if item.id and (before is None or before.removed):
                raise NotFoundError
            if before is None:
                beside = [one for one in items if one.grade_id == item.grade_id]
                if len([one for one in beside if not one.removed]) >= MAX_ITEMS:
                    raise BadInputError(f"A cell has at most {MAX_ITEMS} items.")
                wanted = replace(wanted, id=new_id(), place=max((one.place for one in beside), default=-1) + 1)
            else:
                wanted = replace(before, text=wanted.text, points=wanted.points)
            self._save_item(by, records, before, wanted)
        return wanted

    def remove_item(self, by: Person, batch_id: str, item_id: str) -> None:
        """Take an item out of a rubric; it counts nowhere any more.

        Raises:
            NotFoundError: this person may not, or there is no such item.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            batch = _open(records, batch_id)
            before = records.rubric_item(batch.id, item_id)
            if before is None or before.removed:
                raise NotFoundError
            self._save_item(by, records, before, replace(before, removed=True))

    def undo(self, by: Person, batch_id: str) -> Change:
        """Take back the last thing that the person did in a batch, and return it.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            WrongStateError: there is nothing to take back, or the tests run on it at the moment.
            ConflictError: somebody else changed the same since.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            batch = _open(records, batch_id)
            change = records.last_change(batch.id, by.account)
            if change is None:
                raise WrongStateError("There is nothing to undo.", "Only what you did yourself can be taken back.")
            if change.kind is ChangeKind.WORK:
                _undo_work(records, batch, change)
            else:
                _undo_item(records, batch, change)
            records.mark_undone(change.id)
            self._log(records, change, undone=True)
        return change

    def _save_item(self, by: Person, records: Records, before: RubricItem | None, after: RubricItem) -> None:
        if after == before:
            return
        records.save_rubric_item(after)
        _sum_again(records, after)
        kept = asdict(before) if before else {**asdict(after), "removed": True}
        change = Change(
            *(0, after.batch, by.account, self.clock.now(), ChangeKind.RUBRIC),
            submission="",
            question=after.question,
            item=after.id,
            before=kept,
            after=asdict(after),
        )
        self._changed(records, change)

    def _changed(self, records: Records, change: Change) -> None:
        records.add_change(change)
        self._log(records, change)

    def _log(self, records: Records, change: Change, **more: Any) -> None:
        where = {"submission": change.submission} if change.submission else {"item": change.item}
        details = {"batch": change.batch, **where, "question": change.question, **more}
        records.log(Entry(self.clock.now(), change.account, Deed.BATCH_MARKED, "", details))


def _open(records: Records, batch_id: str) -> Batch:
    batch = records.batch(batch_id)
    if batch is None or not batch.kept:
        raise NotFoundError
    return batch


def _graded(records: Records, batch: Batch, submission_id: str, question: str) -> BatchGrade:
    """Return the grading of a piece of work on which the tests have run."""
    submission = records.batch_submission(batch.id, submission_id)
    grade = records.batch_grade(submission.id, question) if submission else None
    if grade is None:
        raise NotFoundError
    if grade.state not in FINAL:
        raise WrongStateError("The tests have not run on this yet.", "Wait until they have.")
    return grade


def _checked(cell: MarkedCell | None, mark: Mark, rubric: Mapping[str, RubricItem]) -> Mark:
    """Return a mark for a cell; items that were removed from the rubric stay applied, should that be undone."""
    if cell is None:
        raise NotFoundError
    chosen = [rubric.get(one) for one in mark.items]
    if any(one is None or one.removed or one.grade_id != cell.grade_id for one in chosen):
        raise BadInputError("There is no such item in this rubric.", "It may have been removed. Look at it again.")
    removed = [one for one in cell.mark.items if one in rubric and rubric[one].removed]
    return replace(mark, items=(*mark.items, *removed)).checked(cell.max_points)


def _kept(marks: Mapping[str, Mark], *, reviewed: bool) -> dict[str, Any]:
    return {"marks": {one: mark.to_json() for one, mark in marks.items()}, "reviewed": reviewed}


def _store(
    records: Records,
    grade: BatchGrade,
    cells: Iterable[MarkedCell],
    marks: dict[str, Mark],
    rubric: Mapping[str, RubricItem],
    *,
    reviewed: bool,
) -> None:
    records.save_marks(grade.submission, grade.question, marks)
    now = [replace(cell, mark=marks.get(cell.grade_id, cell.mark)) for cell in cells]
    found = totals(now, rubric, grade.outcome, reviewed=reviewed)
    records.save_batch_grade(
        replace(grade, points=found.points, waiting=found.waiting, review=found.review, reviewed=reviewed)
    )


def _sum_again(records: Records, item: RubricItem) -> None:
    """Store what every grading comes to that an item is applied to."""
    submissions = records.applied_to(item.id)
    if not submissions:
        return
    rubric = {one.id: one for one in records.rubric(item.batch, item.question)}
    cells = records.marked_cells(item.question, submissions)
    grades = records.batch_grades(item.question, submissions)
    rows = []
    for grade in grades:
        found = totals(cells[grade.submission], rubric, grade.outcome, reviewed=grade.reviewed)
        rows.append((grade.submission, found.points, found.max_points, found.waiting, found.review))
    records.save_totals(item.question, rows)


def _undo_work(records: Records, batch: Batch, change: Change) -> None:
    grade = _graded(records, batch, change.submission, change.question)
    found = records.marked_cells(change.question, [change.submission])[change.submission]
    cells = {cell.grade_id: cell for cell in found}
    rubric = {item.id: item for item in records.rubric(batch.id, change.question)}
    after = {one: Mark.from_json(kept) for one, kept in change.after["marks"].items()}
    before = {one: Mark.from_json(kept) for one, kept in change.before["marks"].items()}
    if any(one not in cells or cells[one].mark != mark for one, mark in after.items()):
        raise ConflictError
    _store(records, grade, found, before, rubric, reviewed=change.before["reviewed"])


def _undo_item(records: Records, batch: Batch, change: Change) -> None:
    if records.rubric_item(batch.id, change.item) != RubricItem(**change.after):
        raise ConflictError
    before = RubricItem(**change.before)
    records.save_rubric_item(before)
    _sum_again(records, before)
