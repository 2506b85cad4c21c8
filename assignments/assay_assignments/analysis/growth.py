"""How the work of a function grows: its lines are counted in the grading sandbox, over inputs that the question has.

Counting happens in the process of the submission, so what comes out is a claim. It is read as one: a claim that does
not fit together, or whose counting was switched off, is called unreliable, and nothing but the shown figure is ever at
stake. What built-in functions do inside is no line of Python; the processor time beside it shows when that matters.
"""

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from assay_assignments.analysis.code import CodeCell
from assay_assignments.analysis.fit import CURVES, Fit, TooFewError, fit, named, order_of, slope_of
from assay_assignments.grading.conversation import Cell
from assay_assignments.grading.sandbox import Run, Runner
from assay_assignments.manifest import GROWTH

MAX_LINES = 10_000_000
"""How many lines of one call are counted; a call that takes more is given up."""

_MOST_SIZES = 12
_LINES_A_SECOND = 2e8
_SLOW_SECONDS = 0.02
_HIDDEN_SLOPE = 0.5
_DRAWN = 40
_FEWEST_TIMES = 3
_SPAN = 2
_ENOUGH = 4

_PREPARE = """
def _assay_prepare(mark, most):
    import collections, gc, json, pickle, runpy, sys, time, types
    read = runpy.run_path("%(growth)s")
    name, sizes = str(read["FUNCTION"]), [int(size) for size in read["SIZES"]]
    given = [pickle.dumps(read["arguments"](size)) for size in sizes]
    many = len(sizes)
    try:
        # For code that is too slow for the author's sizes: a curve needs some points.
        for size in [sizes[0] // part for part in (2, 4, 8, 16) if sizes[0] // part >= 8]:
            given.append(pickle.dumps(read["arguments"](size)))
            sizes.append(size)
    except Exception:
        pass
    say, count_with, asked = print, sys.settrace, sys.gettrace
    clock, loads, dumps, names = time.process_time, pickle.loads, json.dumps, globals()

    class Enough(BaseException):
        pass

    def counted(call):
        lines = 0

        def on_line(_frame, event, _argument):
            nonlocal lines
            if event == "line":
                lines += 1
                if lines > most:
                    raise Enough
            return on_line

        def on_call(_frame, _event, _argument):
            return on_line

        count_with(on_call)
        try:
            call()
            still = asked() is on_call
        finally:
            count_with(None)
        return lines, still

    def known():
        total = 0
        for number in range(10):
            total += number
        return total

    stopped, slow = [], []

    def measure(place):
        smaller = place >= many
        if place >= len(sizes) or (not stopped if smaller else stopped) or slow:
            return
        (slow if smaller else stopped).append(place)
        said = {"size": sizes[place], "lines": 0, "seconds": 0.0, "still": False, "error": ""}
        function = names.get(name)
        if not callable(function):
            said["error"] = "missing"
        else:
            def call():
                result = function(*arguments)
                if hasattr(type(result), "__next__"):
                    collections.deque(result, 0)
            try:
                # The least of three is what the call takes; the others were disturbed.
                times = []
                while len(times) < 3 and sum(times) < 0.5:
                    arguments = loads(given[place])
                    gc.collect()
                    gc.disable()
                    began = clock()
                    try:
                        call()
                    finally:
                        times.append(clock() - began)
                        gc.enable()
                said["seconds"] = min(times)
                arguments = loads(given[place])
                said["lines"], said["still"] = counted(call)
                if said["lines"] > most:
                    # The code caught what should have stopped it.
                    raise Enough
                said["still"] = said["still"] and counted(known) == counted(known) == (23, True)
            except Enough:
                said["error"] = "too many lines"
            except Exception as error:
                said["error"] = type(error).__name__[:80]
        if not said["error"]:
            (slow if smaller else stopped).clear()
        say(mark + dumps(said))

    module = types.ModuleType("_assay_growth")
    module.measure = measure
    sys.modules["_assay_growth"] = module
    say(mark + dumps({"function": name, "sizes": sizes, "many": many, "expected": str(read["EXPECTED"])}))
_assay_prepare(%(mark)r, %(most)d)
del _assay_prepare
"""


