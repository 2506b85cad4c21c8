"""Checks a question before it is used: what its author should know before a candidate does."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from assay_assignments.library import BadQuestionError, Question
from assay_assignments.release import release, source_notebook

_REGIONS = {
    "### BEGIN SOLUTION": "### END SOLUTION",
    "### BEGIN HIDDEN TESTS": "### END HIDDEN TESTS",
    "### BEGIN MARK SCHEME": "### END MARK SCHEME",
}


def check_question(question: Question) -> None:
    """Check the notebook of a question and what is released of it.

    Raises:
        BadQuestionError: the notebook cannot be read or released, starts with no statement, has a ``grade_id`` twice, a
            test that is no plain Python, or releases a line that is to be hidden.
    """
    try:
        cells = source_notebook(question).cells
        released = b"\n".join(file.content for file in release(question)).decode("utf-8", "replace")
    except Exception as error:
        # nbformat and nbgrader raise a class of their own for each thing that can be wrong.
        raise BadQuestionError(f"{question.notebook}: {type(error).__name__}: {error}") from error
    if problem := _problem(cells) or _leak(cells, released):
        raise BadQuestionError(f"{question.notebook}: {problem}")


def hidden_lines(source: str) -> list[str]:
    """Return the lines of a cell that a candidate must never see: solutions, hidden tests and mark schemes."""
    return [line for line, hidden in _lines(source) if hidden]


def _lines(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each line that says something, and whether it is hidden."""
    ending = ""
    for line in (line.strip() for line in source.splitlines()):
        if line == ending:
            ending = ""
        elif begun := _REGIONS.get(line):
            ending = begun
        elif line:
            yield line, bool(ending)


def _problem(cells: list[Any]) -> str:
    if not cells or cells[0].cell_type != "markdown":
        return "the first cell is the statement, in Markdown"
    names = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    if twice := {name for name in names if names.count(name) > 1}:
        return f"the grade_id {', '.join(sorted(twice))} is there more than once"
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade") and not marks.get("solution"):
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                return f"the test {marks.grade_id} is no plain Python: {error.msg}, line {error.lineno}"
    return ""


def _leak(cells: list[Any], released: str) -> str:
    """Say which hidden line stands in what is released; one that stands openly elsewhere in the source is no secret."""
    lines = {pair for cell in cells for pair in _lines(cell.source)}
    for line in sorted(line for line, hidden in lines if hidden and (line, False) not in lines):
        if re.search(r"\w{3}", line) and json.dumps(line, ensure_ascii=False)[1:-1] in released:
            return f"the hidden line {line!r} is released"
    return ""
