"""What grading says about one test cell and about a whole notebook."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Why a cell got its points. A stored name is never renamed."""

    PASSED = "passed"
    FAILED = "failed"
    """The test ran and was not, or not wholly, content."""
    ERROR = "error"
    """The test, or the code it called, raised something other than an assertion."""
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out-of-memory"
    KILLED = "killed"
    """The submission's process was gone when the test ran."""
    MALFORMED = "malformed"
    """The submission cannot be read as the notebook that was released."""
    NEEDS_REVIEW = "needs-review"
    """A person gives the points."""


@dataclass(frozen=True)
class CellVerdict:
    """The verdict on one graded cell.

    Attributes:
        title: what the cell is about, for people.
        points: ``None`` when a person has to give them.
        message: why, as plain text for reviewers, about 2,000 characters; may quote hidden tests.
        candidate_message: what of it a candidate may read; empty where a hidden test may have spoken.
    """

    grade_id: str
    title: str
    points: float | None
    max_points: float
    verdict: Verdict
    message: str = ""
    candidate_message: str = ""


@dataclass(frozen=True)
class Grade:
    """The grading of one notebook.

    Attributes:
        outcome: ``graded``, ``malformed``, or ``needs-review``: cells wait for a person, or something odd happened.
        autograded: the executed notebook with its tests, as nbgrader keeps it; empty when malformed.
        points: sum of what is given so far.
        message: what a reviewer should know about the notebook as a whole.
        untouched: ``grade_id`` of each answer that was left as it had been released.
    """

    cells: tuple[CellVerdict, ...]
    outcome: str
    autograded: bytes
    points: float
    max_points: float
    message: str = ""
    untouched: tuple[str, ...] = ()
