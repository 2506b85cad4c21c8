"""Find batches: the list with its progress, the grid of people and questions, one piece of work, and files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import (
    Batch,
    BatchGrade,
    BatchSubmission,
    GridPage,
    GridSearch,
    Progress,
    RegradeRequest,
    Show,
    rate,
)
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.marking import MarkedCell, RubricItem
from assay_hub.domain.search import MAX_PAGE_ROWS, AuditSearch
from assay_hub.ports import Artefacts, Clock, Database, Records
from assay_hub.services.archive import unpack

LATELY = timedelta(minutes=3)
"""How far back the rate of grading looks."""

TOLD_FOR = timedelta(minutes=10)
"""How long one line of the audit log stands for looking on."""


@dataclass(frozen=True)
class Work:
    """What one person handed in for one question, with everything that grading it by hand needs.

    Attributes:
        submission: without a name while the batch is anonymous.
        before, next: submission and question of the work beside it; ``None`` at the ends.
        place: how many come before it.
        of: how many there are.
        notebook: as it ran for grading; empty when it could not be read.
        requests: all about this work.
    """

    batch: Batch
    question: QuestionRef
    submission: BatchSubmission
    grade: BatchGrade
    cells: tuple[MarkedCell, ...]
    rubric: tuple[RubricItem, ...]
    grades: dict[str, BatchGrade]
    before: tuple[str, str] | None
    next: tuple[str, str] | None
    place: int
    of: int
    can_undo: bool
    requests: tuple[RegradeRequest, ...]
    notebook: bytes


@dataclass(frozen=True)
class FindBatches:
    """Shows batches to those who grade them.

    Args:
        max_bytes: most bytes of one person's files.
    """

    database: Database
    artefacts: Artefacts
    clock: Clock
    max_bytes: int

    def all(self, person: Person) -> list[tuple[Batch, Progress]]:
        """Return all batches, the latest first; uploads that are looked through only to those who upload."""
        require_team(person, TeamAction.GRADE_BATCHES)
        uploads = person.may(TeamAction.MANAGE_BATCHES)
        with self.database.read() as records:
            found = [one for one in records.batches() if uploads or one.kept]
            counts = records.counts([one.id for one in found])
            return [(one, self._progress(records, one, Progress(counts[one.id]))) for one in found]

    def one(self, person: Person, batch_id: str) -> tuple[Batch, Progress]:
        """Return a batch.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            return batch, self._progress(records, batch, Progress(records.counts([batch.id])[batch.id]))

    def grid(
        self, person: Person, batch_id: str, search: GridSearch, *, live: bool = False
    ) -> tuple[Batch, Progress, GridPage]:
        """Return one page of people with a grade for each question; the audit log tells of it.

        Args:
            person: who asks.
            batch_id: the batch.
            search: which people.
            live: whether the person looks on; the log tells of that now and then.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            BadInputError: the cursor is not one of ours.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            progress = self._progress(records, batch, Progress(records.counts([batch.id])[batch.id]))
            page = _veiled(batch, records.grid(batch, search))
            told = live and self._is_told(records, person, batch)
        if not told:
            self._log(person, Deed.READ_BATCH, {"batch": batch.id, "shown": len(page.rows)})
        return batch, progress, page

    def export(self, person: Person, batch_id: str) -> tuple[Batch, Iterator[GridPage]]:
        """Return all people with their grades for a file; the audit log tells of it first.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
        """
        require_team(person, TeamAction.MANAGE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
        self._log(person, Deed.EXPORTED, {"batch": batch.id})
        return batch, self._pages(batch)

    def _pages(self, batch: Batch) -> Iterator[GridPage]:
        search = GridSearch(rows=MAX_PAGE_ROWS)
        while True:
            with self.database.read() as records:
                page = records.grid(batch, search)
            yield _veiled(batch, page)
            if not page.next:
                return
            search = replace(search, cursor=page.next)

    def work(
        self,
        person: Person,
        batch_id: str,
        submission_id: str,
        question: str,
        show: Show = Show.ALL,
        *,
        by_person: bool = False,
    ) -> Work:
        """Return what one person handed in for one question; the audit log tells of it.

        Args:
            person: who asks.
            batch_id: the batch.
            submission_id: whose work.
            question: for which question.
            show: which work counts as next and last.
            by_person: whether the same person's next question comes next, instead of the next person.

        Raises:
            NotFoundError: this person may not, or there is no such work.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        only = "" if by_person else question
        with self.database.read() as records:
            batch = _open(records, batch_id)
            ref, submission, grade = _found(records, batch, submission_id, question)
            here = (submission.number, question)
            place, of = records.place_of(batch.id, submission.number, show, question)
            work = Work(
                batch=batch,
                question=ref,
                submission=submission.veiled() if batch.anonymous else submission,
                grade=grade,
                cells=tuple(records.marked_cells(question, [submission.id])[submission.id]),
                rubric=tuple(item for item in records.rubric(batch.id, question) if not item.removed),
                grades=records.grades_of_person(submission.id),
                before=records.beside(batch.id, here, show, only, forward=False),
                next=records.beside(batch.id, here, show, only, forward=True),
                place=place,
                of=of,
                can_undo=records.last_change(batch.id, person.account) is not None,
                requests=tuple(r for r in records.requests(batch.id, submission.id) if r.question == question),
                notebook=b"",
            )
        self._log(person, Deed.READ_BATCH, {"batch": batch.id, "submission": submission.id, "question": question})
        return replace(work, notebook=self.artefacts.get(grade.autograded) if grade.autograded else b"")

    def first(self, person: Person, batch_id: str, show: Show, question: str) -> tuple[str, str] | None:
        """Return the submission and question with which grading by hand begins; ``None`` if there is nothing to do.

        Raises:
            NotFoundError: this person may not, or there is no such batch or question.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            ref = batch.question(question) if question else batch.questions[0]
            if ref is None:
                raise NotFoundError
            return records.beside(batch.id, (0, ref.id), show, question, forward=True)

    def after(
        self,
        person: Person,
        batch_id: str,
        submission_id: str,
        question: str,
        show: Show,
        *,
        by_person: bool = False,
    ) -> tuple[str, str] | None:
        """Return the submission and question that come after one; ``None`` at the end.

        Raises:
            NotFoundError: this person may not, or there is no such work.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            _, submission, _ = _found(records, batch, submission_id, question)
            here = (submission.number, question)
            return records.beside(batch.id, here, show, "" if by_person else question, forward=True)

    def handed_in(self, person: Person, batch_id: str, submission_id: str, question: str) -> bytes:
        """Return the notebook as it was handed in; the audit log tells of it.

        Raises:
            NotFoundError: this person may not, or there is no such notebook.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            ref, submission, _ = _found(records, batch, submission_id, question)
        notebook = unpack(self.artefacts.get(submission.artefact), self.max_bytes).get(ref.notebook)
        if notebook is None:
            raise NotFoundError
        self._log(person, Deed.READ_SUBMISSION, {"batch": batch.id, "submission": submission.id, "question": question})
        return notebook

    def rubric(self, person: Person, batch_id: str, question: str) -> tuple[Batch, list[RubricItem], list[MarkedCell]]:
        """Return the rubric of a question, and its cells as some graded notebook has them.

        Raises:
            NotFoundError: this person may not, or there is no such batch or question.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            if batch.question(question) is None:
                raise NotFoundError
            items = [item for item in records.rubric(batch.id, question) if not item.removed]
            return batch, items, records.some_cells(batch.id, question)

    def requests(self, person: Person, batch_id: str) -> tuple[Batch, list[tuple[RegradeRequest, BatchSubmission]]]:
        """Return the requests to grade again, those that are open first.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.read() as records:
            batch = _open(records, batch_id)
            found = records.requests(batch.id)
            people = {one.id: one for one in records.batch_submissions(batch.id, {one.submission for one in found})}
        shown = {key: one.veiled() if batch.anonymous else one for key, one in people.items()}
        return batch, [(one, shown[one.submission]) for one in found]

    def _is_told(self, records: Records, person: Person, batch: Batch) -> bool:
        """Whether the latest that this person read of batches was this one, a moment ago."""
        since = self.clock.now() - TOLD_FOR
        last = records.audit(AuditSearch(person.account, Deed.READ_BATCH.value, since=since, rows=1))
        return any(entry.details.get("batch") == batch.id for entry in last)

    def _progress(self, records: Records, batch: Batch, progress: Progress) -> Progress:
        if not progress.counts.left:
            return progress
        now = self.clock.now()
        return replace(progress, per_minute=rate(*records.finished_since(batch.id, now - LATELY), now))

    def _log(self, person: Person, deed: Deed, details: dict[str, object]) -> None:
        with self.database.write() as records:
            records.log(Entry(self.clock.now(), person.account, deed, "", details))


def _open(records: Records, batch_id: str) -> Batch:
    batch = records.batch(batch_id)
    if batch is None or not batch.kept:
        raise NotFoundError
    return batch


def _found(
    records: Records, batch: Batch, submission_id: str, question: str
) -> tuple[QuestionRef, BatchSubmission, BatchGrade]:
    ref = batch.question(question)
    submission = records.batch_submission(batch.id, submission_id)
    grade = records.batch_grade(submission.id, question) if submission and ref else None
    if ref is None or submission is None or grade is None:
        raise NotFoundError
    return ref, submission, grade


def _veiled(batch: Batch, page: GridPage) -> GridPage:
    if not batch.anonymous:
        return page
    return replace(page, rows=tuple(replace(row, submission=row.submission.veiled()) for row in page.rows))
