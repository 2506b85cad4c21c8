"""Words and pictures for the analysis of code: what is drawn is also said, and stands in a table."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assay_hub.domain.analysis import Fit, Growth, Moment, Spot

_WIDTH, _HEIGHT, _EDGE = 320.0, 140.0, 10.0
_HANDLING = {
    "specific": "named errors are caught",
    "broad": "everything is caught (Exception)",
    "bare": "a bare except",
    "silent": "caught, and nothing is done",
    "raise": "an error is raised",
    "assert": "an assertion",
}


@dataclass(frozen=True)
class Picture:
    """A small chart.

    Attributes:
        dots: left and top of each point.
        line: the points of a line through the picture, as SVG has them.
        low, high: what the bottom and the top stand for.
    """

    dots: tuple[tuple[float, float], ...]
    line: str
    low: str
    high: str
    width: int = int(_WIDTH)
    height: int = int(_HEIGHT)


def curve_name(curve: str) -> str:
    """Return a curve as people write it."""
    name = curve.removeprefix("O(").removesuffix(")") if curve.startswith("O(") else curve
    return "constant" if name == "1" else name.replace("^2", "²").replace("^3", "³").replace("^n", "ⁿ")


def growth_words(growth: Growth) -> str:
    """Return how the work grows, in a sentence or two."""
    if growth.state != "measured" or growth.fit is None:
        head = "This figure is not reliable. " if growth.state == "unreliable" else "It could not be measured. "
        return head + growth.why
    fit, expected = growth.fit, curve_name(growth.expected)
    return f"{_grows(fit)} {_compared(growth, expected)}{' ' + growth.why if growth.why else ''}"


def _grows(fit: Fit) -> str:
    if not fit.low:
        return f"The lines that run follow none of the curves; twice the input means {_times(fit.slope)} the lines."
    if fit.low != fit.high:
        between = f"between {curve_name(fit.low)} and {curve_name(fit.high)}"
        return f"The lines that run grow {between}: these sizes do not tell."
    if fit.low == "1":
        return "The lines that run do not grow with the input."
    return f"The lines that run grow like {curve_name(fit.low)}; twice the input means {_times(fit.slope)} the lines."


def _times(slope: float) -> str:
    return f"{2**slope:.1f} times"


def _compared(growth: Growth, expected: str) -> str:
    if growth.verdict == "as expected":
        return f"Optimised: the question expects {expected} or better."
    if growth.hidden and growth.seconds_slope is not None:
        by_time = f"The processor time grows faster than that, {_times(growth.seconds_slope)} for twice the input"
        says = "so built-in functions do the work"
        if growth.verdict == "faster growing":
            return f"{by_time}: {says}. Brute force by the time: the question expects {expected}."
        return f"{by_time}: {says}, and only the code itself tells more. The question expects {expected}."
    if growth.verdict == "faster growing":
        return f"Brute force: the question expects {expected}."
    return f"The question expects {expected}; whether this is it stays open."


def growth_picture(growth: Growth) -> Picture | None:
    """Return sizes and lines on logarithmic scales, with the best curve through them."""
    points = [(float(point.size), float(point.lines)) for point in growth.points]
    if len(points) < 2 or growth.fit is None:  # noqa: PLR2004  # a line has two points
        return None
    least, most = points[0][0], points[-1][0]
    counts = [y for _, y in (*points, *growth.through)]
    low, high = min(counts), max(counts)

    def placed(x: float, y: float) -> tuple[float, float]:
        across = math.log(x / least) / math.log(most / least)
        up = math.log(y / low) / math.log(high / low) if high > low else 0.5
        return _at(across, up)

    line = " ".join(f"{left:.1f},{top:.1f}" for left, top in (placed(x, y) for x, y in growth.through))
    return Picture(tuple(placed(x, y) for x, y in points), line, f"n = {least:,.0f}", f"{most:,.0f}")


def course_picture(moments: Sequence[Moment], figure: str) -> Picture | None:
    """Return one figure of the code over time."""
    if len(moments) < 2:  # noqa: PLR2004  # a line has two points
        return None
    values = [getattr(moment, figure) for moment in moments]
    first, span = moments[0].at, max(1, moments[-1].at - moments[0].at)
    high = max(values)
    dots = tuple(
        _at((moment.at - first) / span, value / (high or 1)) for moment, value in zip(moments, values, strict=True)
    )
    return Picture(dots, " ".join(f"{left:.1f},{top:.1f}" for left, top in dots), "0", str(high))


def handling(spots: Sequence[Spot]) -> list[tuple[str, list[Spot]]]:
    """Return where errors are handled or raised, by what is done, in words."""
    found = [(words, [spot for spot in spots if spot.kind == kind]) for kind, words in _HANDLING.items()]
    return [(words, places) for words, places in found if places]


def _at(across: float, up: float) -> tuple[float, float]:
    return (
        round(_EDGE + across * (_WIDTH - 2 * _EDGE), 1),
        round(_HEIGHT - _EDGE - up * (_HEIGHT - 2 * _EDGE), 1),
    )


DRAWN: Mapping[str, Callable[..., object]] = {
    "curve_name": curve_name,
    "growth_words": growth_words,
    "growth_picture": growth_picture,
    "course_picture": course_picture,
    "handling": handling,
}
"""What templates call; a report's partial needs it as well."""
