"""Store the recording as it leaves the workspace: append-only, chained, and a gap is stored as a gap."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.ports import Clock, Database
from assay_protocol.recording import BadLineError, Event, link

MAX_RECORDING_EVENTS = 2_000_000


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
        is no event; the lines around it are kept.
        """
        now = self.clock.now()
        with self.database.write() as records:
            head = records.head(interview_id)
            fresh: list[StoredLine] = []
            for line in lines:
                try:
                    event = Event.from_line(line)
                except BadLineError as error:
                    records.add_gap(interview_id, Gap(head.seq, now, f"a line that is no event: {error}"[:500]))
                    continue
                if event.seq <= head.seq:
                    continue
                if event.seq != head.seq + 1:
                    reason = f"events {head.seq + 1} to {event.seq - 1} never arrived"
                    records.add_gap(interview_id, Gap(head.seq, now, reason))
                if event.seq > MAX_RECORDING_EVENTS:
                    records.add_gap(interview_id, Gap(head.seq, now, "more events than are kept"))
                    break
                head = Head(event.seq, link(head.digest, line))
                fresh.append(StoredLine(event.seq, line, head.digest, now))
            if fresh:
                records.append(interview_id, fresh)
        return head
