"""A gradebook on PostgreSQL: made by nbgrader, written by us, read by nbgrader."""

import csv
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import postgresql as server_of_tests
import pytest
from integration.course.rentals import ASSIGNMENT, nbgrader
from integration.course.test_batch import Passing, grade
from nbgrader.api import Gradebook

from assay_assignments.course import batch
from assay_assignments.course.configuration import read_course
from assay_assignments.course.gradebook import Booking, Scores
from assay_assignments.course.gradebook import Gradebook as OurGradebook


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with server_of_tests.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def on(request: pytest.FixtureRequest, course: Path) -> Iterator[Path]:
    """A course whose gradebook is not there yet, by turns on each engine."""
    (course / "gradebook.db").unlink()
    shutil.rmtree(course / "release")
    if request.param == "sqlite":
        yield course
        return
    with server_of_tests.database(request.getfixturevalue("server"), "gradebook") as url:
        with (course / "nbgrader_config.py").open("a") as config:
            config.write(f"c.CourseDirectory.db_url = {url!r}\n")
        yield course


def test_an_assignment_that_is_not_there_is_made_and_booked(on: Path):
    found = grade(on, Passing())

    grade(on, Passing())
    nbgrader(on, "export", "--to", "grades.csv")

    with (on / "grades.csv").open() as file:
        rows = {row["student_id"]: (row["raw_score"], row["max_score"]) for row in csv.DictReader(file)}
    assert rows == dict.fromkeys((entry.student for entry in found), ("10.0", "13.0"))
    assert (on / "release" / ASSIGNMENT).is_dir()


def test_what_a_person_gave_stays_and_asks_for_a_look_and_lateness_counts_it(on: Path, monkeypatch: pytest.MonkeyPatch):
    grade(on, Passing())
    url = read_course(on).db_url
    with Gradebook(url, "rentals") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-03-01 08:00:00")
        book.grant_extension(ASSIGNMENT, "right0002", hours=2)
        given = book.find_grade("test-clean", "rentals", ASSIGNMENT, "right0001")
        given.manual_score, given.extra_credit = 1.0, 0.25
        book.db.commit()
    asked: list[tuple[str, float, float]] = []

    def penalty(student: str, score: float, late: float) -> float:
        asked.append((student, score, late))
        return 100.0

    made = batch.Batch
    monkeypatch.setattr(batch, "Batch", lambda *parts: made(*parts[:4], penalty, parts[5]))
    grade(on, Passing())

    with Gradebook(url, "rentals") as book:
        kept = book.find_grade("test-clean", "rentals", ASSIGNMENT, "right0001")
        late = {one.student.id: one.late_submission_penalty for one in book.assignment_submissions(ASSIGNMENT)}
        assert (kept.auto_score, kept.manual_score, kept.extra_credit, kept.needs_manual_grade) == (2, 1, 0.25, True)
    assert sorted(asked)[:2] == [("right0000", 10.0, 3600.0), ("right0001", 9.25, 3600.0)]
    assert len(asked) == 5, "one has two hours more"
    assert late == {**{f"right{number:04d}": 10.0 for number in range(6)}, "right0001": 9.25, "right0002": 0.0}


def test_many_are_written_at_once_and_writing_them_again_changes_nothing(on: Path):
    grade(on, Passing())
    url = read_course(on).db_url
    stamp = datetime(2026, 3, 1)  # noqa: DTZ001  # as nbgrader keeps it
    scores = Scores({"test-clean": 2.0, "conclusion": None}, untouched=frozenset({"clean"}))
    many = [Booking(f"new{n}", stamp + timedelta(hours=n), {"rentals": scores}) for n in range(700)]
    ours = OurGradebook(url)

    for _ in range(2):
        ours.write(ASSIGNMENT, many, None)
    ours.close()

    with Gradebook(url, "rentals") as book:
        assert len(book.assignment_submissions(ASSIGNMENT)) == 706
        comment = book.find_comment("clean", "rentals", ASSIGNMENT, "new699")
        untested = book.find_grade("test-price", "rentals", ASSIGNMENT, "new0")
        assert comment.auto_comment == "No response."
        assert (untested.auto_score, untested.needs_manual_grade) == (None, True)
        assert book.find_submission(ASSIGNMENT, "new2").timestamp == stamp + timedelta(hours=2)
