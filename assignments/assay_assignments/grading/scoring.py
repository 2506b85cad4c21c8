"""Points and a verdict for each graded cell of an executed notebook, by nbgrader's rules."""

import math
import re
from collections.abc import Mapping
from typing import Any

from assay_assignments.grading.restore import scrubbed
from assay_assignments.grading.verdicts import CellVerdict, Verdict

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MESSAGE_CHARACTERS = 2000
_HIDDEN = "BEGIN HIDDEN TESTS"
_BY_STATUS = {
    "failed": Verdict.FAILED,
    "error": Verdict.ERROR,
    "timeout": Verdict.TIMEOUT,
    "out-of-memory": Verdict.OUT_OF_MEMORY,
}
_SHARED = "This test ran inside the submission's own process, where it could be tampered with."
_OBJECTS = "This test asked objects of the submission, whose word it took."


def is_graded(cell: Any) -> bool:
    """Whether an author's cell has points."""
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade") or marks.get("task"))


def is_test(cell: Any) -> bool:
    """Whether a cell is a test rather than an answer."""
    marks = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(marks.get("grade")) and not marks.get("solution")


def option(cell: Any, name: str) -> bool:
    """Whether the author set one of our own marks on a cell: ``shared`` or ``objects``."""
    return cell.metadata.get("assay", {}).get(name) is True


def settle(cell: Any, status: str) -> None:
    """Put into a test's outputs what nbgrader's scoring has to see: no points without a whole run and a sane number.

    nbgrader gives full points for a partial score that is negative or no number, and raises for one that is too high.
    """
    if not is_test(cell):
        return
    result = next((one for one in cell.outputs if one.output_type == "execute_result"), None)
    text = str(result.data.get("text/plain", "")) if result is not None else ""
    if result is not None and not text:
        cell.outputs.remove(result)
    try:
        points = float(text or 0)
    except ValueError:
        points = 0.0
    if not 0 <= points <= float(cell.metadata.nbgrader.points) or math.isnan(points):
        cell.outputs = [*cell.outputs, error_output("PointsError", f"the test gave {text[:80]} points")]
        cell.outputs.remove(result)
    elif (status in _BY_STATUS or status.startswith("killed")) and not _error(cell):
        cell.outputs = [*cell.outputs, error_output(*_ending(status))]


def error_output(name: str, text: str) -> Any:
    """Return an error as an output of nbformat."""
    import nbformat  # noqa: PLC0415  # slow to import

    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])  # type: ignore[no-untyped-call]


def _ending(status: str) -> tuple[str, str]:
    if status in _BY_STATUS:
        return "TestEnded", f"the test did not finish: {status}"
    return "CandidateGoneError", f"the submission's process was gone: {status}"


def verdict_on(cell: Any, status: str) -> CellVerdict:
    """Return the verdict on an executed cell whose outputs are settled.

    Args:
        cell: a graded cell.
        status: how its run ended; empty when it did not have to run.
    """
    from nbgrader.utils import determine_grade  # noqa: PLC0415  # slow to import, see release

    marks = cell.metadata.nbgrader
    most = float(marks.get("points", 0))
    title = title_of(cell)
    if not is_test(cell):
        points = None if marks.get("task") else determine_grade(cell)[0]
        left = points is not None
        said = "left as it was" if left else ""
        return CellVerdict(
            marks.grade_id, title, points, most, Verdict.FAILED if left else Verdict.NEEDS_REVIEW, said, said
        )
    points = float(determine_grade(cell)[0])
    if error := _error(cell):
        points = 0.0
        verdict = _BY_STATUS.get(status, Verdict.KILLED if status.startswith("killed") else Verdict.ERROR)
        said = plain(f"{error.ename}: {error.evalue}")
    else:
        verdict = Verdict.PASSED if points >= most else Verdict.FAILED
        said = plain(_stderr(cell))
    shown = "" if _HIDDEN in cell.source and verdict not in (Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY) else said
    notes = [text for name, text in (("shared", _SHARED), ("objects", _OBJECTS)) if option(cell, name)]
    return CellVerdict(marks.grade_id, title, points, most, verdict, "\n".join([*filter(None, [said]), *notes]), shown)


def is_odd(statuses: Mapping[str, str], verdicts: tuple[CellVerdict, ...]) -> bool:
    """Whether something happened in a run that a person should look at."""
    odd = {Verdict.KILLED, Verdict.OUT_OF_MEMORY}
    return any(one.verdict in odd for one in verdicts) or any(
        status.startswith("killed") for status in statuses.values()
    )


def title_of(cell: Any) -> str:
    """Return what a cell is about: its author's title, or its ``grade_id``."""
    title = cell.metadata.get("assay", {}).get("title", "")
    return str(title or cell.metadata.nbgrader.grade_id.replace("_", " ").replace("-", " "))


def plain(text: str) -> str:
    """Return a text that any page and any database can keep, at most 2,000 characters."""
    return _CONTROL.sub("", scrubbed(_ANSI.sub("", text))).strip()[:_MESSAGE_CHARACTERS]


def _error(cell: Any) -> Any:
    return next((one for one in cell.outputs if one.output_type == "error"), None)


def _stderr(cell: Any) -> str:
    printed = (one.text for one in cell.outputs if one.output_type == "stream" and one.name == "stderr")
    return "".join(printed)
