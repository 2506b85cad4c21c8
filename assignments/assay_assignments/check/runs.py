"""Runs a question: its solution gets every point, what is released none, and each mistake loses its test."""

import json
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from assay_assignments.check.notebook import without_hidden_tests
from assay_assignments.check.report import Finding
from assay_assignments.grading.engine import grade
from assay_assignments.grading.prepared import Prepared, prepare
from assay_assignments.grading.sandbox import Runner
from assay_assignments.grading.scoring import is_test
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict
from assay_assignments.library import BadQuestionError, Question
from assay_assignments.manifest import MUTANTS, NOTEBOOK
from assay_assignments.mutants import Mutant, load_mutants
from assay_assignments.release import release, source_notebook

_HIDDEN = "### BEGIN HIDDEN TESTS"
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_MAY_RAISE = "raises-exception"
_MESSAGE = 400


@dataclass(frozen=True)
class Paper:
    """A question as it is handed in with one answer or another."""

    question: Question

    @cached_property
    def prepared(self) -> Prepared:
        """What submissions are graded with."""
        return prepare(self.question)

    @cached_property
    def released(self) -> bytes:
        """The notebook as a candidate gets it."""
        return release(self.question)[0].content

    @cached_property
    def cells(self) -> list[Any]:
        """The cells of the source notebook."""
        return list(source_notebook(self.question).cells)

    @cached_property
    def tests(self) -> dict[str, Any]:
        """The tests by their ``grade_id``."""
        return {cell.metadata.nbgrader.grade_id: cell for cell in self.cells if is_test(cell)}

    @cached_property
    def solutions(self) -> dict[str, str]:
        """The author's answers by their ``grade_id``."""
        marked = [cell for cell in self.cells if cell.metadata.get("nbgrader", {}).get("solution")]
        return {cell.metadata.nbgrader.grade_id: cell.source for cell in marked}

    def grade(self, answers: Mapping[str, str], runner: Runner, until: Collection[str] = ()) -> Grade:
        """Grade a submission with these answers; what has none stays as it was released.

        Args:
            answers: sources by ``grade_id``.
            runner: where it runs.
            until: names of tests; when there are any, the notebook ends after the last of them.
        """
        notebook = json.loads(self.released)
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in notebook["cells"]]
        end = max((names.index(name) for name in until), default=len(names) - 1) + 1
        notebook["cells"] = notebook["cells"][:end]
        for name, cell in zip(names, notebook["cells"], strict=False):
            cell["source"] = answers.get(name, cell["source"])
        kept = {name: cell for name, cell in self.prepared.originals.items() if name in names[:end]}
        submission = {self.prepared.notebook: json.dumps(notebook).encode()}
        return grade(replace(self.prepared, originals=kept), submission, runner)


def try_solutions(question: Question, runner: Runner, workers: int) -> tuple[float, list[Finding], list[str]]:
    """Run the solution twice, what is released, and every mutant.

    Returns:
        The points that a machine can give, what was found, and what was proved.
    """
    paper = Paper(question)
    try:
        mutants = load_mutants(question)
    except BadQuestionError as error:
        mutants, unread = (), [Finding("mutants", MUTANTS, str(error).removeprefix(f"{question.folder / MUTANTS}: "))]
    else:
        unread = []
    with tempfile.TemporaryDirectory(prefix="assay-check-") as folder:
        trial = _Trial(paper, Paper(_visible(question, paper, Path(folder))), runner)
        with ThreadPoolExecutor(workers) as pool:
            whole, again = pool.submit(trial.reference), pool.submit(trial.reference)
            blank = pool.submit(trial.starter)
            tried = list(zip(mutants, pool.map(trial.mutant, mutants), strict=True))
            first, second, starter = whole.result(), again.result(), blank.result()
    parts = [
        _reference(paper, first),
        _starter(paper, starter),
        _mutants(paper, tried),
        _repeat(first, second),
    ]
    found = [*unread, *(one for part, _ in parts for one in part)]
    proved = [shown for part, shown in parts if shown and not any(one.severe for one in part)]
    return sum(one.max_points for one in first.cells if one.grade_id in paper.tests), found, proved


@dataclass(frozen=True)
class _Tried:
    """What became of a mutant: the verdicts on it, and those without hidden tests where it matters."""

    problem: str = ""
    whole: Mapping[str, CellVerdict] | None = None
    visible: Mapping[str, CellVerdict] | None = None


class _Trial:
    def __init__(self, paper: Paper, visible: Paper, runner: Runner) -> None:
        self._paper = paper
        self._visible = visible
        self._runner = runner
        # A test that was once seen to fail in its hidden part alone needs no second run.
        self._hidden: set[str] = set()

    def reference(self) -> Grade:
        return self._paper.grade(self._paper.solutions, self._runner)

    def starter(self) -> Grade:
        return self._paper.grade({}, self._runner)

    def mutant(self, mutant: Mutant) -> _Tried:
        if mutant.cell not in self._paper.solutions:
            return _Tried(f"there is no solution cell {mutant.cell}")
        if unknown := [name for name in mutant.breaks if name not in self._paper.tests]:
            return _Tried(f"there is no test {', '.join(unknown)}")
        try:
            wrong = mutant.apply(self._paper.solutions[mutant.cell])
        except ValueError as error:
            return _Tried(str(error))
        answers = {**self._paper.solutions, mutant.cell: wrong}
        whole = _by_name(self._paper.grade(answers, self._runner, mutant.breaks))
        lost = {name for name in mutant.breaks if _lost(whole[name]) and _HIDDEN in self._paper.tests[name].source}
        if not lost - self._hidden:
            return _Tried("", whole)
        visible = _by_name(self._visible.grade(answers, self._runner, mutant.breaks))
        self._hidden |= {name for name in lost if _more(visible[name], whole[name])}
        return _Tried("", whole, visible)


