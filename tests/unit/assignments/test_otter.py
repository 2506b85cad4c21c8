"""otter-grader's assignments: what maps exactly is taken with its points, all else is refused with a reason."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from plain_runner import PlainRunner

from assay_assignments.check import check
from assay_assignments.exchange import Found, Refused, import_questions, write_question
from assay_assignments.library import load_question
from assay_assignments.release import release, source_notebook

SQUARE = """def square(x):
    y = x * x # SOLUTION NO PROMPT
    return y # SOLUTION

nine = square(3) # SOLUTION"""
AREA = """pi = 3
if True:
    # BEGIN SOLUTION
    radius = 3
    area = radius * pi * pi
    # END SOLUTION
print('done')"""


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def words(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source: str, shown: str | None = None, **output: Any) -> dict[str, Any]:
    value = {"output_type": "execute_result", "data": {"text/plain": shown}, "metadata": {}, "execution_count": 1}
    outputs = [output] if output else ([value] if shown is not None else [])
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs, "execution_count": 1}


def asked(config: str, answers: list[dict[str, Any]], tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells of a question."""
    solution = [raw("# BEGIN SOLUTION"), *answers, raw("# END SOLUTION")]
    tried = [raw("# BEGIN TESTS"), *tests, raw("# END TESTS")] if tests else []
    return [raw(f"# BEGIN QUESTION\n{config}"), words("What to do."), *solution, *tried, raw("# END QUESTION")]


def assignment(*cells: dict[str, Any], config: str = "name: lab") -> bytes:
    """Return a master notebook."""
    listed = [raw(f"# ASSIGNMENT CONFIG\n{config}"), words("# Lab"), *cells]
    return json.dumps(
        {
            "cells": [{**cell, "id": f"cell-{place}"} for place, cell in enumerate(listed)],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


WHOLE = assignment(
    *asked(
        "name: q1\npoints: 4",
        [code(SQUARE)],
        [
            code("square(5)", "25"),
            code('""" # BEGIN TEST CONFIG\nhidden: true\n""" # END TEST CONFIG\nsquare(-5) == 25', "True"),
            code("# HIDDEN\nassert square(1.5) == 2.25\nimport math\nmath.isclose(square(2), 4)", "True"),
            code("n = nine\nassert n == 9"),
        ],
    ),
    *asked("name: q2\npoints:\n  each: 0.5", [code(AREA)], [code("area", "27"), code("radius\n", "3")]),
    *asked("name: q 3\npoints: 3\nmanual: true", [words("Because.")], []),
    *asked("name: q4\nmanual: true\npoints: 2", [code("y = 1 # SOLUTION")], []),
    words("The end."),
)


def taken(tmp_path: Path, content: bytes) -> Any:
    (found,) = import_questions("lab.ipynb", content)
    assert isinstance(found, Found), found
    return load_question(write_question(found, tmp_path))


def test_an_assignment_that_maps_exactly_keeps_its_points_and_grades_its_own_solution(tmp_path: Path):
    question = taken(tmp_path, WHOLE)

    report = check(question.folder, PlainRunner())

    assert [one for one in report.findings if one.severe] == []
    assert "the solution gets all 5 points of 6 tests" in report.proved
    marks = [cell.metadata.nbgrader for cell in source_notebook(question).cells if "nbgrader" in cell.metadata]
    assert {mark.grade_id: mark.points for mark in marks if mark.grade} == {
        "q1-test-1": 1.0,
        "q1-test-2": 1.0,
        "q1-test-3": 1.0,
        "q1-test-4": 1.0,
        "q2-test-1": 0.5,
        "q2-test-2": 0.5,
        "q-3": 3.0,
        "q4": 2.0,
    }
    nbformat.validate(source_notebook(question))


def test_a_candidate_gets_what_otter_would_hand_out(tmp_path: Path):
    question = taken(tmp_path, WHOLE)

    released = nbformat.reads(release(question)[0].content.decode(), as_version=4)

    text = {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell.source for cell in released.cells}
    assert text["q1"] == "def square(x):\n    ...\n    ...\n\nnine = ...\n..."
    assert text["q2"] == "pi = 3\nif True:\n    ...\nprint('done')"
    assert text["q-3"] == "YOUR ANSWER HERE"
    assert text["q1-test-1"] == "assert repr(square(5)) == '25', 'square(5) is to be 25'"
    assert text["q1-test-2"] == text["q1-test-3"] == ""
    assert not any(cell.cell_type == "raw" for cell in released.cells)
    assert [cell.source for cell in released.cells][-1] == "The end."


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ("def square(x):\n    return x + x\nnine = 9", {"q1-test-1", "q1-test-2", "q1-test-3"}),
        ("def square(x):\n    return float(x * x)\nnine = 9", {"q1-test-1"}),
        ("def square(x):\n    return x * x\nnine = 10", {"q1-test-4"}),
    ],
)
def test_a_wrong_answer_loses_the_points_that_it_would_lose(tmp_path: Path, answer: str, lost: set[str]):
    (found,) = import_questions("lab.ipynb", WHOLE)
    assert isinstance(found, Found)
    mutant = f"[[mutant]]\nbreaks = {json.dumps(sorted(lost))}\ncell = 'q1'\nwhy = 'x'\n"
    whole = next(cell.source for cell in source_notebook(taken(tmp_path / "x", WHOLE)).cells if cell.id == "cell-5")
    mutant += f"find = {json.dumps(whole)}\nreplace = {json.dumps(answer)}\n"
    folder = write_question(Found("lab", {**found.files, "mutants.toml": mutant.encode()}), tmp_path)

    report = check(folder, PlainRunner())

    assert [one for one in report.findings if one.severe] == []
    assert any("each of 1 mistakes loses" in text for text in report.proved)


