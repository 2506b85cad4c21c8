"""Searches among interviews as SQL: who may see what, what matches, and where a page begins."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, tuple_

from assay_hub.adapters.database import tables
from assay_hub.domain.access import Person
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import is_broken
from assay_hub.domain.search import MAX_PAGE_ROWS, Order, Search

_COLUMNS = {
    "date": tables.interviews.c.date,
    "title": tables.interviews.c.title,
    "candidate": tables.interviews.c.candidate_name,
    "created": tables.interviews.c.created_at,
}


def visible_to(person: Person) -> ColumnElement[bool]:
    """Return the condition that a member may see an interview; the same rule as ``domain.access.role_of``."""
    if person.admin:
        return true()
    named = (tables.viewers, tables.interviewers, tables.observers)
    columns = tables.interviews.c
    return or_(
        columns.restricted.is_(False),
        *(
            select(table.c.account).where(table.c.interview == columns.id, table.c.account == person.account).exists()
            for table in named
        ),
    )


def matching(person: Person, search: Search) -> Select[Any]:
    """Return the query of a page and one row more, which tells whether there is a next page.

    Raises:
        BadInputError: the cursor is not one of ours, or belongs to another order.
    """
    columns = tables.interviews.c
    column, down = _order(search.order)
    query = select(tables.interviews).where(visible_to(person), *_conditions(search))
    if search.cursor:
        value, last = _read_cursor(search.cursor, search.order)
        here, there = tuple_(column, columns.id), tuple_(value, last)
        query = query.where(here < there if down else here > there)
    ordered = (column.desc(), columns.id.desc()) if down else (column, columns.id)
    return query.order_by(*ordered).limit(min(max(search.rows, 1), MAX_PAGE_ROWS) + 1)


def next_cursor(last: Interview, order: Order) -> str:
    """Return the cursor of the page after an interview."""
    name = order.value.removeprefix("-")
    values = {
        "date": last.date.isoformat(),
        "title": last.title,
        "candidate": last.candidate_name,
        "created": last.created_at.isoformat(),
    }
    body = json.dumps([order.value, values[name], last.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode("ascii").rstrip("=")


def _order(order: Order) -> tuple[ColumnElement[Any], bool]:
    return _COLUMNS[order.value.removeprefix("-")], order.value.startswith("-")


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    columns = tables.interviews.c
    held = tables.interviewers
    conditions = [columns.found_by.contains(word, autoescape=True) for word in search.text.lower().split()[:10]]
    conditions += [
        select(tables.tags.c.tag).where(tables.tags.c.interview == columns.id, tables.tags.c.tag == tag).exists()
        for tag in search.tags[:10]
    ]
    if search.positions:
        conditions.append(columns.position.in_(search.positions))
    if search.states:
        conditions.append(columns.state.in_([state.value for state in search.states]))
    if search.kinds:
        conditions.append(columns.kind.in_([kind.value for kind in search.kinds]))
    if search.interviewer:
        who = and_(held.c.interview == columns.id, held.c.account == search.interviewer)
        conditions.append(select(held.c.account).where(who).exists())
    if search.since:
        conditions.append(columns.date >= search.since)
    if search.until:
        conditions.append(columns.date < search.until)
    return conditions


def _read_cursor(cursor: str, order: Order) -> tuple[Any, str]:
    refusal = BadInputError("This page of the list cannot be found.", "Go back to the first page.")
    try:
        made_for, value, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order.value.removeprefix("-") in {"date", "created"}:
            value = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise refusal from error
    if made_for != order.value or not isinstance(value, str | datetime) or not isinstance(last, str):
        raise refusal
    if any(is_broken(text) for text in (value, last) if isinstance(text, str)):
        raise refusal
    return value, last
