"""Grades one notebook: put the author's tests back, run it in a sandbox, score the outputs as nbgrader does."""

from collections.abc import Mapping
from typing import Any

from assay_assignments.grading.files import brought
from assay_assignments.grading.notebook import MalformedError, marks_of, write
from assay_assignments.grading.outputs import output_of, trimmed
from assay_assignments.grading.prepared import Prepared
from assay_assignments.grading.restore import Restored, restore
from assay_assignments.grading.sandbox import Cell, Run, Runner
from assay_assignments.grading.scoring import (
    is_answer,
    is_graded,
    is_odd,
    is_test,
    is_untouched,
    option,
    settle,
    title_of,
    verdict_on,
)
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict

_GONE = "the cell was missing from the submission"


def grade(prepared: Prepared, submission: Mapping[str, bytes], runner: Runner) -> Grade:
    """Grade a notebook.

    Args:
        prepared: the author's side: tests come from there, never from the submission.
        submission: path to content of everything that was handed in.
        runner: where the cells run.

    Returns:
        A verdict for every graded cell; whatever was handed in, this never raises because of it.

    Raises:
        SandboxError: the sandbox itself failed.
    """
    try:
        restored = restore(prepared.originals, submission.get(prepared.notebook), prepared.notice)
    except MalformedError as error:
        return refused(prepared, str(error))
    # The author's files first, whatever became of them in the workspace, and the submission's others beside them.
    theirs, remarks = brought(submission, prepared.notebook)
    placed = {**prepared.files, **{path: content for path, content in theirs.items() if path not in prepared.files}}
    code = [cell for cell in restored.cells if cell["cell_type"] == "code"]
    run = runner.run(prepared.imports, [_cell(cell) for cell in code], placed, prepared.kernel, prepared.files.keys())
    statuses = _settle(prepared, code, run)
    unplaced = [f"the file {path} could not be placed" for path in run.refused if path not in prepared.files]
    ended = [f"the run was ended: {run.ended}"] if run.ended else []
    return _graded(prepared, restored, statuses, [*restored.remarks, *remarks, *unplaced, *ended])


def refused(prepared: Prepared, reason: str, verdict: Verdict = Verdict.MALFORMED) -> Grade:
    """Return the grade of a submission that was not run: no points, and a reason."""
    cells = tuple(
        CellVerdict(name, title_of(cell), 0.0, float(marks_of(cell).get("points", 0)), verdict, reason, reason)
        for name, cell in prepared.originals.items()
        if is_graded(cell)
    )
    outcome = "malformed" if verdict is Verdict.MALFORMED else "needs-review"
    return Grade(cells, outcome, b"", 0.0, sum(cell.max_points for cell in cells), reason)


def _settle(prepared: Prepared, code: list[dict[str, Any]], run: Run) -> dict[str, str]:
    """Put the outputs of a run into its cells and return how each cell ended, by its id."""
    statuses: dict[str, str] = {}
    for place, cell in enumerate(code):
        result = run.results[place] if place < len(run.results) else {"status": run.ended or "killed"}
        outputs = [output for found in result.get("outputs", []) if (output := output_of(found))]
        cell["outputs"] = trimmed(outputs, prepared.trim)
        statuses[cell["id"]] = str(result.get("status", "error"))
        settle(cell, statuses[cell["id"]])
    return statuses


def _cell(cell: Mapping[str, Any]) -> Cell:
    kind = "test" if is_test(cell) and not option(cell, "shared") else "candidate"
    return Cell(kind, cell["source"], option(cell, "objects"))


def _graded(prepared: Prepared, restored: Restored, statuses: Mapping[str, str], remarks: list[str]) -> Grade:
    verdicts = {
        marks_of(cell)["grade_id"]: verdict_on(cell, statuses.get(cell["id"], ""))
        for cell in restored.cells
        if is_graded(cell)
    }
    cells = tuple(
        verdicts.get(name) or _absent(name, cell) for name, cell in prepared.originals.items() if is_graded(cell)
    )
    waits = any(cell.points is None for cell in cells)
    return Grade(
        cells=cells,
        outcome="needs-review" if waits or remarks or is_odd(statuses, cells) else "graded",
        autograded=write(restored.cells, prepared.metadata),
        points=sum(cell.points or 0.0 for cell in cells),
        max_points=sum(cell.max_points for cell in cells),
        message="; ".join(remarks),
        untouched=tuple(
            marks_of(cell)["grade_id"] for cell in restored.cells if is_answer(cell) and is_untouched(cell)
        ),
    )


def _absent(name: str, cell: Mapping[str, Any]) -> CellVerdict:
    most = float(marks_of(cell).get("points", 0))
    return CellVerdict(name, title_of(cell), None, most, Verdict.NEEDS_REVIEW, _GONE, _GONE)
