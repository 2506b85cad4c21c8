"""The analysis of a submission's code: what was read, counted and measured of one question, for people to look at.

It is an observation. Nothing here is a score, and nothing adds anything up to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

MAX_MOMENTS = 20
_One = TypeVar("_One")


class AnalysisState(StrEnum):
    """Where the analysis of one question stands. A stored name is never renamed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Analysis:
    """The analysis of one question of a submission, as it is kept.

    Attributes:
        submission: number of the submission that it is about.
        artefact: key of what came out; empty until there is something.
        message: why it failed, for people.
    """

    interview: str
    question: str
    state: AnalysisState
    submission: int
    artefact: str = ""
    message: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Code:
    """A cell of code as it was handed in; ``own`` when it is not as it was handed out."""

    number: int
    source: str
    own: bool


@dataclass(frozen=True)
class Unread:
    """A cell that is not analysed, and why."""

    cell: int
    why: str
    own: bool


@dataclass(frozen=True)
class Finding:
    """Something that ruff found at a line of a cell."""

    theme: str
    rule: str
    says: str
    cell: int
    line: int


@dataclass(frozen=True)
class Function:
    """A function, or what a cell has outside of functions when it has no name.

    Attributes:
        cyclomatic: independent ways through it.
        cognitive: how hard it is to follow; ``None`` when it is counted with the function around it.
    """

    name: str
    cell: int
    line: int
    lines: int
    arguments: int
    depth: int
    cyclomatic: int
    cognitive: int | None
    documented: bool


@dataclass(frozen=True)
class Spot:
    """A place where an error is handled or raised, something is asserted, or a name has one letter."""

    kind: str
    says: str
    cell: int
    line: int


@dataclass(frozen=True)
class Repeated:
    """Lines that are there twice."""

    cell: int
    line: int
    again_cell: int
    again_line: int
    lines: int


@dataclass(frozen=True)
class Reading:
    """What reading the code gave.

    Attributes:
        findings_failed: why ruff could not read it; empty when it could.
    """

    lines: int
    code_lines: int
    comment_lines: int
    classes: int
    functions: tuple[Function, ...]
    spots: tuple[Spot, ...]
    repeated: tuple[Repeated, ...]
    findings: tuple[Finding, ...]
    findings_failed: str
    unread: tuple[Unread, ...]

    @property
    def named(self) -> list[Function]:
        """The functions, without what is outside of them."""
        return [one for one in self.functions if one.name]

    def of_kind(self, *kinds: str) -> list[Spot]:
        """Return the spots of some kinds."""
        return [spot for spot in self.spots if spot.kind in kinds]

    @property
    def themes(self) -> dict[str, list[Finding]]:
        """The findings by theme, the largest first."""
        found: dict[str, list[Finding]] = {}
        for one in self.findings:
            found.setdefault(one.theme, []).append(one)
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


@dataclass(frozen=True)
class Moment:
    """The code at one moment of the recording.

    Attributes:
        at: milliseconds since the recording's start.
        run: how the run at this moment ended; empty when nothing ran.
        unread: how many cells were no Python then.
    """

    at: int
    run: str
    code_lines: int
    functions: int
    cyclomatic: int
    cognitive: int
    findings: int
    unread: int


@dataclass(frozen=True)
class Point:
    """One call of the measured function: size of its input, lines of Python that ran, processor seconds."""

    size: int
    lines: int
    seconds: float


@dataclass(frozen=True)
class Curve:
    """One curve that the lines may follow: ``base + factor * curve(n)``.

    Attributes:
        error: root of the mean squared relative error.
        behind: how far its criterion is behind that of the best.
    """

    curve: str
    base: float
    factor: float
    error: float
    behind: float


@dataclass(frozen=True)
class Fit:
    """What the lines follow, from the slowest to the fastest curve that they cannot be told from."""

    candidates: tuple[Curve, ...]
    low: str
    high: str
    slope: float
    slope_error: float


