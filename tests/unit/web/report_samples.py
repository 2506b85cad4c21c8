"""What the routes of reports hand to their templates, with every text hostile."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from unit.web import scored

from assay_hub.domain.activity import Activity, Landmark, Spent
from assay_hub.domain.adverse_impact import impact_table
from assay_hub.domain.debrief import ScoreCards
from assay_hub.domain.decision import Choice, Decision
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.feedback import Part, Sharing, feedback
from assay_hub.domain.interview import Interview
from assay_hub.domain.performance import Performance, TooFew, against_cohort, asked_of, performance
from assay_hub.domain.position import Position
from assay_hub.domain.report import Evidence, Report, report
from assay_hub.domain.result import Grade, Submission
from assay_hub.domain.role_summary import Course, Step, role_summary
from assay_hub.domain.signals import ReviewedSignal, ReviewedSignals, SignalKind, Verdict
from assay_hub.domain.survey import USUAL_ITEMS, SurveyItem
from assay_hub.services.cohort import Summarised
from assay_hub.web import charts
from assay_hub.web.background.printing import Print
from assay_hub.web.routes.report import Entered, shown
from assay_hub.web.routes.sharing import PARTS

About = tuple[Interview, tuple[Grade, ...], Submission]


def made(about: About, text: str, now: datetime, others: int = 7) -> Report:
    """Return a report on an interview, beside so many others."""
    interview, grades, submission = about
    interview = replace(interview, tags=(text, "second"), position="role")
    document = interview.questions[0].notebook
    landmarks = (Landmark(4_000, document, "first-edit"), Landmark(64_000, document, "first-run"))
    measured = Activity(9, Spent(1_500_000, 0, 1_900_000), {document: Spent(900_000, 4_000, 1_900_000)}, landmarks)
    decisions = (
        Decision(interview.id, 1, Choice.HOLD, text, "ada", now),
        Decision(interview.id, 2, Choice.ADVANCE, text, text, now),
    )
    own = performance(interview, grades, measured)
    everybody = [
        replace(own, interview=f"i{number}", person=f"p{number}", points=number, active=60_000 * number)
        for number in range(others)
    ]
    evidence = Evidence(interview, Position("role", text), submission, grades, measured, decisions, {"ada": text})
    return report(evidence, against_cohort(own, everybody, (text,)), now)


def contexts(
    text: str, now: datetime, staff: dict[str, Any], candidate: dict[str, Any], about: About
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the pages of reports."""
    found = made(about, text, now)
    page: dict[str, Any] = {
        **staff,
        **shown(found),
        "tags": (text,),
        "narrowed": "",
        "may_decide": True,
        "may_share": True,
        "may_summarise": True,
        "error": None,
        "entered": Entered(),
    }
    said = ReviewedSignal(SignalKind.PASTED, now, text, 4_000, Verdict.EXPLAINED, text, text, now)
    page["signals"] = ReviewedSignals(found.interview.id, (said,))
    page["cards"] = next(
        context["cards"]
        for _, context in scored.contexts(text, now, staff, found.interview).values()
        if isinstance(context.get("cards"), ScoreCards)
    )
    wrong = {"error": BadInputError(text, text), "entered": Entered(text, text)}
    few = made(about, text, now, others=3)
    alone = replace(few, cohort=None, position=None, decisions=(), spent=None, submission=None)
    got = feedback(found, list(Part), text, (text,))
    sharings = (Sharing("i", 2, got, "ada", now), Sharing("i", 1, got, "ada", now, now))
    sharing = {**staff, "report": found, "sharings": sharings, "names": {"ada": text}, "error": None, "message": text}
    sharing |= {"part_words": PARTS, "chosen": (Part.POINTS,), "preview": None}
    nothing = {"sharings": (), "preview": feedback(found, ()), "error": BadInputError(text)}
    items = (SurveyItem("group", text, (text, "other")), *USUAL_ITEMS)
    rooms = {**candidate, "interview_id": found.interview.id}
    pdf = {**staff, "interview": found.interview}
    return {
        "report": ("report/report.html", page),
        "report-few": ("report/report.html", {**page, **shown(few), **wrong}),
        "report-alone": ("report/report.html", {**page, **shown(alone), "may_decide": False, "may_share": False}),
        "report-share": ("report/share.html", {**sharing, "preview": got}),
        "report-share-nothing": ("report/share.html", {**sharing, **nothing}),
        "report-pdf": ("report/pdf.html", {**pdf, "print": None}),
        "report-pdf-waiting": ("report/pdf.html", {**pdf, "print": Print(0)}),
        "report-pdf-done": ("report/pdf.html", {**pdf, "print": Print(0, b"%PDF")}),
        "report-pdf-failed": ("report/pdf.html", {**pdf, "print": Print(0, problem=text)}),
        "feedback": ("report/feedback.html", {**rooms, "feedback": got}),
        "feedback-none": ("report/feedback.html", {**rooms, "feedback": None}),
        "survey": ("report/survey.html", {**rooms, "items": items, "kept": True}),
        **_roles(text, staff, found, items),
    }


def _roles(
    text: str, staff: dict[str, Any], found: Report, items: tuple[SurveyItem, ...]
) -> dict[str, tuple[str, dict[str, Any]]]:
    ended = replace(found.interview, ended_at=found.made_at, started_at=found.made_at - timedelta(minutes=40))
    first, second = (asked_of(ref) for ref in ended.questions)
    courses = [
        Course(
            ended,
            Performance(
                f"i{number}",
                f"p{number}",
                frozenset({first, second}),
                {first: number / 8, second: (number % 3) / 2},
                number,
                12,
                60_000 * number,
            ),
            frozenset({Step.STARTED, Step.GRADED} if number else {Step.ADVANCED}),
        )
        for number in range(8)
    ]
    summarised = Summarised(Position("role", text), (text,), (text, "other"), role_summary(courses))
    page = {
        **staff,
        "summarised": summarised,
        "charts": charts,
        "narrowed": "",
        "may_keep": True,
        "may_see_impact": True,
        "usual": (Part.POINTS,),
        "part_words": PARTS,
    }
    answers = [(text, number % 2 == 0) for number in range(12)] + [("other", number % 3 == 0) for number in range(18)]
    tables = [impact_table("group", (text, "other"), answers), impact_table("gone", (text,), ())]
    impact = {**staff, "position": Position("role", text), "items": {item.id: item for item in items}}
    few = {**page, "summarised": replace(summarised, summary=TooFew(3)), "may_keep": False}
    return {
        "role-summary": ("report/summary.html", page),
        "role-summary-few": ("report/summary.html", few),
        "role-impact": ("report/impact.html", {**impact, "tables": tables}),
        "role-impact-none": ("report/impact.html", {**impact, "tables": []}),
    }
