"""Reads and writes recordings, and what is derived from them to be looked at.

Events arrive a few at a time and are kept as rows. A thousand of them are packed into one compressed block as soon as
they are old enough; the bytes of each line, and so the hash chain over them, stay as they came.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select

from assay_hub.adapters.database import tables
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.timeline import Marker, Segment
from assay_protocol.recording import Event, genesis, link

BLOCK_EVENTS = 1000
_KEPT_AS_ROWS = 100
"""The latest events stay rows: the release before finds the recording's end in them."""


class Recordings:
    """The part of the store that holds what happened in interviews."""

    _connection: Connection

    def head(self, interview_id: str) -> Head:
        """Return the end of the recording; before the first event its digest is the chain's start."""
        row = self._connection.execute(
            select(tables.recording.c.seq, tables.recording.c.digest)
            .where(tables.recording.c.interview == interview_id)
            .order_by(tables.recording.c.seq.desc())
            .limit(1)
        ).first()
        return Head(0, genesis(interview_id)) if row is None else Head(row.seq, row.digest)

    def append(self, interview_id: str, lines: Sequence[StoredLine]) -> None:
        """Store events that follow the head."""
        self._connection.execute(
            insert(tables.recording), [{"interview": interview_id, **asdict(line)} for line in lines]
        )
        if lines[-1].seq // _KEPT_AS_ROWS != (lines[0].seq - 1) // _KEPT_AS_ROWS:
            self._pack(interview_id)

    def lines(self, interview_id: str, after: int = 0) -> Iterator[StoredLine]:
        """Return the recording from its start, or what comes after an event."""
        blocks = tables.recording_blocks.c
        query = select(tables.recording_blocks).where(blocks.interview == interview_id, blocks.last_seq > after)
        for block in self._connection.execute(query.order_by(blocks.first_seq)):
            yield from (line for line in _unpacked(block) if line.seq > after)
        columns = tables.recording.c
        rows = select(columns.seq, columns.line, columns.digest, columns.received_at)
        here = and_(columns.interview == interview_id, columns.seq > after)
        for row in self._connection.execute(rows.where(here).order_by(columns.seq)):
            yield StoredLine(**row._mapping)

    def _pack(self, interview_id: str) -> None:
        """Pack the oldest rows into blocks, as many as are whole."""
        columns = tables.recording.c
        here = columns.interview == interview_id
        count = self._connection.scalar(select(func.count()).select_from(tables.recording).where(here)) or 0
        while count >= BLOCK_EVENTS + _KEPT_AS_ROWS:
            query = select(columns.seq, columns.line, columns.digest, columns.received_at).where(here)
            rows = self._connection.execute(query.order_by(columns.seq).limit(BLOCK_EVENTS)).all()
            values = {"interview": interview_id, **_packed([StoredLine(**row._mapping) for row in rows])}
            values["before"] = self._connection.scalar(
                select(tables.recording_blocks.c.digest)
                .where(tables.recording_blocks.c.interview == interview_id)
                .order_by(tables.recording_blocks.c.last_seq.desc())
                .limit(1)
            ) or genesis(interview_id)
            self._connection.execute(insert(tables.recording_blocks).values(**values))
            self._connection.execute(delete(tables.recording).where(here, columns.seq <= rows[-1].seq))
            count -= BLOCK_EVENTS

    def add_gap(self, interview_id: str, gap: Gap) -> None:
        """Store that something is missing."""
        self._connection.execute(insert(tables.recording_gaps).values(interview=interview_id, **asdict(gap)))

    def gaps(self, interview_id: str) -> list[Gap]:
        """Return what is missing, in order."""
        columns = tables.recording_gaps.c
        query = select(columns.after_seq, columns.noticed_at, columns.reason)
        rows = self._connection.execute(query.where(columns.interview == interview_id).order_by(columns.id))
        return [Gap(**row._mapping) for row in rows]

    def save_segments(self, interview_id: str, segments: Sequence[Segment]) -> None:
        """Store segments of the timeline that are full, in place of those with the same numbers."""
        columns = tables.timeline.c
        numbers = [segment.number for segment in segments]
        self._connection.execute(
            delete(tables.timeline).where(columns.interview == interview_id, columns.number.in_(numbers))
        )
        rows = [
            {
                **vars(segment),
                "interview": interview_id,
                "markers": json.dumps([asdict(one) for one in segment.markers]),
            }
            for segment in segments
        ]
        self._connection.execute(insert(tables.timeline), rows)

    def segments(self, interview_id: str) -> list[Segment]:
        """Return the stored segments of the timeline in order, without their bodies."""
        columns = [column for column in tables.timeline.c if column.name not in {"interview", "body"}]
        query = select(*columns).where(tables.timeline.c.interview == interview_id)
        return [_segment(row, b"") for row in self._connection.execute(query.order_by(tables.timeline.c.number))]

    def segment(self, interview_id: str, number: int) -> Segment | None:
        """Return one stored segment of the timeline."""
        columns = tables.timeline.c
        query = select(tables.timeline).where(columns.interview == interview_id, columns.number == number)
        row = self._connection.execute(query).first()
        return None if row is None else _segment(row, row.body)


def _segment(row: Row[Any], body: bytes) -> Segment:
    markers = tuple(Marker(**one) for one in json.loads(row.markers))
    return Segment(row.number, row.first_seq, row.last_seq, row.first_at, row.last_at, markers, body)


def _packed(lines: Sequence[StoredLine]) -> dict[str, Any]:
    first = lines[0].received_at
    received = [round((line.received_at - first).total_seconds() * 1000) for line in lines]
    return {
        "first_seq": lines[0].seq,
        "last_seq": lines[-1].seq,
        "lines": zlib.compress(b"\n".join(line.line for line in lines), 9),
        "digest": lines[-1].digest,
        "received_at": first,
        "received": zlib.compress(json.dumps(received, separators=(",", ":")).encode(), 9),
    }


def _unpacked(block: Row[Any]) -> Iterator[StoredLine]:
    """Yield the lines of a block with the digests that follow from them.

    The stored digest after the last line is given instead of the one that follows: a reader who computes the chain
    notices when the two are not the same.
    """
    digest: bytes = block.before
    first: datetime = block.received_at
    received = json.loads(zlib.decompress(block.received))
    for line, after in zip(zlib.decompress(block.lines).split(b"\n"), received, strict=True):
        digest, seq = link(digest, line), Event.from_line(line).seq
        stored = block.digest if seq == block.last_seq else digest
        yield StoredLine(seq, line, stored, first + timedelta(milliseconds=after))
