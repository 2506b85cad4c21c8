"""What sandboxes promise beyond holding attacks: marks of tests, plain processes, and failures of their own."""

import os
import time
from pathlib import Path

import nbformat
import pytest
from integration.assignments.papers import (
    MANIFEST,
    attack,
    code,
    grade,
    handed_in,
    marks,
    reference,
    starter,
    texts,
    write_question,
)

from assay_assignments.grading import ContainerSandbox, ProcessSandbox, SandboxError, Verdict
from assay_assignments.library import Question

STACK = """class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        return self.items.pop()
    def __len__(self):
        return len(self.items)
    def __getitem__(self, place):
        return self.items[place]
def apply(act, value):
    return act(value)
"""
_OBJECTS = """s = Stack()
s.push(1).push([2])
assert (len(s), s[0], list(s.items), s.pop()) == (2, 1, [1, [2]], [2])"""
_CALLBACK = "assert apply(lambda x: x + 1, 2) == 3"
TESTS = {
    "objects": (_OBJECTS, {"objects": True}),
    "data-only": ("s = Stack()\ns.push(1)", {}),
    "shared": (_CALLBACK, {"shared": True}),
    "not-shared": (_CALLBACK, {}),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Question:
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Stack"),
        new.new_code_cell(
            f"### BEGIN SOLUTION\n{STACK}### END SOLUTION", metadata=marks("answer", solution=True, locked=False)
        ),
        *(
            new.new_code_cell(source, metadata={**marks(name, grade=True, points=1), "assay": assay})
            for name, (source, assay) in TESTS.items()
        ),
    ]
    return write_question(tmp_path_factory.mktemp("stack"), cells, MANIFEST.replace('"attacked"', '"stack"'))


def test_a_test_takes_data_unless_its_author_marked_it(stack: Question, sandbox: ContainerSandbox):
    found = grade(stack, handed_in(stack, reference(stack)), sandbox)

    verdicts = {cell.grade_id: cell for cell in found.cells}
    assert verdicts["objects"].verdict is Verdict.PASSED, verdicts["objects"]
    assert "whose word it took" in verdicts["objects"].message
    assert verdicts["data-only"].verdict is Verdict.ERROR
    assert "this test takes data" in verdicts["data-only"].message
    assert verdicts["shared"].verdict is Verdict.PASSED
    assert "could be tampered with" in verdicts["shared"].message
    assert verdicts["not-shared"].verdict is Verdict.ERROR


def test_cells_run_as_in_a_notebook(attacked: Question, sandbox: ContainerSandbox):
    source = (
        "import asyncio\nawait asyncio.sleep(0)\n%time 1 + 1\n!echo from a shell\nprint(open('numbers.csv').read())\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n_ = [1]\nint('x')"
    )

    found = grade(attacked, handed_in(attacked, attack(attacked, source)), sandbox)

    shown = texts(found.autograded)
    assert "from a shell" in shown
    assert "n\\n1\\n2\\n" in shown
    assert "image/png" in shown
    assert "ValueError" in shown
    assert "the end" in shown, "an error does not keep later cells from running"


def test_the_same_submission_gives_the_same_grade_twice(attacked: Question, sandbox: ContainerSandbox):
    notebook = handed_in(attacked, reference(attacked))

    assert grade(attacked, notebook, sandbox) == grade(attacked, notebook, sandbox)


def test_a_sandbox_that_is_not_there_is_an_error_of_its_own(attacked: Question):
    sandbox = ContainerSandbox("assay/no-such-image:never")

    with pytest.raises(SandboxError, match="no-such-image"):
        grade(attacked, handed_in(attacked, starter(attacked)), sandbox)


def test_the_plain_process_grades_alike_and_says_that_it_holds_nothing(attacked: Question):
    sandbox = ProcessSandbox(cell_seconds=5.0, wall_seconds=60.0)

    solved = grade(attacked, handed_in(attacked, reference(attacked)), sandbox)
    untouched = grade(attacked, handed_in(attacked, starter(attacked)), sandbox)

    assert (solved.points, untouched.points) == (12.0, 0.0)
    assert sandbox.isolated is False
    assert ContainerSandbox("x").isolated is True


@pytest.mark.parametrize("ending", ["", "while True: pass"])
def test_nothing_outlives_the_plain_process(attacked: Question, tmp_path: Path, ending: str):
    sandbox = ProcessSandbox(cell_seconds=60.0, wall_seconds=6.0)
    source = f"""
import os, pathlib, subprocess, sys
sleeper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)
child = os.fork()
if not child:
    os.setsid()
    while True: pass
pathlib.Path({str(tmp_path / "pids")!r}).write_text(f'{{os.getpid()}} {{sleeper.pid}} {{child}}')
{ending}
"""

    grade(attacked, handed_in(attacked, attack(attacked, source)), sandbox)

    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    until = time.monotonic() + 10
    while any(_lives(pid) for pid in pids) and time.monotonic() < until:
        os.sched_yield()
    assert len(pids) == 3
    assert [pid for pid in pids if _lives(pid)] == []


def test_the_environment_of_the_hub_stays_outside(attacked: Question, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub-token-81")
    notebook = attack(attacked, "import os; print(dict(os.environ))")
    notebook["cells"].append(code("!env"))

    found = grade(attacked, handed_in(attacked, notebook), ProcessSandbox(wall_seconds=60.0))

    assert "HOME" in texts(found.autograded)
    assert "hub-token-81" not in texts(found.autograded)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
