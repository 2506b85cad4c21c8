"""A batch: pinned questions over the work of many people who have no account, with a grade for each of both."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.result import GradingState

MISSING = "missing"
"""The outcome for somebody who handed in nothing for a question."""

_FOLDER_CHARACTERS = 60

ODD_OUTCOMES = frozenset({"needs-review", "malformed", "failed"})
"""Outcomes that a person should look at."""


class BatchState(StrEnum):
    """Where a batch stands. A stored name is never renamed."""

    PREPARING = "preparing"
    """Its upload is looked through; nothing of it is kept yet."""
    OPEN = "open"
    PAUSED = "paused"
    """Nothing more of it is graded until somebody lets it go on."""


@dataclass(frozen=True)
class Batch:
    """What many people handed in for the same questions.

    Attributes:
        questions: as they were pinned; one notebook each.
        anonymous: whether nobody who grades reads a name.
        upload: key of the uploaded file while the batch is prepared; empty afterwards.
        layout: how its files were matched with people, see ``domain.handed``.
        pattern: file-name pattern, for the layout that has one.
        people: list of people that was given with the upload, as CSV.
    """

    id: str
    title: str
    state: BatchState
    questions: tuple[QuestionRef, ...]
    created_by: str
    created_at: datetime
    anonymous: bool = False
    upload: str = ""
    layout: str = ""
    pattern: str = ""
    people: str = ""

    @property
    def kept(self) -> bool:
        """Whether people's work is in it."""
        return self.state is not BatchState.PREPARING

    @property
    def paused(self) -> bool:
        """Whether its grading waits for somebody to let it go on."""
        return self.state is BatchState.PAUSED

    def question(self, question_id: str) -> QuestionRef | None:
        """Return one of its questions."""
        return next((ref for ref in self.questions if ref.id == question_id), None)


@dataclass(frozen=True)
class BatchSubmission:
    """What one person handed in.

    Attributes:
        number: 1, 2, …: dealt at random, so that it says nothing about the person.
        person: their id, as the upload or the list of people has it.
        artefact: artefact key of the zip file.
        points: sum over the questions.
    """

    id: str
    batch: str
    number: int
    person: str
    name: str
    email: str
    artefact: str
    points: float = 0.0
    max_points: float = 0.0

    @property
    def pseudonym(self) -> str:
        """What the person is called while the batch is anonymous; it never changes."""
        return f"Person {self.number:04}"

    def veiled(self) -> "BatchSubmission":
        """Return it without anything that tells who it is."""
        return replace(self, person=self.pseudonym, name=self.pseudonym, email="", artefact="")


@dataclass(frozen=True)
class BatchGrade:
    """The grading of one question of one person.

    Attributes:
        outcome: one word for the whole notebook.
        points: what is given so far, by tests and by people.
        waiting: how many cells wait for a person to give points.
        review: whether a person should look at it.
        reviewed: whether a person said that it is done.
        ticket: rises each time a worker takes it; what a worker that was given up brings later is thrown away.
        attempts: how often the sandbox itself failed.
    """

    submission: str
    question: str
    state: GradingState
    outcome: str = ""
    points: float = 0.0
    max_points: float = 0.0
    waiting: int = 0
    review: bool = False
    reviewed: bool = False
    autograded: str = ""
    isolated: bool = True
    message: str = ""
    ticket: int = 0
    attempts: int = 0


def folder_of(person: str, taken: set[str]) -> str:
    """Return what somebody's folder is called in a file for others, and take that name.

    Args:
        person: their id, whatever it holds.
        taken: names that others have, without case: not every disk tells them apart.
    """
    plain = re.sub(r"[^\w.@-]+", "-", person)[:_FOLDER_CHARACTERS].strip(".-") or "person"
    found = next(
        name
        for name in (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
        if name.casefold() not in taken
    )
    taken.add(found.casefold())
    return found


def needs_review(outcome: str, waiting: int, *, reviewed: bool) -> bool:
    """Whether a person should look at a grade: points are to be given, or something odd happened."""
    return waiting > 0 or (outcome in ODD_OUTCOMES and not reviewed)


@dataclass(frozen=True)
class Counts:
    """How many gradings of a batch stand where."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    review: int = 0
    people: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.queued + self.running + self.done + self.failed

    @property
    def left(self) -> int:
        """Those that the tests have not run on."""
        return self.queued + self.running


@dataclass(frozen=True)
class Progress:
    """How far the grading of a batch is.

    Attributes:
        per_minute: notebooks a minute lately; 0 while that cannot be told.
    """

    counts: Counts
    per_minute: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes at this rate, in seconds."""
        return self.counts.left * 60 / self.per_minute if self.per_minute and self.counts.left else None


def rate(finished: int, since: datetime | None, now: datetime) -> float:
    """Return notebooks a minute.

    Args:
        finished: how many were finished lately.
        since: when the first of them was.
        now: the time.
    """
    if since is None or finished < 2:  # noqa: PLR2004  # one alone tells nothing of the time between two
        return 0.0
    seconds = max((now - since).total_seconds(), 0.1)
    return (finished - 1) * 60 / seconds


class Show(StrEnum):
    """Which gradings are looked for."""

    ALL = ""
    REVIEW = "review"
    FAILED = "failed"
    UNGRADED = "ungraded"


class GridOrder(StrEnum):
    """What the grid is sorted by; a leading minus turns it round."""

    NAME = "name"
    NAME_DOWN = "-name"
    POINTS = "points"
    POINTS_DOWN = "-points"


@dataclass(frozen=True)
class GridSearch:
    """Conditions on the people of a batch.

    Attributes:
        text: occurs in name, id or e-mail; while the batch is anonymous, in the pseudonym.
        question: the one that ``show`` is about; empty for any.
    """

    text: str = ""
    show: Show = Show.ALL
    question: str = ""
    order: GridOrder = GridOrder.NAME
    rows: int = 50
    cursor: str = ""


@dataclass(frozen=True)
class GridRow:
    """One person with a grade for each question."""

    submission: BatchSubmission
    grades: dict[str, BatchGrade]


@dataclass(frozen=True)
class GridPage:
    """One page of the grid.

    Attributes:
        next: cursor of the page after it; empty at the end.
        found: how many people match, on all pages.
    """

    rows: tuple[GridRow, ...]
    next: str
    found: int


class RequestState(StrEnum):
    """Where a request to grade again stands. A stored name is never renamed."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class RegradeRequest:
    """Somebody asked for another look at their grade; the team noted it."""

    id: str
    batch: str
    submission: str
    question: str
    reason: str
    made_by: str
    made_at: datetime
    state: RequestState = RequestState.OPEN
    answer: str = ""
    resolved_by: str = ""
    resolved_at: datetime | None = None
