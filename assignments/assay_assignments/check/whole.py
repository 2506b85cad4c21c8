"""The whole check of a question: what can be read, and what is seen when it runs."""

import time
from pathlib import Path

from assay_assignments.check.folder import look_around
from assay_assignments.check.notebook import has_graded_cells, look_at_notebook
from assay_assignments.check.programs import try_generator, try_growth
from assay_assignments.check.report import Finding, Report
from assay_assignments.check.runs import try_solutions
from assay_assignments.grading.sandbox import Runner, SandboxError
from assay_assignments.library import BadQuestionError, Question, load_question
from assay_assignments.manifest import PYTHON

CELL_SECONDS = 10.0
"""What a cell of a question may take, in processor seconds: open the sandbox of a check with this limit."""


def check(folder: Path, runner: Runner, *, workers: int = 1) -> Report:
    """Check the question in a folder: read it, release it, and run its solution, its mistakes and its programs.

    Args:
        folder: where the question is.
        runner: where everything runs; nothing of a question runs in this process.
        workers: how many notebooks run at the same time.

    Returns:
        What was found and proved; whatever is in the folder, this never raises because of it.

    Raises:
        SandboxError: the sandbox itself failed.
    """
    began = time.monotonic()
    try:
        question = load_question(folder)
    except BadQuestionError as error:
        text = str(error).removeprefix(f"{folder}/")
        return Report(folder.name, "", (Finding("manifest", "question.toml", text),), ())
    strict = question.official and has_graded_cells(question)
    findings = [*look_around(question, strict=strict), *look_at_notebook(question)]
    proved: list[str] = []
    points = 0.0
    if not any(one.rule == "notebook" and one.severe for one in findings):
        points, seen, shown = _run(question, runner, workers)
        findings += seen
        proved += shown
    seconds = time.monotonic() - began
    return Report(question.id, question.version, tuple(findings), tuple(proved), points, seconds)


def _run(question: Question, runner: Runner, workers: int) -> tuple[float, list[Finding], list[str]]:
    try:
        points, findings, proved = try_solutions(question, runner, workers)
    except SandboxError as error:
        if question.kernel == PYTHON:
            raise
        # Not every sandbox has every kernel; a workspace's image has what questions may ask for.
        text = f"nothing was run, because the kernel {question.kernel} cannot be had here: {error}"
        return 0.0, [Finding("reference", "question.ipynb", text)], []
    for attempt in (try_generator, try_growth):
        found, shown = attempt(question, runner)
        findings += found
        proved += shown
    return points, findings, proved
