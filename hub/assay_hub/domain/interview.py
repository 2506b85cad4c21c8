"""An interview: its questions, its people, its states and its clock."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.plan import Kind, Plan
from assay_hub.domain.signals import Level
from assay_protocol.names import candidate_account, workspace_account


class State(StrEnum):
    """Where an interview stands. A stored name is never renamed."""

    CREATED = "created"
    LIVE = "live"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({State.CREATED, State.LIVE})
"""States in which work goes on in the workspace."""


@dataclass(frozen=True)
class QuestionRef:
    """A question at one version.

    Attributes:
        id: name of the question in the library.
        version: as the author numbers it.
        title: as people read it.
        pinned: artefact key of the question's files, so that a later edit of the library changes nothing here.
    """

    id: str
    version: str
    title: str
    pinned: str

    @property
    def notebook(self) -> str:
        """Path of the question's notebook in the workspace."""
        return f"{self.id}.ipynb"


@dataclass(frozen=True)
class Interview:
    """One interview: its plan as it was last saved, with its questions pinned, and how it went so far.

    Attributes:
        revision: counts the changes that people made to it.
        calendar_sequence: counts the changes of its time, for calendars (RFC 5545, SEQUENCE).
        started_at: when the candidate entered; the clock runs from here.
        ended_at: when it was submitted, closed or cancelled; the clock stops here.
        paused: time on the clock that does not count, because the interview was over for a while and reopened.
        signals: how much is observed, as the role had it when the interview was created.
        blind: whether whoever reviews it without having held it is not told who the candidate is.
    """

    id: str
    title: str
    candidate_name: str
    state: State
    created_by: str
    created_at: datetime
    duration: timedelta
    interviewers: tuple[str, ...]
    questions: tuple[QuestionRef, ...]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    candidate_email: str = ""
    position: str = ""
    kind: Kind = Kind.LIVE
    scheduled_at: datetime | None = None
    time_zone: str = "UTC"
    internal_notes: str = ""
    tags: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    revision: int = 1
    calendar_sequence: int = 0
    paused: timedelta = timedelta(0)
    signals: Level = Level.LIGHT
    blind: bool = False

    @property
    def plan(self) -> Plan:
        """The plan that a form shows and changes."""
        here = {field.name: getattr(self, field.name) for field in fields(Plan) if field.name != "questions"}
        return Plan(**here, questions=tuple(ref.id for ref in self.questions))

    @property
    def date(self) -> datetime:
        """When it is to begin, or when it was created if nobody has said."""
        return self.scheduled_at or self.created_at

    @property
    def workspace(self) -> str:
        """Hub account that owns the workspace."""
        return workspace_account(self.id)

    @property
    def candidate(self) -> str:
        """Hub account of the candidate."""
        return candidate_account(self.id)

    @property
    def is_open(self) -> bool:
        """Whether work goes on in the workspace."""
        return self.state in OPEN_STATES

    def enter(self, now: datetime) -> "Interview":
        """Return the interview after the candidate entered: the first entry starts the clock."""
        if self.state is not State.CREATED:
            return self
        return replace(self, state=State.LIVE, started_at=now)

    def submit(self, now: datetime) -> "Interview":
        """Return the interview after a submission.

        Raises:
            WrongStateError: nothing has started yet, or it is over.
        """
        if self.state is not State.LIVE:
            raise WrongStateError("This interview cannot be submitted now.", f"It is {self.state}.")
        return replace(self, state=State.SUBMITTED, ended_at=now)

    def close(self, now: datetime) -> "Interview":
        """Return the interview after an interviewer ended it; ending it twice changes nothing."""
        if self.state in {State.CLOSED, State.CANCELLED}:
            return self
        return replace(self, state=State.CLOSED, ended_at=self.ended_at or now)

    def revise(self, plan: Plan, questions: tuple[QuestionRef, ...]) -> "Interview":
        """Return the interview with another plan.

        Args:
            plan: the new plan, checked.
            questions: its questions, pinned.

        Raises:
            WrongStateError: questions are taken away or put in another order after the candidate has begun, or anything
                about the candidate, the questions or the length changes after the end.
        """
        self._refuse_late_changes(plan)
        moved = (plan.scheduled_at, plan.duration) != (self.scheduled_at, self.duration)
        values = {field.name: getattr(plan, field.name) for field in fields(plan) if field.name != "questions"}
        return replace(
            self,
            **values,
            questions=questions,
            revision=self.revision + 1,
            calendar_sequence=self.calendar_sequence + moved,
        )

    def _refuse_late_changes(self, plan: Plan) -> None:
        asked = self.plan.questions
        if self.started_at is not None and plan.questions[: len(asked)] != asked:
            raise WrongStateError(
                "The candidate has begun, so questions can only be added at the end.", "Put the earlier ones back."
            )
        fixed = ("candidate_name", "questions", "duration", "kind")
        if not self.is_open and set(self.plan.changes(plan)) & set(fixed):
            raise WrongStateError(
                f"This interview is {self.state}: its candidate, questions and length are fixed.",
                "Reopen it, or make a copy.",
            )

    def cancel(self, now: datetime) -> "Interview":
        """Return the interview after it was called off.

        Raises:
            WrongStateError: it is over already.
        """
        if not self.is_open:
            raise WrongStateError(f"This interview is {self.state}, so it cannot be cancelled.")
        return replace(
            self,
            state=State.CANCELLED,
            ended_at=now,
            revision=self.revision + 1,
            calendar_sequence=self.calendar_sequence + 1,
        )

    def reopen(self, now: datetime) -> "Interview":
        """Return the interview after work in it may go on; the time in between does not count on its clock.

        Raises:
            WrongStateError: it is not over.
        """
        if self.is_open:
            raise WrongStateError("This interview is open already.")
        begun = self.started_at is not None
        pause = now - self.ended_at if begun and self.ended_at else timedelta(0)
        return replace(
            self,
            state=State.LIVE if begun else State.CREATED,
            ended_at=None,
            paused=self.paused + pause,
            revision=self.revision + 1,
            calendar_sequence=self.calendar_sequence + 1,
        )

    def elapsed(self, now: datetime) -> timedelta:
        """Return the time on the clock: zero before the start, fixed after the end."""
        if self.started_at is None:
            return timedelta(0)
        return (self.ended_at or now) - self.started_at - self.paused
