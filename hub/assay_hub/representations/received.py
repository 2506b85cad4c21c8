"""What other programs send: plans, members, roles and templates."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assay_hub.domain.access import TeamRole
from assay_hub.domain.plan import (
    MAX_LENGTH,
    MAX_PEOPLE,
    MAX_QUESTIONS,
    MAX_TAGS,
    MIN_LENGTH,
    NOTES_CHARACTERS,
    TAG_CHARACTERS,
    TEXT_CHARACTERS,
    Kind,
    Plan,
)
from assay_hub.domain.position import Position, Template
from assay_hub.domain.rubric import MAX_CRITERIA
from assay_hub.domain.signals import Level
from assay_hub.domain.team import Member
from assay_hub.representations.score_cards import CriterionModel

_NO_CONTROLS = r"^[^\u0000-\u001f\u007f]*$"


def _moment(value: object) -> object:
    """Read a moment as RFC 3339 has it, and nothing else: no number, no date alone, no moment without an offset."""
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("A moment is written like 2026-03-29T14:30:00Z.")
    try:
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is None:
            raise ValueError("A moment needs an offset from UTC, like 2026-03-29T14:30:00Z.")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("No calendar reaches this moment.") from error


Moment = Annotated[datetime, BeforeValidator(_moment)]
Line = Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS, pattern=_NO_CONTROLS)]
Email = Annotated[str, Field(max_length=TEXT_CHARACTERS, pattern=_NO_CONTROLS)]
Account = Annotated[str, Field(min_length=1, max_length=255, pattern=_NO_CONTROLS)]
QuestionId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,100}$")]
PositionId = Annotated[str, Field(pattern=r"^([a-z2-7]{10})?$", description="id of a position; empty for none")]
Tag = Annotated[str, Field(min_length=1, max_length=TAG_CHARACTERS, pattern=_NO_CONTROLS)]
Seconds = Annotated[int, Field(ge=MIN_LENGTH.total_seconds(), le=MAX_LENGTH.total_seconds())]
Notes = Annotated[str, Field(max_length=NOTES_CHARACTERS, pattern=r"^[^\u0000]*$")]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
Accounts = Annotated[list[Account], Field(max_length=MAX_PEOPLE)]
QuestionIds = Annotated[list[QuestionId], Field(max_length=MAX_QUESTIONS)]
KindName = Annotated[Kind, Field(strict=False)]
RoleName = Annotated[TeamRole, Field(strict=False)]


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PlanInput(_Sent):
    """The whole plan of an interview; what is left out takes its default."""

    title: Line
    candidate_name: Line
    candidate_email: Email = ""
    position: PositionId = ""
    kind: KindName = Kind.LIVE
    scheduled_at: Moment | None = None
    time_zone: Line = "UTC"
    duration_seconds: Seconds = 3600
    internal_notes: Notes = ""
    tags: Tags = []
    interviewers: Accounts = Field([], description="accounts that hold it; a new interview without any is yours")
    observers: Accounts = []
    viewers: Accounts = Field([], description="accounts that may see it; none: the whole team")
    questions: QuestionIds = Field([], description="ids in the library, in the order in which they are asked")

    def plan(self) -> Plan:
        """Return the plan."""
        return Plan(**_planned(dict(self)))


class PlanPatch(_Sent):
    """A JSON merge patch (RFC 7396) of a plan: what is left out stays, ``null`` gives a member its default again."""

    title: Line | None = None
    candidate_name: Line | None = None
    candidate_email: Email | None = None
    position: PositionId | None = None
    kind: KindName | None = None
    scheduled_at: Moment | None = None
    time_zone: Line | None = None
    duration_seconds: Seconds | None = None
    internal_notes: Notes | None = None
    tags: Tags | None = None
    interviewers: Accounts | None = None
    observers: Accounts | None = None
    viewers: Accounts | None = None
    questions: QuestionIds | None = None

    def onto(self, plan: Plan) -> Plan:
        """Return the plan with what was sent in place of what it had."""
        before = {name: value for name, value in _plan_members(plan).items() if name not in self.model_fields_set}
        sent = {name: value for name, value in self if name in self.model_fields_set and value is not None}
        return Plan(**{"title": "", "candidate_name": "", **_planned({**before, **sent})})


class QuestionInput(_Sent):
    """One more question."""

    question: QuestionId


class MemberInput(_Sent):
    """A member as an admin wants them."""

    name: Line
    email: Email = ""
    role: RoleName
    active: bool = True

    def member(self, account: str, joined_at: datetime) -> Member:
        """Return the member."""
        return Member(account, self.name, self.email, self.role, active=self.active, joined_at=joined_at)


class PositionInput(_Sent):
    """A role that somebody is hired for."""

    name: Line
    questions: QuestionIds = []
    duration_seconds: Seconds = 3600
    tags: Tags = []
    archived: bool = False
    signals: Level = Level.LIGHT
    blind: bool = Field(default=False, description="hide from reviewers of new interviews who the candidate is")
    rubric: Annotated[list[CriterionModel], Field(max_length=MAX_CRITERIA)] = Field(
        [], description="what interviews are scored by; none: the shipped criteria"
    )

    def position(self, position_id: str = "") -> Position:
        """Return the role; without an id, a new one."""
        rubric = tuple(one.criterion() for one in self.rubric)
        return Position(id=position_id, **{**_planned(dict(self)), "rubric": rubric})


class TemplateInput(_Sent):
    """A template that is made from an interview."""

    interview: str = Field(pattern=r"^[a-z2-7]{10}$", description="id of the interview")
    name: Line


class TemplateChange(_Sent):
    """A template as it is to be from now on; what is left out takes its default."""

    name: Line
    title: Line
    position: PositionId = ""
    questions: QuestionIds = []
    duration_seconds: Seconds = 3600
    tags: Tags = []
    internal_notes: Notes = ""

    def template(self, template_id: str) -> Template:
        """Return the template."""
        return Template(id=template_id, **_planned(dict(self)))


def _plan_members(plan: Plan) -> dict[str, Any]:
    members = {**vars(plan), "duration_seconds": _seconds(plan.duration)}
    members.pop("duration")
    return members


def _planned(members: dict[str, Any]) -> dict[str, Any]:
    """Return members of a body as the domain has them: tuples for lists, a length of time for its seconds."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in members.items()
    }
    if "duration_seconds" in values:
        values["duration"] = timedelta(seconds=values.pop("duration_seconds"))
    return values


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
