"""Points and a verdict for each graded cell of an executed notebook, by nbgrader's rules."""

import math
import re
from collections.abc import Mapping
from typing import Any

from assay_assignments.grading.notebook import checksum, marks_of, scrubbed
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
_ODD = frozenset({Verdict.KILLED, Verdict.OUT_OF_MEMORY})
_SHARED = "This test ran inside the submission's own process, where it could be tampered with."
_OBJECTS = "This test asked objects of the submission, whose word it took."


def is_graded(cell: Mapping[str, Any]) -> bool:
    """Whether an author's cell has points."""
    marks = marks_of(cell)
    return bool(marks.get("grade") or marks.get("task"))


def is_test(cell: Mapping[str, Any]) -> bool:
    """Whether a cell is a test rather than an answer."""
    marks = marks_of(cell)
    return cell["cell_type"] == "code" and bool(marks.get("grade")) and not marks.get("solution")


def is_answer(cell: Mapping[str, Any]) -> bool:
    """Whether a cell is an answer, of which nbgrader says whether there is one."""
    return bool(marks_of(cell).get("solution"))


def option(cell: Mapping[str, Any], name: str) -> bool:
    """Whether the author set one of our own marks on a cell: ``shared`` or ``objects``."""
    return cell["metadata"].get("assay", {}).get(name) is True


def is_untouched(cell: Mapping[str, Any]) -> bool:
    """Whether an answer is what was released."""
    return "checksum" in marks_of(cell) and marks_of(cell)["checksum"] == checksum(cell)


def settle(cell: dict[str, Any], status: str) -> None:
    """Put into a test's outputs what nbgrader's scoring has to see: no points without a whole run and a sane number.

    nbgrader gives full points for a partial score that is negative or no number, and raises for one that is too high.
    """
    if not is_test(cell):
        return
    result = next((one for one in cell["outputs"] if one["output_type"] == "execute_result"), None)
    text = str(result["data"].get("text/plain", "")) if result is not None else ""
    if result is not None and not text:
        cell["outputs"].remove(result)
    try:
        points = float(text or 0)
    except ValueError:
        points = 0.0
    if not 0 <= points <= float(marks_of(cell)["points"]) or math.isnan(points):
        cell["outputs"] = [*cell["outputs"], error_output("PointsError", f"the test gave {text[:80]} points")]
        cell["outputs"].remove(result)
    elif (status in _BY_STATUS or status.startswith("killed")) and not _error(cell):
        cell["outputs"] = [*cell["outputs"], error_output(*_ending(status))]


def error_output(name: str, text: str) -> dict[str, Any]:
    """Return an error as an output of nbformat."""
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def _ending(status: str) -> tuple[str, str]:
    if status in _BY_STATUS:
        return "TestEnded", f"the test did not finish: {status}"
    return "CandidateGoneError", f"the submission's process was gone: {status}"


def points_of(cell: Mapping[str, Any]) -> float | None:
    """Return what ``nbgrader.utils.determine_grade`` gives an executed cell; ``None`` when a person has to."""
    if marks_of(cell).get("task") or (is_answer(cell) and not is_untouched(cell)):
        return None
    if is_answer(cell):
        return 0.0
    most = float(marks_of(cell)["points"])
    for output in cell["outputs"]:
        if output["output_type"] == "error" or output.get("name") == "stderr":
            return 0.0
        if output["output_type"] == "execute_result":
            try:
                given = float(output["data"]["text/plain"])
            except (KeyError, ValueError):
                return most
            return given if given >= 0 else most
    return most


def verdict_on(cell: Mapping[str, Any], status: str) -> CellVerdict:
    """Return the verdict on an executed cell whose outputs are settled.

    Args:
        cell: a graded cell.
        status: how its run ended; empty when it did not have to run.
    """
    marks = marks_of(cell)
    most = float(marks.get("points", 0))
    title = title_of(cell)
    points = points_of(cell)
    if not is_test(cell):
        said = "" if points is None else "left as it was"
        verdict = Verdict.NEEDS_REVIEW if points is None else Verdict.FAILED
        return CellVerdict(marks["grade_id"], title, points, most, verdict, said, said)
    if error := _error(cell):
        points = 0.0
        verdict = _BY_STATUS.get(status, Verdict.KILLED if status.startswith("killed") else Verdict.ERROR)
        said = plain(f"{error['ename']}: {error['evalue']}")
    else:
        verdict = Verdict.PASSED if (points or 0.0) >= most else Verdict.FAILED
        said = plain(_stderr(cell))
    shown = "" if _HIDDEN in cell["source"] and verdict not in (Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY) else said
    notes = [text for name, text in (("shared", _SHARED), ("objects", _OBJECTS)) if option(cell, name)]
    return CellVerdict(
        marks["grade_id"], title, points, most, verdict, "\n".join([*filter(None, [said]), *notes]), shown
    )


def is_odd(statuses: Mapping[str, str], verdicts: tuple[CellVerdict, ...]) -> bool:
    """Whether something happened in a run that a person should look at."""
    return any(one.verdict in _ODD for one in verdicts) or any(
        status.startswith("killed") for status in statuses.values()
    )


def title_of(cell: Mapping[str, Any]) -> str:
    """Return what a cell is about: its author's title, or its ``grade_id``."""
    title = cell["metadata"].get("assay", {}).get("title", "")
    return str(title or marks_of(cell)["grade_id"].replace("_", " ").replace("-", " "))


def plain(text: str) -> str:
    """Return a text that any page and any database can keep, at most 2,000 characters."""
    return _CONTROL.sub("", scrubbed(_ANSI.sub("", text))).strip()[:_MESSAGE_CHARACTERS]


def _error(cell: Mapping[str, Any]) -> Any:
    return next((one for one in cell["outputs"] if one["output_type"] == "error"), None)


def _stderr(cell: Mapping[str, Any]) -> str:
    printed = (one["text"] for one in cell["outputs"] if one["output_type"] == "stream" and one["name"] == "stderr")
    return "".join(printed)
