"""Searches among interviews as SQL: who may see what, what matches, and where a page begins."""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from assay_hub.adapters.database import tables
from assay_hub.domain.access import Person
from assay_hub.domain.blind import hidden
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import is_broken
from assay_hub.domain.search import MAX_PAGE_ROWS, MOST_COUNTED, Order, Search
from assay_protocol.names import is_interview_id

NEARBY_ROWS = 1_500
"""How far ahead a list is looked through before an index is asked for all that there is."""

Columns: TypeAlias = ReadOnlyColumnCollection[str, Any]

_COLUMNS = {
    "date": tables.interviews.c.date,
    "title": tables.interviews.c.title,
    "candidate": tables.interviews.c.candidate_name,
    "created": tables.interviews.c.created_at,
}


def visible_to(person: Person, columns: Columns = tables.interviews.c) -> ColumnElement[bool]:
    """Return the condition that a member may see an interview; the same rule as ``domain.access.role_of``."""
    if person.admin:
        return true()
    if person.team is None:
        return false()
    named = (tables.viewers, tables.interviewers, tables.observers)
    return or_(
        columns.restricted.is_(False),
        *(
            select(table.c.account).where(table.c.interview == columns.id, table.c.account == person.account).exists()
            for table in named
        ),
    )


def nearby(person: Person, search: Search, *, hides: bool) -> Select[Any] | None:
    """Return the query of a page among the next rows of the list alone; ``None`` if that is no use.

    What is common is found there, and nothing has to be sorted. What is rare is quicker found by ``matching``, which
    asks each index for all there is, and sorts. Without words, tags and people every search follows one index.
    """
    if not (search.text or search.tags or search.interviewer):
        return None
    columns = tables.interviews.c
    column, down = _walk(search)
    dates = _dates(search, columns) if column is columns.date else []
    ahead = select(tables.interviews).where(*_after_cursor(search), *dates)
    near = ahead.order_by(*_sorted(column, columns.id, down=down)).limit(NEARBY_ROWS).subquery()
    far = _far(person, search, near.c, each=True, hides=hides)
    query = select(near).where(visible_to(person, near.c), *_parts(search, near.c), *far)
    return query.order_by(*_sorted(near.c[column.key], near.c.id, down=down)).limit(_rows(search) + 1)


def matching(person: Person, search: Search, *, hides: bool) -> Select[Any]:
    """Return the query of a page and one row more, which tells whether there is a next page.

    Raises:
        BadInputError: the cursor is not one of ours, or belongs to another order.
    """
    columns = tables.interviews.c
    column, down = _walk(search)
    far = _far(person, search, columns, each=False, hides=hides)
    query = select(tables.interviews).where(visible_to(person), *_after_cursor(search), *_parts(search, columns), *far)
    return query.order_by(*_sorted(column, columns.id, down=down)).limit(_rows(search) + 1)


def counted(person: Person, search: Search, *, hides: bool) -> Select[Any]:
    """Return the query of how many interviews all pages have, as far as they are counted and one more."""
    columns = tables.interviews.c
    some = select(columns.id).where(visible_to(person), *_parts(search, columns))
    if search.text:  # beginning with the words ends the scan of them as soon as enough is found
        said = _together(_saying(person, search.text, hides=hides)).subquery()
        some = some.join_from(said, tables.interviews, columns.id == said.c.interview)
    some = some.where(*_far(person, replace(search, text=""), columns, each=bool(search.text), hides=hides))
    return select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())


def turned(search: Search) -> bool:
    """Whether the search's cursor leads to the page before it, so that its rows come in reverse.

    Raises:
        BadInputError: the cursor is not one of ours, or belongs to another order.
    """
    return bool(search.cursor) and _read_cursor(search.cursor, search.order)[2]


def cursor_at(last: Interview, order: Order, *, back: bool = False) -> str:
    """Return the cursor of the page after an interview, or of the one before it, by what the rows are sorted by."""
    name, last = order.value.removeprefix("-"), hidden(last) if last.blind else last
    values = {
        "date": last.date.isoformat(),
        "title": last.title,
        "candidate": last.candidate_name,
        "created": last.created_at.isoformat(),
    }
    place = [order.value, values[name], last.id, *(["back"] if back else [])]
    body = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode("ascii").rstrip("=")


