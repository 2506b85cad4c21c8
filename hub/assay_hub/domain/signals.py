"""Signals: what was observed around somebody's work, in words without a verdict, and what people say of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from assay_hub.domain.errors import BadInputError

MAX_OF_A_KIND = 200
"""More signals of one kind are not kept: a page can be made to report without end."""

REASON_CHARACTERS = 2000


class Level(StrEnum):
    """How much is observed. A stored name is never renamed."""

    NONE = "none"
    LIGHT = "light"
    FULL = "full"


class SignalKind(StrEnum):
    """What is observed. A stored name is never renamed."""

    LEFT = "left"
    DISCONNECTED = "disconnected"
    SECOND = "second"
    PASTED = "pasted"
    INSERTED = "inserted"
    TASK_COPIED = "task-copied"
    RHYTHM = "rhythm"


class Source(StrEnum):
    """Where a signal comes from. A stored name is never renamed."""

    ROOM = "room"
    RECORDING = "recording"


_LIGHT = frozenset(
    {SignalKind.LEFT, SignalKind.DISCONNECTED, SignalKind.SECOND, SignalKind.PASTED, SignalKind.INSERTED}
)
OF_LEVEL: Mapping[Level, frozenset[SignalKind]] = {
    Level.NONE: frozenset(),
    Level.LIGHT: _LIGHT,
    Level.FULL: frozenset(SignalKind),
}

TOLD: Mapping[SignalKind, str] = {
    SignalKind.LEFT: "when this page or its window is left for more than a second, and when you come back",
    SignalKind.DISCONNECTED: "when your page loses its connection, and for how long",
    SignalKind.SECOND: "when the room is open in a second page for more than 20 seconds",
    SignalKind.PASTED: "when something from outside the notebook is pasted: how long it is",
    SignalKind.INSERTED: "when 80 or more characters appear in the notebook at once without being pasted: how many",
    SignalKind.TASK_COPIED: "when 20 or more characters of the task are copied: how many",
    SignalKind.RHYTHM: "when the time between your key presses becomes half or double of what it was before",
}
"""What is observed, as the candidate reads it before starting."""


_REPORTED_FOR: Mapping[SignalKind, frozenset[str]] = {
    SignalKind.LEFT: frozenset({"hidden", "visible", "focus", "blur", "idle", "fullscreen"}),
    SignalKind.PASTED: frozenset({"paste", "copy", "cut", "drop"}),
    # Without the claims of pastes every paste would be text that came at once.
    SignalKind.INSERTED: frozenset({"paste", "copy", "cut", "drop", "insert"}),
}


def unreported(observed: frozenset[SignalKind]) -> frozenset[str]:
    """Return what pages of the workspace report and nobody records when only this is observed: names of reports."""
    needed = frozenset[str]().union(*(_REPORTED_FOR.get(kind, frozenset()) for kind in observed))
    return frozenset[str]().union(*_REPORTED_FOR.values()) - needed


@dataclass(frozen=True)
class Signal:
    """One observation of a candidate.

    Attributes:
        id: names it within its interview: lower-case letters, digits and hyphens.
        at: when it began, by the server's clock; for the recording's, by the workspace's.
        until: when it was over; ``None`` for what takes no time, and for what was not seen to end.
        detail: figures for its words.
    """

    id: str
    kind: SignalKind
    at: datetime
    until: datetime | None = None
    source: Source = Source.ROOM
    detail: Mapping[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What was observed, the same for everybody who may read it."""
        return _SAID[self.kind].format(length=_for(self.at, self.until), **{**_UNKNOWN, **self.detail})


_UNKNOWN: Mapping[str, object] = {"chars": "?", "keys": "?", "now_ms": "?", "before_ms": "?"}
_SAID: Mapping[SignalKind, str] = {
    SignalKind.LEFT: "left the page{length}",
    SignalKind.DISCONNECTED: "lost the connection{length}",
    SignalKind.SECOND: "had the room open in a second page{length}",
    SignalKind.PASTED: "pasted {chars} characters from outside the notebook",
    SignalKind.INSERTED: "{chars} characters appeared at once, without being pasted",
    SignalKind.TASK_COPIED: "copied {chars} characters of the task",
    SignalKind.RHYTHM: "typed {keys} keys with {now_ms} ms between two of them, before it was {before_ms} ms (medians)",
}


