"""A course folder of nbgrader, made of questions and of work that was graded elsewhere, as a zip file."""

import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from assay_assignments.course.autograded import stand_in, timestamp_of
from assay_assignments.course.gradebook import Booking, Given, Gradebook, Scores
from assay_assignments.course.submissions import Submission
from assay_assignments.grading.files import is_safe
from assay_assignments.grading.prepared import Prepared, prepare
from assay_assignments.grading.scoring import is_answer
from assay_assignments.library import Question
from assay_assignments.release import release, source_notebook

_FIRST = (1980, 1, 1, 0, 0, 0)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CHARACTERS = 128
"""How long a name in nbgrader's gradebook is at most."""
_CONFIG = """\
# Made by Assay from a batch. It holds solutions and hidden tests: not for students.
c = get_config()
c.ClearSolutions.code_stub = {stubs!r}
c.HTMLExporter.sanitize_html = True
c.Assay.feedback = "points"
"""


@dataclass(frozen=True)
class MadeCell:
    """A graded cell.

    Attributes:
        auto: points of the tests; ``None`` when a person has to give them.
        manual: points in place of those; ``None`` leaves them.
        waits: whether a person still has to look at it.
    """

    grade_id: str
    auto: float | None
    manual: float | None = None
    extra: float = 0.0
    comment: str = ""
    waits: bool = False


@dataclass(frozen=True)
class MadeNotebook:
    """A notebook that was graded.

    Attributes:
        autograded: as it ran; empty when it could not be read.
        message: why it could not.
    """

    autograded: bytes
    message: str
    cells: Sequence[MadeCell]


@dataclass(frozen=True)
class MadeStudent:
    """Somebody who handed in.

    Attributes:
        id: fit for the name of a folder, and nobody else's.
        original: the id they have elsewhere.
        files: what they handed in, content by path.
        notebooks: by the id of the question.
    """

    id: str
    original: str
    name: str
    email: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, MadeNotebook] = field(default_factory=dict)


@dataclass(frozen=True)
class _Sheet:
    """A question as a notebook of the course.

    Attributes:
        graded: names of the cells that have points.
        remarked: for each of them, the cell on which nbgrader keeps a comment about it; empty where there is none.
    """

    question: Question
    prepared: Prepared
    graded: frozenset[str]
    remarked: Mapping[str, str]


class MadeCourse:
    """A course that is being written; its gradebook comes last.

    Args:
        archive: is written to.
        gradebook: path of the gradebook, which nobody else has open.
        assignments: questions by the name of the assignment.
    """

    def __init__(
        self, archive: zipfile.ZipFile, gradebook: Path, assignments: Mapping[str, Sequence[Question]]
    ) -> None:
        self._archive = archive
        self._assignments: dict[str, list[_Sheet]] = {}
        url = f"sqlite:///{gradebook}"
        _create(url)
        for name, questions in assignments.items():
            self._assignments[name] = [self._author(url, name, question) for question in questions]
        self._gradebook = Gradebook(url)

    def close(self) -> None:
        """Let go of the gradebook."""
        self._gradebook.close()

    def add(self, students: Iterable[MadeStudent]) -> None:
        """Write what some handed in, one after the other, and then their grades."""
        bookings: dict[str, list[Booking]] = {name: [] for name in self._assignments}
        for student in students:
            for assignment, sheets in self._assignments.items():
                self._hand_in(assignment, sheets, student)
                bookings[assignment].append(_booking(sheets, student))
        for assignment, some in bookings.items():
            self._gradebook.write(assignment, some, None)

    def _author(self, url: str, assignment: str, question: Question) -> _Sheet:
        prepared = prepare(question)
        self._write(f"source/{assignment}/{prepared.notebook}", question.notebook.read_bytes())
        for path, content in prepared.files.items():
            self._write(f"source/{assignment}/{path}", content)
        for file in release(question):
            self._write(f"release/{assignment}/{file.path}", file.content)
        _save_cells(url, assignment, question)
        names = list(prepared.originals)
        kept = [name for name in names if _has_comment(prepared.originals[name])]
        graded = [name for name in names if _has_points(prepared.originals[name])]
        remarked = {}
        for name in graded:
            before = [one for one in kept if names.index(one) <= names.index(name)]
            remarked[name] = before[-1] if before else next(iter(kept), "")
        return _Sheet(question, prepared, frozenset(graded), remarked)

    def _hand_in(self, assignment: str, sheets: Sequence[_Sheet], student: MadeStudent) -> None:
        ours = {sheet.prepared.notebook for sheet in sheets}
        files = {path: one for path, one in student.files.items() if is_safe(path) and not path.endswith(".ipynb")}
        handed_in = {path: one for path, one in student.files.items() if path in ours}
        for path, content in {**files, **handed_in}.items():
            self._write(f"submitted/{student.id}/{assignment}/{path}", content)
        for sheet in sheets:
            files |= sheet.prepared.files
        for sheet in sheets:
            found = student.notebooks.get(sheet.question.id)
            if found is not None and sheet.prepared.notebook in handed_in:
                content = found.autograded or stand_in(sheet.prepared, found.message)
                files[sheet.prepared.notebook] = content
        for path, content in files.items():
            self._write(f"autograded/{student.id}/{assignment}/{path}", content)

    def _write(self, path: str, content: bytes) -> None:
        # Never the same twice: two questions may come with the same file.
        if path not in self._archive.NameToInfo:
            self._archive.writestr(zipfile.ZipInfo(path, _FIRST), content, zipfile.ZIP_DEFLATED, compresslevel=1)