def _order(order: Order) -> tuple[Column[Any], bool]:
    return _COLUMNS[order.value.removeprefix("-")], order.value.startswith("-")


def _walk(search: Search) -> tuple[Column[Any], bool]:
    """Return what a page is walked by, and whether downwards; a page before another is walked the other way."""
    column, down = _order(search.order)
    return column, down is not turned(search)


def _sorted(*columns: ColumnElement[Any], down: bool) -> Iterable[ColumnElement[Any]]:
    return [column.desc() for column in columns] if down else columns


def _rows(search: Search) -> int:
    return min(max(search.rows, 1), MAX_PAGE_ROWS)


def _after_cursor(search: Search) -> list[ColumnElement[bool]]:
    if not search.cursor:
        return []
    column, down = _walk(search)
    value, last, _ = _read_cursor(search.cursor, search.order)
    here, there = tuple_(column, tables.interviews.c.id), tuple_(value, last)
    return [here < there if down else here > there]


def _parts(search: Search, columns: Columns) -> list[ColumnElement[bool]]:
    """Return what must hold of a row by itself."""
    conditions = _dates(search, columns)
    if search.positions:
        conditions.append(columns.position.in_(search.positions))
    if search.states:
        conditions.append(columns.state.in_([state.value for state in search.states]))
    if search.kinds:
        conditions.append(columns.kind.in_([kind.value for kind in search.kinds]))
    return conditions


def _dates(search: Search, columns: Columns) -> list[ColumnElement[bool]]:
    since = [columns.date >= search.since] if search.since else []
    until = [columns.date < search.until] if search.until else []
    return since + until


def _far(person: Person, search: Search, columns: Columns, *, each: bool, hides: bool) -> list[ColumnElement[bool]]:
    """Return what another index answers: asked for each row, or once for all there are."""
    tags, held = tables.tags.c, tables.interviewers.c
    asked = [(tags.interview, tags.tag == tag) for tag in search.tags]
    if search.interviewer:
        asked.append((held.interview, held.account == search.interviewer))
    those = [select(ids).where(wanted) for ids, wanted in asked]
    saying = _saying(person, search.text, hides=hides) if search.text else []
    if each:
        found = [or_(*(_holds(one, columns) for one in saying))] if saying else []
        return [*(_holds(one, columns) for one in those), *found]
    return [columns.id.in_(one) for one in [*those, *([_together(saying)] if saying else [])]]


def _holds(those: Select[Any], columns: Columns) -> ColumnElement[bool]:
    """Return the condition that an interview is among those of a query."""
    return those.where(those.selected_columns[0] == columns.id).exists()


def _saying(person: Person, text: str, *, hides: bool) -> list[Select[Any]]:
    """Return queries of the interviews of which words are said, none of them twice.

    Who does not know the candidate of a blind interview does not find it by their name either: finding would tell.
    """
    words, hidden_words = tables.words.c, tables.hidden_words.c

    def said(column: Column[Any]) -> ColumnElement[bool]:
        return and_(true(), *(column.contains(word, autoescape=True) for word in text.lower().split()))

    saying = [select(words.interview).where(said(words.words))]
    if not hides:
        return saying
    named = [
        hidden_words.interview.in_(select(table.c.interview).where(table.c.account == person.account))
        for table in (tables.interviewers, tables.observers)
    ]
    openly = select(words.interview).where(words.interview == hidden_words.interview, said(words.words)).exists()
    known = true() if person.admin else or_(*named)
    return [*saying, select(hidden_words.interview).where(said(hidden_words.words), known, ~openly)]


def hides_any() -> Select[Any]:
    """Return the query of whether words of any interview are hidden; without any, a search need not ask for them."""
    return select(select(tables.hidden_words.c.interview).exists())


def _together(those: list[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return those[0] if len(those) == 1 else union_all(*those)


def _read_cursor(cursor: str, order: Order) -> tuple[Any, str, bool]:
    refusal = BadInputError("This page of the list cannot be found.", "Go back to the first page.")
    try:
        made_for, value, last, *back = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order.value.removeprefix("-") in {"date", "created"}:
            value = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise refusal from error
    if (
        back not in ([], ["back"])
        or made_for != order.value
        or not isinstance(value, str | datetime)
        or not is_interview_id(str(last))
    ):
        raise refusal
    if any(is_broken(text) for text in (value, last) if isinstance(text, str)):
        raise refusal
    return value, last, bool(back)
