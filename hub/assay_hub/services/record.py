"""Store the recording as it leaves the workspace: append-only, chained, and a gap is stored as a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.ports import Clock, Database, Records
from assay_protocol.recording import MAX_EVENTS, BadLineError, Event, link

MAX_GAPS = 1000
"""Of one recording; so many say all there is to say."""

CLOCK_SECONDS = 60.0
"""So far a workspace's clock may be ahead of the service's before it is noted."""


@dataclass(frozen=True)
class StoreRecording:
    """Appends what a workspace sends to the stored recording."""

    database: Database
    clock: Clock

    def head(self, interview_id: str) -> Head:
        """Return where the stored recording ends, and so what to ask the workspace for."""
        with self.database.read() as records:
            return records.head(interview_id)

    def __call__(self, interview_id: str, lines: Sequence[bytes]) -> Head:
        r"""Append the lines (each without its ``\n``) that follow the head, and return the new head.

        A line that was stored before is passed over. A jump in the numbers is stored as a gap, and so is a line that
        is no event; the lines around it are kept. An event whose time is still to come is kept, and its claim noted.
        """
        now = self.clock.now()
        with self.database.write() as records:
            head = records.head(interview_id)
            gaps = _Gaps(records, interview_id, now)
            fresh: list[StoredLine] = []
            for line in lines:
                try:
                    event = Event.from_line(line)
                except BadLineError as error:
                    gaps.add(head.seq, f"a line that is no event: {error}")
                    continue
                if event.seq <= head.seq:
                    continue
                if event.seq > MAX_EVENTS:
                    gaps.add(head.seq, "more events than are kept")
                    break
                if event.seq != head.seq + 1:
                    gaps.add(head.seq, f"events {head.seq + 1} to {event.seq - 1} never arrived")
                if event.at > now.timestamp() + CLOCK_SECONDS:
                    gaps.add(head.seq, "from here on the workspace's clock is ahead of the service's", once=True)
                head = Head(event.seq, link(head.digest, line))
                fresh.append(StoredLine(event.seq, line, head.digest, now))
            if fresh:
                records.append(interview_id, fresh)
        return head

    def cut(self, interview_id: str) -> Head:
        """Store that the workspace's own copy ends before what is stored, and return the head to go on after.

        After a power cut, or when somebody cut it. What is stored here stands.
        """
        with self.database.write() as records:
            head = records.head(interview_id)
            reason = f"the workspace's own copy ended before event {head.seq}; what was stored here until then stands"
            _Gaps(records, interview_id, self.clock.now()).add(head.seq, reason)
        return head


class _Gaps:
    """The gaps of one recording: at one place each reason stands once, so a workspace cannot fill the database."""

    def __init__(self, records: Records, interview_id: str, now: datetime) -> None:
        self._records = records
        self._interview_id = interview_id
        self._now = now
        self._known: set[tuple[int, str]] | None = None

    def add(self, after: int, reason: str, *, once: bool = False) -> None:
        """Store a gap after an event; with ``once`` only when no other place of the recording has its reason."""
        if self._known is None:
            self._known = {(gap.after_seq, gap.reason) for gap in self._records.gaps(self._interview_id)}
        place = after, reason[:500]
        known = any(place[1] == other for _, other in self._known) if once else place in self._known
        if not known and len(self._known) < MAX_GAPS:
            self._known.add(place)
            self._records.add_gap(self._interview_id, Gap(after, self._now, place[1]))
