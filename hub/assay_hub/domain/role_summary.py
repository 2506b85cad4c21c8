"""A role at a glance: how far people came, how they scored, and how its questions did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from assay_hub.domain.cohort import SMALLEST, TooFewError
from assay_hub.domain.interview import Interview
from assay_hub.domain.item_statistics import ItemStatistics, item_statistics
from assay_hub.domain.performance import Asked, Performance, TooFew, latest_of_each

_BINS = 10


class Step(StrEnum):
    """How far an interview came; each step but the last is on the way to the next."""

    CREATED = "created"
    INVITED = "invited"
    STARTED = "started"
    SUBMITTED = "submitted"
    GRADED = "graded"
    DECIDED = "decided"
    ADVANCED = "advanced"


@dataclass(frozen=True)
class Spread:
    """How several people did.

    Attributes:
        values: without names, in order of size.
        bins: how many people have 0–10 %, …, 90–100 % and more; empty where values are no shares.
    """

    values: tuple[float, ...]
    mean: float
    median: float
    bins: tuple[int, ...] = ()

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self.values)


@dataclass(frozen=True)
class QuestionSummary:
    """How one question did.

    Attributes:
        statistics: beside the other questions of the same people; without a discrimination where too few of them were
            asked anything else.
    """

    asked: Asked
    title: str
    statistics: ItemStatistics | TooFew


@dataclass(frozen=True)
class RoleSummary:
    """A role at a glance.

    Attributes:
        interviews: how many it is about; cancelled ones do not count.
        people: how many people were in them.
        funnel: how many interviews came to each step.
        shares: of all points, of those who were graded in everything.
        active: milliseconds at work.
        on_the_clock: milliseconds from start to end.
    """

    interviews: int
    people: int
    funnel: Mapping[Step, int]
    shares: Spread | TooFew
    active: Spread | TooFew
    on_the_clock: Spread | TooFew
    questions: tuple[QuestionSummary, ...]


@dataclass(frozen=True)
class Course:
    """How one interview went.

    Attributes:
        steps: what happened in it; an earlier step that was left out, such as an invitation, counts as taken.
    """

    interview: Interview
    performance: Performance
    steps: frozenset[Step]


def role_summary(courses: Sequence[Course]) -> RoleSummary | TooFew:
    """Return a role at a glance; refused for fewer than five people.

    Args:
        courses: of interviews that were not cancelled, in order of time.
    """
    everybody = [one.performance for one in courses]
    people = latest_of_each(everybody)
    if len(people) < SMALLEST:
        return TooFew(len(people))
    clocks = [
        1000 * one.interview.elapsed(one.interview.ended_at).total_seconds()
        for one in courses
        if one.interview.started_at and one.interview.ended_at
    ]
    return RoleSummary(
        interviews=len(courses),
        people=len(people),
        funnel=_funnel(courses),
        shares=_spread([one.share for one in people], binned=True),
        active=_spread([one.active for one in people]),
        on_the_clock=_spread(clocks),
        questions=_questions(courses, everybody),
    )


def _funnel(courses: Iterable[Course]) -> dict[Step, int]:
    order = list(Step)
    furthest = [max(map(order.index, one.steps | {Step.CREATED})) for one in courses]
    return {step: sum(place <= one for one in furthest) for place, step in enumerate(order)}


def _spread(values: Iterable[float | None], *, binned: bool = False) -> Spread | TooFew:
    known = tuple(sorted(one for one in values if one is not None))
    if len(known) < SMALLEST:
        return TooFew(len(known))
    bins = [0] * _BINS
    for one in known if binned else ():
        bins[min(max(int(one * _BINS), 0), _BINS - 1)] += 1
    return Spread(known, fmean(known), median(known), tuple(bins) if binned else ())


def _questions(courses: Iterable[Course], everybody: Sequence[Performance]) -> tuple[QuestionSummary, ...]:
    titles: dict[Asked, str] = {}
    for course in courses:
        for ref in course.interview.questions:
            titles[ref.id, ref.version.partition(".")[0]] = ref.title
    asked = sorted({one for performance in everybody for one in performance.shares}, key=lambda one: titles[one])
    return tuple(QuestionSummary(one, titles[one], _statistics(everybody, one)) for one in asked)


def _statistics(everybody: Sequence[Performance], asked: Asked) -> ItemStatistics | TooFew:
    """Return how a question did: its difficulty over all, its discrimination where there was something else."""
    people = latest_of_each([one for one in everybody if asked in one.shares])
    beside = [one for one in people if len(one.shares) > 1]
    try:
        alone = item_statistics([one.shares[asked] for one in people], [0.0] * len(people))
        if len(beside) < SMALLEST:
            return alone
        rest = [fmean(share for other, share in one.shares.items() if other != asked) for one in beside]
        found = item_statistics([one.shares[asked] for one in beside], rest)
    except TooFewError:
        return TooFew(len(people))
    return ItemStatistics(len(people), alone.difficulty, found.discrimination, found.low, found.high)