class State(StrEnum):
    """What came of a measurement."""

    MEASURED = "measured"
    UNRELIABLE = "unreliable"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Point:
    """One call.

    Attributes:
        size: of the input.
        lines: of Python that ran.
        seconds: of the processor, for the same call without counting.
    """

    size: int
    lines: int
    seconds: float


@dataclass(frozen=True)
class _NoPoint:
    """A call that came to nothing, and whether its process is to be believed at all."""

    why: str
    honest: bool = True


@dataclass(frozen=True)
class Growth:
    """How the work grows.

    Attributes:
        expected: what the question's author expects, such as ``O(n log n)``.
        why: why it was not measured further, or is not reliable; empty when all is well.
        verdict: ``as expected``, ``faster growing`` or ``undecided``; empty when nothing was measured.
        hidden: whether the time grows so much faster than the lines that built-in functions must do the work.
        seconds_slope: as ``Fit.slope``, of the processor time; ``None`` when that was too short to say.
    """

    state: State
    function: str = ""
    expected: str = ""
    points: tuple[Point, ...] = ()
    fit: Fit | None = None
    why: str = ""
    verdict: str = ""
    hidden: bool = False
    seconds_slope: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with points along the best curve to draw it: ``through``."""
        return {**asdict(self), "state": self.state.value, "through": self._through()}

    def _through(self) -> list[tuple[float, float]]:
        if self.fit is None or not self.points:
            return []
        best, least, most = self.fit.candidates[0], self.points[0].size, self.points[-1].size
        sizes = [least * (most / least) ** (step / _DRAWN) for step in range(_DRAWN + 1)]
        along = [(size, best.base + best.factor * CURVES[best.curve](size)) for size in sizes]
        return [(size, count) for size, count in along if 0 < count < math.inf]


def measure(cells: Sequence[CodeCell], growth: bytes, files: Mapping[str, bytes], runner: Runner) -> Growth:
    """Run a submission and count the lines of the function that its question names.

    Args:
        cells: the submission's, without tests.
        growth: the question's inputs.
        files: what the cells read.
        runner: where it runs.

    Raises:
        SandboxError: the sandbox itself failed.
    """
    mark = f"assay-growth-{secrets.token_hex(8)} "
    prepare = _PREPARE % {"growth": GROWTH, "mark": mark, "most": MAX_LINES}
    ask = [f"__import__('sys').modules['_assay_growth'].measure({place})" for place in range(_MOST_SIZES)]
    sources = [prepare, *(cell.source for cell in cells), *ask]
    run = runner.run("", [Cell("candidate", source) for source in sources], {**files, GROWTH: growth})
    head = _claim(run, 0, mark)
    if head is None:
        return Growth(State.NOT_MEASURED, why="The inputs of the question could not be made.")
    return _read(run, head, len(cells) + 1, mark)


def _read(run: Run, head: Mapping[str, Any], first: int, mark: str) -> Growth:
    """Return what the claims of a run come to."""
    function, expected = str(head.get("function", ""))[:80], str(head.get("expected", ""))[:20]
    sizes = list(enumerate(size for size in head.get("sizes", []) if type(size) is int and size > 1))[:_MOST_SIZES]
    many = int(head.get("many", len(sizes)))
    points: list[Point] = []
    why, honest = "", True
    for some in (sizes[:many], sizes[many:]):
        # The smaller sizes are for code that is too slow for the author's.
        for place, size in some if honest and len(points) < _ENOUGH else []:
            one = _one(run, first + place, mark, function, size)
            if isinstance(one, _NoPoint):
                why, honest = why or one.why, one.honest
                break
            points.append(one)
    ordered = tuple(sorted(points, key=lambda point: point.size))
    return _judged(Growth(State.UNRELIABLE, function, expected, ordered, why=why), honest=honest)


def _one(run: Run, place: int, mark: str, function: str, size: int) -> "Point | _NoPoint":
    """Return what one call came to."""
    claim = _claim(run, place, mark)
    if claim is None:
        return _NoPoint(f"With an input of size {size} it {_ending(run, place)}.")
    if error := str(claim.get("error", ""))[:80]:
        return _NoPoint(_said(error, function, size))
    point = _point(claim, size)
    if point is None:
        return _NoPoint("What the code's own process said of itself makes no sense.", honest=False)
    if claim.get("still") is not True:
        return _NoPoint("The code changed how its lines are counted.", honest=False)
    return point


def _judged(growth: Growth, *, honest: bool) -> Growth:
    values = {**vars(growth)}
    if not growth.points:
        return growth if not honest else Growth(**{**values, "state": State.NOT_MEASURED})
    if not honest:
        return growth
    try:
        found = fit([(point.size, float(point.lines)) for point in growth.points])
    except TooFewError as few:
        why = growth.why or f"{str(few).capitalize()}."
        return Growth(**{**values, "state": State.NOT_MEASURED, "why": why})
    slope, error = _seconds_slope(growth.points)
    hidden = slope is not None and slope > found.slope + _HIDDEN_SLOPE
    values |= {"state": State.MEASURED, "fit": found, "hidden": hidden, "seconds_slope": slope}
    return Growth(**{**values, "verdict": _verdict(Growth(**values), found, error)})


def _verdict(growth: Growth, found: Fit, error: float) -> str:
    try:
        most = order_of(growth.expected)
    except ValueError:
        return "undecided"
    if growth.hidden and growth.seconds_slope is not None:
        # What a busy machine adds must not look like growth.
        much = growth.seconds_slope - 2 * error > _slope_of(growth.expected, growth.points) + _HIDDEN_SLOPE
        return "faster growing" if much else "undecided"
    if not found.low:
        return "undecided"
    if order_of(found.low) > most:
        return "faster growing"
    return "as expected" if order_of(found.high) <= most else "undecided"


def _slope_of(expected: str, points: Sequence[Point]) -> float:
    """Return the slope that a curve has over the sizes that were measured."""
    curve = CURVES[named(expected)]
    least, most = points[0].size, points[-1].size
    slope = math.log(curve(most) / curve(least)) / math.log(most / least)
    return slope if math.isfinite(slope) else math.inf


def _seconds_slope(points: Sequence[Point]) -> tuple[float | None, float]:
    """Return how the logarithm of the time grows and its error, from calls that took long enough to be measured."""
    slow = [(point.size, point.seconds) for point in points if point.seconds >= _SLOW_SECONDS]
    if len(slow) < _FEWEST_TIMES or slow[-1][0] < _SPAN * slow[0][0]:
        return None, 0.0
    return slope_of(slow)


def _point(claim: Mapping[str, Any], size: int) -> Point | None:
    lines, seconds = claim.get("lines"), claim.get("seconds")
    if claim.get("size") != size or type(lines) is not int or not isinstance(seconds, int | float):
        return None
    # Nothing runs without a line, and no interpreter runs more than so many in a second.
    most = min(MAX_LINES + 1, _LINES_A_SECOND * (seconds + _SLOW_SECONDS)) if 0 <= seconds < math.inf else 0
    return Point(size, lines, float(seconds)) if 0 < lines <= most else None


def _said(error: str, function: str, size: int) -> str:
    if error == "missing":
        return f"There is no function {function}."
    if error == "too many lines":
        return f"With an input of size {size} it runs more than {MAX_LINES:,} lines, and was stopped there."
    return f"With an input of size {size} it raises {error}."


def _ending(run: Run, place: int) -> str:
    status = str(run.results[place].get("status", "")) if place < len(run.results) else run.ended
    if "timeout" in status:
        return "takes longer than it may"
    return "ran out of memory" if "memory" in status else "did not end as it should"


def _claim(run: Run, place: int, mark: str) -> dict[str, Any] | None:
    """Return what a cell printed behind the mark, if it is a JSON object."""
    outputs = run.results[place].get("outputs", []) if place < len(run.results) else []
    texts = [str(one.get("text", "")) for one in outputs if isinstance(one, dict) and one.get("name") == "stdout"]
    for line in reversed("".join(texts).splitlines()):
        if line.startswith(mark):
            try:
                claim = json.loads(line.removeprefix(mark))
            except (ValueError, RecursionError):
                return None
            return claim if isinstance(claim, dict) else None
    return None
