"""Observe: what the room's pages of a candidate tell of it while an interview is live."""

from dataclasses import dataclass, replace
from datetime import datetime

from assay_hub.domain.attendance import Spell
from assay_hub.domain.interview import State
from assay_hub.domain.signals import MAX_OF_A_KIND, Signal, SignalKind, Source
from assay_hub.ports import Clock, Database, Records

COPIED_CHARACTERS = 20
_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class ObserveRoom:
    """Stores what happens in a room, as far as it is observed in that interview; the times are the server's."""

    database: Database
    clock: Clock

    def now(self) -> datetime:
        """Return the time."""
        return self.clock.now()

    def spell(self, interview_id: str, spell: Spell) -> None:
        """Store that a spell began, or that it is over."""
        self._store(interview_id, Signal(_id(spell.kind, spell.at), spell.kind, spell.at, spell.until))

    def copied(self, interview_id: str, chars: int) -> None:
        """Store that text of the task was copied; shorter pieces are not worth a word."""
        if chars >= COPIED_CHARACTERS:
            now = self.clock.now()
            detail = {"chars": min(chars, _MOST_CHARACTERS)}
            self._store(
                interview_id, Signal(_id(SignalKind.TASK_COPIED, now), SignalKind.TASK_COPIED, now, detail=detail)
            )

    def found(self, interview_id: str) -> None:
        """Store that a candidate is there of whom nobody knew it: the service may have been away as well."""
        now = self.clock.now()
        with self.database.write() as records:
            lasting = [
                one
                for one in records.signals(interview_id, Source.ROOM)
                if one.until is None and one.kind in {SignalKind.LEFT, SignalKind.DISCONNECTED}
            ]
            records.save_signals(interview_id, [replace(one, until=now) for one in lasting])

    def _store(self, interview_id: str, signal: Signal) -> None:
        with self.database.write() as records:
            if self._wanted(records, interview_id, signal):
                records.save_signals(interview_id, [signal])

    def _wanted(self, records: Records, interview_id: str, signal: Signal) -> bool:
        interview = records.interview(interview_id)
        if interview is None:
            return False
        if signal.kind not in records.accommodation(interview_id).observed(interview.signals):
            return False
        if records.signal(interview_id, signal.id) is not None:
            return signal.until is not None  # what began before the end of the interview may be over after it
        if interview.state is not State.LIVE:
            return False
        of_its_kind = [one for one in records.signals(interview_id, Source.ROOM) if one.kind is signal.kind]
        return len(of_its_kind) < MAX_OF_A_KIND


def _id(kind: SignalKind, at: datetime) -> str:
    return f"{kind}-r{round(1000 * at.timestamp())}"
