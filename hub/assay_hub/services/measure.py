"""Measure how long candidates worked, from recordings, and keep it."""

from dataclasses import dataclass

from assay_hub.domain.activity import Activity, activity
from assay_hub.domain.interview import Interview
from assay_hub.ports import Clock, Database
from assay_protocol.recording import Event


@dataclass(frozen=True)
class MeasureActivity:
    """Reads recordings; what it finds is kept until there is more of the recording."""

    database: Database
    clock: Clock

    def __call__(self, interview: Interview) -> Activity:
        """Return how long the candidate of an interview worked so far."""
        with self.database.read() as records:
            kept, head = records.activity(interview.id), records.head(interview.id)
            if kept is not None and kept.seq == head.seq:
                return kept
            found = activity(interview.candidate, (Event.from_line(one.line) for one in records.lines(interview.id)))
        if not interview.is_open:
            with self.database.write() as records:
                records.save_activity(interview.id, found, self.clock.now())
        return found

    def some(self, rows: int) -> int:
        """Measure interviews that have ended and were not measured since; return how many there were."""
        with self.database.read() as records:
            interviews = [records.interview(one) for one in records.unmeasured(rows)]
        for interview in interviews:
            if interview is not None:
                found = self(interview)
                with self.database.write() as records:
                    records.save_activity(interview.id, found, self.clock.now())
        return len(interviews)
