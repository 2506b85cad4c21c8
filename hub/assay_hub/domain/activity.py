"""How long a candidate worked, and on what, as the recording tells.

Work is what an authenticated connection of the candidate did: edits, runs, changes of files, coming in. What a page
only claims, such as being looked at, does not count. Two moments of work with a longer pause between them than the idle
bound have no work between them; a shorter pause is work on the notebook of the later moment, because a task is read
before it is answered. A run does not say in which notebook it was: it counts for the one that was edited last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assay_protocol.recording import Event, Kind

IDLE_MS = 120_000
"""A longer pause than this between two moments of work does not count as active."""

_WORK = frozenset({Kind.EDIT, Kind.RUN_STARTED, Kind.RUN_FINISHED, Kind.FILE, Kind.JOINED})


@dataclass(frozen=True)
class Spent:
    """Time spent, in milliseconds.

    Attributes:
        active: without pauses that are longer than the idle bound.
        first: first moment of work, since the recording's start.
        last: last moment of work.
    """

    active: int = 0
    first: int = 0
    last: int = 0

    @property
    def wall(self) -> int:
        """From the first moment of work to the last, pauses included."""
        return self.last - self.first


@dataclass(frozen=True)
class Landmark:
    """A moment worth a look, with its place in the replay.

    Attributes:
        at: milliseconds since the recording's start, as in the replay.
        what: ``first-edit``, ``first-run``, ``first-success`` or ``last-edit``. A stored name is never renamed.
    """

    at: int
    document: str
    what: str


@dataclass(frozen=True)
class Activity:
    """What a recording tells of the candidate's time.

    Attributes:
        seq: the last event that it takes account of.
        whole: over everything.
        documents: by the path of a notebook.
        landmarks: in order of time.
    """

    seq: int = 0
    whole: Spent = Spent()
    documents: Mapping[str, Spent] = field(default_factory=dict)
    landmarks: tuple[Landmark, ...] = ()


def activity(candidate: str, events: Iterable[Event]) -> Activity:
    """Read a recording, or what there is of it.

    Args:
        candidate: hub account of the candidate.
        events: from the recording's start; the workspace's clock may run backwards, the result's never does.
    """
    measured = _Measured()
    start: float | None = None
    at = seq = 0
    for event in events:
        start = event.at if start is None else start
        at, seq = max(at, round(1000 * (event.at - start))), event.seq
        if event.account == candidate and event.kind in _WORK:
            measured.take(at, event)
    return measured.result(seq)


class _Measured:
    def __init__(self) -> None:
        self._whole = Spent()
        self._documents: dict[str, Spent] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._edited: dict[str, int] = {}
        self._document = ""
        self._begun = False

    def take(self, at: int, event: Event) -> None:
        pause = at - self._whole.last if self._begun else 0
        worked = pause if pause <= IDLE_MS else 0
        first = self._whole.first if self._begun else at
        self._whole, self._begun = Spent(self._whole.active + worked, first, at), True
        if event.kind is Kind.EDIT:
            self._document = event.document
            self._edited[event.document] = at
        if not self._document:
            return
        before = self._documents.get(self._document, Spent(0, at, at))
        self._documents[self._document] = Spent(before.active + worked, before.first, at)
        for what in _landmarks(event):
            self._first.setdefault((self._document, what), at)

    def result(self, seq: int) -> Activity:
        found = [Landmark(at, document, what) for (document, what), at in self._first.items()]
        found += [Landmark(at, document, "last-edit") for document, at in self._edited.items()]
        ordered = tuple(sorted(found, key=lambda one: (one.at, one.document, one.what)))
        return Activity(seq, self._whole, self._documents, ordered)


def _landmarks(event: Event) -> Iterable[str]:
    if event.kind is Kind.EDIT:
        yield "first-edit"
    elif event.kind is Kind.RUN_STARTED:
        yield "first-run"
    elif event.kind is Kind.RUN_FINISHED and event.detail.get("status") == "ok":
        yield "first-success"
