"""What honest students get from us and from stock nbgrader, each grading the same course in its own way."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from integration.course.mixture import ASSIGNMENT, make_mixture
from integration.course.rentals import assay, nbgrader

SEED = 11
WRITTEN = ("mine.txt", "squares.json")
GRADES = """
select submitted_assignment.student_id, notebook.name, base_cell.name,
       grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
from grade join base_cell on base_cell.id = grade.cell_id
join submitted_notebook on submitted_notebook.id = grade.notebook_id
join notebook on notebook.id = submitted_notebook.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
"""
COMMENTS = """
select submitted_assignment.student_id, notebook.name, base_cell.name, comment.auto_comment
from comment join base_cell on base_cell.id = comment.cell_id
join submitted_notebook on submitted_notebook.id = comment.notebook_id
join notebook on notebook.id = submitted_notebook.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
"""
LATE = """
select submitted_assignment.student_id, notebook.name, submitted_assignment.timestamp,
       submitted_notebook.late_submission_penalty
from submitted_notebook join notebook on notebook.id = submitted_notebook.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
"""
PERSON = (
    "update grade set extra_credit = 0.5, manual_score = 2 where cell_id in (select id from base_cell where name = ?)"
)


def rows(course: Path, query: str) -> set[Any]:
    with sqlite3.connect(course / "gradebook.db") as book:
        return set(book.execute(query))


def files(course: Path) -> dict[str, str]:
    """Return what the autograded folders hold beside the notebooks, and the names of these.

    Not what a submission wrote while it ran: stock nbgrader runs it in that folder, and we do not.
    """
    root = course / "autograded"
    return {
        str(path.relative_to(root)): "" if path.suffix == ".ipynb" else path.read_text()
        for path in root.rglob("*")
        if path.is_file() and path.name not in WRITTEN
    }


class Both:
    """A course that stock nbgrader has graded, and one that we have."""

    def __init__(self, folder: Path, students: int, *, completed: bool) -> None:
        self.stock = make_mixture(folder / "stock", students, SEED, completed=completed)
        self.ours = Path(shutil.copytree(self.stock, folder / "ours"))
        done = nbgrader(self.stock, "autograde", ASSIGNMENT, check=False)
        assert done.returncode == 0, done.stderr[-5000:]
        done = assay(self.ours, ASSIGNMENT, "--json", environment={"ASSAY_WORKSPACE__ENGINE": "process"})
        assert done.returncode == 1, done.stderr
        self.said = json.loads(done.stdout)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(tmp_path_factory.mktemp("mixture"), 8, completed=False)


@pytest.mark.parametrize("query", [GRADES, COMMENTS, LATE], ids=["grades", "comments", "late"])
def test_the_gradebook_is_that_of_stock_nbgrader(both: Both, query: str):
    assert rows(both.ours, query) == rows(both.stock, query)


def test_the_autograded_folders_hold_the_same_files(both: Both):
    assert files(both.ours) == files(both.stock)
