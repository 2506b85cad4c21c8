"""Grading a course: stock ``nbgrader autograde`` beside ``assay grade``, split and sandbox on, start-up included.

Both grade the same 28 made-up submissions in turns, so that a busy machine slows both; processor time beside it says
what a busy machine does not. Then ours grades 280 and 2,800 of them, and 27 attacks. Stock does not grade 280, which
would take it ten minutes a round: its seconds a submission are those of 28, graded in turns with ours. Prints a table
and writes ``.bench/grading.json``; parts that did not run are left out of it.
"""

import argparse
import json
import os
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env
from report import spread, write

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from integration.course.attacks import ATTACKS, VICTIMS, hand_in_attacks, student_of  # noqa: E402 - see above
from integration.course.rentals import ASSIGNMENT, HONEST, make_course, nbgrader  # noqa: E402

PARTS = ("28", "280", "2800", "limit", "attacks")
_LOOK_SECONDS = 0.3
SCORES = """
select submitted_assignment.student_id, base_cell.name, grade.auto_score from grade
join base_cell on base_cell.id = grade.cell_id
join submitted_notebook on submitted_notebook.id = grade.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
"""


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Attributes:
        wall: seconds.
        cpu: processor seconds of its processes and of its containers; the container engine's own are not in it.
        memory_mb: of the process that grades at most, in MB (10^6 bytes).
    """

    wall: float
    cpu: float
    memory_mb: float = 0.0


class Containers:
    """Adds up the processor seconds of the containers that a process starts, as long as it is there.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        self._engine = docker.APIClient(version="auto", **kwargs_from_env())
        self._pid = pid
        self._counters: dict[str, Path] = {}
        self._seconds: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _names(self) -> set[str]:
        """Return the names of the containers that the process runs, by the commands that run them."""
        names = set()
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self._pid:
                    names |= set(re.findall(r"--name=([\w-]+)", (entry / "cmdline").read_text()))
        return names

    def _watch(self) -> None:
        looked = 0.0
        while not self._over.wait(0.02):
            if time.monotonic() - looked > _LOOK_SECONDS:
                looked = time.monotonic()
                for name in self._names() - self._counters.keys():
                    # One that is not there yet is there at the next look.
                    with suppress(DockerException, OSError, StopIteration):
                        self._counters[name] = _counter(self._engine.inspect_container(name)["State"]["Pid"])
            for name, counter in self._counters.items():
                with suppress(OSError):
                    self._seconds[name] = _read(counter)

    def seconds(self) -> float:
        """Stop watching and return the sum."""
        self._over.set()
        self._thread.join()
        self._engine.close()
        return sum(self._seconds.values())


def _counter(pid: int) -> Path:
    """Return the file in which the kernel counts the time of a process's control group, of version 1 or 2."""
    lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    for _, controllers, path in lines:
        if "cpuacct" in controllers.split(","):
            return Path(f"/sys/fs/cgroup/cpuacct{path}/cpuacct.usage")
    return next(Path(f"/sys/fs/cgroup{path}/cpu.stat") for _, controllers, path in lines if not controllers)


def _read(counter: Path) -> float:
    """Return the seconds that a file tells of."""
    text = counter.read_text().split()
    return int(text[1]) / 1e6 if text[0] == "usage_usec" else int(text[0]) / 1e9


