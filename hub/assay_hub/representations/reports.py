"""Reports as JSON and as rows of a sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assay_hub.domain.analysis import Analysed
from assay_hub.domain.debrief import ScoreCards
from assay_hub.domain.decision import Choice
from assay_hub.domain.interview import State
from assay_hub.domain.performance import Compared, Comparison, TooFew
from assay_hub.domain.report import QuestionReport, Report
from assay_hub.domain.result import GradingState
from assay_hub.domain.role_summary import RoleSummary, Spread
from assay_hub.domain.score_card import NOTHING
from assay_hub.domain.signals import ReviewedSignal, ReviewedSignals, SignalKind, Verdict
from assay_hub.representations.render import API_PATH
from assay_hub.representations.score_cards import ScoreCardsShown, score_cards

Addresses = dict[str, str]


class _Shown(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ComparisonShown(_Shown):
    """One number beside those of others."""

    people: int = Field(description="how many others there are; under five nothing else is said")
    value: float | None = None
    percentile: float | None = Field(None, description="0 to 100: the share of the others below, and half of the ties")
    below: int | None = None
    equal: int | None = None
    others: list[float] | None = Field(None, description="their numbers in order of size, without names")


class CohortShown(_Shown):
    """The candidate beside others of the role, over the interviews that you may see."""

    tags: list[str]
    people: int
    share: ComparisonShown | None = Field(description="of all points, beside those who were asked the same questions")
    active_seconds: ComparisonShown | None


class TestShown(_Shown):
    """A test in its author's words."""

    title: str
    points: float | None = Field(description="null when a person has to give them")
    max_points: float
    verdict: str


class MomentShown(_Shown):
    """A moment in the replay."""

    what: str
    at_seconds: float
    replay: str = Field(description="address of that moment, under the service's own")


class QuestionReportShown(_Shown):
    """One question of a report."""

    question: str
    version: str
    title: str
    state: GradingState | None = Field(description="of its grading; null when nothing was handed in")
    points: float | None
    max_points: float
    isolated: bool = Field(description="whether a sandbox held the code when it was graded")
    active_seconds: float | None = Field(description="without pauses over two minutes; null where nothing was recorded")
    wall_seconds: float | None = Field(description="from the first moment of work on it to the last")
    tests: list[TestShown]
    moments: list[MomentShown]
    compared: ComparisonShown | None


class DecisionShown(_Shown):
    """A decision that a person took."""

    number: int
    choice: Choice
    reason: str
    account: str
    at: datetime


class ReviewedSignalShown(_Shown):
    """A signal of which a person has said something, and did not set aside."""

    kind: SignalKind
    at: datetime
    words: str
    replay: str | None = Field(description="address of that moment, under the service's own")
    verdict: Verdict
    reason: str
    judged_by: str
    judged_at: datetime


class CodeShown(_Shown):
    """What was read, counted and measured of the code of one question; none of it is a score."""

    code_lines: int | None = Field(description="null where nothing could be read, as the problem says")
    functions: int | None
    most_cyclomatic: int | None = Field(description="of the function with the most ways through it")
    most_cognitive: int | None
    findings: dict[str, int] = Field(description="how many of each theme")
    unread_cells: int
    problem: str
    growth: list[str] = Field(description="between which curves its work grows with the input; empty if not measured")
    growth_verdict: str = Field(description="beside what the question expects; empty if there is none")
    runs: int
    failed_runs: int
    first_run_seconds: float | None = Field(description="after they first did something in the notebook")


class ReportShown(_Shown):
    """A report, form 1: a later form may have more members, and none of another meaning."""

    format: Literal["assay-report-1"]
    interview: str
    candidate_name: str
    position: str
    state: State
    made_at: datetime
    submitted_at: datetime | None
    points: float = Field(description="counted by tests")
    max_points: float
    active_seconds: float | None
    clock_seconds: float
    questions: list[QuestionReportShown]
    cohort: CohortShown | None
    decisions: list[DecisionShown] = Field(description="the latest first; that is the one that counts")
    signals: list[ReviewedSignalShown] | None = Field(description="null if you may not read verdicts; never added up")
    score_cards: ScoreCardsShown | None = Field(description="locked ones; null if you may not read them yet")
    code: dict[str, CodeShown] = Field(description="by question; empty if you may not read it, or not yet")
    links: Addresses


