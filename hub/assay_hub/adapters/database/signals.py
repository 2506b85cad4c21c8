"""Reads and writes signals, what people said of them, and accommodations."""

import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.interview import OPEN_STATES
from assay_hub.domain.signal_rates import ObservedInterview
from assay_hub.domain.signals import Drawing, Judgement, Level, Signal, SignalKind, Source, Verdict

_ID = re.compile(r"[a-z0-9-]{1,40}")


class Signals:
    """The part of the store that holds signals and accommodations."""

    _connection: Connection

    def save_signals(self, interview_id: str, signals: Sequence[Signal]) -> None:
        """Store signals, each in place of the one with its id."""
        for one in signals:
            values = {
                "interview": interview_id,
                "id": one.id,
                "kind": one.kind.value,
                "at": one.at,
                "until": one.until,
                "source": one.source.value,
                "detail": json.dumps(dict(one.detail)),
            }
            put(self._connection, tables.signals, {"interview": interview_id, "id": one.id}, values)

    def signals(self, interview_id: str, source: Source | None = None) -> list[Signal]:
        """Return the signals of an interview as they happened, all of them or those from one source."""
        table = tables.signals
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.at, table.c.id)
        if source is not None:
            query = query.where(table.c.source == source.value)
        return [_signal(row) for row in self._connection.execute(query)]

    def signal(self, interview_id: str, signal_id: str) -> Signal | None:
        """Return one signal; text that is no id at all never reaches the database."""
        if not _ID.fullmatch(signal_id):
            return None
        table = tables.signals
        here = (table.c.interview == interview_id, table.c.id == signal_id)
        row = self._connection.execute(select(table).where(*here)).first()
        return None if row is None else _signal(row)

    def drawn(self, interview_id: str) -> Drawing | None:
        """Return how far signals were drawn from the recording."""
        table = tables.signals_drawn
        row = self._connection.execute(select(table).where(table.c.interview == interview_id)).first()
        return None if row is None else Drawing(row.seq, row.at, row.over)

    def save_drawn(self, interview_id: str, drawing: Drawing) -> None:
        """Store how far signals were drawn from the recording."""
        key = {"interview": interview_id}
        put(self._connection, tables.signals_drawn, key, {**key, **vars(drawing)})

    def add_judgement(self, interview_id: str, judgement: Judgement) -> None:
        """Store what somebody said of a signal, after what was said before."""
        self._connection.execute(
            insert(tables.signal_judgements).values(
                interview=interview_id,
                signal=judgement.signal,
                verdict=judgement.verdict.value,
                reason=judgement.reason,
                account=judgement.account,
                at=judgement.at,
            )
        )

    def judgements(self, interview_id: str) -> list[Judgement]:
        """Return what was said of the signals of an interview, the first first."""
        table = tables.signal_judgements
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.id)
        return [
            Judgement(row.signal, Verdict(row.verdict), row.reason, row.account, row.at, row.id)
            for row in self._connection.execute(query)
        ]

    def save_accommodation(self, interview_id: str, accommodation: Accommodation) -> None:
        """Store what is different for the candidate of an interview, in place of what was there."""
        values = {
            "interview": interview_id,
            "muted": json.dumps(sorted(kind.value for kind in accommodation.muted)),
            "note": accommodation.note,
            "time_factor": accommodation.time_factor,
        }
        put(self._connection, tables.accommodations, {"interview": interview_id}, values)

    def accommodation(self, interview_id: str) -> Accommodation:
        """Return what is different for the candidate of an interview."""
        table = tables.accommodations
        row = self._connection.execute(select(table).where(table.c.interview == interview_id)).first()
        return Accommodation() if row is None else _accommodation(row)

    def undrawn_interviews(self) -> list[str]:
        """Return the interviews that are over and whose recording has not been looked through since."""
        drawn = tables.signals_drawn
        read = select(drawn.c.interview).where(drawn.c.interview == tables.interviews.c.id, drawn.c.over.is_(True))
        recorded = select(tables.recording.c.seq).where(tables.recording.c.interview == tables.interviews.c.id)
        query = select(tables.interviews.c.id).where(_began_and_over(), ~read.exists(), recorded.exists())
        return list(self._connection.scalars(query.order_by(tables.interviews.c.id)))

    def observed_interviews(self) -> list[ObservedInterview]:
        """Return the interviews that began and are over, with how often each kind of signal fell."""
        table, given, found = tables.interviews, tables.accommodations, tables.signals
        counts: dict[str, dict[SignalKind, int]] = {}
        counted = select(found.c.interview, found.c.kind, func.count().label("number"))
        for row in self._connection.execute(counted.group_by(found.c.interview, found.c.kind)):
            counts.setdefault(row.interview, {})[SignalKind(row.kind)] = row.number
        accommodated = {row.interview: _accommodation(row) for row in self._connection.execute(select(given))}
        query = select(table.c.id, table.c.signals).where(_began_and_over())
        return [
            ObservedInterview(Level(row.signals), accommodated.get(row.id, Accommodation()), counts.get(row.id, {}))
            for row in self._connection.execute(query)
        ]


def _began_and_over() -> ColumnElement[bool]:
    columns = tables.interviews.c
    return and_(columns.started_at.is_not(None), columns.state.not_in([state.value for state in OPEN_STATES]))


def _signal(row: Row[Any]) -> Signal:
    return Signal(row.id, SignalKind(row.kind), row.at, row.until, Source(row.source), json.loads(row.detail))


def _accommodation(row: Row[Any]) -> Accommodation:
    muted = frozenset(SignalKind(name) for name in json.loads(row.muted))
    return Accommodation(muted, row.note, row.time_factor)
