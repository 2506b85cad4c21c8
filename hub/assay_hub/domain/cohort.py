"""Comparing one candidate with those who were asked the same, and questions with each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

SMALLEST = 5
"""A comparison with fewer people says more about them than about the candidate: it is refused."""

_Z = NormalDist().inv_cdf(0.975)


class TooFewError(ValueError):
    """There are fewer people than a comparison needs."""


@dataclass(frozen=True)
class Standing:
    """Where one value stands among others.

    Attributes:
        percentile: 0 to 100: the share of the others below, and half of those who are equal.
        below: how many of the others have less.
        equal: how many have the same.
        people: how many others there are.
    """

    percentile: float
    below: int
    equal: int
    people: int


def standing(value: float, others: Sequence[float]) -> Standing:
    """Return where a value stands among those of the others, which do not hold it.

    The percentile rank with half of the ties, as in ``scipy.stats.percentileofscore(kind="mean")``.

    Raises:
        TooFewError: there are fewer than ``SMALLEST`` others.
    """
    if len(others) < SMALLEST:
        raise TooFewError(f"A comparison needs {SMALLEST} other people at least; there are {len(others)}.")
    below = sum(one < value for one in others)
    equal = sum(one == value for one in others)
    return Standing(100 * (below + equal / 2) / len(others), below, equal, len(others))


@dataclass(frozen=True)
class ItemStatistics:
    """How one question did among those who answered it.

    Attributes:
        people: how many answered.
        difficulty: mean share of the points, 0 to 1: an easy question is near 1.
        discrimination: correlation of its points with the points of the same people on everything else, -1 to 1;
            ``None`` when one of the two never varies.
    """

    people: int
    difficulty: float
    discrimination: float | None


def item_statistics(shares: Sequence[float], rest: Sequence[float]) -> ItemStatistics:
    """Return difficulty and discrimination of a question.

    The corrected item-total correlation: the item is not part of the total that it is compared with.
    Source: J. Nunnally and I. Bernstein, Psychometric Theory (1994), chapter 8.

    Args:
        shares: share of the question's points for each person, 0 to 1.
        rest: share of the points of everything else, in the same order.

    Raises:
        TooFewError: there are fewer than ``SMALLEST`` people.
    """
    if len(shares) < SMALLEST:
        raise TooFewError(f"This needs {SMALLEST} people at least; there are {len(shares)}.")
    return ItemStatistics(len(shares), fmean(shares), _correlation(shares, rest))


def _correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    mean_left, mean_right = fmean(left), fmean(right)
    together = sum((a - mean_left) * (b - mean_right) for a, b in zip(left, right, strict=True))
    spread = math.sqrt(sum((a - mean_left) ** 2 for a in left) * sum((b - mean_right) ** 2 for b in right))
    return None if math.isclose(spread, 0) else together / spread


def share_interval(successes: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share.

    Source: E. Wilson (1927); worked values in R. Newcombe, Statistics in Medicine 17 (1998), table I.
    """
    share = successes / total
    middle = share + _Z**2 / (2 * total)
    reach = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


FOUR_FIFTHS = 0.8


@dataclass(frozen=True)
class Impact:
    """How often people of one group were selected, beside the group that was selected most often.

    Attributes:
        rate: share of the group that was selected.
        ratio: its rate over the highest; ``None`` when nobody was selected at all.
        low: lower end of the 95 % interval of the ratio; ``None`` where it cannot be said.
        high: upper end.
        below: whether the ratio is below four fifths.
    """

    group: str
    people: int
    selected: int
    rate: float
    ratio: float | None
    low: float | None
    high: float | None
    below: bool


def impacts(groups: dict[str, tuple[int, int]]) -> list[Impact]:
    """Return the four-fifths table, from the highest rate to the lowest.

    The ratio is a group's selection rate over the highest group's: Uniform Guidelines on Employee Selection Procedures,
    29 CFR 1607.4 D. Its interval is that of a ratio of two shares on the logarithmic scale: D. Katz and others,
    Biometrics 34 (1978).

    Args:
        groups: by name, how many people there are and how many of them were selected.
    """
    counted = {name: found for name, found in groups.items() if found[0] > 0}
    if not counted:
        return []
    by_rate = sorted(counted.items(), key=lambda item: (-item[1][1] / item[1][0], item[0]))
    top_people, top_selected = by_rate[0][1]
    return [_impact(name, people, selected, top_people, top_selected) for name, (people, selected) in by_rate]


def _impact(name: str, people: int, selected: int, top_people: int, top_selected: int) -> Impact:
    rate = selected / people
    if top_selected == 0:
        return Impact(name, people, selected, rate, None, None, None, below=False)
    ratio = rate / (top_selected / top_people)
    low: float | None = None
    high: float | None = None
    if selected:
        error = math.sqrt(1 / selected - 1 / people + 1 / top_selected - 1 / top_people)
        low, high = ratio * math.exp(-_Z * error), ratio * math.exp(_Z * error)
    return Impact(name, people, selected, rate, ratio, low, high, below=ratio < FOUR_FIFTHS)
