"""What other programs get."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assay_hub.domain.access import Role, TeamRole
from assay_hub.domain.interview import State
from assay_hub.domain.plan import Kind
from assay_hub.domain.question import CheckState
from assay_hub.domain.result import GradingState
from assay_hub.domain.signals import Level, SignalKind, Verdict
from assay_hub.representations.score_cards import CriterionModel

Addresses = dict[str, str]


class _Shown(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class InterviewSummary(_Shown):
    """An interview as lists show it."""

    id: str
    title: str
    candidate_name: str
    state: State
    kind: Kind
    position: str
    scheduled_at: datetime | None
    time_zone: str
    duration_seconds: int
    tags: list[str]
    interviewers: list[str]
    blind: bool = Field(description="who the candidate is stays hidden from reviewers")
    revision: int = Field(description="counts the changes that people made")
    created_at: datetime
    links: Addresses


class InterviewShown(InterviewSummary):
    """An interview with its whole plan."""

    role: Role = Field(description="what you are in it")
    candidate_email: str
    internal_notes: str
    observers: list[str]
    viewers: list[str]
    questions: list[str]
    question_versions: dict[str, str] = Field(description="the version of each question that was pinned")
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None


class LinkShown(_Shown):
    """A candidate's link, without its secret."""

    id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    links: Addresses


class LinkMade(LinkShown):
    """A new link with its address, which is shown this once."""

    address: str


class EntryShown(_Shown):
    """One line of a history or of the audit log."""

    id: int
    at: datetime
    account: str
    deed: str
    interview: str
    details: dict[str, Any] = Field(description="for a change: field to [before, after]")


class ReceiptShown(_Shown):
    """The receipt of the latest submission, as the candidate has it."""

    interview: str
    number: int = Field(description="1 for the first; an interview that was reopened has more")
    sha256: str
    size: int
    at: str
    recording_seq: int
    recording_head: str
    public_key: str
    signature: str


class CellShown(_Shown):
    """The verdict on one graded cell."""

    grade_id: str
    title: str
    points: float | None = Field(description="null when a person has to give them")
    max_points: float
    verdict: str
    message: str


class GradeShown(_Shown):
    """The grading of one question."""

    question: str
    state: GradingState
    outcome: str
    points: float
    max_points: float
    isolated: bool
    message: str
    cells: list[CellShown]


class ResultShown(_Shown):
    """What grading gave."""

    interview: str
    state: State
    submitted_at: datetime | None
    points: float
    max_points: float
    questions: list[GradeShown]
    links: Addresses


class MemberShown(_Shown):
    """A member of the team."""

    account: str
    name: str
    email: str
    role: TeamRole
    active: bool
    joined_at: datetime
    links: Addresses


class MeShown(_Shown):
    """Who a token belongs to and what it is good for."""

    account: str
    name: str
    role: TeamRole
    may: list[str] = Field(description="what you may do in the team")
    scopes: list[str] = Field(description="custom scopes of this token")
    links: Addresses


class PositionShown(_Shown):
    """A role that somebody is hired for."""

    id: str
    name: str
    questions: list[str]
    duration_seconds: int
    tags: list[str]
    archived: bool
    signals: Level = Field(description="how much is observed in interviews that are created for it")
    blind: bool = Field(description="new interviews for it hide who the candidate is from reviewers")
    rubric: list[CriterionModel] = Field(description="what it is scored by; empty for the shipped criteria")
    links: Addresses


class TemplateShown(_Shown):
    """What a new interview can start with."""

    id: str
    name: str
    title: str
    position: str
    questions: list[str]
    duration_seconds: int
    tags: list[str]
    internal_notes: str
    links: Addresses


class QuestionSummary(_Shown):
    """A question as the library shows it."""

    id: str
    version: str
    title: str
    kind: str
    difficulty: str
    minutes: int = Field(description="how long a prepared candidate needs")
    topics: list[str]
    skills: list[str]
    language: str
    official: bool = Field(description="it came with Assay")
    format: bool = Field(description="it is an empty editor rather than a question")
    links: Addresses


class QuestionCell(_Shown):
    """A cell of a question's notebook."""

    kind: str
    source: str


class QuestionFile(_Shown):
    """What lies beside the notebook."""

    name: str
    bytes: int


class QuestionShown(QuestionSummary):
    """A question as a candidate gets it, without solutions and hidden tests."""

    statement: str = Field(description="the task, in Markdown")
    cells: list[QuestionCell]
    files: list[QuestionFile]


class VersionShown(_Shown):
    """A version of one of the team's own questions."""

    version: str
    state: CheckState = Field(description="where its check stands; interviews can be held with it once that has passed")
    saved_by: str
    saved_at: datetime
    note: str = Field(description="what changed, in the words of whoever saved it")
    changes: list[str] = Field(description="what changed, in words; nothing of a solution or a hidden test is quoted")


class VerdictShown(_Shown):
    """What somebody said of a signal."""

    verdict: Verdict
    reason: str
    account: str
    at: datetime


class SignalShown(_Shown):
    """One observation of a candidate, and what people say of it; the last verdict counts."""

    id: str
    kind: SignalKind
    at: datetime
    until: datetime | None = Field(description="when it was over; null for what takes no time or was not seen to end")
    words: str
    replay_ms: int | None = Field(description="where in the replay it is, in milliseconds; null without a recording")
    verdicts: list[VerdictShown] = Field(description="the first first")
    links: Addresses


class _List(_Shown):
    next: str | None = Field(description="cursor of the next page; null at the end")


class InterviewList(_List):
    """A page of interviews."""

    items: list[InterviewSummary]


class QuestionList(_List):
    """A page of questions."""

    items: list[QuestionSummary]


class VersionList(_List):
    """A page of versions, the newest first."""

    items: list[VersionShown]


class LinkList(_List):
    """A page of links."""

    items: list[LinkShown]


class EntryList(_List):
    """A page of a log, the latest first."""

    items: list[EntryShown]


class SignalList(_List):
    """A page of signals, as they happened."""

    items: list[SignalShown]


class MemberList(_List):
    """A page of members."""

    items: list[MemberShown]


class PositionList(_List):
    """A page of roles."""

    items: list[PositionShown]


class TemplateList(_List):
    """A page of templates."""

    items: list[TemplateShown]


class TagList(_List):
    """A page of tags."""

    items: list[str]


class FieldError(_Shown):
    """What is wrong with one part of a request."""

    field: str = Field(description="name of the member, parameter or header, with dots and places for inner ones")
    detail: str


class ProblemShown(_Shown):
    """An error (RFC 9457)."""

    type: str = Field(description="stable name of the kind of error", examples=["urn:assay:problem:not-found"])
    status: int
    title: str
    detail: str | None = None
    errors: list[FieldError] | None = None
