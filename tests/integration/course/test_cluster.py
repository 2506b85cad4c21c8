"""A dask cluster of real processes on loopback."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.course.rentals import ASSIGNMENT, assay
from integration.course.test_batch import FULL, scores

from assay_assignments.course.cluster import transport
from assay_assignments.course.configuration import CourseError

PROCESSES = {"ASSAY_WORKSPACE__ENGINE": "process"}
"""Plain processes: what is shown here is the cluster, and containers take longer."""


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self._file)]
        self._start("scheduler", "distributed.cli.dask_scheduler", *options)
        self.address = ""
        until = time.monotonic() + 60
        while not self.address and time.monotonic() < until:
            if self._file.exists() and self._file.stat().st_size:
                self.address = json.loads(self._file.read_text())["address"]

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "assay_hub.cli", "grade-worker", self.address, "--workers", "1")

    def _start(self, name: str, module: str, *words: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{name}-{len(self._processes)}.log").open("wb")
        environment = {**os.environ, **PROCESSES, "ASSAY_DATA": str(self._folder / "data"), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", module, *words]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        log.close()
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.close()


def test_a_worker_that_is_killed_loses_no_submission_and_none_counts_twice(course: Path, cluster: Cluster):
    workers = [cluster.add_worker() for _ in range(3)]
    journal = course / ".assay" / "grading" / f"{ASSIGNMENT}.jsonl"
    environment = {**os.environ, **PROCESSES, "ASSAY_DATA": str(course / ".assay"), "PYTHONWARNINGS": "ignore"}
    address = cluster.address.replace("tcp", "dask")
    command = [sys.executable, "-m", "assay_hub.cli", "grade", str(course), ASSIGNMENT, "--executor", address, "--json"]
    until = time.monotonic() + 120

    # A cluster without workers is refused: they take a few seconds to come.
    while time.monotonic() < until:
        grading = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        while grading.poll() is None and not _lines(journal):
            time.sleep(0.05)
        if _lines(journal):
            break
        grading.communicate()
    workers[0].kill()
    output, _ = grading.communicate(timeout=200)

    found = json.loads(output)["submissions"]
    assert grading.returncode == 1, "essays wait"
    assert scores(course) == dict.fromkeys((one["student"] for one in found), FULL)
    assert len(found) == 6
    students = [json.loads(line)["student"] for line in _lines(journal)]
    assert sorted(students) == sorted(one["student"] for one in found)


def _lines(journal: Path) -> list[str]:
    lines = journal.read_text().splitlines() if journal.exists() else []
    return [line for line in lines if '"student"' in line]


@pytest.mark.parametrize("address", ["dask://192.0.2.1:8786", "tcp://192.0.2.1", "ftp://127.0.0.1", "dask:", "nothing"])
def test_another_machine_is_reached_over_tls_only(address: str):
    with pytest.raises(CourseError):
        transport(address)


def test_addresses_of_this_machine_and_of_others_over_tls():
    assert transport("dask://127.0.0.1:99") == "tcp://127.0.0.1:99"
    assert transport("dasks://192.0.2.1") == "tls://192.0.2.1:8786"


def test_a_cluster_that_is_not_there_is_said(course: Path):
    done = assay(course, ASSIGNMENT, "--executor", "dask://127.0.0.1:1")

    assert done.returncode == 2
    assert "There is no cluster" in done.stderr
    assert "Traceback" not in done.stderr
