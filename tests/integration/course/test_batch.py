"""Batches that are cut off: nothing is lost, nothing counts twice. The sandbox is a fake, everything else is real."""

import errno
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from integration.course.rentals import ASSIGNMENT, NOTEBOOK, hand_in

from assay_assignments.course import autograded, batch, gradebook
from assay_assignments.course.configuration import CourseError, read_course
from assay_assignments.course.executors import local
from assay_assignments.course.gradebook import GradebookBusyError
from assay_assignments.course.journal import Journal
from assay_assignments.course.sources import open_gradebook
from assay_assignments.course.submissions import find
from assay_assignments.grading.conversation import Cell, Run
from assay_assignments.grading.sandbox import ProcessSandbox, Runner, SandboxError
from assay_hub.cli import grade as command
from assay_hub.cli.main import main


class Passing:
    """Runs nothing, and every cell ends well."""

    isolated = True

    def __init__(self) -> None:
        self.ran = 0

    def run(self, imports: str, cells: Sequence[Cell], *_: Any) -> Run:  # noqa: ARG002  # the port's
        self.ran += 1
        return Run(tuple({"status": "ok", "outputs": []} for _ in cells), (), "")

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[Runner]:  # noqa: ARG002  # the port's
        yield self


class Broken(Passing):
    """A sandbox that cannot run anything."""

    def run(self, *_: Any) -> Run:
        raise SandboxError("broken")


def grade(course: Path, sandbox: Any, *, resume: bool = False, workers: int = 2, told: Callable[[Any], None] = id):
    """Grade as the command does, but in this process."""
    read = read_course(course)
    book, assignment = open_gradebook(read, ASSIGNMENT)
    try:
        with (
            Journal(course / ".assay" / "journal.jsonl") as journal,
            local(assignment, sandbox, workers) as graders,
        ):
            work = batch.Batch(read, assignment, book, journal, None, told)
            return batch.run(work, find(read, ASSIGNMENT), graders, resume=resume)
    finally:
        book.close()


def scores(course: Path) -> dict[str, list[float | None]]:
    """Return the automatic scores of each student, in the order of the cells' names."""
    query = """select submitted_assignment.student_id, grade.auto_score from grade
        join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        order by base_cell.name"""
    found: dict[str, list[float | None]] = {}
    with sqlite3.connect(course / "gradebook.db") as book:
        for student, points in book.execute(query):
            found.setdefault(student, []).append(points)
    return found


FULL = [None, 2.0, 2.0, 2.0, 1.0, 2.0, 1.0]
"""Of a right submission: the essay waits for a person."""


def test_a_batch_books_every_submission_and_writes_its_folder(course: Path):
    found = grade(course, Passing())

    assert len(found) == 6
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)
    for entry in found:
        folder = course / "autograded" / entry.student / ASSIGNMENT
        assert {path.name for path in folder.iterdir()} == {f"{NOTEBOOK}.ipynb", "rides.csv", "timestamp.txt"}
        assert (folder / f"{NOTEBOOK}.ipynb").stat().st_mode & 0o777 == 0o444


def test_a_batch_that_is_done_again_changes_nothing_and_resuming_runs_nothing(course: Path):
    first, again = Passing(), Passing()
    grade(course, first)
    before = scores(course)

    grade(course, first)
    grade(course, again, resume=True)

    assert scores(course) == before
    assert (first.ran, again.ran) == (12, 0)


def test_resuming_grades_what_has_changed_and_what_is_new(course: Path):
    grade(course, Passing())
    student = next((course / "submitted").iterdir())
    path = student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].append({**notebook["cells"][1], "id": "more"})
    path.write_text(json.dumps(notebook))
    hand_in(course, "late-comer", notebook)
    sandbox = Passing()

    found = grade(course, sandbox, resume=True)

    assert sandbox.ran == 2
    assert len(found) == 7
    assert scores(course)["late-comer"] == FULL


class Crash(BaseException):
    """What ends a batch in the middle."""


@pytest.mark.parametrize("place", ["publish", "add", "write", "booked"])
def test_a_batch_that_ends_anywhere_is_completed_by_resuming(course: Path, monkeypatch: Any, place: str):
    owner = {"publish": batch, "add": Journal, "write": gradebook.Gradebook, "booked": Journal}[place]
    kept = getattr(owner, place)
    calls: list[int] = []

    def crashing(*positional: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == (3 if place in ("publish", "add") else 1):
            if place in ("write", "booked"):
                kept(*positional, **named)
            raise Crash
        return kept(*positional, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, place, crashing)
        with pytest.raises(Crash):
            grade(course, Passing())

    found = grade(course, Passing(), resume=True)

    assert len(found) == 6
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)


def test_a_line_of_the_journal_that_was_cut_off_says_nothing(course: Path):
    grade(course, Passing())
    path = course / ".assay" / "journal.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(lines[:3]) + b"\n" + lines[3][:40])
    sandbox = Passing()

    found = grade(course, sandbox, resume=True)

    assert sandbox.ran == 4, "two lines were whole"
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)