def ours(course: Path, workers: int) -> Measured:
    """Grade a course with ours."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    command = [sys.executable, "-m", "assay_hub.cli", "grade", str(course), ASSIGNMENT, "--workers", str(workers)]
    began = time.monotonic()
    environment = {**os.environ, "ASSAY_DATA": str(course / ".assay")}
    with (course / "assay.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        containers = Containers(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    cpu = used.ru_utime + used.ru_stime + containers.seconds()
    assert process.returncode in (0, 1), (course / "assay.log").read_text()
    return Measured(wall, cpu, used.ru_maxrss * 1024 / 1e6)


def stock(course: Path) -> Measured:
    """Grade a course with nbgrader."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = nbgrader(course, "autograde", ASSIGNMENT, "--force", check=False)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-3000:]
    return Measured(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def scores(course: Path) -> dict[tuple[str, str], float | None]:
    """Return every automatic score in a gradebook."""
    with sqlite3.connect(course / "gradebook.db") as book:
        return {(student, cell): points for student, cell, points in book.execute(SCORES)}


class Bench:
    """The parts of the benchmark.

    Args:
        folder: for the courses.
        workers: of ours.
        rounds: of stock and ours on 28 submissions.
    """

    def __init__(self, folder: Path, workers: int, rounds: int) -> None:
        self._folder = folder
        self._workers = workers
        self._rounds = rounds
        self._base = make_course(folder / "base")
        self.figures: dict[str, float] = {}
        self.baseline: dict[str, float] = {}

    def _course(self, name: str, submissions: int) -> Path:
        """Return a copy of the course with so many submissions."""
        course = self._folder / name
        shutil.copytree(self._base, course)
        students = sorted((self._base / "submitted").iterdir())
        for number in range(HONEST, submissions):
            student = students[number % HONEST]
            shutil.copytree(student, course / "submitted" / f"{student.name}-{number // HONEST}")
        return course

    def run_28(self) -> None:
        """Measure both on 28 submissions, in turns."""
        theirs, mine = self._course("stock-28", HONEST), self._course("assay-28", HONEST)
        stock_s, ours_s = [], []
        for number in range(self._rounds):
            ours_s.append(ours(mine, self._workers))
            stock_s.append(stock(theirs))
            print(f"  round {number + 1}: stock {_said(stock_s[-1])}, ours {_said(ours_s[-1])}", flush=True)
        expected, found = scores(theirs), scores(mine)
        differ = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
        print("\n28 submissions, s: median (min-max)")
        for name, measured in (("stock", stock_s), ("ours", ours_s)):
            print(f"  {name:<5} {spread([one.wall for one in measured], 1):>22}")
        print("\n".join(f"  differs: {key} {expected.get(key)} {found.get(key)}" for key in differ))
        for name in ("wall", "cpu"):
            theirs_s, mine_s = (statistics.median(getattr(one, name) for one in found) for found in (stock_s, ours_s))
            self.baseline[f"{name}_28"], self.figures[f"{name}_28"] = theirs_s, mine_s
            self.figures["speedup_28" if name == "wall" else "speedup_cpu_28"] = theirs_s / mine_s
        self.figures["scores_differ"] = len(differ)

    def run_280(self) -> None:
        """Measure ours on 280 submissions between two runs of stock on 28 of them, whose mean is stock's."""
        fewer = self._course("stock-of-280", HONEST)
        before = stock(fewer)
        found = ours(self._course("assay-280", 280), self._workers)
        after = stock(fewer)
        each = self.figures["each_280"] = found.wall / 280
        self.figures["cpu_each"], self.figures["memory_mb"] = found.cpu / 280, found.memory_mb
        theirs = self.baseline["each_280"] = (before.wall + after.wall) / 2 / HONEST
        self.figures["speedup_280"] = theirs / each
        self.figures["speedup_cpu_280"] = (before.cpu + after.cpu) / 2 / HONEST / self.figures["cpu_each"]
        print(
            f"280: {found.wall:.1f} s, {each:.3f} s each, {found.cpu / 280:.3f} processor s each, "
            f"{found.memory_mb:.0f} MB; stock {theirs:.3f} s each, measured on {HONEST} before and after, not on 280"
        )

    def run_2800(self) -> None:
        """Measure ours on 2,800 submissions."""
        found = ours(self._course("assay-2800", 2800), self._workers)
        each = self.figures["each_2800"] = found.wall / 2800
        self.figures["memory_mb"] = found.memory_mb
        if "each_280" in self.figures:
            self.figures["drift_2800"] = 100 * (each / self.figures["each_280"] - 1)
        print(f"2800: {found.wall:.1f} s, {each:.3f} s each, {found.memory_mb:.0f} MB")

    def run_limit(self) -> None:
        """Measure the cells alone, of what ours has executed, before and after ours on five times as many."""
        course = self._course("limit", HONEST)
        ours(course, self._workers)
        command = [sys.executable, str(ROOT / "benchmarks" / "course_limit.py"), str(course / "autograded")]

        def alone() -> float:
            return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

        before = alone()
        each = ours(self._course("limit-5", 5 * HONEST), self._workers).cpu / (5 * HONEST)
        limit = self.baseline["limit_cpu"] = (before + alone()) / 2
        self.figures["cpu_over_limit"] = each / limit
        print(f"limit: {limit:.3f} processor s each, ours {each:.3f}: {each / limit:.2f} times")

    def run_attacks(self) -> None:
        """Count the attacks that got anything."""
        course = self._course("attacks", 0)
        shutil.rmtree(course / "submitted")
        hand_in_attacks(course)
        ours(course, self._workers)
        points: dict[str, float] = {}
        for (student, _), given in scores(course).items():
            points[student] = points.get(student, 0.0) + (given or 0.0)
        gained = [name for name in ATTACKS if points[student_of(name)] > 0]
        hurt = [name for name in VICTIMS if points[name] != points[VICTIMS[0]] or not points[name]]
        self.figures["attacks_gained"] = len(gained) + len(hurt)
        print(f"attacks: {len(ATTACKS)}, gained: {gained}, victims that lost: {hurt}")


def _said(found: Measured) -> str:
    return f"{found.wall:.1f} s ({found.cpu:.1f} processor s)"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--rounds", type=int, default=3, help="of stock and ours on 28 submissions")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of ours")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="assay-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), chosen.workers, chosen.rounds)
        runs: dict[str, Callable[[], None]] = {part: getattr(bench, f"run_{part}") for part in PARTS}
        for part in PARTS:
            if part in chosen.only:
                runs[part]()
    print(json.dumps(bench.figures, indent=1))
    write("grading", bench.figures, bench.baseline)


if __name__ == "__main__":
    main()
