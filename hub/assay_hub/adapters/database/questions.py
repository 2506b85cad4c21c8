"""Reads and writes the team's own questions: versions, and the workspaces in which they are edited."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.evidence import grade_of
from assay_hub.domain.library import QuestionCard
from assay_hub.domain.question import CheckState, Editing, Finding, Version
from assay_hub.domain.result import Grade


class Questions:
    """The part of the store that holds the team's own questions."""

    _connection: Connection

    def add_version(self, version: Version) -> None:
        """Store a new version."""
        self._connection.execute(insert(tables.question_versions).values(**_values(version)))

    def save_version(self, version: Version) -> None:
        """Store the state and the findings of a version."""
        values = _values(version)
        changed = {name: values[name] for name in ("state", "findings")}
        here = _version(version.question, version.number)
        self._connection.execute(update(tables.question_versions).where(here).values(**changed))

    def versions(self, question_id: str) -> list[Version]:
        """Return the versions of a question, the newest first."""
        table = tables.question_versions
        query = select(table).where(table.c.question == question_id).order_by(table.c.number.desc())
        return [_loaded(row) for row in self._connection.execute(query)]

    def newest_versions(self) -> list[Version]:
        """Return the newest version of every question, by title."""
        table = tables.question_versions
        newest = select(table.c.question, func.max(table.c.number).label("number")).group_by(table.c.question)
        those = newest.subquery()
        here = and_(table.c.question == those.c.question, table.c.number == those.c.number)
        found = [_loaded(row) for row in self._connection.execute(select(table).join(those, here))]
        return sorted(found, key=lambda version: version.card.title)

    def take_queued_check(self) -> Version | None:
        """Mark one queued check as running and return its version."""
        table = tables.question_versions
        query = select(table).where(table.c.state == CheckState.QUEUED).order_by(table.c.saved_at).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        here = _version(row.question, row.number)
        self._connection.execute(update(table).where(here).values(state=CheckState.RUNNING))
        return _loaded(row)

    def requeue_running_checks(self) -> int:
        """Put checks that a dead worker left behind back into the queue; return how many."""
        table = tables.question_versions
        left = table.c.state == CheckState.RUNNING
        return self._connection.execute(update(table).where(left).values(state=CheckState.QUEUED)).rowcount

    def grades_of(self, question_id: str, interview_ids: Sequence[str]) -> list[Grade]:
        """Return the gradings of a question in these interviews, the earliest interview first."""
        table, interviews = tables.grades, tables.interviews
        query = select(table).join(interviews, interviews.c.id == table.c.interview)
        query = query.where(table.c.question == question_id, table.c.interview.in_(interview_ids))
        return [grade_of(row) for row in self._connection.execute(query.order_by(interviews.c.date))]

    def add_editing(self, editing: Editing) -> None:
        """Store that a question is edited."""
        self._connection.execute(insert(tables.question_workspaces).values(**asdict(editing)))

    def editing(self, question_id: str) -> Editing | None:
        """Return the workspace in which a question is edited."""
        table = tables.question_workspaces
        row = self._connection.execute(select(table).where(table.c.question == question_id)).first()
        return None if row is None else Editing(**row._mapping)

    def editings(self) -> list[Editing]:
        """Return all of them."""
        return [Editing(**row._mapping) for row in self._connection.execute(select(tables.question_workspaces))]

    def delete_editing(self, editing_id: str) -> None:
        """Forget a workspace; nothing happens if it is not there."""
        table = tables.question_workspaces
        self._connection.execute(delete(table).where(table.c.id == editing_id))


def _version(question_id: str, number: int) -> Any:
    table = tables.question_versions
    return and_(table.c.question == question_id, table.c.number == number)


def _values(version: Version) -> dict[str, Any]:
    values = {name: value for name, value in vars(version).items() if name not in {"card", "findings"}}
    found = json.dumps([asdict(finding) for finding in version.findings])
    return {**values, "state": version.state.value, "card": json.dumps(asdict(version.card)), "findings": found}


def _loaded(row: Row[Any]) -> Version:
    values = dict(row._mapping)
    card = json.loads(values.pop("card"))
    card |= {name: tuple(card[name]) for name in ("topics", "skills")}
    found = tuple(Finding(**finding) for finding in json.loads(values.pop("findings")))
    state = CheckState(values.pop("state"))
    return Version(**values, card=QuestionCard(**card), state=state, findings=found)
