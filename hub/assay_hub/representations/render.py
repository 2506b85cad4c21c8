"""The one place where domain objects become what other programs get."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from assay_config.settings import SERVICE_PREFIX
from assay_hub.domain.access import Person, Role, TeamAction, TeamRole, role_of
from assay_hub.domain.audit import Entry
from assay_hub.domain.interview import Interview
from assay_hub.domain.library import Preview, QuestionCard
from assay_hub.domain.link import Link
from assay_hub.domain.position import Position, Template
from assay_hub.domain.question import Version
from assay_hub.domain.result import CellResult, Grade, Submission
from assay_hub.domain.signals import LoggedSignal
from assay_hub.domain.team import Member
from assay_hub.representations.models import (
    CellShown,
    EntryShown,
    FieldError,
    GradeShown,
    InterviewShown,
    InterviewSummary,
    LinkMade,
    LinkShown,
    MemberShown,
    MeShown,
    PositionShown,
    QuestionCell,
    QuestionFile,
    QuestionShown,
    QuestionSummary,
    ReceiptShown,
    ResultShown,
    SignalShown,
    TemplateShown,
    VerdictShown,
    VersionShown,
)
from assay_hub.representations.score_cards import CriterionModel

API_PATH = f"{SERVICE_PREFIX}api/v1"
"""Path of the REST API, without a final slash."""


def summary(interview: Interview) -> InterviewSummary:
    """Return an interview for a list."""
    return InterviewSummary(**_summary(interview))


def shown(interview: Interview, reader: Person) -> InterviewShown:
    """Return an interview with its whole plan, as somebody reads it."""
    return InterviewShown(
        **_summary(interview),
        role=role_of(reader, interview) or Role.VIEWER,
        candidate_email=interview.candidate_email,
        internal_notes=interview.internal_notes,
        observers=list(interview.observers),
        viewers=list(interview.viewers),
        questions=[ref.id for ref in interview.questions],
        question_versions={ref.id: ref.version for ref in interview.questions},
        created_by=interview.created_by,
        started_at=interview.started_at,
        ended_at=interview.ended_at,
    )


def link(one: Link) -> LinkShown:
    """Return a link without its secret."""
    return LinkShown(**_link(one))


def link_made(one: Link, address: str) -> LinkMade:
    """Return a new link with its address."""
    return LinkMade(**_link(one), address=address)


def entry(one: Entry) -> EntryShown:
    """Return a line of a log."""
    return EntryShown(
        id=one.id,
        at=one.at,
        account=one.account,
        deed=one.deed.value,
        interview=one.interview,
        details=dict(one.details),
    )


def signal(interview_id: str, one: LoggedSignal) -> SignalShown:
    """Return a signal with what people say of it."""
    replay = f"{SERVICE_PREFIX}interviews/{interview_id}/replay?t={one.replay_at}"
    return SignalShown(
        id=one.signal.id,
        kind=one.signal.kind,
        at=one.signal.at,
        until=one.signal.until,
        words=one.signal.words,
        replay_ms=one.replay_at,
        verdicts=[
            VerdictShown(verdict=said.verdict, reason=said.reason, account=said.account, at=said.at)
            for said in one.judgements
        ],
        links={} if one.replay_at is None else {"replay": replay},
    )


def receipt(submission: Submission) -> ReceiptShown:
    """Return the receipt of a submission."""
    return ReceiptShown(number=submission.number, **vars(submission.receipt))


def result(interview: Interview, submission: Submission | None, grades: tuple[Grade, ...]) -> ResultShown:
    """Return what grading gave."""
    return ResultShown(
        interview=interview.id,
        state=interview.state,
        submitted_at=submission.at if submission else None,
        points=sum(grade.points for grade in grades),
        max_points=sum(grade.max_points for grade in grades),
        questions=[_grade(grade) for grade in grades],
        links={"interview": f"{API_PATH}/interviews/{interview.id}"},
    )


def member(one: Member) -> MemberShown:
    """Return a member."""
    return MemberShown(**vars(one), links={"self": f"{API_PATH}/members/{quote(one.account, safe='')}"})


def me(person: Person, role: TeamRole, scopes: list[str]) -> MeShown:
    """Return who somebody is."""
    return MeShown(
        account=person.account,
        name=person.name,
        role=role,
        may=[action.value for action in TeamAction if person.may(action)],
        scopes=scopes,
        links={"member": f"{API_PATH}/members/{quote(person.account, safe='')}"},
    )


def position(one: Position) -> PositionShown:
    """Return a role."""
    return PositionShown(
        id=one.id,
        name=one.name,
        questions=list(one.questions),
        duration_seconds=int(one.duration.total_seconds()),
        tags=list(one.tags),
        archived=one.archived,
        signals=one.signals,
        blind=one.blind,
        rubric=[CriterionModel.of(each) for each in one.rubric],
        links={"self": f"{API_PATH}/positions/{one.id}"},
    )


def template(one: Template) -> TemplateShown:
    """Return a template."""
    return TemplateShown(
        id=one.id,
        name=one.name,
        title=one.title,
        position=one.position,
        questions=list(one.questions),
        duration_seconds=int(one.duration.total_seconds()),
        tags=list(one.tags),
        internal_notes=one.internal_notes,
        links={"self": f"{API_PATH}/templates/{one.id}"},
    )


def question(card: QuestionCard) -> QuestionSummary:
    """Return a question for a list."""
    return QuestionSummary(**_question(card))


def question_shown(preview: Preview) -> QuestionShown:
    """Return a question as a candidate gets it."""
    return QuestionShown(
        **_question(preview.card),
        statement=preview.statement,
        cells=[QuestionCell(kind=cell.kind, source=cell.source) for cell in preview.cells],
        files=[QuestionFile(name=name, bytes=size) for name, size in preview.files],
    )


def version(one: Version, changes: Sequence[str]) -> VersionShown:
    """Return a version of a question."""
    values = {name: getattr(one, name) for name in ("version", "state", "saved_by", "saved_at", "note")}
    return VersionShown(**values, changes=list(changes))


def _question(card: QuestionCard) -> dict[str, Any]:
    lists = {"topics": list(card.topics), "skills": list(card.skills)}
    return {**vars(card), **lists, "links": {"self": f"{API_PATH}/questions/{card.id}"}}


def _summary(interview: Interview) -> dict[str, Any]:
    here = f"{API_PATH}/interviews/{interview.id}"
    parts = ("history", "links", "result", "score-card", "score-cards", "submission")
    return {
        "id": interview.id,
        "title": interview.title,
        "candidate_name": interview.candidate_name,
        "state": interview.state,
        "kind": interview.kind,
        "position": interview.position,
        "scheduled_at": interview.scheduled_at,
        "time_zone": interview.time_zone,
        "duration_seconds": int(interview.duration.total_seconds()),
        "tags": list(interview.tags),
        "interviewers": list(interview.interviewers),
        "blind": interview.blind,
        "revision": interview.revision,
        "created_at": interview.created_at,
        "links": {
            "self": here,
            **{part: f"{here}/{part}" for part in parts},
            "page": f"{SERVICE_PREFIX}interviews/{interview.id}",
            "room": f"{SERVICE_PREFIX}room/{interview.id}",
        },
    }


def _link(one: Link) -> dict[str, Any]:
    interview = f"{API_PATH}/interviews/{one.interview}"
    return {
        "id": one.id,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "used_at": one.used_at,
        "revoked_at": one.revoked_at,
        "links": {"self": f"{interview}/links/{one.id}", "interview": interview},
    }


def _grade(grade: Grade) -> GradeShown:
    return GradeShown(
        question=grade.question,
        state=grade.state,
        outcome=grade.outcome,
        points=grade.points,
        max_points=grade.max_points,
        isolated=grade.isolated,
        message=grade.message,
        cells=[_cell(cell) for cell in grade.cells],
    )


def _cell(cell: CellResult) -> CellShown:
    return CellShown(**vars(cell))


def wrong_fields(fields: Mapping[str, str]) -> list[FieldError]:
    """Return what is wrong with each field of a plan, under the names that a body has."""
    names = {"duration": "duration_seconds"}
    return [FieldError(field=names.get(name, name), detail=detail) for name, detail in fields.items()]
