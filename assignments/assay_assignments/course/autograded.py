"""The ``autograded`` folder of a submission, as nbgrader leaves it."""

import os
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from assay_assignments.course.configuration import Course
from assay_assignments.course.sources import Assignment
from assay_assignments.course.submissions import Submission
from assay_assignments.grading.files import is_safe
from assay_assignments.grading.notebook import write
from assay_assignments.grading.prepared import Prepared
from assay_assignments.grading.verdicts import Grade

_TIMESTAMP = "timestamp.txt"
_UTC = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: UTC| ?\+00:?00|Z)?")


def publish(course: Course, assignment: Assignment, submission: Submission, grades: Mapping[str, Grade]) -> None:
    """Write the executed notebooks and the files beside them, in place of what an earlier batch left there.

    Raises:
        OSError: they could not be written; nothing of them is left.
    """
    place = course.folder("autograded", submission.student, assignment.name)
    new = place.with_name(f".{place.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        for path, content in _files(assignment, submission, grades).items():
            _write(new / path, content, course.permissions)
        if place.exists():
            shutil.rmtree(place)
        new.rename(place)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        raise


def timestamp_of(submission: Submission) -> tuple[str | None, str]:
    """Return when a submission says it was handed in, in UTC without a zone, and what is wrong with what it says."""
    text = submission.files.get(_TIMESTAMP, b"").decode("utf-8", "replace").strip()
    if not text:
        return None, ""
    if found := _UTC.fullmatch(text):
        try:
            return datetime.fromisoformat(found[1]).isoformat(), ""
        except ValueError:
            return None, f"{_TIMESTAMP} cannot be read"
    from nbgrader.utils import parse_utc  # noqa: PLC0415  # slow to import, and most timestamps are in UTC

    try:
        return parse_utc(text).isoformat(), ""
    except Exception:  # noqa: BLE001  # dateutil raises several kinds, and none of them may stop a batch
        return None, f"{_TIMESTAMP} cannot be read"


def _files(assignment: Assignment, submission: Submission, grades: Mapping[str, Grade]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for prepared in assignment.notebooks.values():
        files |= {path: content for path, content in submission.files.items() if is_safe(path)}
        files |= prepared.files
    for name, prepared in assignment.notebooks.items():
        if prepared.notebook in submission.files or prepared.notebook in submission.unread:
            files[prepared.notebook] = grades[name].autograded or stand_in(prepared, grades[name].message)
        else:
            files.pop(prepared.notebook, None)
    return files


def stand_in(prepared: Prepared, reason: str) -> bytes:
    """Return what nbgrader shows of a notebook that cannot be shown."""
    note: dict[str, Any] = {
        "cell_type": "markdown",
        "id": "assay-note",
        "metadata": {},
        "source": f"**Not graded:** {reason}",
    }
    cells = [note]
    for place, cell in enumerate(prepared.originals.values()):
        code = cell["cell_type"] == "code"
        more: dict[str, Any] = {"outputs": [], "execution_count": None} if code else {}
        cells.append({**cell, **more, "id": f"cell-{place}"})
    return write(cells, prepared.metadata)


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)
        if path.suffix == ".ipynb":
            file.flush()
            os.fsync(file.fileno())
