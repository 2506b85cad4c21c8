"""Analyse what was handed in, once it is graded, and show it to those who may see its result."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from assay_hub.domain.access import Action, Person, Role, may, require, role_of, seen_by
from assay_hub.domain.analysis import MAX_MOMENTS, Analysed, Analysis, AnalysisState, Frame, Runs, analysed_of
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import NotFoundError, WrongStateError
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.result import CellResult, Grade
from assay_hub.domain.similarity import SimilarPair, Verdict
from assay_hub.domain.timeline import Marker, Segment, as_of, unpack
from assay_hub.ports import Artefacts, Clock, Database, Records, Timeline
from assay_hub.ports.analysis import Analyser
from assay_hub.services.archive import unpack as unpack_archive
from assay_hub.services.ids import new_id
from assay_protocol.recording import Event, Kind

_log = logging.getLogger(__name__)

MOST_COMPARED = 2_000
"""With how many earlier submissions of a question a new one is compared."""

_FAILED = "The analysis itself failed; the hub's log says why. It can be asked for again."
_SHOWN_FAILURES = 10
_RUNS = frozenset({Kind.RUN_STARTED.value, Kind.RUN_FINISHED.value})


@dataclass(frozen=True)
class Pair:
    """A pair with another interview, for somebody who may see both.

    Attributes:
        other: the other interview.
    """

    pair: SimilarPair
    other: Interview
    share: float
    other_share: float


@dataclass(frozen=True)
class AnalysedQuestion:
    """The analysis of one question, with what tests say of it.

    Attributes:
        analysis: where it stands; ``None`` before it was begun.
        found: what came out; ``None`` until there is something.
        covered: each test with what it covers, in its author's words.
        pairs: submissions with code in common, of which this person may see both interviews.
    """

    question: QuestionRef
    analysis: Analysis | None
    found: Analysed | None
    grade: Grade | None
    covered: tuple[tuple[CellResult, str], ...]
    pairs: tuple[Pair, ...]

    @property
    def reviewed(self) -> list[Pair]:
        """The pairs that a report may show: a person has said what they make of them, and not to ignore them."""
        return [one for one in self.pairs if one.pair.verdict in {Verdict.EXPLAINED, Verdict.CONCERNING}]


@dataclass(frozen=True)
class AnalysisView:
    """The analysis of an interview's submission, for one person.

    Attributes:
        replays: whether they may see the recording that moments lead to.
    """

    interview: Interview
    submitted: bool
    questions: tuple[AnalysedQuestion, ...]
    replays: bool

    @property
    def waiting(self) -> bool:
        """Whether something is still to come by itself."""
        ahead = {None, AnalysisState.QUEUED, AnalysisState.RUNNING}
        return self.submitted and any((one.analysis and one.analysis.state) in ahead for one in self.questions)


@dataclass(frozen=True)
class AnalyseSubmissions:
    """Works off what waits to be analysed, and shows it.

    Args:
        timeline: begins the timeline of a recording.
        max_bytes: of a submission, unpacked.
    """

    database: Database
    artefacts: Artefacts
    analyser: Analyser
    clock: Clock
    timeline: Callable[[], Timeline]
    max_bytes: int

    def resume(self) -> int:
        """Queue again what a worker that died left half done; return how many."""
        with self.database.write() as records:
            return records.requeue_running_analyses()

    def work(self) -> bool:
        """Analyse one question; return whether there was one.

        A failure of the analysis itself is kept as such; the queue goes on.
        """
        with self.database.write() as records:
            taken = records.take_analysis()
            if taken is None:
                return False
            interview = records.interview(taken.interview)
            submission = records.submission(taken.interview)
        if interview is None or submission is None:
            raise LookupError(f"analysis of {taken.interview} has no submission")
        try:
            files = unpack_archive(self.artefacts.get(submission.artefact), self.max_bytes)
            done = self._analyse(interview, taken, files)
        except Exception:  # noqa: BLE001  # the edge of the worker: one bad submission must not stop the queue
            _log.exception("Analysis of %s, question %s, failed", taken.interview, taken.question)
            done = replace(taken, state=AnalysisState.FAILED, message=_FAILED)
        with self.database.write() as records:
            records.save_analysis(replace(done, finished_at=self.clock.now()))
        return True

    def of(self, person: Person, interview_id: str) -> AnalysisView:
        """Return the analysis of an interview; the audit log tells of the reading.

        Raises:
            NotFoundError: there is no such interview, or this person may not see its result.
            WrongStateError: the person reviews it and has still to score, alone.
        """
        with self.database.write() as records:
            interview = require(person, Action.SEE_RESULT, records.interview(interview_id))
            require_scored(records, person, interview)
            records.log(Entry(self.clock.now(), person.account, Deed.READ_ANALYSIS, interview_id))
            known = {one.question: one for one in records.analyses(interview_id)}
            grades = {one.question: one for one in records.grades(interview_id)}
            pairs = self._pairs(records, person, interview_id)
            submitted = records.submission(interview_id) is not None
        asked = [
            self._question(ref, known.get(ref.id), grades.get(ref.id), pairs)
            for ref in interview.questions
            if not submitted or ref.id in grades
        ]
        return AnalysisView(interview, submitted, tuple(asked), may(person, Action.SEE_RECORDING, interview))

    def again(self, person: Person, interview_id: str) -> None:
        """Ask for the analysis of an interview again.

        Raises:
            NotFoundError: there is no such interview, or this person may not see its result.
        """
        with self.database.write() as records:
            require_scored(records, person, require(person, Action.SEE_RESULT, records.interview(interview_id)))
            records.log(Entry(self.clock.now(), person.account, Deed.READ_ANALYSIS, interview_id, {"again": True}))
            for one in records.analyses(interview_id):
                if one.state in {AnalysisState.DONE, AnalysisState.FAILED}:
                    records.save_analysis(replace(one, state=AnalysisState.QUEUED, message=""))

    def _question(
        self, ref: QuestionRef, analysis: Analysis | None, grade: Grade | None, pairs: Sequence[Pair]
    ) -> AnalysedQuestion:
        found = None
        if analysis is not None and analysis.artefact:
            found = analysed_of(json.loads(self.artefacts.get(analysis.artefact)))
        abouts = found.abouts if found else {}
        cells = grade.cells if grade else ()
        covered = tuple((cell, abouts[cell.grade_id]) for cell in cells if cell.grade_id in abouts)
        here = tuple(one for one in pairs if one.pair.question == ref.id)
        return AnalysedQuestion(ref, analysis, found, grade, covered, here)

    @staticmethod
    def _pairs(records: Records, person: Person, interview_id: str) -> list[Pair]:
        """Return the pairs of an interview with others that this person may see as well."""
        found = []
        for pair in records.similar_pairs("", work=interview_id):
            other = records.interview(pair.other(interview_id))
            if other is not None and may(person, Action.SEE_RESULT, other):
                found.append(Pair(pair, seen_by(person, other), pair.share_of(interview_id), pair.share_of(other.id)))
        return found

    def _analyse(self, interview: Interview, taken: Analysis, files: Mapping[str, bytes]) -> Analysis:
        ref = next((ref for ref in interview.questions if ref.id == taken.question), None)
        if ref is None:
            raise NotFoundError
        segments = self._segments(interview)
        markers = _placed([marker for segment in segments for marker in segment.markers], segments)
        body = self.analyser.analyse(ref, files, _frames(segments, markers, ref.notebook))
        typed_at = _typed_at(segments, ref.notebook, interview.candidate)
        runs = runs_of(markers, ref.notebook, interview.candidate, typed_at)
        body |= {"runs": asdict(runs), "recorded": bool(markers)}
        analysed_of(body)  # nothing is kept that cannot be shown
        content = json.dumps(body, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        self._compare(taken, ref, files)
        return replace(taken, state=AnalysisState.DONE, artefact=self.artefacts.put(content))

    def _segments(self, interview: Interview) -> list[Segment]:
        timeline = self.timeline()
        with self.database.read() as records:
            full = list(_taken(timeline, (line.line for line in records.lines(interview.id))))
        return [*full, timeline.segment()] if timeline.seq else full

    def _compare(self, taken: Analysis, ref: QuestionRef, files: Mapping[str, bytes]) -> None:
        """Compare a submission with the others of the same question, and keep what is much alike."""
        prints = self.analyser.prints(ref, self.analyser.code(ref, files))
        with self.database.write() as records:
            records.save_code_prints(taken.interview, ref.id, taken.submission, prints)
            others = records.code_prints(ref.id, MOST_COMPARED)
        numbers = {name: number for name, (number, _) in others.items()} | {taken.interview: taken.submission}
        works = {name: kept for name, (_, kept) in others.items()} | {taken.interview: prints}
        now = self.clock.now()
        pairs = [
            SimilarPair(
                new_id(),
                "",
                ref.id,
                one.first,
                one.second,
                one.first_share,
                one.second_share,
                now,
                f"{numbers[one.first]} {numbers[one.second]}",
            )
            for one in self.analyser.alike(works, taken.interview)
        ]
        with self.database.write() as records:
            records.replace_similar_pairs("", ref.id, pairs, works, taken.interview)


def require_scored(records: Records, person: Person, interview: Interview) -> None:
    """Refuse what a machine says of a submission to a reviewer who has not locked a score card yet.

    Raises:
        WrongStateError: the person reviews it and has still to score, alone.
    """
    if role_of(person, interview) is Role.REVIEWER:
        card = records.card(interview.id, person.account)
        if card is None or card.locked_at is None:
            raise WrongStateError("Score first.", "What is read off the code is shown once your score card is locked.")


def _frames(segments: Sequence[Segment], markers: Sequence[Marker], document: str) -> list[Frame]:
    """Return a notebook at up to twenty of its runs."""
    runs = [one for one in markers if one.kind == Kind.RUN_FINISHED.value and one.document == document]
    frames: list[Frame] = []
    for marker in _sampled(runs):
        segment = next((one for one in reversed(segments) if one.first_at <= marker.at), segments[0])
        cells = as_of(unpack(segment.body), marker.at).get(document, [])
        ended = "ok" if marker.detail.get("status") == "ok" else str(marker.detail.get("error") or "an error")
        frames.append(Frame(marker.at, ended, tuple((str(cell[0]), str(cell[1]), cell[2]) for cell in cells)))
    return frames


def _placed(markers: Sequence[Marker], segments: Sequence[Segment]) -> list[Marker]:
    """Return markers with the notebook of each run, of which a recording names the cell alone."""
    where: dict[str, str] = {}
    for segment in segments:
        body = unpack(segment.body)
        shown = [*body["frame"].items(), *((step[3], step[4]) for step in body["steps"] if step[1] == "cells")]
        for document, cells in shown:
            for cell in cells:
                where.setdefault(cell[0], document)
    return [
        replace(one, document=where.get(str(one.detail.get("cell", "")), "")) if one.kind in _RUNS else one
        for one in markers
    ]


def _typed_at(segments: Sequence[Segment], document: str, candidate: str) -> int | None:
    """Return when somebody first changed a notebook."""
    for segment in segments:
        for at, _, account, where, *_ in unpack(segment.body)["steps"]:
            if (account, where) == (candidate, document):
                return int(at)
    return None


def runs_of(markers: Sequence[Marker], document: str, candidate: str, typed_at: int | None = None) -> Runs:
    """Return what a recording tells of the runs in a notebook.

    Args:
        markers: the moments of the recording.
        document: the notebook.
        candidate: whose runs are counted apart.
        typed_at: when the candidate first changed it.
    """
    own = [one for one in markers if one.document == document and one.account == candidate]
    ran = [one for one in own if one.kind == Kind.RUN_FINISHED.value]
    failed = [one for one in ran if one.detail.get("status") == "error"]
    others = [one for one in markers if one.document == document and one.kind == Kind.RUN_FINISHED.value]
    started = [one.at for one in own if one.kind in {Kind.RUN_STARTED.value, Kind.RUN_FINISHED.value}]
    return Runs(
        opened_at=min([one.at for one in own] + ([] if typed_at is None else [typed_at]), default=None),
        first_at=min(started, default=None),
        runs=len(ran),
        failed=len(failed),
        others=len(others) - len(ran),
        moments_of_failed=tuple(one.at for one in failed[:_SHOWN_FAILURES]),
    )


def _sampled(runs: Sequence[Marker]) -> list[Marker]:
    """Return at most twenty of them, the first and the last included."""
    if len(runs) <= MAX_MOMENTS:
        return list(runs)
    return [runs[place * (len(runs) - 1) // (MAX_MOMENTS - 1)] for place in range(MAX_MOMENTS)]


def _taken(timeline: Timeline, lines: Iterator[bytes]) -> Iterator[Segment]:
    for line in lines:
        yield from timeline.take(Event.from_line(line))