@dataclass(frozen=True)
class Beside:
    """What others say in a report, as far as its reader may see it.

    Attributes:
        code: what came out of the analysis, by question.
    """

    signals: ReviewedSignals | None = None
    cards: ScoreCards | None = None
    code: Mapping[str, Analysed] = field(default_factory=dict)


def report_shown(report: Report, beside: Beside = Beside()) -> ReportShown:  # frozen
    """Return a report with what others say in it."""
    interview, cohort, signals = report.interview, report.cohort, beside.signals
    return ReportShown(
        format="assay-report-1",
        interview=interview.id,
        candidate_name=interview.candidate_name,
        position=interview.position,
        state=interview.state,
        made_at=report.made_at,
        submitted_at=report.submission.at if report.submission else None,
        points=report.points,
        max_points=report.max_points,
        active_seconds=_seconds(report.spent.active) if report.spent else None,
        clock_seconds=report.clock.total_seconds(),
        questions=[_question(interview.id, one) for one in report.questions],
        cohort=CohortShown(
            tags=list(cohort.tags),
            people=cohort.people,
            share=_compared(cohort.share),
            active_seconds=_compared(cohort.active, 1000),
        )
        if cohort
        else None,
        decisions=[
            DecisionShown(number=one.number, choice=one.choice, reason=one.reason, account=one.account, at=one.at)
            for one in report.decisions
        ],
        signals=[_signal(interview.id, one) for one in signals.signals] if signals else None,
        score_cards=score_cards(beside.cards) if beside.cards else None,
        code={question: _code(one) for question, one in beside.code.items()},
        links={"interview": f"{API_PATH}/interviews/{interview.id}"},
    )


def _signal(interview_id: str, one: ReviewedSignal) -> ReviewedSignalShown:
    return ReviewedSignalShown(
        kind=one.kind,
        at=one.at,
        words=one.words,
        replay=_moment(interview_id, one.replay_at) if one.replay_at is not None else None,
        verdict=one.verdict,
        reason=one.reason,
        judged_by=one.judged_by,
        judged_at=one.judged_at,
    )


def _code(one: Analysed) -> CodeShown:
    reading, growth, runs = one.reading, one.growth, one.runs
    functions = reading.functions if reading else ()
    return CodeShown(
        code_lines=reading.code_lines if reading else None,
        functions=len(reading.named) if reading else None,
        most_cyclomatic=max((function.cyclomatic for function in functions), default=None),
        most_cognitive=max((each.cognitive for each in functions if each.cognitive is not None), default=None),
        findings={theme: len(found) for theme, found in reading.themes.items()} if reading else {},
        unread_cells=len(reading.unread) if reading else 0,
        problem=one.problem,
        growth=[growth.fit.low, growth.fit.high] if growth and growth.fit else [],
        growth_verdict=growth.verdict if growth else "",
        runs=runs.runs,
        failed_runs=runs.failed,
        first_run_seconds=None if runs.waited is None else _seconds(runs.waited),
    )


def _moment(interview_id: str, at: int) -> str:
    return f"interviews/{interview_id}/replay?t={at}"


def _question(interview_id: str, one: QuestionReport) -> QuestionReportShown:
    return QuestionReportShown(
        question=one.ref.id,
        version=one.ref.version,
        title=one.ref.title,
        state=one.state,
        points=one.points,
        max_points=one.max_points,
        isolated=one.isolated,
        active_seconds=_seconds(one.spent.active) if one.spent else None,
        wall_seconds=_seconds(one.spent.wall) if one.spent else None,
        tests=[TestShown(**vars(test)) for test in one.tests],
        moments=[
            MomentShown(what=moment.what, at_seconds=_seconds(moment.at), replay=_moment(interview_id, moment.at))
            for moment in one.landmarks
        ],
        compared=_compared(one.compared),
    )


def _seconds(milliseconds: float) -> float:
    return milliseconds / 1000


def _compared(found: Comparison | None, unit: float = 1) -> ComparisonShown | None:
    if isinstance(found, TooFew):
        return ComparisonShown(people=found.people)
    if not isinstance(found, Compared):
        return None
    return ComparisonShown(
        people=found.standing.people,
        value=found.value / unit,
        percentile=found.standing.percentile,
        below=found.standing.below,
        equal=found.standing.equal,
        others=[one / unit for one in found.others],
    )


COLUMNS = ("part", "question", "item", "value", "of", "unit")
"""Columns of the sheet; a later form may have more after them."""

