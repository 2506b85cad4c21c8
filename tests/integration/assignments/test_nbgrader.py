"""Our points beside those of stock nbgrader, for honest submissions."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from integration.assignments.papers import (
    MANIFEST,
    changed,
    grade,
    handed_in,
    marks,
    reference,
    starter,
    write_question,
)

from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import Question

SOLUTION = """import sys
def half(x):
    return x / 2
def noisy():
    print('careful', file=sys.stderr)
    return 1
def chatty():
    print('hello')
    return 1
def boom():
    raise ValueError('no')
def tidy(values):
    values.sort()
"""
TESTS = {
    "full": (2, "assert half(4) == 2"),
    "hidden": (2, "assert half(4) == 2\n### BEGIN HIDDEN TESTS\nassert half(7) == 3.5\n### END HIDDEN TESTS"),
    "partial": (4, "half(3)"),
    "partial-zero": (4, "half(0)"),
    "partial-whole": (4, "score = 0\nfor n in range(4):\n    score += half(n) == n / 2\nscore"),
    "text": (1, "'looks fine'"),
    "true": (1, "half(4) == 2"),
    "false": (1, "half(4) == 3"),
    "none": (1, "None"),
    "printed": (1, "print(half(2))"),
    "stderr": (1, "import sys\nprint('careful', file=sys.stderr)"),
    "noisy": (1, "assert noisy() == 1"),
    "chatty": (1, "assert chatty() == 1"),
    "raises": (1, "try:\n    boom()\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('nothing raised')"),
    "wrong-class": (1, "try:\n    boom()\nexcept KeyError:\n    pass"),
    "in-place": (1, "values = [3, 1, 2]\ntidy(values)\nassert values == [1, 2, 3]"),
    "later": (1, "assert values == [1, 2, 3]"),
    "unknown-name": (1, "assert nowhere == 1"),
    "local-import": (1, "import math as m\nassert m.floor(half(3)) == 1"),
    "worth-nothing": (0, "assert half(2) == 1"),
}


def paper(folder: Path) -> Question:
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Rules"),
        new.new_code_cell(
            f"### BEGIN SOLUTION\n{SOLUTION}### END SOLUTION", metadata=marks("answer", solution=True, locked=False)
        ),
        *(
            new.new_code_cell(source, metadata=marks(name, grade=True, points=points))
            for name, (points, source) in TESTS.items()
        ),
        new.new_markdown_cell("Write.", metadata=marks("essay", grade=True, solution=True, locked=False, points=3)),
        new.new_code_cell("# Sketch", metadata=marks("sketch", grade=True, solution=True, locked=False, points=3)),
    ]
    return write_question(folder / "paper", cells, MANIFEST.replace('"attacked"', '"paper"'))


def submissions(question: Question) -> dict[str, dict[str, Any]]:
    def write(cell: dict[str, Any], mark: dict[str, Any]) -> None:
        if mark["grade_id"] in ("essay", "sketch"):
            cell["source"] = "# because"

    def halve_badly(cell: dict[str, Any], mark: dict[str, Any]) -> None:
        if mark["grade_id"] == "answer":
            cell["source"] = cell["source"].replace("x / 2", "x // 2")

    solved = reference(question)
    return {
        "solved": changed(solved, write),
        "untouched": starter(question),
        "wrong": changed(solved, halve_badly),
        "broken": changed(solved, lambda cell, mark: mark["grade_id"] == "answer" and cell.update(source="def half(:")),
    }


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    return paper(tmp_path_factory.mktemp("rules"))


def test_points_are_those_of_stock_nbgrader(question: Question, opened: Runner, tmp_path: Path):
    handed = submissions(question)
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    (source / "paper.ipynb").write_bytes(question.notebook.read_bytes())
    for student, notebook in handed.items():
        folder = tmp_path / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        (folder / "paper.ipynb").write_text(json.dumps(notebook))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # nbgrader calls alembic
        "HOME": str(tmp_path),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONWARNINGS": "ignore",
    }

    stock = subprocess.run(
        [sys.executable, Path(__file__).with_name("stock.py"), tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    ours = {student: grade(question, handed_in(question, notebook), opened) for student, notebook in handed.items()}

    assert stock.returncode == 0, stock.stderr[-3000:]
    expected = json.loads(stock.stdout.splitlines()[-1])
    found = {student: {cell.grade_id: cell.points for cell in one.cells} for student, one in ours.items()}
    assert found == expected


def test_the_graded_notebook_is_scored_alike_by_nbgrader(question: Question, opened: Runner):
    from nbgrader.utils import determine_grade, is_grade  # noqa: PLC0415  # slow to import

    graded = grade(question, handed_in(question, submissions(question)["wrong"]), opened)

    notebook = nbformat.reads(graded.autograded.decode(), as_version=4)
    nbformat.validate(notebook)
    scores = {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)}
    assert scores == {cell.grade_id: cell.points for cell in graded.cells}
