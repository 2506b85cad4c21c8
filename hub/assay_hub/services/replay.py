"""Replay: the recording of an interview as a timeline that a player opens anywhere, while it runs and afterwards."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import Interview
from assay_hub.domain.recording import Check, Gap, began, check, exported, header
from assay_hub.domain.signals import Source, replay_moment
from assay_hub.domain.timeline import Marker, Segment, as_of, unpack
from assay_hub.ports import Artefacts, Clock, Database, Timeline
from assay_hub.services.archive import unpack as unpack_archive
from assay_protocol.recording import Event

SIGNAL = "signal"
"""The kind of a moment that a signal from the room is; its words are in its detail."""

_KEPT_BUILDERS = 16


@dataclass(frozen=True)
class Opened:
    """What a player needs before it shows the first frame.

    Attributes:
        segments: all of them in order, without bodies; the last one grows while the interview runs.
        names: account to name.
        gaps: where the recording is not whole.
        running: whether more may come.
        observed: what the room's page told of the candidate, as moments with their words.
    """

    interview: Interview
    segments: tuple[Segment, ...]
    names: Mapping[str, str]
    gaps: tuple[Gap, ...]
    running: bool
    observed: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Whether the end of a replay is what was handed in.

    Attributes:
        compared: notebooks that are in both.
        differing: notebooks whose sources are not the same.
    """

    compared: tuple[str, ...]
    differing: tuple[str, ...]


class ReplayInterviews:
    """Opens recordings.

    Args:
        database: has recordings and timelines.
        artefacts: has submissions.
        clock: the server's.
        timeline: begins the timeline of a recording.
        max_bytes: of a submission, unpacked.
    """

    def __init__(
        self, database: Database, artefacts: Artefacts, clock: Clock, timeline: Callable[[], Timeline], max_bytes: int
    ) -> None:
        self._database = database
        self._artefacts = artefacts
        self._clock = clock
        self._timeline = timeline
        self._max_bytes = max_bytes
        self._growing: OrderedDict[str, Timeline] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, person: Person, interview_id: str) -> Opened:
        """Return the timeline without its bodies; the audit log tells of the reading."""
        with self._database.write() as records:
            interview = require(person, Action.SEE_RECORDING, records.interview(interview_id))
            records.log(Entry(self._clock.now(), person.account, Deed.READ_RECORDING, interview_id))
        return self._opened(interview)

    def follow(self, person: Person, interview_id: str) -> Opened:
        """Return the timeline as it is now, for a player that has it open."""
        with self._database.read() as records:
            interview = require(person, Action.SEE_RECORDING, records.interview(interview_id))
        return self._opened(interview)

    def _opened(self, interview: Interview) -> Opened:
        segments = self._brought_up(interview)
        with self._database.read() as records:
            accounts = {marker.account for segment in segments for marker in segment.markers if marker.account}
            accounts |= {*interview.interviewers, *interview.observers, interview.candidate}
            names = {**records.names(accounts), interview.candidate: interview.candidate_name}
            gaps = tuple(records.gaps(interview.id))
            kinds = records.accommodation(interview.id).observed(interview.signals)
            told = [one for one in records.signals(interview.id, Source.ROOM) if one.kind in kinds]
            start = began(next(records.lines(interview.id), None)) if told else None
        observed = tuple(
            Marker(replay_moment(one.at, start) or 0, SIGNAL, interview.candidate, "", {"words": one.words})
            for one in told
        )
        return Opened(interview, tuple(segments), names, gaps, interview.is_open, observed)

    def segment(self, person: Person, interview_id: str, number: int) -> Segment:
        """Return one segment with its body.

        Raises:
            NotFoundError: no such interview for this person, or no such segment.
        """
        with self._database.read() as records:
            require(person, Action.SEE_RECORDING, records.interview(interview_id))
            stored = records.segment(interview_id, number)
        if stored is not None:
            return stored
        with self._lock:
            growing = self._growing.get(interview_id)
            last = growing.segment() if growing is not None else None
        if last is None or last.number != number:
            raise NotFoundError
        return last

    def whole(self, interview: Interview) -> Iterator[Segment]:
        """Yield every segment of an interview with its body, as far as the recording goes now."""
        for one in self._brought_up(interview):
            with self._database.read() as records:
                stored = records.segment(interview.id, one.number)
            yield one if stored is None else stored

    def compare(self, person: Person, interview_id: str) -> Comparison | None:
        """Compare the end of the replay with the submission; ``None`` before there is one."""
        with self._database.read() as records:
            interview = require(person, Action.SEE_RECORDING, records.interview(interview_id))
            submission = records.submission(interview_id)
        segments = [] if submission is None or interview.is_open else self._brought_up(interview)
        if submission is None or not segments:
            return None
        frame = as_of(unpack(self.segment(person, interview_id, segments[-1].number).body), segments[-1].last_at)
        handed_in = unpack_archive(self._artefacts.get(submission.artefact), self._max_bytes)
        both = sorted(path for path in set(frame) & set(handed_in) if path.endswith(".ipynb"))
        differing = [path for path in both if [cell[2] for cell in frame[path]] != _sources(handed_in[path])]
        return Comparison(tuple(both), tuple(differing))

    def check(self, person: Person, interview_id: str, at: int = 0) -> Check:
        """Read the whole recording and say whether anything was changed or is missing.

        Args:
            person: who asks.
            interview_id: the interview.
            at: an event whose digest is wanted; 0 for none.
        """
        with self._database.read() as records:
            require(person, Action.SEE_RECORDING, records.interview(interview_id))
            return check(interview_id, records.lines(interview_id), at)

    def export(self, person: Person, interview_id: str) -> Iterator[bytes]:
        """Return the raw recording, a line for each event, see ``exported``."""
        with self._database.write() as records:
            require(person, Action.SEE_RECORDING, records.interview(interview_id))
            records.log(Entry(self._clock.now(), person.account, Deed.EXPORTED, interview_id, {"what": "recording"}))
        return self._exported(interview_id)

    def _exported(self, interview_id: str) -> Iterator[bytes]:
        yield header(interview_id)
        with self._database.read() as records:
            for line in records.lines(interview_id):
                yield exported(line)

    def _brought_up(self, interview: Interview) -> list[Segment]:
        """Bring the timeline to the end of the recording; full segments are stored, the last one once all is over."""
        with self._lock:
            with self._database.read() as records:
                stored, head = records.segments(interview.id), records.head(interview.id)
                if head.seq == 0 or (stored and stored[-1].last_seq == head.seq):
                    return stored
                growing = self._growing.pop(interview.id, None)
                if growing is None:
                    growing, stored = self._timeline(), []
                fresh = [
                    segment
                    for line in records.lines(interview.id, after=growing.seq)
                    for segment in growing.take(Event.from_line(line.line))
                ]
            last = growing.segment()
            if interview.is_open:
                self._growing[interview.id] = growing
                while len(self._growing) > _KEPT_BUILDERS:
                    self._growing.popitem(last=False)
                kept = fresh
            else:
                kept = [*fresh, last]
            if kept:
                with self._database.write() as records:
                    records.save_segments(interview.id, kept)
            return [*(one for one in stored if one.number < last.number - len(fresh)), *fresh, last]


def _sources(notebook: bytes) -> list[str] | None:
    """Return the source of each cell of a notebook; ``None`` when it is none, as candidates may hand in anything."""
    try:
        return ["".join(cell.get("source", "")) for cell in json.loads(notebook)["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
