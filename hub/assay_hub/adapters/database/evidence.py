"""Reads and writes submissions and grades."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from assay_hub.adapters.database import tables
from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission


class Evidence:
    """The part of the store that holds what was handed in, and what came of it."""

    _connection: Connection

    def add_submission(self, submission: Submission) -> None:
        """Store a submission.

        Raises:
            WrongStateError: the interview has one already.
        """
        values = {
            "interview": submission.interview,
            "number": submission.number,
            "at": submission.at,
            "artefact": submission.artefact,
            "receipt": submission.receipt.to_json(),
        }
        try:
            self._connection.execute(insert(tables.submissions).values(**values))
        except IntegrityError as error:
            raise WrongStateError("This interview has been submitted already.") from error

    def submission(self, interview_id: str) -> Submission | None:
        """Return the submission of an interview; the latest, if it was reopened."""
        table = tables.submissions
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.number.desc()).limit(1)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return Submission(row.interview, row.at, row.artefact, Receipt.from_json(row.receipt), row.number)

    def save_grade(self, grade: Grade) -> None:
        """Store the grading of one question, in place of what was there."""
        values = {**asdict(grade), "cells": json.dumps([asdict(cell) for cell in grade.cells])}
        here = _grade(grade.interview, grade.question)
        changed = self._connection.execute(update(tables.grades).where(here).values(**values))
        if changed.rowcount == 0:
            self._connection.execute(insert(tables.grades).values(**values))

    def grades(self, interview_id: str) -> list[Grade]:
        """Return the gradings of a submission in the order of its questions."""
        query = (
            select(tables.grades)
            .join(
                tables.questions,
                and_(
                    tables.questions.c.interview == tables.grades.c.interview,
                    tables.questions.c.question == tables.grades.c.question,
                ),
            )
            .where(tables.grades.c.interview == interview_id)
            .order_by(tables.questions.c.position)
        )
        return [grade_of(row) for row in self._connection.execute(query)]

    def take_queued_grade(self) -> Grade | None:
        """Mark one queued grading as running and return it; a row that another worker holds is skipped."""
        query = select(tables.grades).where(tables.grades.c.state == GradingState.QUEUED).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        here = _grade(row.interview, row.question)
        self._connection.execute(update(tables.grades).where(here).values(state=GradingState.RUNNING))
        return grade_of(row)

    def requeue_running_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""
        left = tables.grades.c.state == GradingState.RUNNING
        return self._connection.execute(update(tables.grades).where(left).values(state=GradingState.QUEUED)).rowcount


def grade_of(row: Row[Any]) -> Grade:
    """Return a row as a grading."""
    values = dict(row._mapping)
    cells = tuple(CellResult(**cell) for cell in json.loads(values.pop("cells")))
    return Grade(**{**values, "state": GradingState(values["state"]), "cells": cells})


def _grade(interview_id: str, question: str) -> Any:
    return and_(tables.grades.c.interview == interview_id, tables.grades.c.question == question)
