"""What nbgrader makes of a course that we have graded: its exporter, its feedback, its formgrader; and our feedback."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from integration.course.rentals import ASSIGNMENT, NOTEBOOK, nbgrader
from integration.course.test_batch import Passing, grade, scores

from assay_assignments.grading.conversation import Cell, Run

HOSTILE = (
    '<script>window.attacked = 1</script><img src=x onerror="window.attacked = 1"><svg onload="window.attacked = 1"/>'
    '<a href="javascript:window.attacked = 1">x</a><iframe srcdoc="<script>parent.attacked = 1</script>"></iframe>'
    '<table border="1"><tr><td>kept</td></tr></table>'
)


class Hostile(Passing):
    """Runs nothing, and every cell claims to have shown what is meant to run in a browser."""

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        kinds = ("text/html", "image/svg+xml", "application/javascript", "text/markdown", "image/png", "text/latex")
        data = dict.fromkeys(kinds, HOSTILE)
        shown = [{"output_type": "display_data", "data": {kind: text}, "metadata": {}} for kind, text in data.items()]
        found = super().run(imports, cells, files, kernel, own)
        results = tuple(
            {"status": "ok", "outputs": [] if cell.kind == "test" else shown}
            for cell, _ in zip(cells, found.results, strict=True)
        )
        return Run(results, (), "")


class Scripts(HTMLParser):
    """Collects what of a page would run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]
        if tag in ("iframe", "object", "embed", "base", "form"):
            self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and "attacked" in data:
            self.found.append(data)


@pytest.fixture(scope="module")
def graded(copied: Callable[[str], Path]) -> Path:
    """A course in which every test has passed and every cell showed something hostile."""
    folder = copied("opened")
    grade(folder, Hostile())
    return folder


def page_of(graded: Path, student: str = "right0001") -> str:
    return (graded / "feedback" / student / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()


def assay_feedback(graded: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assay_hub.cli", "feedback", str(graded), ASSIGNMENT, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_grades_are_exported(graded: Path):
    nbgrader(graded, "export", "--to", "grades.csv")

    with (graded / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["student_id"], float(row["score"]), float(row["max_score"])) for row in rows} == {
        (student, 10.0, 13.0) for student in scores(graded)
    }
    assert {row["timestamp"] for row in rows} == {"2026-03-01 09:00:00"}


def test_nbgrader_makes_its_own_feedback(graded: Path):
    nbgrader(graded, "generate_feedback", ASSIGNMENT, "--force")

    assert "Score: 10.0 / 13.0" in page_of(graded)


def test_our_feedback_has_points_and_neither_hidden_tests_nor_scripts(graded: Path):
    nbgrader(graded, "generate_feedback", ASSIGNMENT, "--force", "--student", "right0001")
    stock = page_of(graded)
    done = assay_feedback(graded)

    assert done.returncode == 0, done.stderr
    found = page_of(graded)
    assert "HIDDEN_1" in stock, "nbgrader shows them"
    assert Scripts(stock).found, "nbgrader runs them"
    assert "HIDDEN_1" not in found
    assert "BEGIN HIDDEN" not in found
    assert Scripts(found).found == []
    assert "Score: 10.0 / 13.0" in found
    assert "kept" in found, "a table is no script"
    assert ">clean</span>" in found, "their own answers"


def test_our_feedback_shows_visible_tests_when_it_is_to(graded: Path):
    done = assay_feedback(graded, "--show", "tests", "--student", "right0002")

    assert done.returncode == 0, done.stderr
    found = page_of(graded, "right0002")
    assert "_clean" in found
    assert "HIDDEN_1" not in found


@pytest.fixture(scope="module")
def formgrader(graded: Path) -> Iterator[str]:
    """A Jupyter server with nbgrader's formgrader, in the course folder."""
    log = graded / "server.log"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += ["--IdentityProvider.token=t", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    environment = {**os.environ, "HOME": str(graded), "JUPYTER_RUNTIME_DIR": str(graded / "runtime")}
    with log.open("wb") as file:
        server = subprocess.Popen(command, cwd=graded, stdout=file, stderr=file, env=environment)
    try:
        assert answers(port, server), log.read_text()
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; it may still be importing what it is extended by."""
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError):
            fetched(f"http://127.0.0.1:{port}/api")
            return True
        time.sleep(0.1)
    return False


def fetched(url: str) -> str:
    request = urllib.request.Request(url, headers={"Authorization": "token t"})  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return answer.read().decode()


def test_the_formgrader_lists_and_opens_submissions(formgrader: str):
    listed: list[dict[str, Any]] = json.loads(fetched(f"{formgrader}formgrader/api/submissions/{ASSIGNMENT}"))
    submission = next(one for one in listed if one["student"] == "right0003")
    books = json.loads(fetched(f"{formgrader}formgrader/api/submitted_notebooks/{ASSIGNMENT}/{NOTEBOOK}"))
    book = next(one for one in books if one["student"] == "right0003")
    page = fetched(f"{formgrader}formgrader/submissions/{book['id']}/")

    assert {one["student"]: (one["score"], one["max_score"], one["autograded"]) for one in listed} == {
        f"right{number:04d}": (10.0, 13.0, True) for number in range(6)
    }
    assert submission["needs_manual_grade"]
    assert "HIDDEN_1" in page, "those who grade see the tests"