@contextmanager
def making(into: IO[bytes], name: str, questions: Sequence[Question]) -> Iterator[MadeCourse]:
    """Write a course as a zip file; it is whole when this ends without an error.

    Args:
        into: where to.
        name: of the assignment; fit for the name of a folder.
        questions: one notebook each, of one assignment if no two of them come with different files of the same name.
    """
    one = not _clash(questions)
    assignments = {name: questions} if one else {question.id: [question] for question in questions}
    with tempfile.TemporaryDirectory(prefix="assay-gradebook-") as folder:
        gradebook = Path(folder, "gradebook.db")
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
            stubs = {_language(question): question.stub for question in questions if question.stub}
            archive.writestr(zipfile.ZipInfo("nbgrader_config.py", _FIRST), _CONFIG.format(stubs=stubs))
            course = MadeCourse(archive, gradebook, assignments)
            try:
                yield course
            finally:
                course.close()
            archive.write(gradebook, "gradebook.db")


def _clash(questions: Sequence[Question]) -> bool:
    files: dict[str, bytes] = {}
    return any(
        files.setdefault(path.name, content) != content
        for question in questions
        for path in question.attachments
        for content in [path.read_bytes()]
    )


def _create(url: str) -> None:
    """Make the tables of an empty gradebook as nbgrader does, which for their version calls another program."""
    # nbgrader takes most of a second to import, and most processes never make a course.
    import nbgrader  # noqa: PLC0415
    import sqlalchemy as sa  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from nbgrader.api import Base  # noqa: PLC0415

    head = ScriptDirectory(os.fspath(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    engine.dispose()


def _save_cells(url: str, assignment: str, question: Question) -> None:
    """Have nbgrader put the cells of a question into the gradebook, as ``generate_assignment`` does."""
    from nbgrader import preprocessors  # noqa: PLC0415
    from nbgrader.api import Gradebook as Stock  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    with Stock(url) as gradebook:
        gradebook.update_or_create_assignment(assignment)
    config = Config()
    if question.stub:
        config.ClearSolutions.code_stub = {_language(question): question.stub}
    marks = {"assignment": assignment, "notebook": question.id, "db_url": url}
    resources: dict[str, Any] = {"metadata": {"name": question.id}, "nbgrader": marks}
    notebook = source_notebook(question)
    for step in (
        preprocessors.LockCells,
        preprocessors.ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.CheckCellMetadata,
        preprocessors.ComputeChecksums,
        preprocessors.SaveCells,
    ):
        notebook, resources = step(config=config)(notebook, resources)


def _language(question: Question) -> str:
    return str(source_notebook(question).metadata.get("kernelspec", {}).get("language", "python"))


def _has_points(cell: Mapping[str, Any]) -> bool:
    marks = cell["metadata"]["nbgrader"]
    return bool(marks.get("grade") or marks.get("task"))


def _has_comment(cell: Mapping[str, Any]) -> bool:
    return is_answer(cell) or bool(cell["metadata"]["nbgrader"].get("task"))


def _booking(sheets: Sequence[_Sheet], student: MadeStudent) -> Booking:
    moment, _ = timestamp_of(Submission(student.id, student.files))
    about = {"last_name": student.name, "email": student.email, "lms_user_id": student.original}
    return Booking(
        student.id,
        datetime.fromisoformat(moment) if moment else None,
        {sheet.question.id: _scores(sheet, student.notebooks.get(sheet.question.id)) for sheet in sheets},
        {name: text[:_CHARACTERS] for name, text in about.items()},
    )


def _scores(sheet: _Sheet, found: MadeNotebook | None) -> Scores:
    # Cells of a version that has been replaced may be left.
    cells = [cell for cell in (found.cells if found else ()) if cell.grade_id in sheet.graded]
    comments: dict[str, list[str]] = {}
    for cell in cells:
        at = sheet.remarked[cell.grade_id]
        if cell.comment and at:
            said = cell.comment if at == cell.grade_id else f"{cell.grade_id}: {cell.comment}"
            # nbgrader shows comments as Markdown, and whatever HTML is in them.
            comments.setdefault(at, []).append(_TAG.sub("&lt;", said))
    return Scores(
        points={cell.grade_id: cell.auto for cell in cells},
        given={cell.grade_id: Given(cell.manual, cell.extra, cell.waits) for cell in cells},
        comments={name: "\n".join(all_said) for name, all_said in comments.items()},
    )
