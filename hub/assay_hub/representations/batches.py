"""Batches as other programs get them; of an anonymous batch no name and no e-mail."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from assay_hub.domain.batch import Batch, BatchGrade, GridPage, GridRow, Progress
from assay_hub.domain.result import GradingState
from assay_hub.representations.render import API_PATH


class _Shown(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BatchQuestionShown(_Shown):
    """A question of a batch, as it was pinned."""

    id: str
    version: str
    title: str


class BatchShown(_Shown):
    """A batch with how far its grading is."""

    id: str
    title: str
    questions: list[BatchQuestionShown]
    anonymous: bool
    paused: bool = Field(description="whether grading waits for somebody to let it go on")
    created_by: str
    created_at: datetime
    people: int
    queued: int
    running: int
    done: int
    failed: int
    review: int = Field(description="how many gradings a person should look at")
    per_minute: float = Field(description="notebooks graded a minute lately; 0 while that cannot be told")
    links: dict[str, str]


class BatchGradeShown(_Shown):
    """The grading of one question of one person."""

    question: str
    state: GradingState
    outcome: str
    points: float
    max_points: float
    waiting: int = Field(description="how many cells wait for a person to give points")
    review: bool
    isolated: bool


class BatchPersonShown(_Shown):
    """One person of a batch with their grades."""

    id: str
    person: str = Field(description="as the upload has them; a pseudonym while the batch is anonymous")
    name: str
    email: str
    points: float
    max_points: float
    grades: list[BatchGradeShown]


class BatchList(_Shown):
    """A page of batches, the latest first."""

    next: str | None = Field(description="cursor of the next page; null at the end")
    items: list[BatchShown]


class BatchPeople(_Shown):
    """A page of the people of a batch."""

    next: str | None = Field(description="cursor of the next page; null at the end")
    items: list[BatchPersonShown]


class BatchExport(_Shown):
    """A batch with all of its people."""

    batch: BatchShown
    people: list[BatchPersonShown]


def batch_shown(batch: Batch, progress: Progress) -> BatchShown:
    """Return a batch."""
    counts, here = progress.counts, f"{API_PATH}/batches/{batch.id}"
    return BatchShown(
        id=batch.id,
        title=batch.title,
        questions=[BatchQuestionShown(id=ref.id, version=ref.version, title=ref.title) for ref in batch.questions],
        anonymous=batch.anonymous,
        paused=batch.paused,
        created_by=batch.created_by,
        created_at=batch.created_at,
        people=counts.people,
        queued=counts.queued,
        running=counts.running,
        done=counts.done,
        failed=counts.failed,
        review=counts.review,
        per_minute=progress.per_minute,
        links={"self": here, "people": f"{here}/people", "export": f"{here}/export"},
    )


def people_shown(batch: Batch, page: GridPage) -> list[BatchPersonShown]:
    """Return the people of a page."""
    return [_person(batch, row) for row in page.rows]


def _person(batch: Batch, row: GridRow) -> BatchPersonShown:
    one = row.submission
    return BatchPersonShown(
        id=one.id,
        person=one.person,
        name=one.name,
        email=one.email,
        points=one.points,
        max_points=one.max_points,
        grades=[_grade(row.grades[ref.id]) for ref in batch.questions if ref.id in row.grades],
    )


def _grade(grade: BatchGrade) -> BatchGradeShown:
    return BatchGradeShown(
        question=grade.question,
        state=grade.state,
        outcome=grade.outcome,
        points=grade.points,
        max_points=grade.max_points,
        waiting=grade.waiting,
        review=grade.review,
        isolated=grade.isolated,
    )
