"""Reads and writes what belongs to the whole team: roles, templates, the audit log and what it announces."""

import json
import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.audit import EVENTS, PRIVATE, READINGS, Deed, Entry
from assay_hub.domain.position import Position, Template
from assay_hub.domain.rubric import Criterion
from assay_hub.domain.search import MAX_PAGE_ROWS, AuditSearch
from assay_hub.domain.signals import Level
from assay_protocol.names import is_interview_id


class Team:
    """The part of the store that belongs to the whole team."""

    _connection: Connection
    _locks: bool

    def save_position(self, position: Position) -> None:
        """Store a role in place of what was there."""
        values = {
            **_packed(asdict(position)),
            "signals": position.signals.value,
            "rubric": json.dumps([one.to_json() for one in position.rubric]),
        }
        put(self._connection, tables.positions, {"id": position.id}, values)

    def position(self, position_id: str) -> Position | None:
        """Return a role; text that is no id at all never reaches the database."""
        if not is_interview_id(position_id):
            return None
        query = select(tables.positions).where(tables.positions.c.id == position_id)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else _position(row)

    def positions(self) -> list[Position]:
        """Return all roles by name, archived ones included."""
        rows = self._connection.execute(select(tables.positions).order_by(tables.positions.c.name))
        return [_position(row) for row in rows]

    def save_template(self, template: Template) -> None:
        """Store a template in place of what was there."""
        put(self._connection, tables.templates, {"id": template.id}, _packed(asdict(template)))

    def template(self, template_id: str) -> Template | None:
        """Return a template; text that is no id at all never reaches the database."""
        if not is_interview_id(template_id):
            return None
        query = select(tables.templates).where(tables.templates.c.id == template_id)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else Template(**_unpacked(row))

    def templates(self) -> list[Template]:
        """Return all templates by name."""
        rows = self._connection.execute(select(tables.templates).order_by(tables.templates.c.name))
        return [Template(**_unpacked(row)) for row in rows]

    def delete_template(self, template_id: str) -> None:
        """Forget a template; nothing happens if it is not there."""
        self._connection.execute(delete(tables.templates).where(tables.templates.c.id == template_id))

    # The audit log

    def log(self, entry: Entry) -> None:
        """Append an entry to the audit log, and queue the news of it for every webhook that wants to hear of it."""
        values = asdict(entry)
        values.pop("id")
        details = json.dumps(dict(entry.details), default=str)
        self._connection.execute(
            insert(tables.audit).values(**{**values, "deed": entry.deed.value, "details": details})
        )
        if (
            entry.interview and entry.deed not in READINGS | PRIVATE
        ):  # whoever ordered the interview may have to hear of it
            here = tables.orders.c.interview == entry.interview
            self._connection.execute(
                update(tables.orders).where(here).values(settled=False, attempts=0, next_at=entry.at)
            )
        if entry.deed in EVENTS:
            self._announce(entry, EVENTS[entry.deed])

    def history(self, interview_id: str) -> list[Entry]:
        """Return the changes of an interview, the latest first."""
        table = tables.audit
        left_out = [deed.value for deed in READINGS | PRIVATE]
        query = select(table).where(table.c.interview == interview_id, table.c.deed.not_in(left_out))
        return [_entry(row) for row in self._connection.execute(query.order_by(table.c.id.desc()))]

    def audit(self, search: AuditSearch) -> list[Entry]:
        """Return what matches in the audit log, the latest first."""
        table = tables.audit
        order = table.c.id.asc() if search.after else table.c.id.desc()
        query = select(table).order_by(order).limit(min(max(search.rows, 1), MAX_PAGE_ROWS))
        for column in ("account", "deed", "interview"):
            if wanted := getattr(search, column):
                query = query.where(table.c[column] == wanted)
        if search.since:
            query = query.where(table.c.at >= search.since)
        if search.until:
            query = query.where(table.c.at < search.until)
        if search.before:
            query = query.where(table.c.id < search.before)
        if search.after:
            query = query.where(table.c.id > search.after)
        return sorted((_entry(row) for row in self._connection.execute(query)), key=lambda one: -one.id)

    def _announce(self, entry: Entry, event: str) -> None:
        hooks = self._connection.execute(select(tables.webhooks).where(tables.webhooks.c.active.is_(True))).all()
        payload = {"type": event, "timestamp": entry.at.isoformat(), "data": {"id": entry.interview}}
        for hook in hooks:
            if event in json.loads(hook.events):
                self._connection.execute(
                    insert(tables.deliveries).values(
                        webhook=hook.id,
                        message=f"msg_{secrets.token_hex(12)}",
                        event=event,
                        interview=entry.interview,
                        payload=json.dumps(payload),
                        state="waiting",
                        attempts=0,
                        next_at=entry.at,
                        created_at=entry.at,
                        last_error="",
                    )
                )


def _packed(values: dict[str, Any]) -> dict[str, Any]:
    seconds = int(values.pop("duration").total_seconds())
    lists = {name: json.dumps(values.pop(name)) for name in ("questions", "tags")}
    return {**values, **lists, "duration_seconds": seconds}


def _unpacked(row: Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)
    duration = timedelta(seconds=values.pop("duration_seconds"))
    lists = {name: tuple(json.loads(values.pop(name))) for name in ("questions", "tags")}
    return {**values, **lists, "duration": duration}


def _position(row: Row[Any]) -> Position:
    rubric = tuple(Criterion.from_json(one) for one in json.loads(row.rubric))
    return Position(**{**_unpacked(row), "rubric": rubric, "signals": Level(row.signals)})


def _entry(row: Row[Any]) -> Entry:
    return Entry(**{**row._mapping, "deed": Deed(row.deed), "details": json.loads(row.details)})
