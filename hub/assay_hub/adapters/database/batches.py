"""Reads and writes batches: their people, the queue of their gradings, and the grid of both."""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    select,
    text,
    true,
    tuple_,
    update,
)

from assay_hub.adapters.database import analysis_tables
from assay_hub.adapters.database import batch_tables as tables
from assay_hub.adapters.database import tables as other_tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.batch import (
    Batch,
    BatchGrade,
    BatchState,
    BatchSubmission,
    Counts,
    GridOrder,
    GridPage,
    GridRow,
    GridSearch,
    Show,
)
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.plan import is_broken
from assay_hub.domain.result import GradingState
from assay_hub.domain.search import MAX_PAGE_ROWS
from assay_protocol.names import is_interview_id

_grades, _people = tables.grades.c, tables.submissions.c
_AT_ONCE = 500
_ARTEFACTS = (
    _people.artefact,
    _grades.autograded,
    tables.questions.c.pinned,
    other_tables.submissions.c.artefact,
    other_tables.grades.c.autograded,
    other_tables.questions.c.pinned,
    other_tables.question_versions.c.artefact,
    analysis_tables.analyses.c.artefact,
)
"""Everything that refers to artefacts."""


class Batches:
    """The part of the store that holds batches."""

    _connection: Connection
    _locks: bool

    def save_batch(self, batch: Batch) -> None:
        """Store a batch in place of what was there."""
        values = {name: value for name, value in vars(batch).items() if name != "questions"}
        put(self._connection, tables.batches, {"id": batch.id}, {**values, "state": batch.state.value})
        self._connection.execute(tables.questions.delete().where(tables.questions.c.batch == batch.id))
        rows = [
            {"batch": batch.id, "position": place, "question": ref.id, "version": ref.version}
            | {"title": ref.title, "pinned": ref.pinned}
            for place, ref in enumerate(batch.questions)
        ]
        self._connection.execute(insert(tables.questions), rows)

    def batch(self, batch_id: str) -> Batch | None:
        """Return a batch; in a transaction that writes, nobody else changes it until the end."""
        if not is_interview_id(batch_id):
            return None
        query = select(tables.batches).where(tables.batches.c.id == batch_id)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else self._batches([row])[0]

    def batches(self) -> list[Batch]:
        """Return all batches, the latest first."""
        query = select(tables.batches).order_by(tables.batches.c.created_at.desc(), tables.batches.c.id)
        return self._batches(self._connection.execute(query).all())

    def _batches(self, rows: Sequence[Row[Any]]) -> list[Batch]:
        query = select(tables.questions).where(tables.questions.c.batch.in_([row.id for row in rows]))
        asked: dict[str, list[QuestionRef]] = {}
        for one in self._connection.execute(query.order_by(tables.questions.c.position)):
            asked.setdefault(one.batch, []).append(QuestionRef(one.question, one.version, one.title, one.pinned))
        return [
            Batch(**{**row._mapping, "state": BatchState(row.state), "questions": tuple(asked.get(row.id, ()))})
            for row in rows
        ]

    def delete_batch(self, batch_id: str) -> None:
        """Forget a batch with everything in it."""
        people = select(_people.id).where(_people.batch == batch_id)
        for table in (tables.applied, tables.cells):
            self._connection.execute(table.delete().where(table.c.submission.in_(people)))
        alike = (analysis_tables.pairs, analysis_tables.searches)
        for table in (*alike, tables.changes, tables.requests, tables.rubric, tables.grades, tables.submissions):
            self._connection.execute(table.delete().where(table.c.batch == batch_id))
        self._connection.execute(tables.questions.delete().where(tables.questions.c.batch == batch_id))
        self._connection.execute(tables.batches.delete().where(tables.batches.c.id == batch_id))

    def artefacts_of(self, batch_id: str) -> set[str]:
        """Return the artefact keys of what people handed in and of what became of it."""
        handed_in = select(_people.artefact).where(_people.batch == batch_id)
        became = select(_grades.autograded).where(_grades.batch == batch_id, _grades.autograded != "")
        return set(self._connection.execute(handed_in.union(became)).scalars())

    def still_kept(self, keys: Iterable[str]) -> set[str]:
        """Return those of some artefact keys that something refers to; until the end nothing more can."""
        if self._connection.dialect.name == "postgresql":
            names = ", ".join(sorted({column.table.name for column in _ARTEFACTS}))
            self._connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        wanted = sorted(set(keys))
        found: set[str] = set()
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for column in _ARTEFACTS:
                found |= set(self._connection.execute(select(column).where(column.in_(some))).scalars())
        return found

    def counts(self, batch_ids: Iterable[str]) -> dict[str, Counts]:
        """Return how many gradings stand where, by batch."""
        ids = list(batch_ids)
        found: dict[str, dict[str, int]] = {one: {} for one in ids}
        query = select(_grades.batch, _grades.state, _grades.review, func.count().label("many"))
        for row in self._connection.execute(
            query.where(_grades.batch.in_(ids)).group_by(_grades.batch, _grades.state, _grades.review)
        ):
            here = found[row.batch]
            here[row.state] = here.get(row.state, 0) + row.many
            here["review"] = here.get("review", 0) + (row.many if row.review else 0)
        people = select(_people.batch, func.count().label("many")).where(_people.batch.in_(ids))
        for row in self._connection.execute(people.group_by(_people.batch)):
            found[row.batch]["people"] = row.many
        return {one: Counts(**parts) for one, parts in found.items()}

    def finished_since(self, batch_id: str, since: datetime) -> tuple[int, datetime | None]:
        """Return how many gradings were finished lately, and when the first of them was."""
        here = and_(_grades.batch == batch_id, _grades.finished_at >= since)
        row = self._connection.execute(select(func.count(), func.min(_grades.finished_at)).where(here)).one()
        return row[0], row[1]

    def add_batch_submissions(self, submissions: Sequence[BatchSubmission], questions: Sequence[str]) -> None:
        """Store what people handed in, and queue the grading of every question."""
        people = [{**asdict(one), "sort_name": one.name.casefold(), "words": _words(one)} for one in submissions]
        self._connection.execute(insert(tables.submissions), people)
        queued = [
            _values(BatchGrade(one.id, question, GradingState.QUEUED), one.batch)
            for one in submissions
            for question in questions
        ]
        self._connection.execute(insert(tables.grades), queued)

    def batch_submission(self, batch_id: str, submission_id: str) -> BatchSubmission | None:
        """Return what one person handed in."""
        if not is_interview_id(submission_id):
            return None
        query = select(*_SUBMISSION).where(_people.id == submission_id, _people.batch == batch_id)
        row = self._connection.execute(query).first()
        return None if row is None else BatchSubmission(**row._mapping)

    def batch_submissions(self, batch_id: str, ids: Iterable[str]) -> list[BatchSubmission]:
        """Return what some people handed in."""
        query = select(*_SUBMISSION).where(_people.id.in_(list(ids)), _people.batch == batch_id)
        return [BatchSubmission(**row._mapping) for row in self._connection.execute(query)]

    def batch_grades(self, question: str, submissions: Iterable[str]) -> list[BatchGrade]:
        """Return the gradings of a question for some people."""
        query = select(*_GRADE).where(_grades.submission.in_(list(submissions)), _grades.question == question)
        return [_grade_of(row) for row in self._connection.execute(query)]

    # The queue

    def next_batch_to_grade(self) -> str | None:
        """Return a batch in which something waits to be graded, the oldest first."""
        here = tables.batches.c
        waiting = select(_grades.question).where(_grades.batch == here.id, _grades.state == GradingState.QUEUED)
        query = select(here.id).where(here.state == BatchState.OPEN, waiting.exists())
        return self._connection.execute(query.order_by(here.created_at).limit(1)).scalar()

    def take_batch_grade(self, batch_id: str) -> BatchGrade | None:
        """Mark one queued grading as running and return it; a row that another worker holds is skipped."""
        query = select(*_GRADE).where(_grades.batch == batch_id, _grades.state == GradingState.QUEUED)
        query = query.order_by(_grades.attempts).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        changed = {"state": GradingState.RUNNING, "ticket": row.ticket + 1}
        self._connection.execute(update(tables.grades).where(_grade(row.submission, row.question)).values(**changed))
        return _grade_of(row, **changed)

    def batch_grade(self, submission_id: str, question: str) -> BatchGrade | None:
        """Return a grading; in a transaction that writes, nobody else changes it until the end."""
        query = select(*_GRADE).where(_grade(submission_id, question))
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else _grade_of(row)

    def save_batch_grade(self, grade: BatchGrade, finished_at: datetime | None = None) -> None:
        """Store a grading in place of what was there.

        Args:
            grade: as it is now.
            finished_at: when the tests ended, if this is about that.
        """
        values = {name: value for name, value in vars(grade).items() if name not in {"submission", "question"}}
        if finished_at is not None:
            values["finished_at"] = finished_at
        self._connection.execute(update(tables.grades).where(_grade(grade.submission, grade.question)).values(**values))
        self._sum([grade.submission])

    def queue_again(
        self, batch_id: str, submission_id: str = "", question: str = "", *, failed: bool = False, running: bool = False
    ) -> int:
        """Queue gradings again, all that are over or some of them; return how many.

        Args:
            batch_id: the batch.
            submission_id: whose; empty for everybody's.
            question: for which question; empty for all.
            failed: only those that could not be graded.
            running: those that are being graded too; what comes of that is thrown away.
        """
        states = [GradingState.DONE, GradingState.FAILED, *([GradingState.RUNNING] if running else [])]
        over = [_grades.batch == batch_id, _grades.state.in_(states)]
        over += [_grades.submission == submission_id] if submission_id else []
        over += [_grades.question == question] if question else []
        over += [_grades.state == GradingState.FAILED] if failed else []
        changed = {"state": GradingState.QUEUED, "reviewed": False, "attempts": 0, "finished_at": None}
        return self._connection.execute(update(tables.grades).where(*over).values(**changed)).rowcount

    def requeue_running_batch_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""
        left = _grades.state == GradingState.RUNNING
        return self._connection.execute(update(tables.grades).where(left).values(state=GradingState.QUEUED)).rowcount

    def save_totals(self, question: str, rows: Sequence[tuple[str, float, float, int, bool]]) -> None:
        """Store what gradings of a question come to: submission, points, most points, waiting cells, to review."""
        if not rows:
            return
        here = and_(_grades.submission == bindparam("here"), _grades.question == question)
        names = ("here", "points", "max_points", "waiting", "review")
        change = update(tables.grades).where(here).values({name: bindparam(f"new_{name}") for name in names[1:]})
        self._connection.execute(
            change,
            [
                {name if name == "here" else f"new_{name}": v for name, v in zip(names, row, strict=True)}
                for row in rows
            ],
        )
        self._sum([row[0] for row in rows])

    def _sum(self, submissions: Sequence[str]) -> None:
        """Store what people have in all.

        Whoever else changed a grade of the same person is waited for first: PostgreSQL would sum up what it saw before.
        """
        wait = select(_people.id).where(_people.id.in_(submissions)).order_by(_people.id).with_for_update()
        self._connection.execute(wait).all()
        given = select(func.coalesce(func.sum(_grades.points), 0.0)).where(_grades.submission == _people.id)
        most = select(func.coalesce(func.sum(_grades.max_points), 0.0)).where(_grades.submission == _people.id)
        values = {"points": given.scalar_subquery(), "max_points": most.scalar_subquery()}
        self._connection.execute(update(tables.submissions).where(_people.id.in_(submissions)).values(values))

    # The grid

    def grid(self, batch: Batch, search: GridSearch) -> GridPage:
        """Return one page of people with their grades, in three queries whatever its length.

        Raises:
            BadInputError: the cursor is not one of ours.
        """
        column, down = _order(batch, search.order)
        wanted = [_people.batch == batch.id, *_matching(batch, search)]
        found = self._connection.execute(
            select(func.count()).select_from(tables.submissions).where(*wanted)
        ).scalar_one()
        ends = [column.desc(), _people.id.desc()] if down else [column, _people.id]
        after = _after(search.cursor, search.order, column, down=down)
        rows = min(max(search.rows, 1), MAX_PAGE_ROWS)
        query = select(*_SUBMISSION, column.label("sorted_by")).where(*wanted, *after).order_by(*ends).limit(rows + 1)
        people: list[Any] = list(self._connection.execute(query))
        shown, more = people[:rows], len(people) > rows
        grades = self._grades_of([row.id for row in shown])
        page = tuple(GridRow(_submission_of(row), grades.get(row.id, {})) for row in shown)
        return GridPage(page, _cursor(search.order, shown[-1]) if more else "", found)

    def _grades_of(self, ids: Sequence[str]) -> dict[str, dict[str, BatchGrade]]:
        found: dict[str, dict[str, BatchGrade]] = {}
        for row in self._connection.execute(select(*_GRADE).where(_grades.submission.in_(ids))):
            found.setdefault(row.submission, {})[row.question] = _grade_of(row)
        return found

    def grades_of_person(self, submission_id: str) -> dict[str, BatchGrade]:
        """Return all gradings of one person by question."""
        return self._grades_of([submission_id]).get(submission_id, {})

    def beside(
        self, batch_id: str, here: tuple[int, str], show: Show, question: str, *, forward: bool
    ) -> tuple[str, str] | None:
        """Return the next or the last submission and question, in the order of numbers and then of questions.

        Args:
            batch_id: the batch.
            here: number of the person, and the question.
            show: which gradings count.
            question: the only one that counts; empty for all.
            forward: whether the next one is wanted.
        """
        asked = tables.questions.c
        place = select(asked.position).where(asked.batch == batch_id, asked.question == here[1]).scalar_subquery()
        spot = tuple_(_people.number, asked.position)
        after = spot > tuple_(here[0], place) if forward else spot < tuple_(here[0], place)
        query = (
            select(_people.id, asked.question)
            .join(tables.grades, _grades.submission == _people.id)
            .join(tables.questions, and_(asked.batch == _people.batch, asked.question == _grades.question))
            .where(_people.batch == batch_id, after, _showing(show))
        )
        query = query.where(_grades.question == question) if question else query
        ends = (_people.number, asked.position)
        row = self._connection.execute(query.order_by(*(ends if forward else (one.desc() for one in ends))).limit(1))
        found = row.first()
        return None if found is None else (found.id, found.question)

    def place_of(self, batch_id: str, number: int, show: Show, question: str) -> tuple[int, int]:
        """Return how many gradings of a question come before a person's and how many there are."""
        before = func.coalesce(func.sum(case((_people.number < number, 1), else_=0)), 0)
        query = select(before, func.count()).join(tables.grades, _grades.submission == _people.id)
        row = self._connection.execute(
            query.where(_people.batch == batch_id, _grades.question == question, _showing(show))
        ).one()
        return int(row[0]), row[1]