def test_tests_that_are_functions_are_called_with_the_names_they_ask_for(tmp_path: Path):
    test = "def test_nine(nine, square):\n    assert nine == square(3)\n\ntest_nine(nine, square)  # IGNORE"
    content = assignment(*asked("name: q1", [code(SQUARE)], [code(test)]), config="tests:\n  ok_format: false")

    question = taken(tmp_path, content)

    assert check(question.folder, PlainRunner()).proved[0] == "the solution gets all 1 points of 1 test"
    (cell,) = [
        cell
        for cell in source_notebook(question).cells
        if "test" in cell.metadata.get("nbgrader", {}).get("grade_id", "")
    ]
    assert cell.source.endswith("\n\ntest_nine(nine, square)")
    assert "IGNORE" not in cell.source


ANSWER = [code("x = 1 # SOLUTION")]
TEST = [code("x", "1")]
PROMPT = 'def f():\n    """ # BEGIN PROMPT\n    pass\n    """ # END PROMPT\n    return 1 # SOLUTION'
STREAM = {"output_type": "stream", "name": "stdout", "text": "1\n"}
INEXACT: dict[str, tuple[bytes, str]] = {
    "seed": (assignment(*asked("name: q1", ANSWER, TEST), config="seed: 1"), "the option seed"),
    "plugins": (assignment(*asked("name: q1", ANSWER, TEST), config="plugins: [x]"), "the option plugins"),
    "generate": (
        assignment(*asked("name: q1", ANSWER, TEST), config="generate: {points: 3}"),
        "changes how it",
    ),
    "files": (assignment(*asked("name: q1", ANSWER, TEST), config="files: [x.csv]"), "x.csv is not beside it"),
    "no YAML": (assignment(*asked("name: [", ANSWER, TEST)), "cannot be read"),
    "python in YAML": (assignment(*asked("name: !!python/name:os.system", ANSWER, TEST)), "cannot be read"),
    "all or nothing": (assignment(*asked("name: q1\nall_or_nothing: true", ANSWER, TEST)), "all_or_nothing"),
    "prints": (assignment(*asked("name: q1", ANSWER, [code("print(x)", **STREAM)])), "prints or draws"),
    "address": (assignment(*asked("name: q1", ANSWER, [code("x", "<f object at 0x7f00>")])), "another each time"),
    "prompt": (assignment(*asked("name: q1", [code(PROMPT)], TEST)), "a prompt or a seed in code"),
    "seed line": (assignment(*asked("name: q1", [code("random.seed(1) # SEED")], TEST)), "a prompt or a seed"),
    "unended": (assignment(*asked("name: q1", [code("# BEGIN SOLUTION\nx = 1")], TEST)), "does not end"),
    "magic": (assignment(*asked("name: q1", ANSWER, [code("%time x")])), "no plain Python"),
    "no points": (assignment(*asked("name: q1\npoints: 0", ANSWER, TEST)), "number above 0"),
    "points that differ": (assignment(*asked("name: q1\npoints: [1, 2]", ANSWER, TEST)), "not clear how many points"),
    "manual with tests": (
        assignment(*asked("name: q1\nmanual: true", ANSWER, TEST)),
        "and tests do",
    ),
    "words with tests": (assignment(*asked("name: q1", [words("x")], TEST)), "manual is true"),
    "nothing scores it": (assignment(*asked("name: q1", ANSWER, [])), "no person scores it"),
    "twice": (assignment(*asked("name: q1", ANSWER, TEST) * 2), "no name of its own"),
    "open": (assignment(raw("# BEGIN QUESTION\nname: q1")), "does not end"),
    "nested": (
        assignment(raw("# BEGIN QUESTION\nname: a"), raw("# BEGIN QUESTION\nname: b")),
        "stands where it cannot",
    ),
    "stray": (assignment(raw("# END TESTS")), "stands where it cannot"),
    "none": (assignment(words("x")), "there is no question"),
    "R": (WHOLE.replace(b'"language": "python"', b'"language": "R"'), "written in R"),
    "env": (
        assignment(*asked("name: q1", ANSWER, [code("def t(env):\n    pass")]), config="tests: {ok_format: false}"),
        "asks for env",
    ),
}


@pytest.mark.parametrize("name", INEXACT)
def test_what_has_no_exact_counterpart_is_refused_with_the_reason(name: str):
    content, reason = INEXACT[name]

    (refused,) = import_questions("lab.ipynb", content)

    assert isinstance(refused, Refused), refused
    assert reason in refused.reason
