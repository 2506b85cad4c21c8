"""Hostile submissions in a real container: none gains a point, reads a secret, lives on or stops the grading."""

import json
import subprocess
from dataclasses import dataclass, field

import pytest
from integration.assignments.hostile import ENDINGS, FORGERIES, STOLEN, TAMPERED
from integration.assignments.papers import (
    SECRET,
    attack,
    changed,
    code,
    grade,
    handed_in,
    reference,
    starter,
    texts,
)

from assay_assignments.grading import ContainerSandbox, Grade, Verdict
from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import Question


def run(question: Question, runner: Runner, notebook: object) -> Grade:
    """Grade, and hold the result against what holds for every submission."""
    found = grade(question, handed_in(question, notebook), runner)  # type: ignore[arg-type]

    assert [cell.grade_id for cell in found.cells if cell.grade_id == "why"] == ["why"]
    assert {cell.grade_id for cell in found.cells} == {
        "test-total", "test-helper", "test-table", "test-close", "test-partial", "test-in-place", "why"
    }  # fmt: skip
    assert SECRET not in texts(found.autograded), "a hidden test was read"
    assert all(SECRET not in cell.candidate_message for cell in found.cells)
    json.loads(found.autograded)
    return found


def test_the_attacked_question_gives_all_points_to_its_solution_and_none_to_its_starter(
    attacked: Question, opened: Runner
):
    solved = grade(attacked, handed_in(attacked, reference(attacked)), opened)
    untouched = run(attacked, opened, starter(attacked))

    assert [cell.verdict for cell in solved.cells[:6]] == [Verdict.PASSED] * 6, solved.cells
    assert (solved.points, untouched.points) == (12.0, 0.0)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_gains_no_point(attacked: Question, opened: Runner, name: str):
    source = FORGERIES[name]
    notebook = attack(attacked, "import numpy as np\nimport pandas as pd\n" + source)
    if "rebound" in name:
        notebook["cells"].insert(4, code("np = pd = Yes()"))

    found = run(attacked, opened, notebook)

    assert found.points == 0.0, found.cells


def test_nothing_secret_and_no_right_is_in_reach(attacked: Question, opened: Runner):
    notebook = attack(attacked, STOLEN)
    notebook["cells"].append(code("look(); print('later', loot, In[-3:-1])"))

    found = run(attacked, opened, notebook)

    shown = texts(found.autograded)
    held = ["/dev/null", "/dev/null", "/dev/null", "socket"]
    assert f"found [] [] [] [] [] True {held} ['0', '0', '0', '0'] ['1']" in shown, shown
    assert "later []" in shown, shown
    assert found.points == 0.0


@pytest.mark.parametrize("name", TAMPERED)
def test_tests_come_from_the_author_whatever_was_done_to_them(attacked: Question, opened: Runner, name: str):
    found = run(attacked, opened, changed(starter(attacked), TAMPERED[name]))

    assert found.points == 0.0, found.cells
    assert found.max_points == 15.0


def test_the_system_refuses_a_submission_what_no_notebook_needs(attacked: Question, opened: Runner):
    calls = {
        "io_uring_setup": "425, 8, ctypes.create_string_buffer(256)",
        "io_uring_enter": "426, 0, 0, 0, 0, 0, 0",
        "io_setup": "206, 1, ctypes.create_string_buffer(8)",
        "ptrace": "101, 0, 0, 0, 0",
        "process_vm_readv": "310, os.getpid(), 0, 0, 0, 0, 0",
        "name_to_handle_at": "303, -100, b'/tmp', ctypes.create_string_buffer(256), ctypes.byref(ctypes.c_int()), 0",
        "unshare user": "272, 0x10000000",
        "sockets of the kernel's cryptography": "41, 38, 5, 0",
    }
    source = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n" + "\n".join(
        f"ctypes.set_errno(0)\nprint({name!r}, libc.syscall({arguments}), ctypes.get_errno())"
        for name, arguments in calls.items()
    )

    found = run(attacked, opened, attack(attacked, source))

    shown = texts(found.autograded)
    assert [name for name in calls if f"{name} -1 1" not in shown] == [], shown


