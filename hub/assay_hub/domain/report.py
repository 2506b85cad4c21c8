"""The report of an interview: what a team looks at before it decides, with its sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_hub.domain.activity import Activity, Landmark, Spent
from assay_hub.domain.decision import Decision
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.performance import CohortComparison, Comparison, asked_of, performance, points_of
from assay_hub.domain.position import Position
from assay_hub.domain.result import Grade, GradingState, Submission

FORMAT = "assay-report-1"
"""Name and version of the exported form; a later one may add members, and takes none away."""


@dataclass(frozen=True)
class TestLine:
    """A test in the author's words: what it covers, never what it is or what it said.

    Attributes:
        points: ``None`` when a person has to give them.
    """

    title: str
    points: float | None
    max_points: float
    verdict: str


@dataclass(frozen=True)
class QuestionReport:
    """One question of a report.

    Attributes:
        state: of its grading; ``None`` when nothing was handed in.
        points: ``None`` where there are none, or not yet.
        isolated: whether a sandbox held the code when it was graded.
        spent: time on its notebook; ``None`` where nothing was recorded.
        landmarks: moments in the replay.
        compared: its share of points beside others.
    """

    ref: QuestionRef
    state: GradingState | None
    points: float | None
    max_points: float
    isolated: bool
    tests: tuple[TestLine, ...]
    spent: Spent | None
    landmarks: tuple[Landmark, ...]
    compared: Comparison | None


@dataclass(frozen=True)
class Report:
    """A report as somebody reads it.

    Attributes:
        made_at: when it was put together; it is made anew each time.
        points: of all questions that are graded.
        spent: time at work over everything; ``None`` where nothing was recorded.
        clock: time on the interview's clock.
        cohort: ``None`` for an interview without a role.
        decisions: the latest first.
        withheld: whether decisions are kept from this reader, who scores alone before.
    """

    interview: Interview
    position: Position | None
    made_at: datetime
    submission: Submission | None
    points: float
    max_points: float
    spent: Spent | None
    clock: timedelta
    questions: tuple[QuestionReport, ...]
    cohort: CohortComparison | None
    decisions: tuple[Decision, ...]
    names: dict[str, str]
    withheld: bool = False

    @property
    def waiting(self) -> bool:
        """Whether grading is under way."""
        return any(one.state in {GradingState.QUEUED, GradingState.RUNNING} for one in self.questions)

    @property
    def decision(self) -> Decision | None:
        """The decision that counts."""
        return self.decisions[0] if self.decisions else None


@dataclass(frozen=True)
class Evidence:
    """What a report is made of."""

    interview: Interview
    position: Position | None
    submission: Submission | None
    grades: Sequence[Grade]
    measured: Activity
    decisions: Sequence[Decision]
    names: dict[str, str]
    withheld: bool = False


def report(evidence: Evidence, cohort: CohortComparison | None, now: datetime) -> Report:
    """Put a report together."""
    interview, measured = evidence.interview, evidence.measured
    own = performance(interview, evidence.grades, measured)
    grades = {grade.question: grade for grade in evidence.grades}
    return Report(
        interview=interview,
        position=evidence.position,
        made_at=now,
        submission=evidence.submission,
        points=own.points,
        max_points=own.max_points,
        spent=measured.whole if measured.documents else None,
        clock=interview.elapsed(now),
        questions=tuple(_question(ref, grades.get(ref.id), measured, cohort) for ref in interview.questions),
        cohort=cohort,
        decisions=tuple(sorted(evidence.decisions, key=lambda one: -one.number)),
        names=evidence.names,
        withheld=evidence.withheld,
    )


def _question(
    ref: QuestionRef, grade: Grade | None, measured: Activity, cohort: CohortComparison | None
) -> QuestionReport:
    found = points_of(grade) if grade else None
    return QuestionReport(
        ref=ref,
        state=grade.state if grade else None,
        points=found[0] if found else None,
        max_points=found[1] if found else 0.0,
        isolated=grade.isolated if grade else True,
        tests=tuple(_test(number, grade) for number in range(len(grade.cells))) if grade else (),
        spent=measured.documents.get(ref.notebook),
        landmarks=tuple(one for one in measured.landmarks if one.document == ref.notebook),
        compared=cohort.questions.get(asked_of(ref)) if cohort else None,
    )


def _test(number: int, grade: Grade) -> TestLine:
    cell = grade.cells[number]
    return TestLine(cell.title or f"Test {number + 1}", cell.points, cell.max_points, cell.verdict)
