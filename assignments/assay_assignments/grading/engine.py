"""Grades one notebook: put the author's tests back, run it in a sandbox, score the outputs as nbgrader does."""

import re
from collections.abc import Mapping
from typing import Any

import nbformat

from assay_assignments.grading.restore import MalformedError, Restored, restore
from assay_assignments.grading.sandbox import Cell, Sandbox
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict
from assay_assignments.library import Question
from assay_assignments.release import source_notebook

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MESSAGE_CHARACTERS = 2000
_BY_STATUS = {
    "failed": Verdict.FAILED,
    "error": Verdict.ERROR,
    "timeout": Verdict.TIMEOUT,
    "out-of-memory": Verdict.OUT_OF_MEMORY,
}


def grade(question: Question, submission: Mapping[str, bytes], sandbox: Sandbox) -> Grade:
    """Grade the notebook of a question.

    Args:
        question: with the source notebook: tests come from there, never from the submission.
        submission: path to content of everything that was handed in.
        sandbox: where the cells run.

    Returns:
        A verdict for every graded cell; whatever was handed in, this never raises because of it.

    Raises:
        SandboxError: the sandbox itself failed.
    """
    source = source_notebook(question)
    try:
        restored = restore(source, submission.get(f"{question.id}.ipynb"))
    except MalformedError as error:
        return _malformed(source, str(error))
    # The author's data, whatever became of them in the workspace, and the submission's other files beside them.
    others = {path: content for path, content in submission.items() if path != f"{question.id}.ipynb"}
    files = {**others, **{path.name: path.read_bytes() for path in question.attachments}}
    code = [cell for cell in restored.notebook.cells if cell.cell_type == "code"]
    results = sandbox.run([_cell(cell) for cell in code], files)
    missing = {"status": "timeout", "outputs": []}
    statuses: dict[str, str] = {}
    for cell, result in zip(code, [*results, *([missing] * (len(code) - len(results)))], strict=False):
        cell.outputs = [output for found in result.get("outputs", []) if (output := _output(found))]
        cell.execution_count = None
        statuses[cell.id] = str(result.get("status", "error"))
    return _graded(restored, statuses)


def _cell(cell: Any) -> Cell:
    marks = cell.metadata.get("nbgrader", {})
    is_test = marks.get("grade") and not marks.get("solution")
    shared = cell.metadata.get("assay", {}).get("shared", False)
    return Cell("test" if is_test and not shared else "candidate", cell.source)


def _graded(restored: Restored, statuses: Mapping[str, str]) -> Grade:
    cells = tuple(_verdict(cell, statuses.get(cell.id, "")) for cell in restored.notebook.cells if _is_graded(cell))
    waits = any(cell.points is None for cell in cells)
    odd = restored.remarks or any(cell.verdict in (Verdict.KILLED, Verdict.OUT_OF_MEMORY) for cell in cells)
    return Grade(
        cells=cells,
        outcome="needs-review" if waits or odd else "graded",
        autograded=nbformat.writes(restored.notebook).encode(),  # type: ignore[no-untyped-call]
        points=sum(cell.points or 0.0 for cell in cells),
        max_points=sum(cell.max_points for cell in cells),
        message="; ".join(restored.remarks),
    )


def _is_graded(cell: Any) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(marks.get("grade") or marks.get("task"))


def _verdict(cell: Any, status: str) -> CellVerdict:
    from nbgrader.utils import determine_grade  # noqa: PLC0415  # slow to import, see release

    marks = cell.metadata.nbgrader
    most = float(marks.points)
    title = _title(cell)
    if marks.get("task") or marks.get("solution"):
        points = None if marks.get("task") else determine_grade(cell)[0]
        verdict = Verdict.NEEDS_REVIEW if points is None else Verdict.FAILED
        return CellVerdict(marks.grade_id, title, points, most, verdict, "" if points is None else "left as it was")
    if status in _BY_STATUS or status.startswith("killed"):
        verdict = _BY_STATUS.get(status, Verdict.KILLED)
        return CellVerdict(marks.grade_id, title, 0.0, most, verdict, _reason(cell) or status)
    points = float(determine_grade(cell)[0])
    verdict = Verdict.PASSED if points >= most else Verdict.FAILED
    note = "This test ran inside the submission's own process." if cell.metadata.get("assay", {}).get("shared") else ""
    return CellVerdict(marks.grade_id, title, points, most, verdict, note or _reason(cell))


def _title(cell: Any) -> str:
    title = cell.metadata.get("assay", {}).get("title", "")
    return str(title or cell.metadata.nbgrader.grade_id.replace("_", " ").replace("-", " "))


def _reason(cell: Any) -> str:
    """Return what a test said when it was not content, for reviewers."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return _plain(f"{output.ename}: {output.evalue}")
    return ""


def _plain(text: str) -> str:
    return _ANSI.sub("", text).strip()[:_MESSAGE_CHARACTERS]


def _malformed(source: Any, reason: str) -> Grade:
    cells = tuple(
        CellVerdict(
            cell.metadata.nbgrader.grade_id,
            _title(cell),
            0.0,
            float(cell.metadata.nbgrader.points),
            Verdict.MALFORMED,
            reason,
        )
        for cell in source.cells
        if _is_graded(cell)
    )
    return Grade(cells, "malformed", b"", 0.0, sum(cell.max_points for cell in cells), reason)


def _output(found: Any) -> Any:
    """Return an output that the candidate's process claims as a valid one of the format, or ``None``."""
    try:
        output = nbformat.from_dict({key: value for key, value in found.items() if value is not None})  # type: ignore[no-untyped-call]
        if output.output_type in ("execute_result", "display_data"):
            output.setdefault("metadata", {})
            output.data = {str(kind): value for kind, value in output.data.items() if _is_mime_value(value)}
        if output.output_type == "execute_result":
            output["execution_count"] = None
        nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_around(output)]})
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError, nbformat.ValidationError):
        return None
    return output


def _is_mime_value(value: Any) -> bool:
    return isinstance(value, str | dict | list)


def _around(output: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": "x", "metadata": {}, "source": "", "execution_count": None, "outputs": [output]}
