"""A batch of the desk as a course folder, opened with nbgrader's own API and commands."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from e2e.conftest import ROOT
from fakes import zipped
from integration.course.rentals import nbgrader
from nbgrader.api import Gradebook
from plain_runner import PlainRunner
from unit.hub.batches import MOST_BYTES, Batches
from world import World

from assay_hub.adapters.course import NbgraderCourses
from assay_hub.adapters.grader import SandboxGrader
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.handed import Corrections
from assay_hub.domain.marking import Mark, RubricItem
from assay_hub.domain.search import AuditSearch
from assay_hub.services.batch_export import ExportBatches
from assay_hub.services.batch_grade import GradeBatches
from assay_hub.services.batch_upload import NewBatch, UploadBatches

LIBRARY = ROOT / "assignments" / "library"
ODD_ID = "../Zo\u00eb \u202e= x/{}"
MARKED = "overdue-books"
QUESTIONS = ("sensor-pipeline", MARKED)


class PlainSandbox:
    """Meets the port of a sandbox with what runs cells here."""

    isolated = False

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[PlainRunner]:
        assert packages is not None
        assert workers == 1
        yield PlainRunner()


class Desk:
    """The use cases of batches over the real library."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.world.artefacts.kept = {}
        self.batches = Batches(self.world, folder)
        database, artefacts, clock = self.world.database, self.world.artefacts, self.world.clock
        self.library = FolderLibrary(LIBRARY, LIBRARY, folder / "own", artefacts, folder / "pinned")
        self.upload = UploadBatches(database, self.library, artefacts, self.batches.uploads, clock, MOST_BYTES)
        grader = SandboxGrader(self.library, PlainSandbox())
        self.grade = GradeBatches(database, artefacts, grader, clock, MOST_BYTES, 1)
        self.export = ExportBatches(database, artefacts, NbgraderCourses(self.library), clock, MOST_BYTES)

    def graded(self, files: dict[str, bytes], questions: tuple[str, ...] = QUESTIONS, people: str = "", **changes):
        new = NewBatch("Exercise «3» '''\n\"", questions, people=people, **changes)
        batch = self.upload.prepare(self.world.staff, new, io.BytesIO(zipped(files)))
        kept = dict.fromkeys(("zoe",), (ODD_ID, "Zoë <b>", "zoe@x.example"))
        batch = self.upload.keep(self.world.staff, batch.id, Corrections(kept))
        while self.grade.work(lambda: False):
            pass
        return batch

    def course(self, batch, folder: Path) -> Path:
        file = io.BytesIO()
        self.export.gradebook(self.world.staff, batch.id, file)
        zipfile.ZipFile(file).extractall(folder)
        return folder

    def mark(self, batch, name: str, marks: dict[str, Mark]) -> None:
        whose = self.batches.one(batch, name)
        self.batches.mark.give(self.world.staff, batch.id, whose.id, MARKED, marks, reviewed=True)


def solution(question: str) -> bytes:
    return (LIBRARY / question / "question.ipynb").read_bytes()


def essay_of(question: str) -> str:
    cells = json.loads(solution(question))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells if cell["cell_type"] == "markdown"]
    return next(one["grade_id"] for one in marks if one.get("grade"))


def test_of(question: str) -> str:
    cells = json.loads(solution(question))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells if cell["cell_type"] == "code"]
    return next(one["grade_id"] for one in marks if one.get("grade") and not one.get("solution"))


test_of.__test__ = False


