"""Where the marks of charts stand; templates draw them as SVG, each beside a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360.0
_LEFT, _RIGHT = 12.0, 348.0
_DOT = 4.0
_ROW = 9.0
_MOST_ROWS = 8


@dataclass(frozen=True)
class Strip:
    """A row of dots, one for each person, and one's own place among them.

    Attributes:
        dots: places of the others; those that would lie upon each other are stacked.
        own: one's own place.
        axis: height of the axis.
        height: of the whole.
    """

    dots: tuple[tuple[float, float], ...]
    own: float
    axis: float
    height: float


def strip(others: Sequence[float], own: float, highest: float) -> Strip:
    """Return a strip from 0 to a highest value; what lies outside stands at its ends."""
    dots, heights = [], dict[int, int]()
    for value in sorted(others):
        column = round(_across(value, highest) / (2 * _DOT))
        row = min(heights.get(column, 0), _MOST_ROWS)
        heights[column] = row + 1
        dots.append((column * 2 * _DOT, row))
    rows = max([1, *heights.values()])
    axis = 8 + _ROW * rows
    places = tuple((round(x, 1), round(axis - 6 - _ROW * row, 1)) for x, row in dots)
    return Strip(places, round(_across(own, highest), 1), axis, axis + 30)


def _across(value: float, highest: float) -> float:
    share = min(max(value / highest, 0.0), 1.0) if highest > 0 else 0.0
    return _LEFT + share * (_RIGHT - _LEFT)


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram: where it stands, how high it is, and what it counts."""

    x: float
    y: float
    width: float
    height: float
    count: int
    label: str


def histogram(bins: Sequence[int], height: float = 110.0) -> tuple[Bar, ...]:
    """Return the bars of a histogram of shares, in tenths from 0 to 100 %."""
    most, wide = max([1, *bins]), (_RIGHT - _LEFT) / max(1, len(bins))
    bars = []
    for place, count in enumerate(bins):
        tall = (height - 18) * count / most
        label = f"{place * 100 // len(bins)}"
        bars.append(
            Bar(
                round(_LEFT + place * wide + 1.5, 1),
                round(height - tall, 1),
                round(wide - 3, 1),
                round(tall, 1),
                count,
                label,
            )
        )
    return tuple(bars)


@dataclass(frozen=True)
class Span:
    """An interval on a line from a lowest to a highest value, with a point in it."""

    low: float
    point: float
    high: float
    zero: float


def span(low: float, point: float, high: float, lowest: float, highest: float) -> Span:
    """Return an interval on a line; what lies outside stands at its ends."""
    places = (_across(one - lowest, highest - lowest) for one in (low, point, high, 0.0))
    return Span(*(round(one, 1) for one in places))
