"""Reads a question's notebook and what is released of it: form, words, and whether something hidden is let out."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from assay_assignments.check.report import Finding
from assay_assignments.grading.scoring import is_graded, is_test, option
from assay_assignments.library import BadQuestionError, Question
from assay_assignments.manifest import PYTHON
from assay_assignments.release import release, source_notebook

_REGIONS = {
    "### BEGIN SOLUTION": "### END SOLUTION",
    "### BEGIN HIDDEN TESTS": "### END HIDDEN TESTS",
    "### BEGIN MARK SCHEME": "### END MARK SCHEME",
}
_MINOR = 5
_STATEMENT_LINES = 60
_SHORT = 20


def check_question(question: Question) -> None:
    """Check the notebook of a question and what is released of it.

    Raises:
        BadQuestionError: the notebook cannot be read or released, starts with no statement, has a ``grade_id`` twice, a
            test that is no plain Python, or releases a line that is to be hidden.
    """
    wrong = [one for one in look_at_notebook(question) if one.rule in {"notebook", "release"} and one.severe]
    if wrong:
        raise BadQuestionError(f"{question.notebook}: {'; '.join(one.text for one in wrong)}")


def has_graded_cells(question: Question) -> bool:
    """Whether anything in the notebook has points; an empty editor has nothing."""
    try:
        return any(is_graded(cell) for cell in source_notebook(question).cells)
    except Exception:  # noqa: BLE001  # see look_at_notebook
        return True


def look_at_notebook(question: Question) -> list[Finding]:
    """Return what is wrong with the notebook of a question, or with what is released of it."""
    name = question.notebook.name
    try:
        notebook = source_notebook(question)
        first, *files = release(question)
    except Exception as error:  # noqa: BLE001
        # nbformat and nbgrader raise a class of their own for each thing that can be wrong.
        return [Finding("notebook", name, f"{type(error).__name__}: {error}")]
    cells = notebook.cells
    texts = {file.path: file.content.decode("utf-8", "replace") for file in files}
    found = [Finding("notebook", name, text) for text in _problems(question, cells)]
    found += [Finding("release", name, text) for text in _leaks(cells, first.content.decode(), texts)]
    if not found:
        found += [*_form(question, notebook), *_words(question, cells)]
    return found


def hidden_lines(source: str) -> list[str]:
    """Return the lines of a cell that a candidate must never see: solutions, hidden tests and mark schemes."""
    return [line for line, region in _lines(source) if region]


def without_hidden_tests(source: str) -> str:
    """Return a test as a candidate gets it."""
    kept, inside = [], False
    for line in source.splitlines():
        if line.strip() in {"### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"}:
            inside = "BEGIN" in line
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _lines(source: str) -> Iterator[tuple[str, str]]:
    """Yield each line that says something, and how the region of hidden lines ends in which it is."""
    ending = ""
    for line in (line.strip() for line in source.splitlines()):
        if line == ending:
            ending = ""
        elif begun := _REGIONS.get(line):
            ending = begun
        elif line:
            yield line, ending


def _problems(question: Question, cells: list[Any]) -> Iterator[str]:
    if not cells or cells[0].cell_type != "markdown":
        yield "the first cell is the statement, in Markdown"
    names = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the grade_id {name} is there more than once"
    for cell in cells:
        if is_test(cell) and question.kernel == PYTHON:
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                yield f"the test {_name(cell)} is no plain Python: {error.msg}, line {error.lineno}"


def _leaks(cells: list[Any], notebook: str, files: dict[str, str]) -> Iterator[str]:
    """Say which hidden lines stand in what is released; one that stands openly elsewhere in the source is no secret."""
    lines = {pair for cell in cells for pair in _lines(cell.source)}
    known = {line for line, region in lines if not region}
    hidden = {(line, region) for line, region in lines if region and line not in known and re.search(r"\w{3}", line)}
    shown = {line.strip() for cell in json.loads(notebook)["cells"] for line in "".join(cell["source"]).splitlines()}
    for line in sorted({line for line, _ in hidden}):
        # A short line is in many a longer one.
        longer = len(line) > _SHORT and json.dumps(line, ensure_ascii=False)[1:-1] in notebook
        if line in shown or longer:
            yield f"the hidden line {line!r} is released"
    solution = _REGIONS["### BEGIN SOLUTION"]
    for name, text in files.items():
        stripped = {line.strip() for line in text.splitlines()}
        # A file that is to be mended or reviewed shares lines with its solution, but never all of them.
        for line in sorted(line for line, region in hidden if region != solution and line in stripped):
            yield f"the hidden line {line!r} is released in {name}"
        for cell in cells:
            answer = {line for line, region in _lines(cell.source) if region == solution and (line, region) in hidden}
            if answer and answer <= stripped:
                yield f"the whole solution of {_name(cell)} is released in {name}"


def _form(question: Question, notebook: Any) -> Iterator[Finding]:
    name = question.notebook.name
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
    if kernel != question.kernel:
        yield Finding("notebook", name, f"its kernel is {kernel or 'not named'}, the manifest's is {question.kernel}")
    raw = json.loads(question.notebook.read_bytes())
    ids = [cell.get("id", "") for cell in raw["cells"]]
    if raw.get("nbformat_minor", 0) < _MINOR or not all(ids) or len(set(ids)) < len(ids):
        yield Finding("notebook", name, "it is no notebook of format 4.5 with an id for each cell: save it anew")
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if is_graded(cell) and not float(marks.get("points", 0)) > 0:
            yield Finding("notebook", _name(cell), "a graded cell has points")


def _words(question: Question, cells: list[Any]) -> Iterator[Finding]:
    strict = question.official
    said = cells[0].source.splitlines()
    if not said or said[0] != f"# {question.title}":
        yield Finding("statement", "", f"it starts with the question's title: # {question.title}", severe=strict)
    if len(said) > _STATEMENT_LINES:
        text = f"it has {len(said)} lines: what a nervous person reads at once are {_STATEMENT_LINES} at most"
        yield Finding("statement", "", text, severe=strict)
    for cell in cells:
        if is_test(cell):
            yield from _of_test(cell, strict=strict)


def _of_test(cell: Any, *, strict: bool) -> Iterator[Finding]:
    said = cell.metadata.get("assay", {})
    for name, what in (("about", "one sentence on what it covers"), ("title", "a few words for tables")):
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield Finding("words", _name(cell), f'its metadata have no "assay": {{"{name}": …}}: {what}', severe=strict)
    if silent := [node.lineno for node in _asserts(cell.source) if node.msg is None]:
        lines = ", ".join(map(str, silent))
        yield Finding("words", _name(cell), f"asserts without a message, in line {lines}", severe=False)
    if option(cell, "shared"):
        text = "it runs in the submission's own process, where it can be tampered with"
        yield Finding("words", _name(cell), text, severe=False)


def _asserts(source: str) -> list[ast.Assert]:
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        # A test of another kernel.
        return []


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", "a cell without a grade_id"))
