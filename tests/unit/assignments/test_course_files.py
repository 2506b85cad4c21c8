"""Submissions as files: what is read, and what is not followed."""

import os
from pathlib import Path

import pytest

from assay_assignments.course.autograded import timestamp_of
from assay_assignments.course.configuration import Course, Delimiters, read_course
from assay_assignments.course.feedback import Show, veiled, veiled_cells
from assay_assignments.course.submissions import Submission, find, read

NOTEBOOKS = frozenset({"ps.ipynb"})


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return read_course(tmp_path)


def hand_in(course: Course, student: str) -> Path:
    folder = course.folder("submitted", student, "ps1")
    folder.mkdir(parents=True)
    (folder / "ps.ipynb").write_bytes(b"{}")
    return folder


def test_students_are_found_by_their_folders(course: Course):
    for student in ("zoe", "ann", "ann-2"):
        hand_in(course, student)
    (course.folder("submitted", "ben", "ps2")).mkdir(parents=True)

    assert list(find(course, "ps1")) == ["ann", "ann-2", "zoe"]
    assert list(find(course, "ps1", "ann*")) == ["ann", "ann-2"]
    assert list(find(course, "ps[1]")) == []


def test_links_pipes_and_devices_are_not_followed(course: Course):
    victim = hand_in(course, "victim")
    folder = hand_in(course, "m")
    (folder / "mine.txt").write_text("mine")
    (folder / "theirs.txt").symlink_to(victim / "ps.ipynb")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to(victim)
    os.mkfifo(folder / "pipe")
    (folder / "ps.ipynb").unlink()
    (folder / "ps.ipynb").symlink_to(victim / "ps.ipynb")

    found = read(course, "m", folder, NOTEBOOKS)

    assert found.files == {"mine.txt": b"mine"}
    assert "no plain file" in found.unread["ps.ipynb"]
    assert len(found.remarks) == 3


@pytest.mark.parametrize("level", [0, 1])
def test_a_submission_that_is_a_link_is_none(course: Course, level: int):
    victim = hand_in(course, "victim")
    folder = course.folder("submitted", "m", "ps1")
    if level:
        folder.parent.symlink_to(victim.parent)
    else:
        folder.parent.mkdir()
        folder.symlink_to(victim)

    found = read(course, "m", folder, NOTEBOOKS)

    assert found.files == {}
    assert found.unread.keys() == NOTEBOOKS


def test_what_is_ignored_other_notebooks_and_what_is_too_large_stay_where_they_are(course: Course, monkeypatch):
    monkeypatch.setattr("assay_assignments.course.submissions.MAX_BYTES", 100)
    folder = hand_in(course, "zoe")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    (folder / "x.pyc").write_bytes(b"x")
    (folder / "other.ipynb").write_bytes(b"{}")
    (folder / "sub").mkdir()
    (folder / "sub" / "data.csv").write_bytes(b"1" * 60)
    (folder / "large.csv").write_bytes(b"1" * 101)

    found = read(course, "zoe", folder, NOTEBOOKS)

    assert found.files == {"ps.ipynb": b"{}", "sub/data.csv": b"1" * 60}
    assert found.remarks == ("'large.csv' was left out: no plain file, or too large",)


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2026-03-01 12:00:00 UTC", "2026-03-01T12:00:00"),
        ("2026-03-01 12:00:00", "2026-03-01T12:00:00"),
        ("2026-03-01 12:00:00.123456 UTC\n", "2026-03-01T12:00:00.123456"),
        ("2026-03-01 12:00:00 +0000", "2026-03-01T12:00:00"),
        ("2026-03-01 12:00:00 Europe/Vienna", "2026-03-01T11:00:00"),
        ("", None),
        ("yesterday or so", None),
        ("2026-13-41 12:00:00 UTC", None),
    ],
)
def test_a_timestamp_is_in_utc(text: str, stamp: str | None):
    found, remark = timestamp_of(Submission("zoe", {"timestamp.txt": text.encode()}))

    assert found == stamp
    assert bool(remark) == (bool(text) and stamp is None)


DELIMITERS = Delimiters((("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),))
SOURCE = "assert a\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS\nassert b"


@pytest.mark.parametrize("show", Show)
@pytest.mark.parametrize("source", [SOURCE, SOURCE.removesuffix("\n### END HIDDEN TESTS\nassert b"), "assert a"])
def test_feedback_never_shows_what_is_hidden(show: Show, source: str):
    marks = {"grade": True, "grade_id": "t", "points": 2, "score": 0}
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "secret", "traceback": ["assert secret"]}
    cell = {
        "cell_type": "code",
        "metadata": {"nbgrader": marks, "assay": {"title": "Totals", "feedback": "Think of empty lists."}},
        "source": source,
        "outputs": [error],
    }

    shown = veiled(cell, show, DELIMITERS)

    assert ("secret" in str(shown)) == (show is Show.TESTS and source == "assert a")
    assert ("assert a" in shown["source"]) == (show is Show.TESTS)
    assert ("empty lists" in shown["source"]) == (show is Show.WORDS)


@pytest.mark.parametrize("shared", [False, True])
def test_feedback_shows_nothing_that_came_after_a_hidden_test_in_the_same_process(shared):
    marks = {"grade": True, "grade_id": "t", "points": 2, "score": 2}
    said = {"output_type": "stream", "name": "stdout", "text": "YXNzZXJ0IHNlY3JldA=="}
    before = {"cell_type": "code", "metadata": {}, "source": "f", "outputs": [said]}
    test = {**before, "metadata": {"nbgrader": marks, "assay": {"shared": shared}}, "source": SOURCE, "outputs": []}

    shown = veiled_cells([before, test, before], Show.TESTS, DELIMITERS)

    assert [bool(cell["outputs"]) for cell in shown] == [True, False, not shared]
