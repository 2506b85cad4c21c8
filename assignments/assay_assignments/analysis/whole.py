"""The analysis of one question of a submission, as JSON: what was read, how it came to be, and how its work grows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assay_assignments.analysis.code import MAX_CHARACTERS, CodeCell, HandedOut, cells_of
from assay_assignments.analysis.growth import Growth, State, measure
from assay_assignments.analysis.reading import Reading, read
from assay_assignments.grading.notebook import MalformedError
from assay_assignments.grading.prepared import Prepared
from assay_assignments.grading.sandbox import Runner, SandboxError
from assay_assignments.grading.scoring import is_test
from assay_assignments.library import Question
from assay_assignments.manifest import GROWTH, PYTHON
from assay_assignments.release import release

MAX_MOMENTS = 20
_SHOWN = 400


@dataclass(frozen=True)
class Frame:
    """A notebook as it was at one moment of a recording.

    Attributes:
        at: milliseconds since the recording's start.
        run: how the run at this moment ended, ``ok`` or the name of an error; empty when nothing ran.
        cells: id, type and text of each cell.
    """

    at: int
    run: str
    cells: Sequence[Sequence[Any]]


def analyse(
    question: Question, prepared: Prepared, files: Mapping[str, bytes], frames: Sequence[Frame], runner: Runner
) -> dict[str, Any]:
    """Return what there is to say about a question of a submission.

    Args:
        question: which one.
        prepared: the same, as submissions are graded with it.
        files: everything that was handed in.
        frames: moments of the recording; the first twenty are looked at.
        runner: where the code runs that is measured.

    Returns:
        Members ``kernel``, ``problem``, ``code``, ``reading``, ``moments``, ``growth`` and ``abouts``; whatever was
        handed in, and whatever becomes of the sandbox, this never raises because of it.
    """
    abouts = {
        name: str(cell["metadata"].get("assay", {}).get("about", ""))[:_SHOWN]
        for name, cell in prepared.originals.items()
        if is_test(cell)
    }
    whole: dict[str, Any] = {"kernel": prepared.kernel, "problem": "", "code": [], "reading": None}
    whole |= {"moments": [], "growth": None, "abouts": abouts}
    try:
        cells = cells_of(prepared, files.get(prepared.notebook))
    except MalformedError as error:
        return {**whole, "problem": str(error)}
    whole["code"] = _shown(cells)
    if prepared.kernel != PYTHON:
        problem = f"Its kernel is {prepared.kernel}; only Python is analysed."
        return {**whole, "problem": problem}
    handed_out = HandedOut.read(release(question)[0].content)
    frames = frames[:MAX_MOMENTS]
    final, *earlier = read([cells, *(handed_out.cells(frame.cells) for frame in frames)])
    whole["reading"] = final
    whole["moments"] = [_moment(frame, reading) for frame, reading in zip(frames, earlier, strict=True) if reading]
    growth = question.folder / GROWTH
    if growth.is_file():
        whole["growth"] = _growth(cells, growth.read_bytes(), prepared.files, runner).to_json()
    return whole


def _growth(cells: Sequence[CodeCell], growth: bytes, files: Mapping[str, bytes], runner: Runner) -> Growth:
    try:
        return measure(cells, growth, files, runner)
    except SandboxError:
        # What was read is worth keeping without it.
        return Growth(State.NOT_MEASURED, why="The sandbox did not work; ask for the analysis again.")


def _shown(cells: Sequence[CodeCell]) -> list[dict[str, Any]]:
    """Return the code to show beside what is said about it, as much as is analysed."""
    shown, room = [], MAX_CHARACTERS
    for cell in cells:
        room -= len(cell.source)
        if room < 0:
            break
        shown.append(asdict(cell))
    return shown


def _moment(frame: Frame, reading: Reading) -> dict[str, Any]:
    functions = reading["functions"]
    return {
        "at": frame.at,
        "run": frame.run,
        "code_lines": reading["code_lines"],
        "functions": sum(bool(one["name"]) for one in functions),
        "cyclomatic": sum(one["cyclomatic"] for one in functions),
        "cognitive": sum(one["cognitive"] or 0 for one in functions),
        "findings": len(reading["findings"]),
        "unread": sum(one["own"] for one in reading["unread"]),
    }