Row = tuple[object, ...]


def rows(report: Report, beside: Beside = Beside()) -> Iterator[Row]:  # frozen
    """Return a report with what others say in it as rows of a sheet, one number or word in each."""
    yield ("form", "", "assay-report-1", report.interview.id, "", "")
    yield ("overall", "", "points", report.points, report.max_points, "points")
    if report.spent:
        yield ("overall", "", "at work", _seconds(report.spent.active), "", "seconds")
    yield ("overall", "", "on the clock", report.clock.total_seconds(), "", "seconds")
    if report.cohort:
        yield from _compared_rows("", "share of all points", report.cohort.share)
        yield from _compared_rows("", "time at work", report.cohort.active)
    for one in report.questions:
        yield from _question_rows(one)
    for decision in report.decisions:
        yield ("decision", "", decision.choice.value, decision.reason, decision.at, decision.account)
    for signal in beside.signals.signals if beside.signals else ():
        yield ("signal", "", signal.words, signal.verdict.value, signal.reason, signal.judged_by)
    if beside.cards:
        yield from _card_rows(beside.cards)
    titles = {one.ref.id: one.ref.title for one in report.questions}
    for question, analysed in beside.code.items():
        yield from _code_rows(titles.get(question, question), _code(analysed))


def _card_rows(found: ScoreCards) -> Iterator[Row]:
    for section, key, title in found.rows:
        for one in found.cards:
            first, now = one.card.scores.get(key, NOTHING), one.score_of(key)
            changed = "" if first == now else f"first {found.said(key, first)}"
            yield ("score", section, title, found.said(key, now), changed, one.name)


def _code_rows(title: str, one: CodeShown) -> Iterator[Row]:
    if one.problem:
        yield ("code", title, "not analysed", one.problem, "", "")
    for item in ("code_lines", "functions", "most_cyclomatic", "most_cognitive", "runs", "failed_runs"):
        if (value := getattr(one, item)) is not None:
            yield ("code", title, item.replace("_", " "), value, "", "")
    for theme, many in one.findings.items():
        yield ("code", title, f"findings: {theme}", many, "", "findings")
    if one.growth:
        yield ("code", title, "growth", " to ".join(dict.fromkeys(one.growth)), "", one.growth_verdict)


def _question_rows(one: QuestionReport) -> Iterator[Row]:
    title = one.ref.title
    if one.points is not None:
        yield ("question", title, "points", one.points, one.max_points, "points")
    if one.spent:
        yield ("question", title, "at work", _seconds(one.spent.active), "", "seconds")
    for test in one.tests:
        yield ("test", title, test.title, test.points, test.max_points, test.verdict)
    yield from _compared_rows(title, "share of the points", one.compared)


def _compared_rows(title: str, item: str, found: Comparison | None) -> Iterator[Row]:
    if isinstance(found, Compared):
        yield ("cohort", title, item, found.standing.percentile, found.standing.people, "percentile, other people")
    elif isinstance(found, TooFew):
        yield ("cohort", title, item, "", found.people, "too few other people")


def summary_rows(found: RoleSummary | TooFew) -> Iterator[Row]:
    """Return a role at a glance as rows of a sheet with the same columns; for too few people, their number alone."""
    if isinstance(found, TooFew):
        yield ("people", "", "too few", found.people, "", "people")
        return
    yield ("people", "", "people", found.people, found.interviews, "people, interviews")
    for step, count in found.funnel.items():
        yield ("funnel", "", step.value, count, found.interviews, "interviews")
    for item, spread, scale in (("share of all points", found.shares, 1), ("at work", found.active, 1000)):
        if isinstance(spread, Spread):
            unit = "share" if scale == 1 else "seconds"
            yield ("spread", "", f"{item}, mean", spread.mean / scale, spread.people, f"{unit}, people")
            yield ("spread", "", f"{item}, median", spread.median / scale, spread.people, f"{unit}, people")
    for one in found.questions:
        title, item_statistics = one.title, one.statistics
        if isinstance(item_statistics, TooFew):
            continue
        yield ("question", title, "difficulty", item_statistics.difficulty, item_statistics.people, "share, people")
        numbers = (
            ("discrimination", item_statistics.discrimination),
            ("discrimination, low", item_statistics.low),
            ("discrimination, high", item_statistics.high),
        )
        for name, value in numbers:
            yield ("question", title, name, value, item_statistics.people, "correlation, people")
