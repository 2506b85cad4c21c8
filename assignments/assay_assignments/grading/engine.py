"""Grades one notebook: put the author's tests back, run it in a sandbox, score the outputs as nbgrader does."""

import ast
import json
import sys
from collections.abc import Mapping
from typing import Any

import nbformat

from assay_assignments.grading.files import brought
from assay_assignments.grading.outputs import output_of
from assay_assignments.grading.restore import MalformedError, Restored, restore
from assay_assignments.grading.sandbox import Cell, Run, Runner
from assay_assignments.grading.scoring import is_graded, is_odd, is_test, option, settle, title_of, verdict_on
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict
from assay_assignments.library import Question
from assay_assignments.release import release, source_notebook


def grade(question: Question, submission: Mapping[str, bytes], sandbox: Runner) -> Grade:
    """Grade the notebook of a question.

    Args:
        question: with the source notebook: tests come from there, never from the submission.
        submission: path to content of everything that was handed in.
        sandbox: where the cells run.

    Returns:
        A verdict for every graded cell; whatever was handed in, this never raises because of it.

    Raises:
        SandboxError: the sandbox itself failed.
        BadQuestionError: the question itself cannot be read.
    """
    source = source_notebook(question)
    notebook = f"{question.id}.ipynb"
    try:
        restored = restore(source, submission.get(notebook), _checksums(question))
    except MalformedError as error:
        return _malformed(source, str(error))
    # The author's data first, whatever became of them in the workspace, and the submission's other files beside them.
    theirs, remarks = brought(submission, notebook)
    files = {path.name: path.read_bytes() for path in question.attachments}
    placed = files | {path: content for path, content in theirs.items() if path not in files}
    code = [cell for cell in restored.notebook.cells if cell.cell_type == "code"]
    run = sandbox.run(_imports(question, source), [_cell(cell) for cell in code], placed)
    statuses = _settle(code, run)
    refused = tuple(f"the file {path} could not be placed" for path in run.refused if path not in files)
    return _graded(Restored(restored.notebook, (*restored.remarks, *remarks, *refused)), statuses, run)


def _settle(code: list[Any], run: Run) -> dict[str, str]:
    """Put the outputs of a run into its cells and return how each cell ended, by its id."""
    statuses: dict[str, str] = {}
    for place, cell in enumerate(code):
        result = run.results[place] if place < len(run.results) else {"status": run.ended or "killed"}
        cell.outputs = [output for found in result.get("outputs", []) if (output := output_of(found))]
        statuses[cell.id] = str(result.get("status", "error"))
        settle(cell, statuses[cell.id])
    return statuses


def _cell(cell: Any) -> Cell:
    kind = "test" if is_test(cell) and not option(cell, "shared") else "candidate"
    return Cell(kind, cell.source, option(cell, "objects"))


def _checksums(question: Question) -> dict[str, str]:
    cells = json.loads(release(question)[0].content)["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return {mark["grade_id"]: mark["checksum"] for mark in marks if "checksum" in mark}


def _imports(question: Question, source: Any) -> str:
    """Return what the author's locked cells import and tests use: those names are not the submission's to give."""
    used = {
        node.id
        for cell in source.cells
        if is_test(cell)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Name)
    }
    known = sys.stdlib_module_names | set(question.packages)
    found = []
    for cell in source.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not marks or marks.get("solution") or marks.get("grade"):
            continue
        for statement in _statements(cell.source):
            names = {(one.asname or one.name).partition(".")[0] for one in statement.names}
            modules = [one.name for one in statement.names] if isinstance(statement, ast.Import) else [statement.module]
            if names & used and all(str(module).partition(".")[0] in known for module in modules):
                found.append(ast.unparse(statement))
    return "\n".join(found)


def _statements(source: str) -> list[Any]:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        # A cell with magics; its imports are the submission's to give.
        return []
    return [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]


def _graded(restored: Restored, statuses: Mapping[str, str], run: Run) -> Grade:
    graded = [cell for cell in restored.notebook.cells if is_graded(cell)]
    cells = tuple(verdict_on(cell, statuses.get(cell.id, "")) for cell in graded)
    waits = any(cell.points is None for cell in cells)
    odd = restored.remarks or run.ended or is_odd(statuses, cells)
    remarks = [*restored.remarks, *([f"the run was ended: {run.ended}"] if run.ended else [])]
    return Grade(
        cells=cells,
        outcome="needs-review" if waits or odd else "graded",
        autograded=nbformat.writes(restored.notebook).encode(),  # type: ignore[no-untyped-call]
        points=sum(cell.points or 0.0 for cell in cells),
        max_points=sum(cell.max_points for cell in cells),
        message="; ".join(remarks),
    )


def _malformed(source: Any, reason: str) -> Grade:
    cells = tuple(
        CellVerdict(
            cell.metadata.nbgrader.grade_id,
            title_of(cell),
            0.0,
            float(cell.metadata.nbgrader.get("points", 0)),
            Verdict.MALFORMED,
            reason,
            reason,
        )
        for cell in source.cells
        if is_graded(cell)
    )
    return Grade(cells, "malformed", b"", 0.0, sum(cell.max_points for cell in cells), reason)
