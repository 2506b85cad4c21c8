"""Grades the submissions of an assignment: each result is kept before it counts, and one writer books them."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay_assignments.course.autograded import publish, timestamp_of
from assay_assignments.course.configuration import Course
from assay_assignments.course.gradebook import Booking, Gradebook, Penalty, Scores
from assay_assignments.course.journal import Entry, Journal
from assay_assignments.course.sources import Assignment
from assay_assignments.course.submissions import Submission, read
from assay_assignments.grading.engine import grade, refused
from assay_assignments.grading.sandbox import Runner, SandboxError
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict

_BOOKED_AT_ONCE = 100
_BOOKED_SECONDS = 5.0
_CROSSING = "CannotCrossError"
_ODD = frozenset({Verdict.KILLED, Verdict.OUT_OF_MEMORY, Verdict.MALFORMED})


@dataclass(frozen=True)
class Graders:
    """What submissions are handed to.

    Attributes:
        submit: hands one over, and returns what will be its grades by the name of the notebook.
        at_once: how many are being graded or wait for it.
    """

    submit: Callable[[Submission], "Future[dict[str, Grade]]"]
    at_once: int


@dataclass(frozen=True)
class Batch:
    """What a batch works with.

    Attributes:
        penalty: nbgrader's plug-in for what is late.
        told: is called with each student whose submission has been graded.
    """

    course: Course
    assignment: Assignment
    gradebook: Gradebook
    journal: Journal
    penalty: Penalty | None
    told: Callable[[Entry], None]


def grade_submission(assignment: Assignment, submission: Submission, runner: Runner) -> dict[str, Grade]:
    """Return the grade of each notebook of a submission, whatever it holds.

    Raises:
        SandboxError: there is no sandbox to be had.
    """
    notebooks = {prepared.notebook for prepared in assignment.notebooks.values()}
    beside = {path: content for path, content in submission.files.items() if path not in notebooks}
    grades = {}
    for name, prepared in assignment.notebooks.items():
        if reason := submission.unread.get(prepared.notebook):
            grades[name] = refused(prepared, reason)
            continue
        handed_in = {path: content for path, content in submission.files.items() if path == prepared.notebook}
        try:
            grades[name] = grade(prepared, {**beside, **handed_in}, runner)
        except SandboxError:
            raise
        except Exception as error:  # noqa: BLE001  # the batch goes on, and a person looks at this one
            grades[name] = refused(prepared, f"grading failed: {type(error).__name__}: {error}", Verdict.ERROR)
    return grades


def run(batch: Batch, folders: Mapping[str, Path], graders: Graders, *, resume: bool) -> list[Entry]:
    """Grade submissions and return what is known of each, those that an earlier batch had graded with ``resume`` too.

    Args:
        batch: what it works with.
        folders: of the submissions, by student.
        graders: what they are handed to.
        resume: leave out what the journal has of the same files and the same assignment.

    Raises:
        CourseError: the gradebook could not be written.
        SandboxError: there is no sandbox to be had.
        OSError: a result could not be written, for example because the disk is full.
    """
    if not resume:
        batch.journal.forget(folders)
    waiting: dict[Future[dict[str, Grade]], tuple[Submission, str]] = {}
    since = time.monotonic()
    fresh = _fresh(batch, folders)
    try:
        while True:
            while len(waiting) < graders.at_once and (found := next(fresh, None)):
                waiting[graders.submit(found[0])] = found
            if not waiting:
                break
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                submission, digest = waiting.pop(future)
                _keep(batch, submission, digest, future.result())
            if len(batch.journal.unbooked) >= _BOOKED_AT_ONCE or time.monotonic() - since > _BOOKED_SECONDS:
                _book(batch)
                since = time.monotonic()
    finally:
        for future in waiting:
            future.cancel()
    _book(batch)
    return [batch.journal.entries[student] for student in folders]


def _fresh(batch: Batch, folders: Mapping[str, Path]) -> Iterator[tuple[Submission, str]]:
    """Read one submission after the other, and yield those that have not been graded."""
    notebooks = frozenset(prepared.notebook for prepared in batch.assignment.notebooks.values())
    for student, folder in folders.items():
        submission = read(batch.course, student, folder, notebooks)
        digest = submission.digest(batch.assignment.digest)
        known = batch.journal.entries.get(student)
        if known is not None and known.digest == digest:
            batch.told(known)
        else:
            yield submission, digest


def _keep(batch: Batch, submission: Submission, digest: str, grades: Mapping[str, Grade]) -> None:
    publish(batch.course, batch.assignment, submission, grades)
    timestamp, remark = timestamp_of(submission)
    result = {
        "timestamp": timestamp,
        "remarks": [*submission.remarks, *([remark] if remark else [])],
        "notebooks": {name: _result(batch.assignment, name, one, submission) for name, one in grades.items()},
    }
    entry = Entry(submission.student, digest, result)
    batch.journal.add(entry)
    batch.told(entry)


def _result(assignment: Assignment, name: str, found: Grade, submission: Submission) -> dict[str, Any]:
    prepared = assignment.notebooks[name]
    there = prepared.notebook in submission.files and found.outcome != "malformed"
    answers = [key for key, cell in prepared.originals.items() if cell["metadata"]["nbgrader"].get("solution")]
    tasks = [key for key, cell in prepared.originals.items() if cell["metadata"]["nbgrader"].get("task")]
    # nbgrader gives no points, and asks nobody, for one of several notebooks that was not handed in.
    absent = prepared.notebook not in submission.files and bool(submission.files)
    return {
        "outcome": found.outcome,
        "message": found.message,
        "points": found.points,
        "max_points": found.max_points,
        "cells": [
            {
                "grade_id": one.grade_id,
                "points": one.points,
                "max_points": one.max_points,
                "verdict": one.verdict.value,
                "message": one.message,
                "review": one.points is None or (_is_odd(one) and not absent),
            }
            for one in found.cells
        ],
        "untouched": list(found.untouched),
        "answered": [key for key in [*answers, *tasks] if there and key not in found.untouched],
    }


def _is_odd(found: CellVerdict) -> bool:
    """Whether a person has to look at a cell that has points, or none."""
    # nbgrader takes an object at its word; here the author has to say so, and may not have known.
    return found.verdict in _ODD or found.message.startswith(_CROSSING)


def _book(batch: Batch) -> None:
    """Write into the gradebook what it does not have yet."""
    entries = [batch.journal.entries[student] for student in sorted(batch.journal.unbooked)]
    for start in range(0, len(entries), _BOOKED_AT_ONCE):
        part = entries[start : start + _BOOKED_AT_ONCE]
        batch.gradebook.write(batch.assignment.name, [_booking(entry) for entry in part], batch.penalty)
        batch.journal.booked(entry.student for entry in part)


def _booking(entry: Entry) -> Booking:
    stamp = entry.result["timestamp"]
    notebooks = {
        name: Scores(
            points={cell["grade_id"]: cell["points"] for cell in one["cells"]},
            review=frozenset(cell["grade_id"] for cell in one["cells"] if cell["review"]),
            untouched=frozenset(one["untouched"]),
            answered=frozenset(one["answered"]),
        )
        for name, one in entry.result["notebooks"].items()
    }
    return Booking(entry.student, datetime.fromisoformat(stamp) if stamp else None, notebooks)
