"""Reads and writes everything that is stored, as domain objects."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from assay_hub.adapters.database import tables
from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.link import Link
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_protocol.names import is_interview_id
from assay_protocol.recording import genesis


class SqlRecords:
    """The store inside one transaction of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Interviews

    def add_interview(self, interview: Interview) -> None:
        """Store a new interview with its people and questions."""
        self._connection.execute(
            insert(tables.interviews).values(
                id=interview.id,
                title=interview.title,
                candidate_name=interview.candidate_name,
                created_by=interview.created_by,
                created_at=interview.created_at,
                duration_seconds=int(interview.duration.total_seconds()),
                **_state(interview),
            )
        )
        for account in interview.interviewers:
            self._connection.execute(insert(tables.interviewers).values(interview=interview.id, account=account))
        for position, ref in enumerate(interview.questions):
            self._connection.execute(
                insert(tables.questions).values(
                    interview=interview.id,
                    position=position,
                    question=ref.id,
                    version=ref.version,
                    title=ref.title,
                    pinned=ref.pinned,
                )
            )

    def interview(self, interview_id: str) -> Interview | None:
        """Return an interview; text that is no id at all, such as broken Unicode, never reaches the database."""
        if not is_interview_id(interview_id):
            return None
        found = self._interviews(tables.interviews.c.id == interview_id)
        return found[0] if found else None

    def interviews(self, account: str | None) -> list[Interview]:
        """Return the interviews of an interviewer, newest first; ``None``: everybody's."""
        if account is None:
            return self._interviews(tables.interviews.c.id.is_not(None))
        mine = select(tables.interviewers.c.interview).where(tables.interviewers.c.account == account)
        return self._interviews(tables.interviews.c.id.in_(mine))

    def _interviews(self, condition: Any) -> list[Interview]:
        """Load matching interviews in three queries, however many they are."""
        wanted = select(tables.interviews).where(condition).order_by(tables.interviews.c.created_at.desc())
        rows = self._connection.execute(wanted).all()
        ids = select(tables.interviews.c.id).where(condition)
        people: dict[str, list[str]] = {row.id: [] for row in rows}
        for row in self._connection.execute(
            select(tables.interviewers)
            .where(tables.interviewers.c.interview.in_(ids))
            .order_by(tables.interviewers.c.account)
        ):
            people[row.interview].append(row.account)
        refs: dict[str, list[QuestionRef]] = {row.id: [] for row in rows}
        for row in self._connection.execute(
            select(tables.questions).where(tables.questions.c.interview.in_(ids)).order_by(tables.questions.c.position)
        ):
            refs[row.interview].append(QuestionRef(row.question, row.version, row.title, row.pinned))
        return [_interview(row, people[row.id], refs[row.id]) for row in rows]

    def save_interview(self, interview: Interview) -> None:
        """Store the state and the times of an interview."""
        self._connection.execute(
            update(tables.interviews).where(tables.interviews.c.id == interview.id).values(**_state(interview))
        )

    # Links

    def add_link(self, link: Link) -> None:
        """Store a new link."""
        self._connection.execute(insert(tables.links).values(**asdict(link)))

    def link(self, secret_hash: str) -> Link | None:
        """Return the link with this hash."""
        row = self._connection.execute(select(tables.links).where(tables.links.c.secret_hash == secret_hash)).first()
        return None if row is None else Link(**row._mapping)

    def links(self, interview_id: str, account: str) -> list[Link]:
        """Return the links that sign an account into an interview, newest first."""
        query = select(tables.links).where(tables.links.c.interview == interview_id, tables.links.c.account == account)
        rows = self._connection.execute(query.order_by(tables.links.c.created_at.desc()))
        return [Link(**row._mapping) for row in rows]

    def save_link(self, link: Link) -> None:
        """Store the use or revocation of a link."""
        self._connection.execute(
            update(tables.links)
            .where(tables.links.c.id == link.id)
            .values(used_at=link.used_at, revoked_at=link.revoked_at)
        )

    # Notes

    def note(self, interview_id: str, account: str) -> str:
        """Return somebody's private note, empty without one."""
        query = select(tables.notes.c.text).where(_note(interview_id, account))
        return self._connection.execute(query).scalar() or ""

    def save_note(self, interview_id: str, account: str, text: str, now: datetime) -> None:
        """Store somebody's private note."""
        changed = self._connection.execute(
            update(tables.notes).where(_note(interview_id, account)).values(text=text, saved_at=now)
        )
        if changed.rowcount == 0:
            self._connection.execute(
                insert(tables.notes).values(interview=interview_id, account=account, text=text, saved_at=now)
            )

    # Recording

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
            "at": submission.at,
            "artefact": submission.artefact,
            "receipt": submission.receipt.to_json(),
        }
        try:
            self._connection.execute(insert(tables.submissions).values(**values))
        except IntegrityError as error:
            raise WrongStateError("This interview has been submitted already.") from error

    def submission(self, interview_id: str) -> Submission | None:
        """Return the submission of an interview."""
        row = self._connection.execute(
            select(tables.submissions).where(tables.submissions.c.interview == interview_id)
        ).first()
        return None if row is None else Submission(row.interview, row.at, row.artefact, Receipt.from_json(row.receipt))

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
        return [_grade_of(row) for row in self._connection.execute(query)]

    def take_queued_grade(self) -> Grade | None:
        """Mark one queued grading as running and return it; a row that another worker holds is skipped."""
        query = select(tables.grades).where(tables.grades.c.state == GradingState.QUEUED).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        here = _grade(row.interview, row.question)
        self._connection.execute(update(tables.grades).where(here).values(state=GradingState.RUNNING))
        return _grade_of(row)

    def requeue_running_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""
        left = tables.grades.c.state == GradingState.RUNNING
        return self._connection.execute(update(tables.grades).where(left).values(state=GradingState.QUEUED)).rowcount


def _state(interview: Interview) -> dict[str, Any]:
    return {"state": interview.state.value, "started_at": interview.started_at, "ended_at": interview.ended_at}


def _interview(row: Row[Any], people: list[str], refs: list[QuestionRef]) -> Interview:
    return Interview(
        id=row.id,
        title=row.title,
        candidate_name=row.candidate_name,
        state=State(row.state),
        created_by=row.created_by,
        created_at=row.created_at,
        duration=timedelta(seconds=row.duration_seconds),
        interviewers=tuple(people),
        questions=tuple(refs),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _grade_of(row: Row[Any]) -> Grade:
    values = dict(row._mapping)
    cells = tuple(CellResult(**cell) for cell in json.loads(values.pop("cells")))
    return Grade(**{**values, "state": GradingState(values["state"]), "cells": cells})


def _note(interview_id: str, account: str) -> Any:
    return and_(tables.notes.c.interview == interview_id, tables.notes.c.account == account)


def _grade(interview_id: str, question: str) -> Any:
    return and_(tables.grades.c.interview == interview_id, tables.grades.c.question == question)