def test_a_full_disk_ends_the_batch_and_leaves_no_half_folder(course: Path, monkeypatch: Any):
    kept = autograded._write
    written: list[Path] = []

    def full(path: Path, content: bytes, mode: int) -> None:
        written.append(path)
        if len(written) == 8:
            raise OSError(errno.ENOSPC, "No space left on device")
        kept(path, content, mode)

    with monkeypatch.context() as patched:
        patched.setattr(autograded, "_write", full)
        with pytest.raises(OSError, match="No space"):
            grade(course, Passing())
    half = [path for path in (course / "autograded").rglob("*") if path.name.startswith(".")]
    found = grade(course, Passing(), resume=True)

    assert half == []
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)


def test_a_locked_gradebook_is_said_and_costs_nothing(course: Path, monkeypatch: Any):
    monkeypatch.setattr(gradebook, "_BUSY_SECONDS", 0.2)
    held = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    told: list[Any] = []

    def lock(entry: Any) -> None:
        if not told:
            held.execute("begin exclusive")
        told.append(entry)

    with pytest.raises(GradebookBusyError, match="--resume"):
        grade(course, Passing(), told=lock)
    held.close()
    sandbox = Passing()
    found = grade(course, sandbox, resume=True)

    assert len(told) == 6
    assert sandbox.ran == 0
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)


def test_a_disk_that_is_full_of_the_journal_loses_nothing_that_was_said(course: Path):
    for number in range(18):
        shutil.copytree(course / "submitted" / "right0000", course / "submitted" / f"more{number}")
    small = course / ".assay"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", small], check=True)
    told: list[str] = []
    try:
        with pytest.raises(OSError, match="No space"):
            grade(course, Passing(), told=lambda entry: told.append(entry.student))
        subprocess.run(["mount", "-o", "remount,size=1m", small], check=True)
        sandbox = Passing()
        found = grade(course, sandbox, resume=True)
    finally:
        subprocess.run(["umount", small], check=True)

    assert 0 < len(told) < 24, "it was in the middle"
    assert sandbox.ran == 24 - len(told)
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)
    assert len(found) == 24


def test_the_command_says_that_a_gradebook_is_locked_and_what_to_do(course: Path, monkeypatch: Any, capsys: Any):
    monkeypatch.setattr(gradebook, "_BUSY_SECONDS", 0.2)
    held = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)
    locks = iter(["begin immediate"])

    class Locking(Passing):
        def run(self, imports: str, cells: Sequence[Cell], *more: Any) -> Run:
            for one in locks:
                held.execute(one)
            return super().run(imports, cells, *more)

    monkeypatch.setattr(command, "_sandbox", lambda _place: lambda _seconds: Locking())

    locked = main(["grade", str(course), ASSIGNMENT])
    said = capsys.readouterr().err
    held.close()
    resumed = main(["grade", str(course), ASSIGNMENT, "--resume"])

    assert (locked, resumed) == (2, 1)
    assert "Nothing is lost" in said
    assert "--resume" in said
    assert set(map(tuple, scores(course).values())) == {tuple(FULL)}
    assert len(scores(course)) == 6


def test_two_batches_of_an_assignment_do_not_meet(course: Path):
    with (
        Journal(course / ".assay" / "journal.jsonl"),
        pytest.raises(CourseError, match="somebody else"),
    ):
        grade(course, Passing())


def test_a_submission_that_takes_the_sandbox_along_costs_only_itself(course: Path):
    path = course / "submitted" / "right0003" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][1]["source"] = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    path.write_text(json.dumps(notebook))

    # Without isolation, so that a submission can end what grades it.
    found = grade(course, ProcessSandbox())

    results = scores(course)
    assert [points or 0 for points in results.pop("right0003")] == [0] * 7
    assert results == dict.fromkeys((entry.student for entry in found if entry.student != "right0003"), FULL)
    verdicts = {cell["verdict"] for cell in found[3].result["notebooks"][NOTEBOOK]["cells"]}
    assert verdicts == {"killed", "needs-review"}


def test_without_a_sandbox_a_batch_ends_and_nobody_gets_a_zero(course: Path):
    with pytest.raises(SandboxError):
        grade(course, Broken(), workers=1)
    found = grade(course, Passing(), resume=True)

    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)


def test_a_module_of_the_author_s_that_the_sandbox_lacks_ends_the_batch_and_nobody_gets_a_zero(course: Path):
    path = course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source = path.read_text()
    path.write_text(source.replace("import numpy as np", "import nowhere_to_be_had as np"))

    with pytest.raises(SandboxError, match="nowhere_to_be_had"):
        grade(course, ProcessSandbox(), workers=1)
    none = scores(course)
    path.write_text(source)
    found = grade(course, Passing(), resume=True)

    assert none == {}
    assert scores(course) == dict.fromkeys((entry.student for entry in found), FULL)