_SUBMISSION = tuple(_people[name] for name in BatchSubmission.__annotations__)
_GRADE = tuple(_grades[name] for name in BatchGrade.__annotations__)


def _submission_of(row: Row[Any]) -> BatchSubmission:
    return BatchSubmission(**{name: value for name, value in row._mapping.items() if name != "sorted_by"})


def _grade_of(row: Row[Any], **changes: Any) -> BatchGrade:
    values = {**row._mapping, **changes}
    return BatchGrade(**{**values, "state": GradingState(values["state"])})


def _values(grade: BatchGrade, batch_id: str) -> dict[str, Any]:
    return {**vars(grade), "state": grade.state.value, "batch": batch_id}


def _grade(submission_id: str, question: str) -> ColumnElement[bool]:
    return and_(_grades.submission == submission_id, _grades.question == question)


def _words(one: BatchSubmission) -> str:
    return f"{one.name}\n{one.person}\n{one.email}".lower()


def _showing(show: Show) -> ColumnElement[bool]:
    if show is Show.REVIEW:
        return _grades.review.is_(True)
    if show is Show.FAILED:
        return (_grades.state == GradingState.FAILED) | (_grades.outcome == "malformed")
    if show is Show.UNGRADED:
        return _grades.state.in_([GradingState.QUEUED, GradingState.RUNNING])
    return true()