def _visible(question: Question, paper: Paper, folder: Path) -> Question:
    """Write the question without its hidden tests into a folder and return it."""
    notebook = source_notebook(question)
    for cell in notebook.cells:
        if is_test(cell):
            cell.source = without_hidden_tests(cell.source)
    nbformat.write(notebook, folder / NOTEBOOK)  # type: ignore[no-untyped-call]
    for path in paper.question.attachments:
        (folder / path.name).write_bytes(path.read_bytes())
    return replace(question, folder=folder)


def _reference(paper: Paper, grade: Grade) -> tuple[list[Finding], str]:
    found = []
    for one in grade.cells:
        if one.grade_id in paper.tests and _lost(one):
            points = f"the solution gets {_points(one.points)} of its {_points(one.max_points)} points"
            found.append(Finding("reference", one.grade_id, f"{points}: {_why(one)}"))
    found += [Finding("reference", NOTEBOOK, text) for text in _raised(grade)]
    if grade.message:
        found.append(Finding("reference", NOTEBOOK, grade.message))
    total = sum(one.max_points for one in grade.cells if one.grade_id in paper.tests)
    tests = f"{len(paper.tests)} {'test' if len(paper.tests) == 1 else 'tests'}"
    return found, f"the solution gets all {_points(total)} points of {tests}" if paper.tests else ""


def _starter(paper: Paper, grade: Grade) -> tuple[list[Finding], str]:
    found = [
        Finding("starter", one.grade_id, f"it gives {_points(one.points)} points for the notebook as it is released")
        for one in grade.cells
        if one.grade_id in paper.tests and one.points
    ]
    return found, "what is released gets no point" if paper.tests else ""


def _mutants(paper: Paper, tried: list[tuple[Mutant, _Tried]]) -> tuple[list[Finding], str]:
    found = []
    hidden = set()
    for place, (mutant, outcome) in enumerate(tried, 1):
        name = f"mutant {place} ({mutant.why.strip()})"
        if outcome.problem or outcome.whole is None:
            found.append(Finding("mutants", mutant.cell, f"{name}: {outcome.problem}"))
            continue
        for test in mutant.breaks:
            if not _lost(outcome.whole[test]):
                found.append(Finding("mutants", test, f"it does not find {name}: it keeps all its points"))
            elif outcome.visible is not None and _more(outcome.visible[test], outcome.whole[test]):
                hidden.add(test)
    named = {test for mutant, _ in tried for test in mutant.breaks}
    strict = paper.question.official
    for test, cell in paper.tests.items():
        if test not in named:
            text = f"no mutant shows that it can fail: add one to {MUTANTS}"
            found.append(Finding("mutants", test, text, severe=strict))
        elif _HIDDEN in cell.source and test not in hidden:
            text = "no mutant gets through its visible part and fails in the hidden one"
            found.append(Finding("mutants", test, text, severe=strict))
    if not tried:
        return found, ""
    part = f", {len(hidden)} of the tests in their hidden part alone" if hidden else ""
    return found, f"each of {len(tried)} mistakes loses the points of the test it is for{part}"


def _repeat(first: Grade, second: Grade) -> tuple[list[Finding], str]:
    found = []
    for one, other in zip(first.cells, second.cells, strict=True):
        if (one.points, one.verdict) != (other.points, other.verdict):
            text = f"a second run gives {_points(other.points)} points instead of {_points(one.points)}: {_why(other)}"
            found.append(Finding("repeat", one.grade_id, text))
    for place, (shown, again) in enumerate(zip(_shown(first), _shown(second), strict=False)):
        if shown != again:
            text = f"cell {place + 1} shows something else in a second run"
            found.append(Finding("repeat", NOTEBOOK, text, severe=False))
    return found, "two runs of the solution agree"


def _by_name(grade: Grade) -> dict[str, CellVerdict]:
    return {one.grade_id: one for one in grade.cells}


def _lost(verdict: CellVerdict) -> bool:
    return (verdict.points or 0.0) < verdict.max_points


def _more(visible: CellVerdict, whole: CellVerdict) -> bool:
    return (visible.points or 0.0) > (whole.points or 0.0)


def _why(verdict: CellVerdict) -> str:
    if verdict.verdict is Verdict.TIMEOUT:
        return "it takes too long, or something before it does"
    return verdict.message[:_MESSAGE] or verdict.verdict.value


def _points(points: float | None) -> str:
    return f"{points or 0.0:g}"


def _executed(grade: Grade) -> Iterator[tuple[int, Any]]:
    notebook = nbformat.reads(grade.autograded.decode(), as_version=4)  # type: ignore[no-untyped-call]
    return enumerate(notebook.cells)


def _raised(grade: Grade) -> Iterator[str]:
    for place, cell in _executed(grade):
        if is_test(cell) or _MAY_RAISE in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
                where = f"cell {place + 1}{f' ({name})' if name else ''}"
                yield f"{where} raises {output.ename}: {output.evalue[:_MESSAGE]}"


def _shown(grade: Grade) -> list[str]:
    """Return the texts that each cell shows, without addresses in memory."""
    cells = [cell for _, cell in _executed(grade)]
    return [_ADDRESS.sub("", " ".join(map(_text, cell.get("outputs", [])))) for cell in cells]


def _text(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
