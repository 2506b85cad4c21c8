"""Submissions and the points that grading gave them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay_hub.domain.receipt import Receipt


class GradingState(StrEnum):
    """Where the grading of one question stands. A stored name is never renamed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


FINAL = frozenset({GradingState.DONE, GradingState.FAILED})
"""States after which nothing more happens by itself."""


@dataclass(frozen=True)
class CellResult:
    """The verdict on one graded cell.

    Attributes:
        points: ``None`` when a person has to give them.
        verdict: one word: passed, failed, error, timeout, …
        message: why, for reviewers.
    """

    grade_id: str
    title: str
    points: float | None
    max_points: float
    verdict: str
    message: str


@dataclass(frozen=True)
class Grade:
    """The grading of one question of one submission.

    Attributes:
        outcome: one word for the whole notebook.
        autograded: artefact key of the executed notebook; empty until there is one.
        isolated: whether a sandbox held the code.
    """

    interview: str
    question: str
    state: GradingState
    outcome: str = ""
    points: float = 0.0
    max_points: float = 0.0
    cells: tuple[CellResult, ...] = ()
    autograded: str = ""
    isolated: bool = True
    message: str = ""


@dataclass(frozen=True)
class Submission:
    """What was handed in.

    Attributes:
        artefact: artefact key of the zip file.
        number: 1 for the first; an interview that was reopened has more.
    """

    interview: str
    at: datetime
    artefact: str
    receipt: Receipt
    number: int = 1
