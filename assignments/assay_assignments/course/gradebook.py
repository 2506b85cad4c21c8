"""nbgrader's gradebook, read and written in batches through its own tables; nbgrader itself need not be imported."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError, OperationalError, SQLAlchemyError

from assay_assignments.course.configuration import CourseError

_TABLES = (
    "assignment",
    "base_cell",
    "comment",
    "grade",
    "grade_cells",
    "notebook",
    "solution_cells",
    "source_cell",
    "student",
    "submitted_assignment",
    "submitted_notebook",
    "task_cells",
)
_BUSY_SECONDS = 60
_AT_ONCE = 500
_NO_RESPONSE = "No response."

Penalty = Callable[[str, float, float], float | None]
"""Student, score of a notebook, seconds late → points to take away."""


@dataclass(frozen=True)
class SourceCell:
    """An author's cell as the gradebook has it: tests with what is hidden, answers as released.

    Attributes:
        points: ``None`` for a cell that has none.
    """

    name: str
    kind: str
    locked: bool
    source: str
    checksum: str
    points: float | None
    grade: bool
    solution: bool
    task: bool


@dataclass(frozen=True)
class SourceNotebook:
    """A notebook of an assignment."""

    name: str
    kernelspec: str
    cells: tuple[SourceCell, ...]


@dataclass(frozen=True)
class Given:
    """What people gave for a graded cell.

    Attributes:
        points: in place of those of the tests; ``None`` leaves those.
        waits: whether a person still has to look at it.
    """

    points: float | None
    extra: float
    waits: bool


@dataclass(frozen=True)
class Scores:
    """What is written of a notebook.

    Attributes:
        points: of each graded cell that was looked at, ``None`` for a person to give.
        review: graded cells at which a person has to look, whatever their points.
        untouched: answers that were left as they had been released.
        answered: answers that are there and were not.
        given: what people gave for graded cells elsewhere, in place of what they gave here.
        comments: what people said elsewhere, by the cell that nbgrader keeps comments on: an answer or a task.
    """

    points: Mapping[str, float | None]
    review: frozenset[str] = frozenset()
    untouched: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    given: Mapping[str, Given] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Booking:
    """What is written of a student's submission.

    Attributes:
        timestamp: when it was handed in, in UTC, without a zone, as nbgrader keeps it.
        notebooks: scores by the name of the notebook.
        about: what a new student's row says; the same columns for all that are written at once.
    """

    student: str
    timestamp: datetime | None
    notebooks: Mapping[str, Scores] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


class GradebookBusyError(CourseError):
    """Somebody else keeps the gradebook locked."""


class NoGradebookError(CourseError):
    """There is none yet."""


class Gradebook:
    """A gradebook that is there already.

    Raises:
        NoGradebookError: there is none yet.
        CourseError: there is one that cannot be read.
    """

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        self._engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS} if sqlite else {})
        if sqlite:
            _take_turns(self._engine)
        self._meta = sa.MetaData()
        file = self._engine.url.database if sqlite else None
        if file and not Path(file).is_file():
            raise NoGradebookError(f"There is no gradebook {self._engine.url}.")
        try:
            self._meta.reflect(self._engine, only=_TABLES)
        except InvalidRequestError as error:
            self._engine.dispose()
            raise NoGradebookError(f"The gradebook {self._engine.url} has no tables yet.") from error
        except (SQLAlchemyError, OSError) as error:
            self._engine.dispose()
            reason = getattr(error, "orig", None) or error
            raise CourseError(f"The gradebook {self._engine.url} cannot be read: {reason}") from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def notebooks(self, assignment: str) -> tuple[SourceNotebook, ...]:
        """Return the notebooks of an assignment, none when it is not there."""
        with self._begin() as connection:
            found = self._rows(connection, "notebook", assignment_id=self._assignment(connection, assignment)[0])
            return tuple(
                SourceNotebook(row["name"], row["kernelspec"] or "", self._cells(connection, row["id"]))
                for row in sorted(found, key=lambda row: str(row["name"]))
            )

    def write(self, assignment: str, bookings: Sequence[Booking], penalty: Penalty | None) -> None:
        """Write what was found of submissions in one transaction; writing it again changes nothing.

        Points that a person gave stay, and ask for a look again, as with nbgrader.

        Raises:
            GradebookBusyError: somebody else keeps it locked.
        """
        with self._begin() as connection:
            _Writing(self._meta, connection, self._assignment(connection, assignment), penalty).write(bookings)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise GradebookBusyError(
                f"The gradebook {self._engine.url} could not be written: {error.orig}. Nothing is lost: "
                "close what has it open, then go on with --resume."
            ) from error

    def _assignment(self, connection: sa.Connection, name: str) -> tuple[str, datetime | None]:
        rows = self._rows(connection, "assignment", name=name)
        return (rows[0]["id"], rows[0]["duedate"]) if rows else ("", None)

    def _rows(self, connection: sa.Connection, table: str, **where: Any) -> list[Any]:
        return _rows(self._meta, connection, table, **where)

    def _cells(self, connection: sa.Connection, notebook: str) -> tuple[SourceCell, ...]:
        kinds: dict[str, set[str]] = {}
        names: dict[str, str] = {}
        for row in self._rows(connection, "base_cell", notebook_id=notebook):
            kinds.setdefault(row["name"], set()).add(row["type"])
            names[row["id"]] = row["name"]
        points = {
            names[row["id"]]: float(row["max_score"])
            for table in ("grade_cells", "task_cells")
            for row in _rows_in(self._meta, connection, table, "id", names)
        }
        return tuple(
            SourceCell(
                name=row["name"],
                kind=row["cell_type"],
                locked=bool(row["locked"]),
                source=row["source"] or "",
                checksum=row["checksum"] or "",
                points=points.get(row["name"]),
                grade="GradeCell" in kinds.get(row["name"], ()),
                solution="SolutionCell" in kinds.get(row["name"], ()),
                task="TaskCell" in kinds.get(row["name"], ()),
            )
            for row in self._rows(connection, "source_cell", notebook_id=notebook)
        )


class _Writing:
    """One batch in one transaction."""

    def __init__(
        self,
        meta: sa.MetaData,
        connection: sa.Connection,
        assignment: tuple[str, datetime | None],
        penalty: Penalty | None,
    ) -> None:
        self._meta = meta
        self._connection = connection
        self._assignment, self._due = assignment
        self._penalty = penalty
        self._notebooks = {row["name"]: row["id"] for row in self._rows("notebook", assignment_id=self._assignment)}
        self._cells = _rows_in(meta, connection, "base_cell", "notebook_id", self._notebooks.values())

    def write(self, bookings: Sequence[Booking]) -> None:
        known = {row["id"] for row in self._rows_in("student", "id", [one.student for one in bookings])}
        new = {one.student: one.about for one in bookings if one.student not in known}
        self._insert("student", [{"id": student, **about} for student, about in new.items()])
        submissions = self._submissions(bookings)
        notebooks = self._submitted(list(submissions.values()))
        grades = self._kept("grade", notebooks, ("GradeCell", "TaskCell"), {"needs_manual_grade": True})
        comments = self._kept("comment", notebooks, ("SolutionCell", "TaskCell"), {})
        self._score(bookings, submissions, notebooks, grades)
        self._comment(bookings, submissions, notebooks, comments)
        self._give(bookings, submissions, notebooks, (grades, comments))
        self._penalise(bookings, submissions, notebooks, grades)

    def _submissions(self, bookings: Sequence[Booking]) -> dict[str, Any]:
        """Return the row of each student's submission, made or brought up to date."""
        students = [one.student for one in bookings]
        rows = {row["student_id"]: dict(row) for row in self._rows_in("submitted_assignment", "student_id", students)
                if row["assignment_id"] == self._assignment}  # fmt: skip
        new, changed = [], []
        for one in bookings:
            if one.student not in rows:
                rows[one.student] = {"id": uuid.uuid4().hex, "assignment_id": self._assignment,
                    "student_id": one.student, "timestamp": one.timestamp, "extension": None}  # fmt: skip
                new.append(rows[one.student])
            elif one.timestamp is not None and rows[one.student]["timestamp"] != one.timestamp:
                rows[one.student]["timestamp"] = one.timestamp
                changed.append({"id": rows[one.student]["id"], "timestamp": one.timestamp})
        self._insert("submitted_assignment", new)
        self._update("submitted_assignment", changed)
        return rows

    def _submitted(self, submissions: Sequence[Any]) -> dict[tuple[str, str], str]:
        """Return the id of each submitted notebook by those of its submission and of its source."""
        ids = [row["id"] for row in submissions]
        found = {
            (row["assignment_id"], row["notebook_id"]): row["id"]
            for row in self._rows_in("submitted_notebook", "assignment_id", ids)
        }
        new = [
            {"id": uuid.uuid4().hex, "assignment_id": submission, "notebook_id": notebook, "flagged": False,
             "late_submission_penalty": None}
            for submission in ids for notebook in self._notebooks.values() if (submission, notebook) not in found
        ]  # fmt: skip
        self._insert("submitted_notebook", new)
        return found | {(row["assignment_id"], row["notebook_id"]): row["id"] for row in new}

    def _kept(
        self, table: str, notebooks: Mapping[tuple[str, str], str], kinds: Sequence[str], more: Mapping[str, Any]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """Return each row of grades or comments by the id of its notebook and the name of its cell; all are there."""
        names = {row["id"]: row["name"] for row in self._cells if row["type"] in kinds}
        rows = {
            (row["notebook_id"], names[row["cell_id"]]): dict(row)
            for row in self._rows_in(table, "notebook_id", notebooks.values())
            if row["cell_id"] in names
        }
        empty = {column.name: None for column in self._meta.tables[table].columns}
        new = []
        for (_, source), notebook in notebooks.items():
            for cell in self._cells:
                key = (notebook, cell["name"])
                if cell["notebook_id"] == source and cell["id"] in names and key not in rows:
                    row = {"id": uuid.uuid4().hex, "notebook_id": notebook, "cell_id": cell["id"]}
                    rows[key] = {**empty, **row, **more}
                    new.append(rows[key])
        self._insert(table, new)
        return rows

    def _each(
        self, bookings: Iterable[Booking], submissions: Mapping[str, Any], notebooks: Mapping[tuple[str, str], str]
    ) -> Iterator[tuple[Booking, str, Scores]]:
        for one in bookings:
            for name, scores in one.notebooks.items():
                if name in self._notebooks:
                    yield one, notebooks[submissions[one.student]["id"], self._notebooks[name]], scores

    def _score(
        self,
        bookings: Sequence[Booking],
        submissions: Mapping[str, Any],
        notebooks: Mapping[tuple[str, str], str],
        grades: Mapping[tuple[str, str], dict[str, Any]],
    ) -> None:
        changed = []
        for _, notebook, scores in self._each(bookings, submissions, notebooks):
            for name, points in scores.points.items():
                row = grades[notebook, name]
                waits = points is None or row["manual_score"] is not None or name in scores.review
                row |= {"auto_score": points, "needs_manual_grade": waits}
                changed.append({key: row[key] for key in ("id", "auto_score", "needs_manual_grade")})
        self._update("grade", changed)

    def _comment(
        self,
        bookings: Sequence[Booking],
        submissions: Mapping[str, Any],
        notebooks: Mapping[tuple[str, str], str],
        comments: Mapping[tuple[str, str], dict[str, Any]],
    ) -> None:
        changed = []
        for _, notebook, scores in self._each(bookings, submissions, notebooks):
            for name in scores.untouched | scores.answered:
                if (notebook, name) in comments:
                    text = _NO_RESPONSE if name in scores.untouched else None
                    changed.append({"id": comments[notebook, name]["id"], "auto_comment": text})
        self._update("comment", changed)

    def _give(
        self,
        bookings: Sequence[Booking],
        submissions: Mapping[str, Any],
        notebooks: Mapping[tuple[str, str], str],
        rows: tuple[Mapping[tuple[str, str], dict[str, Any]], Mapping[tuple[str, str], dict[str, Any]]],
    ) -> None:
        """Take over what people gave elsewhere."""
        grades, comments = rows
        given, said = [], []
        for _, notebook, scores in self._each(bookings, submissions, notebooks):
            for name, one in scores.given.items():
                row = grades[notebook, name]
                row |= {"manual_score": one.points, "extra_credit": one.extra or None, "needs_manual_grade": one.waits}
                given.append({key: row[key] for key in ("id", "manual_score", "extra_credit", "needs_manual_grade")})
            for name, text in scores.comments.items():
                said.append({"id": comments[notebook, name]["id"], "manual_comment": text})
        self._update("grade", given)
        self._update("comment", said)

    def _penalise(
        self,
        bookings: Sequence[Booking],
        submissions: Mapping[str, Any],
        notebooks: Mapping[tuple[str, str], str],
        grades: Mapping[tuple[str, str], dict[str, Any]],
    ) -> None:
        """Take points from what is late, as nbgrader's plug-in says."""
        scored: dict[str, float] = {}
        for (notebook, _), row in grades.items():
            given = row["manual_score"] if row["manual_score"] is not None else row["auto_score"]
            more = row["extra_credit"] or 0.0 if given is not None else 0.0
            scored[notebook] = scored.get(notebook, 0.0) + (given or 0.0) + more
        changed = []
        for one, notebook, _ in self._each(bookings, submissions, notebooks):
            row = submissions[one.student]
            late = 0.0
            if row["timestamp"] is not None and self._due is not None:
                due = self._due + _extension(row["extension"])
                late = max(0.0, (row["timestamp"] - due).total_seconds())
            points = None
            if late > 0 and self._penalty is not None:
                points = self._penalty(one.student, scored.get(notebook, 0.0), late)
                points = None if points is None else min(max(0.0, points), scored.get(notebook, 0.0))
            changed.append({"id": notebook, "late_submission_penalty": points})
        self._update("submitted_notebook", changed)

    def _rows(self, table: str, **where: Any) -> list[Any]:
        return _rows(self._meta, self._connection, table, **where)

    def _rows_in(self, table: str, column: str, values: Iterable[Any]) -> list[Any]:
        return _rows_in(self._meta, self._connection, table, column, values)

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(sa.insert(self._meta.tables[table]), rows)

    def _update(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            known = self._meta.tables[table]
            named: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in rows[0] if column != "id"}
            statement = sa.update(known).where(known.c.id == sa.bindparam("which")).values(named)
            bound = [{"which": row["id"], **{f"new_{name}": row[name] for name in named}} for row in rows]
            self._connection.execute(statement, bound)


def _extension(found: timedelta | datetime | None) -> timedelta:
    """Return a time span; SQLite keeps it as a moment after the beginning of 1970."""
    return found - datetime(1970, 1, 1) if isinstance(found, datetime) else found or timedelta()  # noqa: DTZ001


def _rows(meta: sa.MetaData, connection: sa.Connection, table: str, **where: Any) -> list[Any]:
    known = meta.tables[table]
    wanted = [known.c[column] == value for column, value in where.items()]
    return list(connection.execute(sa.select(known).where(*wanted)).mappings())


def _rows_in(meta: sa.MetaData, connection: sa.Connection, table: str, column: str, values: Iterable[Any]) -> list[Any]:
    known = meta.tables[table]
    wanted = list(dict.fromkeys(values))
    found: list[Any] = []
    for start in range(0, len(wanted), _AT_ONCE):
        statement = sa.select(known).where(known.c[column].in_(wanted[start : start + _AT_ONCE]))
        found += connection.execute(statement).mappings()
    return found


def _take_turns(engine: sa.Engine) -> None:
    """Have SQLite wait for its turn at the start of a transaction, where waiting cannot end in a deadlock."""

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
