"""Notebooks of another language: an ordinary kernel inside the sandbox, with the same endings and verdicts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay_assignments.grading import ContainerSandbox, SandboxError
from assay_assignments.grading.sandbox import Cell, Run, Runner


@pytest.fixture(scope="module")
def runner(image: str, seccomp: Path) -> Iterator[Runner]:
    sandbox = ContainerSandbox(image, memory="768M", cell_seconds=2.0, wall_seconds=120.0, seccomp=seccomp)
    with sandbox.open([], 1) as runner:
        yield runner


def run(runner: Runner, *cells: tuple[str, str], kernel: str = "bash", **files: bytes) -> Run:
    return runner.run("import what_no_shell_has", [Cell(kind, source) for kind, source in cells], files, kernel)


def statuses(found: Run) -> list[str]:
    return [one["status"] for one in found.results]


def outputs(found: Run, place: int) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = found.results[place]["outputs"]
    return shown


def test_cells_and_tests_of_a_shell_run_in_order_as_the_candidate(runner: Runner):
    found = run(
        runner,
        ("candidate", "count=$(wc -l < lines); id -u; ls"),
        ("candidate", "no-such-command"),
        ("test", "[ $count = 2 ]"),
        ("test", "[ $count = 3 ]"),
        lines=b"1\n2\n",
    )

    assert (statuses(found), found.ended) == (["ok", "error", "ok", "failed"], "")
    uid, listed = outputs(found, 0)[0]["text"].split()
    assert int(uid) >= 100_000
    assert listed == "lines"
    assert (outputs(found, 3)[0]["ename"], outputs(found, 3)[0]["evalue"]) == ("ExitCode", "1")


def test_a_shell_ends_in_the_same_ways(runner: Runner):
    endless = run(runner, ("candidate", "while true; do :; done"), ("test", "true"))
    deaf = run(runner, ("candidate", "trap '' INT; while true; do :; done"), ("test", "true"))
    gone = run(runner, ("candidate", "kill -9 $PPID; sleep 9"), ("test", "true"))

    assert statuses(endless) == ["timeout", "ok"]
    assert statuses(deaf) == ["timeout", "timeout"]
    assert statuses(gone) == ["killed", "killed"]


def test_nothing_of_a_shell_is_left_for_the_next(runner: Runner):
    run(runner, ("candidate", "touch /tmp/left /dev/shm/left; (setsid sh -c 'trap \"\" TERM; sleep 999' &)"))

    found = run(runner, ("candidate", "ls /tmp /dev/shm; ps -e -o comm 2>/dev/null | grep -c sleep; true"))

    assert "left" not in outputs(found, 0)[0]["text"]


def test_a_kernel_that_is_not_there_is_the_sandbox_s_failure(runner: Runner):
    with pytest.raises(SandboxError, match="No such kernel named cobol"):
        run(runner, ("candidate", "1"), kernel="cobol")

    assert statuses(run(runner, ("candidate", "1"), kernel="python3")) == ["ok"]
