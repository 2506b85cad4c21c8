"""How the questions of a role did: how hard they were, and whether they tell people apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from assay_hub.domain.cohort import SMALLEST, TooFewError

_Z = NormalDist().inv_cdf(0.975)
_FEWEST_FOR_AN_INTERVAL = 4


@dataclass(frozen=True)
class ItemStatistics:
    """How one question did among those who answered it.

    Attributes:
        people: how many answered.
        difficulty: mean share of the points, 0 to 1: an easy question is near 1.
        discrimination: correlation of its points with the points of the same people on everything else, -1 to 1;
            ``None`` when one of the two never varies.
        low, high: 95 % interval of the discrimination; ``None`` without one.
    """

    people: int
    difficulty: float
    discrimination: float | None
    low: float | None = None
    high: float | None = None


def item_statistics(shares: Sequence[float], rest: Sequence[float]) -> ItemStatistics:
    """Return difficulty and discrimination of a question.

    The corrected item-total correlation: the item is not part of the total that it is compared with.
    Source: J. Nunnally and I. Bernstein, Psychometric Theory (1994), chapter 8. Worked example: ``alpha(attitude)`` in
    the manual of the R package psych (W. Revelle), column ``r.drop``.

    Args:
        shares: share of the question's points for each person, 0 to 1.
        rest: points of everything else, in the same order and on any scale.

    Raises:
        TooFewError: there are fewer than ``SMALLEST`` people.
    """
    if len(shares) < SMALLEST:
        raise TooFewError(f"This needs {SMALLEST} people at least; there are {len(shares)}.")
    found = _correlation(shares, rest)
    low, high = (None, None) if found is None else correlation_interval(found, len(shares))
    return ItemStatistics(len(shares), fmean(shares), found, low, high)


def _correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    mean_left, mean_right = fmean(left), fmean(right)
    together = sum((a - mean_left) * (b - mean_right) for a, b in zip(left, right, strict=True))
    spread = math.sqrt(sum((a - mean_left) ** 2 for a in left) * sum((b - mean_right) ** 2 for b in right))
    return None if math.isclose(spread, 0, abs_tol=1e-12) else max(-1.0, min(1.0, together / spread))


def correlation_interval(correlation: float, people: int) -> tuple[float, float]:
    """Return the 95 % interval of a correlation by Fisher's transformation.

    Source: R. Fisher (1921). Worked example: D. Lane, Online Statistics Education, exercises of chapter 10: 0.45 among
    28 people gives 0.093 to 0.705.
    """
    if people < _FEWEST_FOR_AN_INTERVAL or abs(correlation) >= 1:
        return (-1.0, 1.0) if people < _FEWEST_FOR_AN_INTERVAL else (correlation, correlation)
    middle, reach = math.atanh(correlation), _Z / math.sqrt(people - 3)
    return math.tanh(middle - reach), math.tanh(middle + reach)
