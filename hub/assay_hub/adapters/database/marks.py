"""Reads and writes what people give in batches: cells, rubrics, requests, and the log of changes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from assay_hub.adapters.database import batch_tables as tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.batch import RegradeRequest, RequestState
from assay_hub.domain.marking import Change, ChangeKind, Mark, MarkedCell, RubricItem
from assay_hub.domain.search import MAX_PAGE_ROWS
from assay_protocol.names import is_interview_id

_cells, _items = tables.cells.c, tables.rubric.c


class Marks:
    """The part of the store that holds what people give."""

    _connection: Connection

    def marked_cells(self, question: str, submissions: Iterable[str]) -> dict[str, list[MarkedCell]]:
        """Return the cells of a question in their order, by submission, in two queries."""
        ids = list(submissions)
        items = self._applied(question, ids)
        found: dict[str, list[MarkedCell]] = {one: [] for one in ids}
        query = select(tables.cells).where(_cells.submission.in_(ids), _cells.question == question)
        for row in self._connection.execute(query.order_by(_cells.submission, _cells.position)):
            found[row.submission].append(_cell_of(row, items.get((row.submission, row.grade_id), ())))
        return found

    def _applied(self, question: str, ids: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
        query = (
            select(tables.applied.c.submission, _items.grade_id, _items.id)
            .join(tables.rubric, _items.id == tables.applied.c.item)
            .where(tables.applied.c.submission.in_(ids), _items.question == question)
            .order_by(_items.id)
        )
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in self._connection.execute(query):
            key = (row.submission, row.grade_id)
            found[key] = (*found.get(key, ()), row.id)
        return found

    def some_cells(self, batch_id: str, question: str) -> list[MarkedCell]:
        """Return the cells of a question as some graded notebook has them; none before the first."""
        people, here = tables.submissions.c, and_(_cells.question == question)
        one = (
            select(_cells.submission)
            .join(tables.submissions, people.id == _cells.submission)
            .where(people.batch == batch_id, here)
            .limit(1)
            .scalar_subquery()
        )
        query = select(tables.cells).where(_cells.submission == one, here).order_by(_cells.position)
        return [_cell_of(row, ()) for row in self._connection.execute(query)]

    def replace_cells(self, submission_id: str, question: str, cells: Sequence[MarkedCell]) -> None:
        """Store the cells of a notebook in place of what was there; the rubric's items stay where they are applied."""
        here = and_(_cells.submission == submission_id, _cells.question == question)
        self._connection.execute(delete(tables.cells).where(here))
        rows = [
            {"submission": submission_id, "question": question, "grade_id": cell.grade_id, "position": cell.place}
            | {"title": cell.title, "auto": cell.auto, "max_points": cell.max_points, "verdict": cell.verdict}
            | {"message": cell.message, "manual": cell.mark.manual, "extra": cell.mark.extra}
            | {"comment": cell.mark.comment}
            for cell in cells
        ]
        if rows:
            self._connection.execute(insert(tables.cells), rows)

    def save_marks(self, submission_id: str, question: str, marks: dict[str, Mark]) -> None:
        """Store what people gave for cells, by ``grade_id``."""
        if not marks:
            return
        here = and_(
            _cells.submission == submission_id, _cells.question == question, _cells.grade_id == bindparam("here")
        )
        change = update(tables.cells).where(here)
        change = change.values(manual=bindparam("m"), extra=bindparam("e"), comment=bindparam("c"))
        rows = [{"here": one, "m": m.manual, "e": m.extra, "c": m.comment} for one, m in marks.items()]
        self._connection.execute(change, rows)
        gone = select(_items.id).where(_items.question == question, _items.grade_id.in_(list(marks)))
        self._connection.execute(
            delete(tables.applied).where(tables.applied.c.submission == submission_id, tables.applied.c.item.in_(gone))
        )
        applied = [{"item": item, "submission": submission_id} for mark in marks.values() for item in mark.items]
        if applied:
            self._connection.execute(insert(tables.applied), applied)

    # Rubrics

    def rubric(self, batch_id: str, question: str = "") -> list[RubricItem]:
        """Return the items of a batch's rubrics in their order, removed ones included."""
        query = select(tables.rubric).where(_items.batch == batch_id)
        query = query.where(_items.question == question) if question else query
        rows = self._connection.execute(query.order_by(_items.question, _items.position, _items.id))
        return [_item_of(row) for row in rows]

    def rubric_items(self, ids: Iterable[str]) -> list[RubricItem]:
        """Return the items with these ids."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        return [_item_of(row) for row in self._connection.execute(select(tables.rubric).where(_items.id.in_(wanted)))]

    def rubric_item(self, batch_id: str, item_id: str) -> RubricItem | None:
        """Return an item of a rubric."""
        if not is_interview_id(item_id):
            return None
        row = self._connection.execute(
            select(tables.rubric).where(_items.id == item_id, _items.batch == batch_id)
        ).first()
        return None if row is None else _item_of(row)

    def save_rubric_item(self, item: RubricItem) -> None:
        """Store an item of a rubric in place of what was there."""
        values = {name: value for name, value in asdict(item).items() if name != "place"} | {"position": item.place}
        put(self._connection, tables.rubric, {"id": item.id}, values)

    def applied_to(self, item_id: str) -> list[str]:
        """Return the submissions that an item is applied to."""
        query = select(tables.applied.c.submission).where(tables.applied.c.item == item_id)
        return list(self._connection.execute(query).scalars())

    # What can be taken back

    def add_change(self, change: Change) -> None:
        """Store what somebody did."""
        values = {name: value for name, value in vars(change).items() if name != "id"}
        values |= {"kind": change.kind.value, "before": json.dumps(change.before), "after": json.dumps(change.after)}
        self._connection.execute(insert(tables.changes).values(**values, undone=False))

    def last_change(self, batch_id: str, account: str) -> Change | None:
        """Return the last thing that somebody did in a batch and has not taken back."""
        here = tables.changes.c
        query = select(tables.changes).where(here.batch == batch_id, here.account == account, here.undone.is_(False))
        row = self._connection.execute(query.order_by(here.id.desc()).limit(1)).first()
        if row is None:
            return None
        values = {name: value for name, value in row._mapping.items() if name != "undone"}
        told = {"kind": ChangeKind(row.kind), "before": json.loads(row.before), "after": json.loads(row.after)}
        return Change(**{**values, **told})

    def mark_undone(self, change_id: int) -> None:
        """Store that something was taken back."""
        self._connection.execute(update(tables.changes).where(tables.changes.c.id == change_id).values(undone=True))

    # Requests

    def save_request(self, request: RegradeRequest) -> None:
        """Store a request in place of what was there."""
        put(self._connection, tables.requests, {"id": request.id}, {**asdict(request), "state": request.state.value})

    def request(self, batch_id: str, request_id: str) -> RegradeRequest | None:
        """Return a request."""
        if not is_interview_id(request_id):
            return None
        here = tables.requests.c
        row = self._connection.execute(
            select(tables.requests).where(here.id == request_id, here.batch == batch_id)
        ).first()
        return None if row is None else _request_of(row)

    def requests(self, batch_id: str, submission_id: str = "") -> list[RegradeRequest]:
        """Return the latest requests of a batch, those that are open first; at most 200."""
        here = tables.requests.c
        query = select(tables.requests).where(here.batch == batch_id)
        query = query.where(here.submission == submission_id) if submission_id else query
        query = query.order_by(here.state, here.made_at.desc(), here.id).limit(MAX_PAGE_ROWS)
        return [_request_of(row) for row in self._connection.execute(query)]


def _cell_of(row: Row[Any], items: tuple[str, ...]) -> MarkedCell:
    mark = Mark(row.manual, row.extra, row.comment, items)
    return MarkedCell(row.grade_id, row.position, row.title, row.auto, row.max_points, row.verdict, row.message, mark)


def _item_of(row: Row[Any]) -> RubricItem:
    values = {name: value for name, value in row._mapping.items() if name != "position"}
    return RubricItem(**values, place=row.position)


def _request_of(row: Row[Any]) -> RegradeRequest:
    return RegradeRequest(**{**row._mapping, "state": RequestState(row.state)})