def test_a_cell_that_calls_itself_a_test_is_none(attacked: Question, opened: Runner):
    claims = [
        {"grade": True, "solution": False, "points": 50},
        {"grade": True, "grade_id": "new", "points": 50},
        [1],
        "x",
        7,
    ]
    notebook = starter(attacked)
    source = "import os\nprint('as', os.getuid() > 1000)\n50"
    notebook["cells"] += [{**code(source, nbgrader=claim), "id": f"claim-{n}"} for n, claim in enumerate(claims)]

    found = run(attacked, opened, notebook)

    assert (found.points, found.max_points) == (0.0, 15.0)
    assert texts(found.autograded).count("as True") == 5, "it ran as the candidate"


def test_cells_that_are_doubled_deleted_or_moved_are_mended_and_said(attacked: Question, opened: Runner):
    notebook = reference(attacked)
    tests = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    doubled = {
        **notebook,
        "cells": [*notebook["cells"], *({**cell, "id": cell["id"] + "x", "source": "pass"} for cell in tests)],
    }
    without = {**notebook, "cells": [cell for cell in notebook["cells"] if cell not in tests]}

    twice, gone = (grade(attacked, handed_in(attacked, one), opened) for one in (doubled, without))

    assert (twice.points, gone.points) == (12.0, 12.0)
    assert "test-total was there more than once" in twice.message
    assert "test-total was missing" in gone.message
    assert twice.outcome == gone.outcome == "needs-review"


@pytest.mark.parametrize("name", ENDINGS)
def test_a_submission_that_breaks_off_ends_in_a_verdict(attacked: Question, opened: Runner, name: str):
    cell, answer, verdict = ENDINGS[name]

    found = run(attacked, opened, attack(attacked, cell, answer))

    assert found.points == 0.0
    first = next(one for one in found.cells if one.grade_id == "test-total")
    assert first.verdict is not Verdict.PASSED
    assert verdict is None or first.verdict is verdict, first
    assert first.message


def test_sixty_megabytes_of_output_are_cut(attacked: Question, opened: Runner):
    source = (
        "from IPython.display import display, HTML\nprint('x' * 60_000_000)\ndisplay(HTML('y' * 60_000_000))\n"
        "for _ in range(10**5): display(1)"
    )

    found = run(attacked, opened, attack(attacked, source))

    assert len(found.autograded) < 5_000_000
    assert "cut here" in texts(found.autograded)


@dataclass(frozen=True)
class NamedSandbox(ContainerSandbox):
    """A sandbox that remembers the names of its containers."""

    names: list[str] = field(default_factory=list)

    def _command(self, name: str) -> list[str]:
        self.names.append(name)
        return super()._command(name)


def test_nothing_lives_on_when_the_run_is_over(attacked: Question, image: str):
    sandbox = NamedSandbox(image, cell_seconds=2.0, wall_seconds=60.0)
    source = (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], "
        "start_new_session=True)\nimport os\nif not os.fork():\n    os.setsid()\n    while True: pass"
    )

    found = run(attacked, sandbox, attack(attacked, source))

    listed = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert found.points == 0.0
    assert sandbox.names
    assert not set(sandbox.names) & set(listed.stdout.split())


def test_a_submission_that_sleeps_is_ended_by_the_clock_of_the_whole_run(attacked: Question, image: str):
    sandbox = ContainerSandbox(image, cell_seconds=30.0, wall_seconds=6.0)

    found = run(attacked, sandbox, attack(attacked, "import time; time.sleep(10**6)"))

    assert found.points == 0.0
    assert {cell.verdict for cell in found.cells[:6]} == {Verdict.TIMEOUT}
    assert found.outcome == "needs-review"


def test_nothing_of_one_submission_is_left_for_the_next(attacked: Question, sandbox: ContainerSandbox):
    leave = """
import pathlib
for folder in ('/tmp', '/dev/shm'):
    try: pathlib.Path(folder, 'left').write_text('x')
    except OSError: pass
"""
    look = "import os; print('left', [os.path.exists(f'{folder}/left') for folder in ('/tmp', '/dev/shm')])"
    run(attacked, sandbox, attack(attacked, leave))

    found = run(attacked, sandbox, attack(attacked, look))

    assert "left [False, False]" in texts(found.autograded)
