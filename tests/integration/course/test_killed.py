"""What is killed in the middle of a batch, for real: the command itself, and a container in which it grades."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from integration.assignments.conftest import image  # noqa: F401  # a fixture: the image has to be there
from integration.course.rentals import ASSIGNMENT, NOTEBOOK, assay
from integration.course.test_batch import FULL, scores

pytestmark = pytest.mark.timeout(600)
_SECONDS = 300


class Grading:
    """The command, while it runs."""

    def __init__(self, course: Path) -> None:
        self.journal = course / ".assay" / "grading" / f"{ASSIGNMENT}.jsonl"
        environment = {**os.environ, "ASSAY_DATA": str(course / ".assay")}
        command = [sys.executable, "-m", "assay_hub.cli", "grade", str(course), ASSIGNMENT, "--workers", "2"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def graded(self) -> list[str]:
        """Return the students of whom the journal has a result."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [json.loads(line)["student"] for line in lines if '"student"' in line and line.endswith("}")]

    def wait_for(self, number: int) -> None:
        until = time.monotonic() + _SECONDS
        while len(self.graded()) < number and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.02)
        assert len(self.graded()) >= number, self.process.poll()

    def containers(self) -> list[str]:
        """Return the names of the containers that the command has started."""
        return [found[1] for line in _children(self.process.pid) if (found := re.search(r"--name=(\S+)", line))]


def _children(pid: int) -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                yield (entry / "cmdline").read_text().replace("\0", " ")


def running(names: list[str]) -> list[str]:
    listed = subprocess.run(["docker", "ps", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    return [name for name in names if name in listed.stdout.split()]


@pytest.mark.usefixtures("image")
def test_a_command_that_is_killed_leaves_no_container_and_resuming_completes_it(course: Path):
    grading = Grading(course)
    grading.wait_for(1)
    names = grading.containers()

    grading.process.kill()
    grading.process.communicate()
    before = grading.graded()
    until = time.monotonic() + _SECONDS
    while running(names) and time.monotonic() < until:
        time.sleep(0.2)
    done = assay(course, ASSIGNMENT, "--resume", "--json")

    assert names
    assert running(names) == []
    assert done.returncode == 1, done.stderr
    assert len(before) == len(set(before)) < 6, "it was in the middle"
    students = [one["student"] for one in json.loads(done.stdout)["submissions"]]
    assert scores(course) == dict.fromkeys(students, FULL)
    assert len(students) == 6


@pytest.mark.usefixtures("image")
def test_a_container_that_is_killed_costs_nobody_a_point(course: Path):
    grading = Grading(course)
    grading.wait_for(1)
    names = grading.containers()

    subprocess.run(["docker", "kill", *names], check=True, capture_output=True)
    _, said = grading.process.communicate(timeout=_SECONDS)

    assert grading.process.returncode == 1, said
    assert scores(course) == dict.fromkeys((f"right{number:04d}" for number in range(6)), FULL)
    assert sorted(grading.graded()) == sorted(scores(course))


@pytest.mark.usefixtures("image")
def test_a_full_disk_is_said_and_resuming_completes_the_batch(course: Path):
    small = course / "autograded"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", small], check=True)
    try:
        done = assay(course, ASSIGNMENT)
        subprocess.run(["mount", "-o", "remount,size=50m", small], check=True)
        again = assay(course, ASSIGNMENT, "--resume", "--json")
        folders = {path.parent.parent.name for path in small.rglob(f"{NOTEBOOK}.ipynb")}
    finally:
        subprocess.run(["umount", small], check=True)

    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "--resume" in done.stderr
    assert again.returncode == 1, again.stderr
    students = {one["student"] for one in json.loads(again.stdout)["submissions"]}
    assert folders == students
    assert scores(course) == dict.fromkeys(students, FULL)
