"""Which curve counts follow: least squares of relative errors, curves compared by Akaike's information criterion.

Akaike, H. (1974), A new look at the statistical model identification, IEEE Transactions on Automatic Control 19(6).
For least squares it is ``m ln(RSS/m) + 2k``; what lies within ``UNDECIDED`` of the best cannot be told from it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CURVES: dict[str, Callable[[float], float]] = {
    "1": lambda _: 1.0,
    "log n": math.log2,
    "n": lambda n: n,
    "n log n": lambda n: n * math.log2(n),
    "n^2": lambda n: n**2,
    "n^2 log n": lambda n: n**2 * math.log2(n),
    "n^3": lambda n: n**3,
    "2^n": lambda n: 2.0**n if n < 1000 else math.inf,  # noqa: PLR2004  # beyond what a float holds
}
"""The curves, from the slowest to the fastest."""

UNDECIDED = 6.0
IRREGULAR = 0.15
_NOISE = 0.01
_FEWEST = 4
_NOTHING = 0.03


@dataclass(frozen=True)
class Candidate:
    """One curve, ``base + factor * curve(n)``, with neither negative.

    Attributes:
        error: root of the mean squared relative error.
        behind: how far its criterion is behind that of the best curve.
    """

    curve: str
    base: float
    factor: float
    error: float
    behind: float


@dataclass(frozen=True)
class Fit:
    """What the counts follow.

    Attributes:
        candidates: the curves, the best first.
        low: the slowest of those that the counts cannot be told from; empty when none fits.
        high: the fastest of those.
        slope: how the logarithm of the counts grows with that of the size: 1 for doubling with it, 2 for four times.
        slope_error: standard error of the slope.
    """

    candidates: tuple[Candidate, ...]
    low: str
    high: str
    slope: float
    slope_error: float

    @property
    def decided(self) -> bool:
        """Whether it is one curve."""
        return bool(self.low) and self.low == self.high


class TooFewError(ValueError):
    """There are fewer points than any curve could be told from."""


def fit(points: Sequence[tuple[int, float]]) -> Fit:
    """Return what the points follow: sizes above 1, and positive counts.

    Raises:
        TooFewError: there are fewer than four of them.
    """
    if len(points) < _FEWEST:
        raise TooFewError(f"{len(points)} sizes were measured, and a curve needs {_FEWEST}")
    found = [_fitted(name, points) for name in CURVES]
    known = [one for one in found if math.isfinite(one[3])]
    best = min(criterion for *_, criterion in known)
    candidates = sorted((Candidate(*one[:3], one[3], one[4] - best) for one in known), key=lambda one: one.behind)
    near = [one for one in candidates if one.behind <= UNDECIDED and one.error <= IRREGULAR]
    # A curve that adds next to nothing even to the largest count is no growth.
    like = {one.curve if _adds(one, points[-1]) > _NOTHING else "1" for one in near}
    alike = [name for name in CURVES if name in like]
    slope, error = slope_of(points)
    return Fit(tuple(candidates), alike[0] if alike else "", alike[-1] if alike else "", slope, error)


def _adds(one: Candidate, last: tuple[int, float]) -> float:
    return one.factor * CURVES[one.curve](float(last[0])) / last[1]


def named(curve: str) -> str:
    """Return the name of a curve, which authors write as ``O(n^2)``."""
    return curve.removeprefix("O(").removesuffix(")") if curve.startswith("O(") else curve


def order_of(curve: str) -> int:
    """Return the place of a curve among all, the slowest first.

    Raises:
        ValueError: there is no such curve.
    """
    return list(CURVES).index(named(curve))


def _fitted(name: str, points: Sequence[tuple[int, float]]) -> tuple[str, float, float, float, float]:
    """Return curve, base, factor, relative error and criterion."""
    curve, m = CURVES[name], len(points)
    # Each point is divided by its count, so that errors are relative: y/y = 1 = base/y + factor * f/y.
    rows = [(1.0 / count, curve(float(size)) / count) for size, count in points]
    if not all(math.isfinite(part) for row in rows for part in row):
        return name, 0.0, 0.0, math.inf, math.inf
    base, factor = _not_negative(rows) if name != "1" else (_one(rows, 0), 0.0)
    squares = sum((1.0 - base * one - factor * other) ** 2 for one, other in rows) / m
    parameters = 1 if name == "1" else 2
    return name, base, factor, math.sqrt(squares), m * math.log(squares + _NOISE**2) + 2 * parameters


def _not_negative(rows: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the least-squares solution with neither part negative."""
    scale = max(other for _, other in rows) or 1.0
    first = sum(a * a for a, _ in rows)
    both = sum(a * b / scale for a, b in rows)
    second = sum((b / scale) ** 2 for _, b in rows)
    left, right = sum(a for a, _ in rows), sum(b / scale for _, b in rows)
    bottom = first * second - both * both
    if bottom > 1e-12 * first * second:
        base, factor = (left * second - both * right) / bottom, (first * right - both * left) / bottom
        if base >= 0 and factor >= 0:
            return base, factor / scale
    alone = [(_one(rows, 0), 0.0), (0.0, _one(rows, 1))]
    return min(alone, key=lambda one: sum((1.0 - one[0] * a - one[1] * b) ** 2 for a, b in rows))


def _one(rows: Sequence[tuple[float, float]], place: int) -> float:
    squares = sum(row[place] ** 2 for row in rows)
    return sum(row[place] for row in rows) / squares if squares else 0.0


def slope_of(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the slope of the logarithms with its standard error, of three points or more."""
    logs = [(math.log(size), math.log(count)) for size, count in points]
    across, up = (sum(parts) / len(logs) for parts in zip(*logs, strict=True))
    spread = sum((x - across) ** 2 for x, _ in logs)
    slope = sum((x - across) * (y - up) for x, y in logs) / spread
    left = sum((y - up - slope * (x - across)) ** 2 for x, y in logs)
    return slope, math.sqrt(left / (len(logs) - 2) / spread)
