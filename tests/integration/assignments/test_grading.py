"""Grading in the real sandbox: honest work gets its points, and nothing that code does gains one."""

import copy
from pathlib import Path

import nbformat
import pytest
from integration.assignments.papers import grade

from assay_assignments.grading import ContainerSandbox, ProcessSandbox, Verdict
from assay_assignments.library import load_library
from assay_assignments.release import release, source_notebook
from assay_spawner.context import image_tag

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"
QUESTIONS = {question.id: question for question in load_library(LIBRARY)}
SHIFTS = QUESTIONS["on-call-shifts"]


@pytest.fixture(scope="module")
def sandbox(seccomp):
    with ContainerSandbox(image_tag(), cell_seconds=4, wall_seconds=120, seccomp=seccomp).open(
        ("matplotlib",), 1
    ) as runner:
        yield runner


def submission(question, answers=None, change=None):
    """Return what was handed in: the release with some answers filled in, and changed by a function."""
    files = {file.path: file.content for file in release(question)}
    notebook = nbformat.reads(files[f"{question.id}.ipynb"].decode(), as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in (answers or {}):
            cell.source = answers[grade_id]
    if change:
        change(notebook)
    return {**files, f"{question.id}.ipynb": nbformat.writes(notebook).encode()}


def reference(question):
    cells = source_notebook(question).cells
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def printed(found):
    """Return all that the executed notebook's outputs hold as text."""
    cells = nbformat.reads(found.autograded.decode(), as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def verdicts(found):
    return {cell.grade_id: cell.verdict for cell in found.cells}


@pytest.mark.parametrize("name", ["late-deliveries", "on-call-shifts", "sensor-pipeline"])
def test_the_reference_gets_every_point_and_the_starter_none(name, sandbox):
    question = QUESTIONS[name]
    best = grade(question, submission(question, reference(question)), sandbox)
    starter = grade(question, submission(question), sandbox)

    automatic = [cell for cell in best.cells if cell.grade_id != "conclusion"]
    assert all(cell.verdict is Verdict.PASSED and cell.points == cell.max_points for cell in automatic), best
    assert starter.points == 0
    assert all(cell.points in (0, None) for cell in starter.cells)
    again = grade(question, submission(question, reference(question)), sandbox)
    assert [(cell.points, cell.verdict) for cell in again.cells] == [(cell.points, cell.verdict) for cell in best.cells]


def test_partial_credit_and_manual_cells_count_as_in_nbgrader(sandbox):
    question = QUESTIONS["late-deliveries"]
    simple = 'def late_share(tidy):\n    return float((tidy["minutes"] > 45).mean())\n'
    answers = {**reference(question), "late": simple}

    def conclude(notebook):
        notebook.cells[-1].source = "Vienna is slow."

    found = grade(question, submission(question, answers, conclude), sandbox)

    points = {cell.grade_id: cell.points for cell in found.cells}
    assert 0 < points["test-late-share"] < 3
    assert points["conclusion"] is None
    assert found.outcome == "needs-review"


def test_outputs_and_data_are_in_the_executed_notebook(sandbox):
    question = QUESTIONS["late-deliveries"]

    found = grade(question, submission(question, reference(question)), sandbox)

    text = found.autograded.decode()
    assert "image/png" in text
    assert "<table" in text
    nbformat.validate(nbformat.reads(text, as_version=4))


MALFORMED = {
    "nothing": {},
    "no JSON": {"on-call-shifts.ipynb": b"not a notebook"},
    "not UTF-8": {"on-call-shifts.ipynb": b"\xff\xfe{}"},
    "a list": {"on-call-shifts.ipynb": b"[]"},
    "nested": {"on-call-shifts.ipynb": b"[" * 200_000},
    "an old format": {"on-call-shifts.ipynb": b'{"nbformat": 1, "nbformat_minor": 0, "worksheets": 7}'},
    "cells that are none": {
        "on-call-shifts.ipynb": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}'
    },
}


@pytest.mark.parametrize("files", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_notebook_gets_verdicts_and_no_points(files, sandbox):
    found = grade(SHIFTS, files, sandbox)

    assert found.outcome == "malformed"
    assert {cell.verdict for cell in found.cells} == {Verdict.MALFORMED}
    assert found.points == 0


def test_deleted_doubled_and_tagged_cells_are_put_right(sandbox):
    def spoil(notebook):
        tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        notebook.cells.remove(tests[0])
        for cell in tests[1:]:
            cell.source = "pass"
            cell.metadata["tags"] = ["skip-execution", "raises-exception"]
        twice = copy.deepcopy(tests[1])
        twice["id"] = "twice"
        notebook.cells.append(twice)

    found = grade(SHIFTS, submission(SHIFTS, {"merge": "def merge_shifts(shifts): return 'wrong'"}, spoil), sandbox)

    assert found.points == 0
    assert "missing" in found.message
    assert "more than once" in found.message


# Each part of an attack stands in the answer to the first task; none has solved anything.
ATTACKS = {
    "objects that equal everything": """
class Same:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __iter__(self): return iter(())
    def __len__(self): return 0
class Number(int):
    __eq__ = Same.__eq__
    __hash__ = Same.__hash__
merge_shifts = uncovered = lambda *given: Same()
most_people = lambda shifts: Number(1)
""",
    "patched builtins, numpy and the shell": """
import builtins, sys, types
builtins.AssertionError = type("Quiet", (BaseException,), {})
builtins.isinstance = lambda *given: True
builtins.sorted = lambda *given: []
from IPython import get_ipython
shell = get_ipython()
shell.run_cell = lambda *given, **named: None
shell.ast_transformers.append(type("T", (), {"visit": lambda self, tree: tree})())
sys.modules["ast"] = types.ModuleType("ast")
def merge_shifts(shifts): return None
""",
    "a forged score": """
from IPython.display import display
display(8)
print(8)
_points = 100
merge_shifts = 8
""",
    "reading the tests": """
import gc, glob, os
found = []
for path in glob.glob("/proc/[0-9]*/*") + glob.glob("/tmp/**", recursive=True) + glob.glob("/opt/**", recursive=True):
    try:
        content = open(path, "rb").read(5_000_000)
    except OSError:
        continue
    if b"three thousand " + b"shifts" in content:
        found.append(path)
for thing in gc.get_objects():
    if isinstance(thing, str) and "three thousand " + "shifts" in thing and "found" not in thing:
        found.append("memory")
assert not found, found
open("/tmp/work/clean", "w").write("yes")
""",
    "ending the parent and the network": """
import os, signal, socket
for pid in (1, os.getppid(), -1):
    try:
        os.kill(pid, signal.SIGKILL) if pid > 0 else None
    except OSError as error:
        print(type(error).__name__)
try:
    socket.create_connection(("1.1.1.1", 53), 1)
    print("REACHED")
except OSError:
    print("no network")
try:
    os.setuid(0)
    print("ROOT")
except OSError:
    print("no root")
""",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_attack_gains_a_point(attack, sandbox):
    found = grade(SHIFTS, submission(SHIFTS, {"merge": attack}), sandbox)

    assert found.points == 0, found
    said = printed(found)
    assert "REACHED" not in said
    assert "ROOT" not in said


def test_the_tests_cannot_be_found_from_inside(sandbox):
    found = grade(SHIFTS, submission(SHIFTS, {"merge": ATTACKS["reading the tests"]}), sandbox)

    cells = nbformat.reads(found.autograded.decode(), as_version=4).cells
    (attacked,) = [cell for cell in cells if "gc.get_objects" in cell.source]
    assert [output for output in attacked.outputs if output.output_type == "error"] == []


ENDINGS = {
    "an endless loop": ("def merge_shifts(shifts):\n    while True: pass", {Verdict.TIMEOUT}),
    "a loop that ignores the interrupt": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ndef merge_shifts(shifts):\n    while True: pass",
        {Verdict.TIMEOUT},
    ),
    "an exit": ("import os\ndef merge_shifts(shifts): os._exit(0)", {Verdict.KILLED}),
    "a memory hog": (
        "def merge_shifts(shifts): return [bytes(50_000_000) for _ in range(100)]",
        {Verdict.OUT_OF_MEMORY},
    ),
    "a fork bomb": (
        "import os\ndef merge_shifts(shifts):\n    while True: os.fork()",
        {Verdict.KILLED, Verdict.TIMEOUT, Verdict.ERROR},
    ),
    "sixty megabytes": (
        "print('x' * 60_000_000)\ndef merge_shifts(shifts): return 'x' * 70_000_000",
        {Verdict.KILLED, Verdict.ERROR, Verdict.OUT_OF_MEMORY},
    ),
    "a deep answer": ("def merge_shifts(shifts):\n    a = []\n    for _ in range(900): a = [a]\n    return a", None),
}


@pytest.mark.parametrize(("code", "expected"), ENDINGS.values(), ids=ENDINGS)
def test_every_ending_has_a_verdict_and_is_bounded(code, expected, sandbox):
    found = grade(SHIFTS, submission(SHIFTS, {"merge": code}), sandbox)

    first = verdicts(found)["test-merge-examples"]
    assert found.points == 0
    assert first in expected if expected else first in {Verdict.ERROR, Verdict.FAILED}
    assert len(found.autograded) < 5_000_000


def test_without_an_engine_the_split_holds_and_is_said_to_be_all():
    sandbox = ProcessSandbox(cell_seconds=10)

    best = grade(SHIFTS, submission(SHIFTS, reference(SHIFTS)), sandbox)
    cheated = grade(SHIFTS, submission(SHIFTS, {"merge": ATTACKS["objects that equal everything"]}), sandbox)

    assert best.points == best.max_points
    assert cheated.points == 0
    assert not sandbox.isolated
