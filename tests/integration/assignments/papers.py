"""Submissions for tests, made from a question, and a small question that is worth attacking."""

import copy
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from assay_assignments.grading import Grade, prepare
from assay_assignments.grading import grade as grade_prepared
from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import Question, load_question
from assay_assignments.release import release, source_notebook

SECRET = "SECRET_7c1f"
MANIFEST = """
id = "attacked"
version = "1.0.0"
kind = "live coding"
title = "Worth attacking"
difficulty = "easy"
minutes = 5
topics = []
skills = []
files = ["numbers.csv"]
packages = ["numpy", "pandas"]
author = "The Assay developers"
licence = "BSD-3-Clause"
official = false
"""
ANSWER = """def total(values):
    return sum(values)

def table():
    return pd.DataFrame({"SECRET_7c1f": [1, 2]})

def share():
    return 0.123456

def in_place(values):
    values.sort()
"""
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
_TOTAL = f"""assert total([1, 2]) == 3
### BEGIN HIDDEN TESTS
def _check(found, expected):
    assert found == expected

_check(total([5, 6]), 11)  # {SECRET}
### END HIDDEN TESTS"""
_PARTIAL = """_score = 0
for n in (3, 4, 5):
    _score += int(total([n, n, n]) == 3 * n)
if not _score:
    raise AssertionError("nothing right")
_score"""
TESTS: dict[str, tuple[float, str]] = {
    "test-total": (2, _TOTAL),
    "test-helper": (2, HIDDEN.format("_check(total([10, 20]), 30)")),
    "test-table": (2, HIDDEN.format(f"assert table().equals(pd.DataFrame({{'{SECRET}': [1, 2]}}))")),
    "test-close": (2, HIDDEN.format("np.testing.assert_allclose(share(), 0.123456)")),
    "test-partial": (3, _PARTIAL),
    "test-in-place": (1, "_list = [3, 1, 2]\nin_place(_list)\nassert _list == [1, 2, 3]"),
}


prepared = lru_cache(prepare)


def grade(question: Question, submission: Mapping[str, bytes], sandbox: Runner) -> Grade:
    """Grade a submission of a question that is made ready once."""
    return grade_prepared(prepared(question), submission, sandbox)


def marks(grade_id: str, **more: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    usual = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
    return {"nbgrader": {**usual, "grade_id": grade_id, **more}}


def write_question(folder: Path, cells: list[Any], manifest: str = MANIFEST) -> Question:
    """Write a question of these cells and load it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "question.toml").write_text(manifest)
    (folder / "numbers.csv").write_text("n\n1\n2\n")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "x"}})
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"c-{place}"
    nbformat.write(notebook, folder / "question.ipynb")
    return load_question(folder)


def attacked_question(folder: Path) -> Question:
    """Write the question that is attacked."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Worth attacking"),
        new.new_code_cell("import numpy as np\nimport pandas as pd", metadata=marks("setup")),
        new.new_code_cell(
            f"### BEGIN SOLUTION\n{ANSWER}### END SOLUTION", metadata=marks("answer", solution=True, locked=False)
        ),
        *(
            new.new_code_cell(source, metadata=marks(grade_id, grade=True, points=points))
            for grade_id, (points, source) in TESTS.items()
        ),
        new.new_markdown_cell("Say why.", metadata=marks("why", grade=True, solution=True, locked=False, points=3)),
    ]
    return write_question(folder / "attacked", cells)


def starter(question: Question) -> dict[str, Any]:
    """Return the released notebook, unchanged."""
    notebook: dict[str, Any] = json.loads(release(question)[0].content)
    return notebook


def reference(question: Question) -> dict[str, Any]:
    """Return the released notebook with the author's solutions."""
    notebook = starter(question)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in source_notebook(question).cells
        if cell.metadata.get("nbgrader")
    }
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("solution") and cell["cell_type"] == "code":
            cell["source"] = solutions[mark["grade_id"]].source
    return notebook


def code(source: str, **metadata: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {
        "cell_type": "code",
        "id": f"own-{abs(hash(source)) % 10**8}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def attack(question: Question, source: str, answer: str = "") -> dict[str, Any]:
    """Return a notebook with a hostile cell at the start and an answer that answers nothing."""
    notebook = starter(question)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "answer":
            cell["source"] = answer
    notebook["cells"].insert(2, code(source))
    notebook["cells"].append(code("print('the end', locals().get('loot', ''))"))
    return notebook


def changed(notebook: Mapping[str, Any], change: Callable[[dict[str, Any], dict[str, Any]], None]) -> dict[str, Any]:
    """Return a copy in which every cell of the author's went through ``change(cell, marks)``."""
    copied: dict[str, Any] = copy.deepcopy(dict(notebook))
    for cell in copied["cells"]:
        if mark := cell["metadata"].get("nbgrader"):
            change(cell, mark)
    return copied


def handed_in(question: Question, notebook: Mapping[str, Any] | bytes) -> dict[str, bytes]:
    """Return a submission of one notebook."""
    content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return {f"{question.id}.ipynb": content}


def texts(autograded: bytes) -> str:
    """Return everything that the submission's own cells show."""
    cells = nbformat.reads(autograded.decode(), as_version=4).cells
    own = [cell for cell in cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    return json.dumps([cell.get("outputs", []) for cell in own])
