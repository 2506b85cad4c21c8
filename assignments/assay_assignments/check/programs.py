"""Runs what an author wrote beside the notebook: the generator of its data, and the inputs for measuring growth."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from assay_assignments.check.report import Finding
from assay_assignments.grading.sandbox import Cell, Run, Runner
from assay_assignments.library import Question
from assay_assignments.manifest import GENERATOR, GROWTH, PYTHON
from assay_assignments.release import source_notebook

GROWTHS = ("O(1)", "O(log n)", "O(n)", "O(n log n)", "O(n^2)", "O(n^2 log n)", "O(n^3)", "O(2^n)")
_MARK = "assay-check "
_GENERATE = f"""
import hashlib, json, pathlib, runpy, sys
sys.argv = ["{GENERATOR}", "made"]
pathlib.Path("made").mkdir()
runpy.run_path("{GENERATOR}", run_name="__main__")
made = {{path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pathlib.Path("made").iterdir()}}
print({_MARK!r} + json.dumps(made))
"""
_GROW = f"""
def _assay_grow():
    import json, pickle, runpy
    read = runpy.run_path("{GROWTH}")
    name, sizes, arguments, expected = (read.get(one) for one in ("FUNCTION", "SIZES", "arguments", "EXPECTED"))
    wrong = []
    if not isinstance(name, str) or not callable(globals().get(name)):
        wrong.append("FUNCTION is the name of a function of the solution")
    sizes = list(sizes) if isinstance(sizes, (list, tuple)) else []
    whole = all(type(one) is int and one > 0 for one in sizes)
    if not whole or sizes != sorted(set(sizes)) or not 5 <= len(sizes) <= 7:
        wrong.append("SIZES are 5 to 7 growing whole numbers")
    if expected not in {GROWTHS!r}:
        wrong.append("EXPECTED is one of {", ".join(GROWTHS)}")
    if not callable(arguments):
        wrong.append("arguments(size) returns the arguments of one call")
    for size in [] if wrong else sizes:
        given = arguments(size)
        if type(given) is not tuple or pickle.dumps(given) != pickle.dumps(arguments(size)):
            wrong.append(f"arguments({{size}}) returns the same tuple each time")
            break
        globals()[name](*given)
    print({_MARK!r} + json.dumps(wrong))
_assay_grow()
"""


def try_generator(question: Question, runner: Runner) -> tuple[list[Finding], list[str]]:
    """Run the generator and compare what it writes with what is there."""
    path = question.folder / GENERATOR
    if not path.is_file():
        return [], []
    run = runner.run("", [Cell("candidate", _GENERATE)], {GENERATOR: path.read_bytes()})
    made, problem = _said(run)
    if not isinstance(made, dict):
        return [Finding("generator", GENERATOR, problem)], []
    there = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in question.attachments}
    found = [Finding("generator", GENERATOR, text) for text in _differences(made, there)]
    return found, [] if found else [f"{GENERATOR} writes the same bytes again: {', '.join(sorted(made))}"]


def try_growth(question: Question, runner: Runner) -> tuple[list[Finding], list[str]]:
    """Call the solution with the inputs of every size."""
    path = question.folder / GROWTH
    if not path.is_file():
        return [], []
    if question.kernel != PYTHON:
        return [Finding("growth", GROWTH, "growth is measured of functions in Python alone")], []
    code = [cell for cell in source_notebook(question).cells if cell.cell_type == "code"]
    own = [cell for cell in code if not cell.metadata.get("nbgrader", {}).get("grade")]
    cells = [*(Cell("candidate", cell.source) for cell in own), Cell("candidate", _GROW)]
    files = {one.name: one.read_bytes() for one in (*question.attachments, path)}
    wrong, problem = _said(runner.run("", cells, files))
    if not isinstance(wrong, list):
        return [Finding("growth", GROWTH, problem)], []
    if wrong:
        return [Finding("growth", GROWTH, str(text)) for text in wrong], []
    return [], [f"the solution takes the inputs of every size in {GROWTH}"]


def _differences(made: Mapping[str, Any], there: Mapping[str, str]) -> list[str]:
    if not made:
        return [f"it writes nothing into the folder it is given: python {GENERATOR} FOLDER"]
    found = [f"it writes {name}, which is not in files" for name in sorted(set(made) - set(there))]
    differing = [name for name in sorted(set(made) & set(there)) if made[name] != there[name]]
    return found + [f"it writes other bytes than those of {name}" for name in differing]


def _said(run: Run) -> tuple[Any, str]:
    """Return what the last cell printed behind the mark, or why there is nothing."""
    last = run.results[-1] if run.results else {}
    outputs = last.get("outputs", [])
    text = "".join(str(one.get("text", "")) for one in outputs if one.get("name") == "stdout")
    for line in text.splitlines():
        if line.startswith(_MARK):
            return json.loads(line.removeprefix(_MARK)), ""
    for one in outputs:
        if one.get("output_type") == "error":
            return None, f"it raises {one.get('ename')}: {str(one.get('evalue'))[:400]}"
    return None, f"it did not end: {run.ended or last.get('status', 'killed')}"