@dataclass(frozen=True)
class Growth:
    """How the work grows with the input.

    Attributes:
        state: ``measured``, ``unreliable`` or ``not measured``.
        verdict: ``as expected``, ``faster growing`` or ``undecided``; empty when there is none.
        hidden: whether built-in functions do so much that lines say little.
        seconds_slope: how the logarithm of the processor time grows with that of the size; ``None`` when unknown.
        through: points along the best curve, to draw it.
    """

    state: str
    function: str
    expected: str
    points: tuple[Point, ...]
    fit: Fit | None
    why: str
    verdict: str
    hidden: bool
    seconds_slope: float | None
    through: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Runs:
    """What the recording tells of one question.

    Attributes:
        opened_at: when the candidate first did something in the notebook, in milliseconds of the recording.
        first_at: when they first ran something; ``None`` when they never did.
        runs: how often they ran a cell.
        failed: how many of these ended with an error.
        others: runs of other people.
        moments_of_failed: the first failed runs.
    """

    opened_at: int | None = None
    first_at: int | None = None
    runs: int = 0
    failed: int = 0
    others: int = 0
    moments_of_failed: tuple[int, ...] = ()

    @property
    def waited(self) -> int | None:
        """Milliseconds from the first thing they did to their first run."""
        return None if self.first_at is None or self.opened_at is None else max(0, self.first_at - self.opened_at)


@dataclass(frozen=True)
class Analysed:
    """What came out for one question.

    Attributes:
        problem: why the code was not analysed at all; empty when it was.
        abouts: what each test covers, in its author's words, by ``grade_id``.
        recorded: whether there is a recording to tell of runs and moments.
    """

    kernel: str
    problem: str
    code: tuple[Code, ...]
    reading: Reading | None
    moments: tuple[Moment, ...]
    growth: Growth | None
    abouts: Mapping[str, str]
    runs: Runs = Runs()
    recorded: bool = False


@dataclass(frozen=True)
class Frame:
    """The notebook at one moment of a recording, to be analysed: id, type and text of each cell."""

    at: int
    run: str
    cells: tuple[tuple[str, str, str], ...]


def analysed_of(body: Mapping[str, Any]) -> Analysed:
    """Return what came out from its JSON."""
    reading, growth = body["reading"], body["growth"]
    return Analysed(
        kernel=body["kernel"],
        problem=body["problem"],
        code=_all(Code, body["code"]),
        reading=None if reading is None else _reading(reading),
        moments=_all(Moment, body["moments"]),
        growth=None if growth is None else _growth(growth),
        abouts=dict(body["abouts"]),
        runs=_runs(body.get("runs", {})),
        recorded=bool(body.get("recorded", False)),
    )


def _reading(body: Mapping[str, Any]) -> Reading:
    kinds = {"functions": Function, "spots": Spot, "repeated": Repeated, "findings": Finding, "unread": Unread}
    return _one(Reading, {**body, **{name: _all(kind, body[name]) for name, kind in kinds.items()}})


def _growth(body: Mapping[str, Any]) -> Growth:
    fit = body["fit"]
    read = None if fit is None else _one(Fit, {**fit, "candidates": _all(Curve, fit["candidates"])})
    through = tuple((float(size), float(lines)) for size, lines in body.get("through", ()))
    return _one(Growth, {**body, "points": _all(Point, body["points"]), "fit": read, "through": through})


def _runs(body: Mapping[str, Any]) -> Runs:
    found = _one(Runs, body)
    return replace(found, moments_of_failed=tuple(found.moments_of_failed))


def _all(kind: type[_One], bodies: Sequence[Mapping[str, Any]]) -> tuple[_One, ...]:
    return tuple(_one(kind, body) for body in bodies)


def _one(kind: type[_One], body: Mapping[str, Any]) -> _One:
    """Return an object from the members that it knows; a release to come may keep more."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in body.items() if name in known})
