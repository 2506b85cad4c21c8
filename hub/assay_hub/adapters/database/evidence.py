"""Reads and writes recordings, submissions and grades."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from assay_hub.adapters.database import tables
from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_protocol.recording import genesis


class Evidence:
    """The part of the store that holds what happened in interviews."""

    _connection: Connection

    def head(self, interview_id: str) -> Head:
        """Return the end of the recording; before the first event its digest is the chain's start."""
        row = self._connection.execute(
            select(tables.recording.c.seq, tables.recording.c.digest)
            .where(tables.recording.c.interview == interview_id)
            .order_by(tables.recording.c.seq.desc())
            .limit(1)
        ).first()
        return Head(0, genesis(interview_id)) if row is None else Head(row.seq, row.digest)

    def append(self, interview_id: str, lines: Sequence[StoredLine]) -> None:
        """Store events that follow the head."""
        self._connection.execute(
            insert(tables.recording), [{"interview": interview_id, **asdict(line)} for line in lines]
        )

    def lines(self, interview_id: str) -> Iterator[StoredLine]:
        """Return the recording from its start."""
        columns = tables.recording.c
        query = select(columns.seq, columns.line, columns.digest, columns.received_at)
        for row in self._connection.execute(query.where(columns.interview == interview_id).order_by(columns.seq)):
            yield StoredLine(**row._mapping)

    def add_gap(self, interview_id: str, gap: Gap) -> None:
        """Store that something is missing."""
        self._connection.execute(insert(tables.recording_gaps).values(interview=interview_id, **asdict(gap)))

    def gaps(self, interview_id: str) -> list[Gap]:
        """Return what is missing, in order."""
        columns = tables.recording_gaps.c
        query = select(columns.after_seq, columns.noticed_at, columns.reason)
        rows = self._connection.execute(query.where(columns.interview == interview_id).order_by(columns.id))
        return [Gap(**row._mapping) for row in rows]

    # Submissions and grades

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
