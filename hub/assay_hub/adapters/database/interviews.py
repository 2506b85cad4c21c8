"""Reads and writes interviews with their people, tags and questions."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, delete, insert, or_, select, union, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.finding import counted, cursor_at, hides_any, matching, nearby, turned, visible_to
from assay_hub.domain.access import Person, seen_by
from assay_hub.domain.blind import hidden
from assay_hub.domain.interview import OPEN_STATES, Interview, QuestionRef, State
from assay_hub.domain.plan import Kind
from assay_hub.domain.search import MAX_PAGE_ROWS, MOST_COUNTED, Page, Search, Total
from assay_hub.domain.signals import Level
from assay_protocol.names import is_interview_id

_PEOPLE = {"interviewers": tables.interviewers, "observers": tables.observers, "viewers": tables.viewers}


class Interviews:
    """The part of the store that holds interviews."""

    _connection: Connection
    _locks: bool

    def add_interview(self, interview: Interview) -> None:
        """Store a new interview with its people, tags and questions."""
        values = {"id": interview.id, "created_by": interview.created_by, "created_at": interview.created_at}
        self._connection.execute(insert(tables.interviews).values(**values, **_values(interview)))
        self._add_parts(interview)
        words = _said(_row(interview))
        self._connection.execute(insert(tables.words).values(interview=interview.id, words=words))
        self._hide(interview)

    def interview(self, interview_id: str) -> Interview | None:
        """Return an interview; text that is no id at all, such as broken Unicode, never reaches the database.

        In a transaction that writes, nobody else changes it until the end.
        """
        if not is_interview_id(interview_id):
            return None
        query = select(tables.interviews).where(tables.interviews.c.id == interview_id)
        found = self._loaded(query.with_for_update() if self._locks else query)
        return found[0] if found else None

    def save_interview(self, interview: Interview) -> None:
        """Store an interview in place of what was there."""
        here = tables.interviews.c.id == interview.id
        before = self.interview(interview.id)
        self._connection.execute(update(tables.interviews).where(here).values(**_values(interview)))
        if before is not None and _parts(before) != _parts(interview):
            for table in (*_PEOPLE.values(), tables.tags, tables.questions):
                self._connection.execute(delete(table).where(table.c.interview == interview.id))
            self._add_parts(interview)
        if before is not None and (before.blind, _said(before)) != (interview.blind, _said(interview)):
            here = tables.words.c.interview == interview.id
            self._connection.execute(update(tables.words).where(here).values(words=_said(_row(interview))))
            self._hide(interview)

    def _hides(self, search: Search) -> bool:
        return bool(search.text) and bool(self._connection.execute(hides_any()).scalar_one())

    def find(self, person: Person, search: Search) -> Page:
        """Return one page of what somebody looks for among the interviews that they may see."""
        rows = min(max(search.rows, 1), MAX_PAGE_ROWS)
        hides = self._hides(search)
        near = nearby(person, search, hides=hides)
        found = self._loaded(near) if near is not None else []
        if len(found) <= rows:
            found = self._loaded(matching(person, search, hides=hides))
        more, shown = len(found) > rows, found[:rows]
        if not turned(search):
            previous = cursor_at(shown[0], search.order, back=True) if shown and search.cursor else ""
            following = cursor_at(shown[-1], search.order) if more else ""
            return Page(tuple(seen_by(person, one) for one in shown), following, previous)
        if not more:  # the page before this one begins at the beginning, whatever has gone meanwhile
            return self.find(person, replace(search, cursor=""))
        first, last = shown[-1], shown[0]
        seen = tuple(seen_by(person, one) for one in shown[::-1])
        return Page(seen, cursor_at(last, search.order), cursor_at(first, search.order, back=True))

    def count(self, person: Person, search: Search) -> Total:
        """Return how many interviews all pages of a search have together."""
        found = self._connection.execute(counted(person, search, hides=self._hides(search))).scalar_one()
        return Total(min(found, MOST_COUNTED), more=found > MOST_COUNTED)

    def open_with(self, account: str) -> list[Interview]:
        """Return the open interviews that somebody holds or watches."""
        columns = tables.interviews.c
        named = [
            select(table.c.interview).where(table.c.account == account)
            for table in (tables.interviewers, tables.observers)
        ]
        query = select(tables.interviews).where(columns.id.in_(union(*named)))
        return self._loaded(query.where(columns.state.in_([state.value for state in OPEN_STATES])))

    def known_tags(self, person: Person, beginning: str, rows: int) -> list[str]:
        """Return tags, by name, on interviews that somebody may see."""
        table = tables.tags
        seen = select(tables.interviews.c.id).where(tables.interviews.c.id == table.c.interview, visible_to(person))
        query = select(table.c.tag).where(table.c.tag.startswith(beginning, autoescape=True), seen.exists())
        return list(self._connection.scalars(query.distinct().order_by(table.c.tag).limit(rows)))

    def asked(self, question_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews with this question that somebody may see."""
        those = select(tables.questions.c.interview).where(tables.questions.c.question == question_id)
        columns = tables.interviews.c
        query = select(tables.interviews).where(columns.id.in_(those), visible_to(person))
        found = self._loaded(query.order_by(columns.date.desc(), columns.id).limit(rows))
        return [seen_by(person, one) for one in found]

    def scored_for(self, position_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews for a role with a locked score card that somebody may see."""
        columns, cards = tables.interviews.c, tables.score_cards.c
        locked = select(cards.interview).where(cards.interview == columns.id, cards.locked_at.is_not(None)).exists()
        query = select(tables.interviews).where(columns.position == position_id, visible_to(person), locked)
        found = self._loaded(query.order_by(columns.date.desc(), columns.id).limit(rows))
        return [seen_by(person, one) for one in found]

    def of_position(self, position_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews for a role that somebody may see, the earliest first; no cancelled ones."""
        columns = tables.interviews.c
        those = (columns.position == position_id, columns.state != State.CANCELLED.value, visible_to(person))
        query = select(tables.interviews).where(*those).order_by(columns.date.desc(), columns.id.desc()).limit(rows)
        return [seen_by(person, one) for one in self._loaded(query)[::-1]]

    def calendar_of(self, account: str, since: datetime, until: datetime, rows: int) -> list[Interview]:
        """Return interviews from ``since`` until ``until`` that somebody holds or watches, the last first."""
        columns = tables.interviews.c
        named = [
            columns.id.in_(select(table.c.interview).where(table.c.account == account))
            for table in (tables.interviewers, tables.observers)
        ]
        when = and_(columns.scheduled_at >= since, columns.scheduled_at < until)
        query = select(tables.interviews).where(or_(*named), when)
        return self._loaded(query.order_by(columns.scheduled_at.desc(), columns.id).limit(rows))

    def _hide(self, interview: Interview) -> None:
        """Keep what is said of a blind interview apart, for those who may know it."""
        table = tables.hidden_words
        self._connection.execute(delete(table).where(table.c.interview == interview.id))
        if interview.blind:
            self._connection.execute(insert(table).values(interview=interview.id, words=_said(interview)))

    def _loaded(self, query: Select[Any]) -> list[Interview]:
        """Return the interviews of a query, with one more query for each kind of part, however many they are."""
        rows = self._connection.execute(query).all()
        ids = [row.id for row in rows]
        people = {name: self._people(table, ids) for name, table in _PEOPLE.items()}
        labels = _grouped(ids, self._rows(tables.tags, ids, tables.tags.c.place))
        asked = _grouped(ids, self._rows(tables.questions, ids, tables.questions.c.position))
        return [
            _interview(
                row,
                people={name: tuple(found[row.id]) for name, found in people.items()},
                tags=tuple(label.tag for label in labels[row.id]),
                questions=tuple(QuestionRef(one.question, one.version, one.title, one.pinned) for one in asked[row.id]),
            )
            for row in rows
        ]

    def _people(self, table: Table, ids: Sequence[str]) -> dict[str, list[str]]:
        grouped = _grouped(ids, self._rows(table, ids, table.c.account))
        return {one: [row.account for row in rows] for one, rows in grouped.items()}

    def _rows(self, table: Table, ids: Sequence[str], order: Any) -> Iterable[Row[Any]]:
        return self._connection.execute(select(table).where(table.c.interview.in_(ids)).order_by(order)) if ids else ()

    def _add_parts(self, interview: Interview) -> None:
        rows: list[tuple[Table, list[dict[str, Any]]]] = [
            (table, [{"account": account} for account in getattr(interview, name)]) for name, table in _PEOPLE.items()
        ]
        labels = [{"tag": tag, "place": place} for place, tag in enumerate(_row(interview).tags)]
        rows.append((tables.tags, labels))
        asked = [
            {"position": position, "question": ref.id, "version": ref.version, "title": ref.title, "pinned": ref.pinned}
            for position, ref in enumerate(interview.questions)
        ]
        rows.append((tables.questions, asked))
        for table, values in rows:
            if values:
                self._connection.execute(insert(table), [{"interview": interview.id, **each} for each in values])


def _grouped(ids: Sequence[str], rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = {one: [] for one in ids}
    for row in rows:
        groups[row.interview].append(row)
    return groups


def _parts(interview: Interview) -> tuple[object, ...]:
    people = tuple(frozenset(getattr(interview, name)) for name in _PEOPLE)
    return (*people, _row(interview).tags, interview.questions)


def _row(interview: Interview) -> Interview:
    """Return what an interview's own row says of it: nothing of who a blind one is with."""
    return hidden(interview) if interview.blind else interview


def _said(interview: Interview) -> str:
    said = (interview.title, interview.candidate_name, interview.candidate_email, *interview.tags)
    return "\n".join(said).lower()


_IDENTITY = ("title", "candidate_name", "candidate_email", "internal_notes", "tags")


def _values(interview: Interview) -> dict[str, Any]:
    identity = {name: getattr(interview, name) for name in _IDENTITY}
    hides = {"blind": interview.blind, "identity": json.dumps(identity) if interview.blind else ""}
    return hides | _plain_values(_row(interview))


def _plain_values(interview: Interview) -> dict[str, Any]:
    return {
        "title": interview.title,
        "candidate_name": interview.candidate_name,
        "candidate_email": interview.candidate_email,
        "position": interview.position,
        "kind": interview.kind.value,
        "state": interview.state.value,
        "scheduled_at": interview.scheduled_at,
        "date": interview.date,
        "time_zone": interview.time_zone,
        "duration_seconds": int(interview.duration.total_seconds()),
        "internal_notes": interview.internal_notes,
        "restricted": bool(interview.viewers),
        "started_at": interview.started_at,
        "ended_at": interview.ended_at,
        "paused_seconds": interview.paused.total_seconds(),
        "signals": interview.signals.value,
        "revision": interview.revision,
        "calendar_sequence": interview.calendar_sequence,
    }


def _interview(
    row: Row[Any], *, people: dict[str, tuple[str, ...]], tags: tuple[str, ...], questions: tuple[QuestionRef, ...]
) -> Interview:
    found = Interview(
        id=row.id,
        title=row.title,
        candidate_name=row.candidate_name,
        state=State(row.state),
        created_by=row.created_by,
        created_at=row.created_at,
        duration=timedelta(seconds=row.duration_seconds),
        questions=questions,
        started_at=row.started_at,
        ended_at=row.ended_at,
        candidate_email=row.candidate_email,
        position=row.position,
        kind=Kind(row.kind),
        scheduled_at=row.scheduled_at,
        time_zone=row.time_zone,
        internal_notes=row.internal_notes,
        tags=tags,
        revision=row.revision,
        calendar_sequence=row.calendar_sequence,
        paused=timedelta(seconds=row.paused_seconds),
        signals=Level(row.signals),
        blind=row.blind,
        **people,
    )
    if not row.identity:
        return found
    identity = json.loads(row.identity)
    return replace(found, **{**identity, "tags": tuple(identity["tags"])})
