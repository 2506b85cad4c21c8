"""Reads and writes what reports are made of: time at work, decisions, and what candidates get."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from assay_hub.adapters.database import report_tables, tables
from assay_hub.adapters.database.evidence import grade_of
from assay_hub.adapters.database.writing import put
from assay_hub.domain.activity import Activity, Landmark, Spent
from assay_hub.domain.decision import Choice, Decision
from assay_hub.domain.feedback import Feedback, Part, Sharing
from assay_hub.domain.interview import State
from assay_hub.domain.result import Grade

_ENDED = (State.SUBMITTED.value, State.CLOSED.value)


class Reports:
    """The part of the store that reports are made of."""

    _connection: Connection

    def grades_among(self, interview_ids: Sequence[str]) -> dict[str, list[Grade]]:
        """Return the gradings of interviews that have any."""
        table = tables.grades
        found: dict[str, list[Grade]] = {}
        for row in self._connection.execute(select(table).where(table.c.interview.in_(interview_ids))):
            found.setdefault(row.interview, []).append(grade_of(row))
        return found

    def invited_among(self, interview_ids: Sequence[str]) -> set[str]:
        """Return those interviews whose candidate was given a link."""
        column = tables.links.c.interview
        return set(self._connection.scalars(select(column).where(column.in_(interview_ids)).distinct()))

    def submitted_among(self, interview_ids: Sequence[str]) -> set[str]:
        """Return those interviews in which something was handed in."""
        column = tables.submissions.c.interview
        return set(self._connection.scalars(select(column).where(column.in_(interview_ids)).distinct()))

    # Time at work

    def save_activity(self, interview_id: str, found: Activity, now: datetime) -> None:
        """Store how long a candidate worked, in place of what was there."""
        values = {"seq": found.seq, "measured_at": now, "measured": _written(found)}
        put(
            self._connection,
            report_tables.activities,
            {"interview": interview_id},
            {"interview": interview_id} | values,
        )

    def activity(self, interview_id: str) -> Activity | None:
        """Return how long a candidate worked, if that was measured."""
        return self.activities_among([interview_id]).get(interview_id)

    def activities_among(self, interview_ids: Sequence[str]) -> dict[str, Activity]:
        """Return the same for several interviews."""
        table = report_tables.activities
        rows = self._connection.execute(select(table).where(table.c.interview.in_(interview_ids)))
        return {row.interview: _read(row) for row in rows}

    def unmeasured(self, rows: int) -> list[str]:
        """Return interviews that ended after their candidate's time was measured, or without that."""
        ended, done = tables.interviews.c, report_tables.activities.c
        query = (
            select(ended.id)
            .outerjoin(report_tables.activities, done.interview == ended.id)
            .where(ended.state.in_(_ENDED), or_(done.interview.is_(None), done.measured_at < ended.ended_at))
        )
        return list(self._connection.scalars(query.limit(rows)))

    # Decisions

    def add_decision(self, decision: Decision) -> None:
        """Store a decision beside the earlier ones."""
        self._connection.execute(insert(report_tables.decisions).values(**asdict(decision)))

    def decisions(self, interview_id: str) -> list[Decision]:
        """Return the decisions about an interview, the first first."""
        table = report_tables.decisions
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.number)
        return [_decision(row) for row in self._connection.execute(query)]

    def choices_among(self, interview_ids: Sequence[str]) -> dict[str, Choice]:
        """Return what was decided last, for interviews about which anything was."""
        table = report_tables.decisions
        query = select(table.c.interview, table.c.choice).where(table.c.interview.in_(interview_ids))
        return {row.interview: Choice(row.choice) for row in self._connection.execute(query.order_by(table.c.number))}

    # What candidates get

    def add_sharing(self, sharing: Sharing) -> None:
        """Store what was shared."""
        values = {**vars(sharing), "feedback": sharing.feedback.to_json()}
        self._connection.execute(insert(report_tables.sharings).values(**values))

    def sharings(self, interview_id: str) -> list[Sharing]:
        """Return what was shared of an interview, the last first."""
        table = report_tables.sharings
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.number.desc())
        return [
            Sharing(**{**row._mapping, "feedback": Feedback.from_json(row.feedback)})
            for row in self._connection.execute(query)
        ]

    def revoke_sharings(self, interview_id: str, now: datetime) -> int:
        """Take back what a candidate can read; return how much that was."""
        table = report_tables.sharings
        here = and_(table.c.interview == interview_id, table.c.revoked_at.is_(None))
        return self._connection.execute(update(table).where(here).values(revoked_at=now)).rowcount

    def save_usual_sharing(self, position_id: str, parts: Sequence[Part]) -> None:
        """Store what is usually shared with the candidates of a role."""
        values = {"position": position_id, "parts": json.dumps([part.value for part in parts])}
        put(self._connection, report_tables.usual_sharings, {"position": position_id}, values)

    def usual_sharing(self, position_id: str) -> tuple[Part, ...]:
        """Return what is usually shared with the candidates of a role: nothing, unless somebody said so."""
        table = report_tables.usual_sharings
        found = self._connection.scalar(select(table.c.parts).where(table.c.position == position_id))
        return tuple(Part(one) for one in json.loads(found)) if found else ()


class Surveys:
    """The part of the store that holds answers about fairness; no query here names an interview."""

    _connection: Connection

    def save_answers(self, key: str, sealed: str) -> None:
        """Store somebody's answers in place of earlier ones."""
        put(self._connection, report_tables.survey_answers, {"key": key}, {"key": key, "sealed": sealed})

    def delete_answers(self, key: str) -> None:
        """Forget somebody's answers; nothing happens if there are none."""
        table = report_tables.survey_answers
        self._connection.execute(delete(table).where(table.c.key == key))

    def answers_among(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the sealed answers under these keys."""
        table = report_tables.survey_answers
        rows = self._connection.execute(select(table).where(table.c.key.in_(keys)))
        return {row.key: row.sealed for row in rows}

    def save_impact(self, position_id: str, sealed: str) -> None:
        """Store the table of a role as it is shown, in place of the earlier one."""
        values = {"position": position_id, "sealed": sealed}
        put(self._connection, report_tables.impact_tables, {"position": position_id}, values)

    def impact(self, position_id: str) -> str | None:
        """Return the table of a role as it is shown."""
        table = report_tables.impact_tables
        return self._connection.scalar(select(table.c.sealed).where(table.c.position == position_id))


def _written(found: Activity) -> str:
    documents = {name: [one.active, one.first, one.last] for name, one in found.documents.items()}
    whole = [found.whole.active, found.whole.first, found.whole.last]
    landmarks = [[one.at, one.document, one.what] for one in found.landmarks]
    return json.dumps({"whole": whole, "documents": documents, "landmarks": landmarks})


def _read(row: Row[Any]) -> Activity:
    body = json.loads(row.measured)
    documents = {name: Spent(*times) for name, times in body["documents"].items()}
    landmarks = tuple(Landmark(*one) for one in body["landmarks"])
    return Activity(row.seq, Spent(*body["whole"]), documents, landmarks)


def _decision(row: Row[Any]) -> Decision:
    return Decision(**{**row._mapping, "choice": Choice(row.choice)})