def _for(at: datetime, until: datetime | None) -> str:
    if until is None:
        return ""
    seconds = max(1, round((until - at) / timedelta(seconds=1)))
    minutes, rest = divmod(seconds, 60)
    return f" for {minutes}:{rest:02d} minutes" if minutes else f" for {seconds} second{'' if seconds == 1 else 's'}"


def replay_moment(at: datetime, began: datetime | None) -> int | None:
    """Return where in a replay a moment is, in milliseconds; ``None`` without a recording.

    Args:
        at: the moment.
        began: when the recording began.
    """
    return None if began is None else max(0, round((at - began) / timedelta(milliseconds=1)))


def in_order(signals: Iterable[Signal]) -> list[Signal]:
    """Return signals as they happened."""
    return sorted(signals, key=lambda one: (one.at, one.id))


@dataclass(frozen=True)
class Drawing:
    """How far signals were drawn from a recording.

    Attributes:
        seq: number of the last event that was taken.
        over: whether the interview was over, so that nothing more comes.
    """

    seq: int
    at: datetime
    over: bool


class Verdict(StrEnum):
    """What a person says of a signal. A stored name is never renamed."""

    EXPLAINED = "explained"
    CONCERNING = "concerning"
    IGNORE = "ignore"


REPORTED = frozenset({Verdict.EXPLAINED, Verdict.CONCERNING})
"""Verdicts with which a signal stands in a report; what is to be ignored does not."""


@dataclass(frozen=True)
class Judgement:
    """What somebody said of a signal.

    Attributes:
        id: rises with every judgement; 0 before it is stored.
        signal: id of the signal.
        account: who said it.
    """

    signal: str
    verdict: Verdict
    reason: str
    account: str
    at: datetime
    id: int = 0


def checked_reason(reason: str) -> str:
    """Return the reason of a verdict, tidied.

    Raises:
        BadInputError: there is none, or it is too long.
    """
    tidy = reason.replace("\r\n", "\n").strip()
    broken = any(character == "\0" or "\ud800" <= character <= "\udfff" for character in tidy)
    if not tidy or broken or len(tidy) > REASON_CHARACTERS:
        why = "Say in a few words why." if not tidy else f"At most {REASON_CHARACTERS} characters are kept."
        raise BadInputError("A verdict needs a reason.", why, fields={"reason": why})
    return tidy


@dataclass(frozen=True)
class LoggedSignal:
    """A signal with what people said of it.

    Attributes:
        replay_at: where in the replay it is, in milliseconds; ``None`` without a recording.
        judgements: the first comes first; the last one counts.
    """

    signal: Signal
    replay_at: int | None
    judgements: tuple[Judgement, ...] = ()

    @property
    def judgement(self) -> Judgement | None:
        """The one that counts; ``None`` until somebody gave a verdict."""
        return self.judgements[-1] if self.judgements else None


@dataclass(frozen=True)
class ReviewedSignal:
    """A signal as a report shows it.

    Attributes:
        replay_at: where in the replay it is, in milliseconds; ``None`` without a recording.
        judged_by: name of the person whose verdict it is.
    """

    kind: SignalKind
    at: datetime
    words: str
    replay_at: int | None
    verdict: Verdict
    reason: str
    judged_by: str
    judged_at: datetime


@dataclass(frozen=True)
class ReviewedSignals:
    """What a report may say of the signals of an interview; nowhere is it one number."""

    interview: str
    signals: tuple[ReviewedSignal, ...]


def reviewed(interview_id: str, log: Iterable[LoggedSignal], names: Mapping[str, str]) -> ReviewedSignals:
    """Return the signals that a person has looked at and did not set aside."""
    shown = [(one, one.judgement) for one in log]
    return ReviewedSignals(
        interview_id,
        tuple(
            ReviewedSignal(
                kind=one.signal.kind,
                at=one.signal.at,
                words=one.signal.words,
                replay_at=one.replay_at,
                verdict=last.verdict,
                reason=last.reason,
                judged_by=names.get(last.account, last.account),
                judged_at=last.at,
            )
            for one, last in shown
            if last is not None and last.verdict in REPORTED
        ),
    )
