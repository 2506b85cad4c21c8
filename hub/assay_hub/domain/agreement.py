"""How far reviewers agree on a criterion: weighted kappa for two, Krippendorff's alpha for any number, with intervals.

A *sheet* is one list of scores for each reviewer, in the same order of what was scored; a score is a level of an
ordinal scale such as 1 to 5, and ``None`` where a reviewer did not score or did not observe.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

Sheet = Sequence[Sequence[int | None]]

Unit = TypeVar("Unit")

RESAMPLES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement: 1 is perfect, 0 what chance would give.

    Attributes:
        method: ``kappa`` or ``alpha``.
        value: ``None`` when it cannot be said: fewer than two things that two people scored, or all scores the same.
        low: lower end of the 95 % interval, by resampling what was scored; ``None`` with the value.
        high: upper end.
        units: how many things at least two reviewers scored.
    """

    method: str
    value: float | None
    low: float | None
    high: float | None
    units: int


def agreement(sheet: Sheet, random: Random) -> Agreement:
    """Return how far reviewers agree: quadratic weighted kappa for two, ordinal alpha for more.

    Args:
        sheet: one row for each reviewer.
        random: for the interval; the same seed gives the same interval.
    """
    units = [unit for unit in zip(*sheet, strict=True) if sum(score is not None for score in unit) > 1]
    method: Callable[[Sheet], float | None] = weighted_kappa if len(sheet) == 2 else ordinal_alpha  # noqa: PLR2004
    name = "kappa" if method is weighted_kappa else "alpha"
    value = _of_units(method, units)
    if value is None:
        return Agreement(name, None, None, None, len(units))
    low, high = interval(lambda drawn: _of_units(method, drawn), units, random)
    return Agreement(name, value, low, high, len(units))


def weighted_kappa(sheet: Sheet, power: int = 2) -> float | None:
    """Return Cohen's kappa of two reviewers, in which a disagreement weighs with its distance on the scale.

    One minus observed over expected disagreement, with weights ``|i - j| ** power`` over the places of the levels
    that occur: 1 gives linear weights, 2 quadratic ones. Things that one of the two did not score are left out.
    Source: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968).
    """
    first, second = sheet
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(abs(a - b) ** power for a, b in pairs) / len(pairs)
    expected = sum(left[a] * right[b] * abs(a - b) ** power for a in left for b in right) / len(pairs) ** 2
    return None if math.isclose(expected, 0) else 1 - observed / expected


def ordinal_alpha(sheet: Sheet) -> float | None:
    """Return Krippendorff's alpha for ordinal scores of any number of reviewers; scores may be missing.

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections C and D.
    """
    units = [[score for score in unit if score is not None] for unit in zip(*sheet, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    totals = Counter(score for unit in units for score in unit)
    count = sum(totals.values())
    levels = sorted(totals)

    def distance(a: int, b: int) -> float:
        between = sum(totals[level] for level in levels if min(a, b) <= level <= max(a, b))
        return (between - (totals[a] + totals[b]) / 2) ** 2 if a != b else 0.0

    squares = {(a, b): distance(a, b) for a in levels for b in levels}
    expected = sum(totals[a] * totals[b] * square for (a, b), square in squares.items())
    if math.isclose(expected, 0):
        return None
    observed = sum(squares[a, b] / (len(unit) - 1) for unit in units for a in unit for b in unit)
    return 1 - (count - 1) * observed / expected


def severity(sheet: Sheet) -> list[float | None]:
    """Return for each reviewer how far they score above (or below) the others on what both scored, in levels.

    The mean over everything that the reviewer and somebody else scored of the reviewer's score less the mean of the
    others'; ``None`` for a reviewer who shares nothing with anybody.
    """
    found: list[float | None] = []
    for place, own in enumerate(sheet):
        differences = []
        for unit, score in enumerate(own):
            others = [row[unit] for other, row in enumerate(sheet) if other != place]
            known = [one for one in others if one is not None]
            if score is not None and known:
                differences.append(score - sum(known) / len(known))
        found.append(sum(differences) / len(differences) if differences else None)
    return found


def interval(
    statistic: Callable[[Sequence[Unit]], float | None], units: Sequence[Unit], random: Random
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % percentile interval of a statistic by resampling units.

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    drawn = (statistic(random.choices(units, k=len(units))) for _ in range(RESAMPLES))
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None, None
    tail = (1 - CONFIDENCE) / 2
    return values[int(tail * len(values))], values[min(len(values) - 1, int((1 - tail) * len(values)))]


def _of_units(statistic: Callable[[Sheet], float | None], units: Sequence[Sequence[int | None]]) -> float | None:
    return statistic(list(zip(*units, strict=True))) if units else None
