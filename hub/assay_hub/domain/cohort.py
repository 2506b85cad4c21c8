"""Comparing one candidate with those who were asked the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

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


def share_interval(successes: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share.

    Source: E. Wilson (1927); worked values in R. Newcombe, Statistics in Medicine 17 (1998), table I.
    """
    share = successes / total
    middle = share + _Z**2 / (2 * total)
    reach = _Z * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