def _matching(batch: Batch, search: GridSearch) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if search.show is not Show.ALL:
        about = [_grades.batch == batch.id, _showing(search.show)]
        about += [_grades.question == search.question] if search.question else []
        wanted.append(_people.id.in_(select(_grades.submission).where(*about)))
    if search.text and batch.anonymous:
        numbers = re.findall(r"\d{1,6}", search.text)
        wanted.append(_people.number == int(numbers[0]) if len(numbers) == 1 else false())
    elif search.text:
        wanted += [_people.words.contains(word, autoescape=True) for word in search.text.lower().split()]
    return wanted


def _order(batch: Batch, order: GridOrder) -> tuple[ColumnElement[Any], bool]:
    by_name = _people.number if batch.anonymous else _people.sort_name
    column = by_name if order.value.endswith("name") else _people.points
    return column, order.value.startswith("-")


def _cursor(order: GridOrder, last: Row[Any]) -> str:
    body = json.dumps([order.value, last.sorted_by, last.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode("ascii").rstrip("=")


def _after(cursor: str, order: GridOrder, column: ColumnElement[Any], *, down: bool) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    refusal = BadInputError("This page of the list cannot be found.", "Go back to the first page.")
    try:
        made_for, value, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as error:
        raise refusal from error
    kind = str if isinstance(column.type.python_type(), str) else (int, float)
    if made_for != order.value or not isinstance(value, kind) or not is_interview_id(str(last)):
        raise refusal
    if isinstance(value, bool) or (isinstance(value, str) and is_broken(value)):
        raise refusal
    here, there = tuple_(column, _people.id), tuple_(value, last)
    return [here < there if down else here > there]
