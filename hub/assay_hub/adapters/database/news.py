"""Reads and writes what other systems hear of: webhooks and their deliveries."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.webhook import Delivery, DeliveryState, Webhook

_HOOKS, _SENT = tables.webhooks, tables.deliveries


class News:
    """The part of the store that goes out of the house."""

    _connection: Connection

    def save_webhook(self, webhook: Webhook) -> None:
        """Store a webhook in place of what was there."""
        values = {**asdict(webhook), "events": json.dumps(webhook.events)}
        put(self._connection, _HOOKS, {"id": webhook.id}, values)

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook."""
        row = self._connection.execute(select(_HOOKS).where(_HOOKS.c.id == webhook_id)).first()
        return None if row is None else _webhook(row)

    def webhooks(self) -> list[Webhook]:
        """Return all webhooks, the oldest first."""
        return [_webhook(row) for row in self._connection.execute(select(_HOOKS).order_by(_HOOKS.c.created_at))]

    def delete_webhook(self, webhook_id: str) -> None:
        """Forget a webhook with its deliveries; nothing happens if it is not there."""
        self._connection.execute(delete(_SENT).where(_SENT.c.webhook == webhook_id))
        self._connection.execute(delete(_HOOKS).where(_HOOKS.c.id == webhook_id))

    def add_delivery(self, delivery: Delivery) -> None:
        """Store a new delivery."""
        self._connection.execute(insert(_SENT).values(**_packed(delivery)))

    def delivery(self, webhook_id: str, delivery_id: int) -> Delivery | None:
        """Return a delivery of a webhook."""
        here = and_(_SENT.c.id == delivery_id, _SENT.c.webhook == webhook_id)
        row = self._connection.execute(select(_SENT).where(here)).first()
        return None if row is None else _delivery(row)

    def deliveries(self, webhook_id: str, before: int, rows: int) -> list[Delivery]:
        """Return deliveries of a webhook, the latest first."""
        query = select(_SENT).where(_SENT.c.webhook == webhook_id).order_by(_SENT.c.id.desc()).limit(rows)
        if before:
            query = query.where(_SENT.c.id < before)
        return [_delivery(row) for row in self._connection.execute(query)]

    def save_delivery(self, delivery: Delivery) -> None:
        """Store what came of a delivery; nothing happens if it was deleted meanwhile."""
        self._connection.execute(update(_SENT).where(_SENT.c.id == delivery.id).values(**_packed(delivery)))

    def has_due_delivery(self, now: datetime) -> bool:
        """Whether a delivery to an active webhook waits for no later time than this."""
        query = select(_SENT.c.id).join(_HOOKS, _HOOKS.c.id == _SENT.c.webhook).where(*_due(now)).limit(1)
        return self._connection.scalar(query) is not None

    def take_due_deliveries(self, now: datetime, until: datetime, busy: Iterable[str], rows: int) -> list[Delivery]:
        """Return due deliveries, at most one for each active webhook, and keep them from others for a while."""
        firsts = (
            select(func.min(_SENT.c.id))
            .join(_HOOKS, _HOOKS.c.id == _SENT.c.webhook)
            .where(*_due(now), _HOOKS.c.id.not_in(list(busy)))
            .group_by(_SENT.c.webhook)
        )
        query = (
            select(_SENT).where(_SENT.c.id.in_(firsts), _SENT.c.next_at <= now).order_by(_SENT.c.next_at).limit(rows)
        )
        taken = [_delivery(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]
        here = _SENT.c.id.in_([one.id for one in taken])
        self._connection.execute(update(_SENT).where(here).values(next_at=until))
        return taken

    def delete_deliveries(self, before: datetime) -> int:
        """Forget deliveries that are over and were queued before this; return how many."""
        over = and_(_SENT.c.state != DeliveryState.WAITING.value, _SENT.c.created_at < before)
        return self._connection.execute(delete(_SENT).where(over)).rowcount


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _HOOKS.c.active.is_(True), _SENT.c.state == DeliveryState.WAITING.value, _SENT.c.next_at <= now


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**{**row._mapping, "events": tuple(json.loads(row.events))})


def _packed(delivery: Delivery) -> dict[str, Any]:
    values = {**asdict(delivery), "state": delivery.state.value}
    values.pop("id")
    return values


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "state": DeliveryState(row.state)})
