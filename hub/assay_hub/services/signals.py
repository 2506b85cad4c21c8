"""Signals: one log for the candidate and for those who look at the work, and what people say of each line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError
from assay_hub.domain.interview import Interview
from assay_hub.domain.observing import Drawn, RecordingObserver
from assay_hub.domain.recording import began
from assay_hub.domain.signal_rates import RateRow, rates
from assay_hub.domain.signals import (
    TOLD,
    Drawing,
    Judgement,
    LoggedSignal,
    ReviewedSignals,
    Signal,
    SignalKind,
    Source,
    Verdict,
    checked_reason,
    replay_moment,
    reviewed,
)
from assay_hub.domain.timeline import Segment
from assay_hub.ports import Clock, Database, Records

DRAWN_AGAIN_SECONDS = 5
"""A running recording is not looked through more often than this."""

_DRAWN_AT_ONCE = 10


@dataclass(frozen=True)
class Log:
    """The log of an interview.

    Attributes:
        observed: what is observed in it, in words for the candidate.
        names: account to name, for those whose judgements are in it.
    """

    interview: Interview
    signals: tuple[LoggedSignal, ...]
    observed: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Rates:
    """How often signals fell.

    Attributes:
        unread: interviews whose recordings have not been looked through yet.
    """

    rows: tuple[RateRow, ...]
    unread: int


@dataclass(frozen=True)
class KeepSignals:
    """Reads logs, draws them from recordings, and keeps what people say.

    Args:
        segments: returns the timeline of an interview with its bodies.
    """

    database: Database
    clock: Clock
    segments: Callable[[Interview], Iterable[Segment]]

    def told(self, interview_id: str) -> dict[SignalKind, str]:
        """Return what is observed in an interview, in the words that its candidate reads before starting."""
        with self.database.read() as records:
            interview = records.interview(interview_id)
            if interview is None:
                return {}
            kinds = records.accommodation(interview_id).observed(interview.signals)
        return {kind: words for kind, words in TOLD.items() if kind in kinds}

    def log(self, person: Person, interview_id: str) -> Log:
        """Return the log as the candidate may read it: without what people said of it.

        Raises:
            NotFoundError: no such interview for this person, or they may not see its signals.
        """
        with self.database.read() as records:
            interview = require(person, Action.SEE_SIGNALS, records.interview(interview_id))
        self._draw(interview)
        with self.database.read() as records:
            found = self._logged(records, interview, {})
        return Log(interview, found, tuple(self.told(interview_id).values()), {})

    def review(self, person: Person, interview_id: str) -> Log:
        """Return the log with every judgement; the audit log tells of the reading.

        Raises:
            NotFoundError: no such interview for this person, or they may give no verdicts in it.
        """
        now = self.clock.now()
        with self.database.write() as records:
            interview = require(person, Action.JUDGE_SIGNALS, records.interview(interview_id))
            records.log(Entry(now, person.account, Deed.READ_SIGNALS, interview_id))
        return self._review(interview)

    def judge(self, person: Person, interview_id: str, signal_id: str, verdict: str, reason: str, after: int) -> None:
        """Keep what somebody says of a signal; what was said before is kept as well.

        Args:
            person: who says it.
            interview_id: the interview.
            signal_id: the signal.
            verdict: one of the verdicts.
            reason: why.
            after: id of the judgement that the person saw; 0 for none.

        Raises:
            NotFoundError: no such interview or signal, or this person may give no verdict on it.
            BadInputError: there is no reason, or no such verdict.
            ConflictError: somebody else has given a verdict meanwhile.
        """
        now = self.clock.now()
        with self.database.write() as records:
            interview = require(person, Action.JUDGE_SIGNALS, records.interview(interview_id))
            signal = records.signal(interview_id, signal_id)
            if signal is None or signal.kind not in self._observed(records, interview):
                raise NotFoundError
            if verdict not in set(Verdict):
                raise BadInputError("Choose one of the verdicts.", fields={"verdict": "Choose one of the verdicts."})
            said = Judgement(signal_id, Verdict(verdict), checked_reason(reason), person.account, now)
            earlier = [one for one in records.judgements(interview_id) if one.signal == signal_id]
            if after != (earlier[-1].id if earlier else 0):
                raise ConflictError
            records.add_judgement(interview_id, said)
            details = {"signal": signal_id, "verdict": said.verdict.value}
            records.log(Entry(now, person.account, Deed.SIGNAL_JUDGED, interview_id, details))

    def reviewed(self, person: Person, interview_id: str) -> ReviewedSignals:
        """Return what a report may say: the signals that somebody has looked at and did not set aside.

        Raises:
            NotFoundError: no such interview for this person, or they may not read verdicts in it.
        """
        with self.database.read() as records:
            interview = require(person, Action.JUDGE_SIGNALS, records.interview(interview_id))
        found = self._review(interview)
        return reviewed(interview_id, found.signals, found.names)

    def rates(self, person: Person) -> Rates:
        """Return how often signals fell on candidates with and without accommodations.

        Recordings that nobody has looked at since their interviews ended are looked through, some at a time.

        Raises:
            NotFoundError: this person may not.
        """
        require_team(person, TeamAction.SEE_SIGNAL_RATES)
        with self.database.read() as records:
            unread = records.undrawn_interviews()
        for interview_id in unread[:_DRAWN_AT_ONCE]:
            with self.database.read() as records:
                interview = records.interview(interview_id)
            if interview is not None:
                self._draw(interview)
        with self.database.read() as records:
            return Rates(tuple(rates(records.observed_interviews())), len(unread[_DRAWN_AT_ONCE:]))

    def _review(self, interview: Interview) -> Log:
        self._draw(interview)
        with self.database.read() as records:
            said: dict[str, list[Judgement]] = {}
            for judgement in records.judgements(interview.id):
                said.setdefault(judgement.signal, []).append(judgement)
            names = records.names({judgement.account for those in said.values() for judgement in those})
            found = self._logged(records, interview, said)
        return Log(interview, found, (), names)

    def _logged(
        self, records: Records, interview: Interview, said: Mapping[str, list[Judgement]]
    ) -> tuple[LoggedSignal, ...]:
        kinds = self._observed(records, interview)
        start = began(next(records.lines(interview.id), None))
        return tuple(
            LoggedSignal(one, replay_moment(one.at, start), tuple(said.get(one.id, ())))
            for one in records.signals(interview.id)
            if one.kind in kinds
        )

    @staticmethod
    def _observed(records: Records, interview: Interview) -> frozenset[SignalKind]:
        return records.accommodation(interview.id).observed(interview.signals)

    def _draw(self, interview: Interview) -> None:
        """Bring what the recording shows up to its end, if something is new in it."""
        now, over = self.clock.now(), not interview.is_open
        with self.database.read() as records:
            head, drawing = records.head(interview.id), records.drawn(interview.id)
            kinds = self._observed(records, interview)
            start = began(next(records.lines(interview.id), None))
        if start is None or (drawing is not None and _is_fresh(drawing, head.seq, now, over=over)):
            return
        observer = RecordingObserver(interview.candidate)
        for segment in self.segments(interview) if kinds else ():
            observer.take(segment)
        fresh = [_signal(one, start) for one in observer.drawn(over=over) if one.kind in kinds]
        with self.database.write() as records:
            known = {one.id for one in records.signals(interview.id, Source.RECORDING)}
            records.save_signals(interview.id, [one for one in fresh if one.id not in known])
            records.save_drawn(interview.id, Drawing(head.seq, now, over))


def _is_fresh(drawing: Drawing, seq: int, now: datetime, *, over: bool) -> bool:
    if drawing.over == over and drawing.seq == seq:
        return True
    return not over and now - drawing.at < timedelta(seconds=DRAWN_AGAIN_SECONDS)


def _signal(drawn: Drawn, start: datetime) -> Signal:
    at = start + timedelta(milliseconds=drawn.at)
    return Signal(f"{drawn.kind}-{drawn.at}", drawn.kind, at, source=Source.RECORDING, detail=drawn.detail)
