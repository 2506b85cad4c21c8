"""An interview: its questions, its people, its states and its clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from assay_hub.domain.errors import WrongStateError
from assay_protocol.names import candidate_account, workspace_account


class State(StrEnum):
    """Where an interview stands. A stored name is never renamed."""

    CREATED = "created"
    LIVE = "live"
    SUBMITTED = "submitted"
    CLOSED = "closed"


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
    """One interview.

    Attributes:
        duration: planned length.
        started_at: when the candidate entered; the clock runs from here.
        ended_at: when it was submitted or closed; the clock stops here.
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
        return self if self.state is State.CLOSED else replace(self, state=State.CLOSED, ended_at=self.ended_at or now)

    def elapsed(self, now: datetime) -> timedelta:
        """Return the time on the clock: zero before the start, fixed after the end."""
        if self.started_at is None:
            return timedelta(0)
        return (self.ended_at or now) - self.started_at
