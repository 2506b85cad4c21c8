"""How somebody did in an interview, in the few numbers that people are compared by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assay_hub.domain.activity import Activity
from assay_hub.domain.cohort import SMALLEST, Standing, standing
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.result import Grade, GradingState

Asked = tuple[str, str]
"""A question and the first part of its version: a correction of a question leaves it the same task."""


@dataclass(frozen=True)
class Performance:
    """The numbers of one interview.

    Attributes:
        person: tells people apart and names nobody.
        shares: what was asked to the share of its points, where there is one.
        asked: everything that was asked.
        points: points of all questions that have been graded.
        max_points: the most that there were.
        active: milliseconds; ``None`` where nothing was recorded or measured yet.
    """

    interview: str
    person: str
    asked: frozenset[Asked]
    shares: Mapping[Asked, float] = field(default_factory=dict)
    points: float = 0.0
    max_points: float = 0.0
    active: int | None = None
    tags: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """Share of all points, once every question has been graded."""
        whole = self.max_points > 0 and self.shares.keys() == self.asked
        return self.points / self.max_points if whole else None


def asked_of(ref: QuestionRef) -> Asked:
    """Return what counts as the same question in two interviews."""
    return ref.id, ref.version.partition(".")[0]


def points_of(grade: Grade) -> tuple[float, float] | None:
    """Return points and the most there were, of the tests that have points; ``None`` where there are none yet."""
    if grade.state is not GradingState.DONE:
        return None
    given = [(cell.points, cell.max_points) for cell in grade.cells if cell.points is not None]
    points = sum(one for one, _ in given) if grade.cells else grade.points
    most = sum(most for _, most in given) if grade.cells else grade.max_points
    return (points, most) if most > 0 else None


def performance(interview: Interview, grades: Iterable[Grade], measured: Activity | None) -> Performance:
    """Return the numbers of an interview; a question without points, such as an essay, is no part of them."""
    refs = {ref.id: asked_of(ref) for ref in interview.questions}
    known = {grade.question: grade for grade in grades if grade.question in refs}
    counted = {one: found for one, grade in known.items() if (found := points_of(grade)) is not None}
    pointless = {one for one, grade in known.items() if grade.state is GradingState.DONE and one not in counted}
    return Performance(
        interview=interview.id,
        person=interview.candidate_email.lower() or interview.id,
        asked=frozenset(asked for one, asked in refs.items() if one not in pointless),
        shares={refs[one]: points / most for one, (points, most) in counted.items()},
        points=sum(points for points, _ in counted.values()),
        max_points=sum(most for _, most in counted.values()),
        active=measured.whole.active if measured and measured.documents else None,
        tags=interview.tags,
    )


@dataclass(frozen=True)
class Compared:
    """One number beside those of others.

    Attributes:
        others: their numbers, in order of size and without names.
    """

    value: float
    others: tuple[float, ...]
    standing: Standing


@dataclass(frozen=True)
class TooFew:
    """There are too few others to compare with.

    Attributes:
        people: how many others there are.
    """

    people: int


Comparison = Compared | TooFew


def compared(value: float | None, others: Iterable[float | None]) -> Comparison | None:
    """Return a number beside those of others; ``None`` without a number of one's own."""
    known = tuple(sorted(one for one in others if one is not None))
    if value is None:
        return None
    if len(known) < SMALLEST:
        return TooFew(len(known))
    return Compared(value, known, standing(value, known))


@dataclass(frozen=True)
class CohortComparison:
    """Somebody beside those who were interviewed for the same role.

    Attributes:
        tags: only interviews with all of these are in it.
        people: how many others there are.
        share: of all points, beside those who were asked the same questions.
        active: time at work, beside the same.
        questions: share of each question's points, beside all who were asked it.
    """

    tags: tuple[str, ...]
    people: int
    share: Comparison | None
    active: Comparison | None
    questions: Mapping[Asked, Comparison | None]


def latest_of_each(performances: Sequence[Performance]) -> list[Performance]:
    """Return one performance for each person: the last, where they come in order of time."""
    return list({one.person: one for one in performances}.values())


def against_cohort(own: Performance, everybody: Sequence[Performance], tags: tuple[str, ...] = ()) -> CohortComparison:
    """Compare somebody with the others of their role, each counted once by their last interview.

    Args:
        own: who is compared; their other interviews are left out.
        everybody: in order of time.
        tags: only interviews with all of these count.
    """
    strangers = [one for one in everybody if own.interview != one.interview and own.person != one.person]
    fitting = [one for one in strangers if set(tags) <= set(one.tags)]
    others = latest_of_each(fitting)
    alike = latest_of_each([one for one in fitting if one.asked == own.asked])
    return CohortComparison(
        tags=tags,
        people=len(others),
        share=compared(own.share, (one.share for one in alike)),
        active=compared(own.active, (one.active for one in alike)),
        questions={
            asked: compared(share, (one.shares[asked] for one in _last_asked(fitting, asked)))
            for asked, share in own.shares.items()
        },
    )


def _last_asked(performances: Sequence[Performance], asked: Asked) -> list[Performance]:
    return latest_of_each([one for one in performances if asked in one.shares])