def handed_in() -> dict[str, bytes]:
    """Return solutions, one that nobody can read, and somebody who did one question only."""
    files = {f"{who}/{question}.ipynb": solution(question) for who in ("ada", "bob", "zoe") for question in QUESTIONS}
    return {
        **files,
        "bob/overdue-books.ipynb": b"no notebook",
        "cleo/sensor-pipeline.ipynb": solution("sensor-pipeline"),
        "ada/notes.txt": b"mine",
        "ada/timestamp.txt": b"2026-03-01 09:00:00 UTC",
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.world.database.close()


@pytest.fixture(scope="module")
def batch(desk):
    """A batch of four, some of it graded by hand."""
    batch = desk.graded(handed_in())
    essay = essay_of(MARKED)
    item = desk.batches.mark.save_item(desk.world.staff, RubricItem("", batch.id, MARKED, essay, "clear", 0.5))
    desk.mark(batch, "ada", {essay: Mark(1.0, 0.25, "Well said<script>alert(1)</script>", (item.id,))})
    desk.mark(batch, "Zoë <b>", {test_of(MARKED): Mark(0.0, comment="By accident")})
    return batch


@pytest.fixture(scope="module")
def course(desk, batch, tmp_path_factory) -> Path:
    return desk.course(batch, tmp_path_factory.mktemp("course"))


ASSIGNMENT = "exercise-3"


def test_nbgrader_has_everybody_with_the_points_of_the_grid(desk, batch, course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = {one.student.id: one for one in gradebook.find_assignment(ASSIGNMENT).submissions}
        scores = {student: (one.score, one.max_score) for student, one in found.items()}
        ada = gradebook.find_submission_notebook(MARKED, ASSIGNMENT, "ada")
        given = {one.name: one for one in ada.grades}
        essay = given[essay_of(MARKED)]
        zoe = next(student for student in gradebook.students if student.email)

        assert (essay.manual_score, essay.extra_credit, essay.needs_manual_grade) == (1.5, 0.25, False)
        assert [one.comment for one in ada.comments if one.name == essay.name] == [
            "clear (+0.5)\nWell said&lt;script>alert(1)&lt;/script>"
        ]
        assert found["ada"].timestamp.isoformat() == "2026-03-01T09:00:00"
        assert (zoe.id, zoe.last_name, zoe.lms_user_id) == ("Zoë-x", "Zoë <b>", "../Zoë = x/{}")
        said = gradebook.find_submission_notebook(MARKED, ASSIGNMENT, zoe.id).comments
        assert f"{test_of(MARKED)}: By accident" in [one.comment for one in said]
        waiting = {student for student, one in found.items() if one.needs_manual_grade}
    rows = desk.batches.rows(batch)
    names = {"ada": "ada", "bob": "bob", "cleo": "cleo", "Zoë <b>": "Zoë-x"}
    # Somebody who left a question out can get no points of it in our grid, and could have in nbgrader's.
    assert scores == {names[name]: (row.submission.points, scores["ada"][1]) for name, row in rows.items()}
    assert len({row.submission.points for row in rows.values()}) == 3
    reviews = {name for name, row in rows.items() if any(grade.review for grade in row.grades.values())}
    assert waiting >= {names[name] for name in reviews}
    assert "ada" not in waiting


def test_nbgrader_exports_it_and_makes_its_feedback(desk, batch, course):
    nbgrader(course, "export", "--to", "grades.csv")
    nbgrader(course, "generate_feedback", ASSIGNMENT)

    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    rows = desk.batches.rows(batch)
    assert sorted(scores.values()) == sorted(row.submission.points for row in rows.values())
    pages = sorted(str(path.relative_to(course / "feedback")) for path in (course / "feedback").rglob("*.html"))
    assert pages == sorted(
        f"{student}/{ASSIGNMENT}/{question}.html"
        for student in ("Zoë-x", "ada", "bob", "cleo")
        for question in QUESTIONS
        if (student, question) != ("cleo", MARKED)
    )
    assert "<script>alert" not in (course / "feedback" / "ada" / ASSIGNMENT / f"{MARKED}.html").read_text()


def test_nbgrader_grades_it_again_and_comes_to_the_same(desk, batch, tmp_path):
    desk.course(batch, tmp_path)

    nbgrader(tmp_path, "autograde", ASSIGNMENT, "--student", "ada", "--force")

    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == desk.batches.one(batch, "ada").points


def test_files_are_where_nbgrader_has_them(course):
    files = {str(path.relative_to(course)) for path in course.rglob("*") if path.is_file()}

    assert {
        f"source/{ASSIGNMENT}/loans.csv",
        f"release/{ASSIGNMENT}/{MARKED}.ipynb",
        f"submitted/ada/{ASSIGNMENT}/notes.txt",
        f"autograded/ada/{ASSIGNMENT}/notes.txt",
        f"autograded/Zoë-x/{ASSIGNMENT}/loans.csv",
    } <= files
    assert f"submitted/cleo/{ASSIGNMENT}/{MARKED}.ipynb" not in files
    for path in course.glob(f"release/{ASSIGNMENT}/*.ipynb"):
        assert "HIDDEN TESTS" not in path.read_text()
        assert "HIDDEN TESTS" in (course / "source" / ASSIGNMENT / path.name).read_text()
    assert (course / "submitted" / "bob" / ASSIGNMENT / f"{MARKED}.ipynb").read_bytes() == b"no notebook"
    assert not [path for path in files if ".." in path or "\u202e" in path]


def test_questions_with_files_of_the_same_name_are_assignments_of_their_own(desk, tmp_path):
    both = ("night-lines", "parcel-forecast")
    batch = desk.graded({f"ada/{one}.ipynb": b"no notebook" for one in both}, both)

    course = desk.course(batch, tmp_path)

    read = [(course / "source" / one / "parcels.csv").read_bytes() for one in both]
    assert read == [(LIBRARY / one / "parcels.csv").read_bytes() for one in both]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert [one.name for one in gradebook.assignments] == list(both)


def test_an_anonymous_batch_has_pseudonyms_and_only_who_manages_batches_gets_it(desk, tmp_path):
    people = "ada,Ada Lovelace,ada@x.example"
    files = {"ada/sensor-pipeline.ipynb": solution("sensor-pipeline")}
    batch = desk.graded(files, QUESTIONS[:1], people, anonymous=True)

    course = desk.course(batch, tmp_path)

    assert [path.name for path in (course / "submitted").iterdir()] == ["Person-0001"]
    database = (course / "gradebook.db").read_bytes()
    assert b"Person 0001" in database
    assert b"Lovelace" not in database
    assert b"x.example" not in database
    for role in (TeamRole.REVIEWER, TeamRole.VIEWER):
        file = io.BytesIO()
        with pytest.raises(NotFoundError):
            desk.export.gradebook(desk.world.member(role.value, role), batch.id, file)
        assert file.getvalue() == b""
    with desk.world.database.read() as records:
        told = [one.details for one in records.audit(AuditSearch(deed=Deed.EXPORTED.value, rows=200))]
    assert {"batch": batch.id, "gradebook": True} in told
