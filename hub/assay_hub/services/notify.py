"""Notify other systems: keep webhooks, and have what is queued for them delivered.

What is sent follows Standard Webhooks 1.0 (https://www.standardwebhooks.com): thin payloads, which say what happened to
which interview and when; whoever wants more asks the API.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import SERVICE, Deed, Entry
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.webhook import (
    TEST_EVENT,
    Answer,
    Delivery,
    Parcel,
    Webhook,
    checked_events,
    checked_url,
    ends_webhook,
)
from assay_hub.ports import Clock, Database, Records, Sealer

MAX_WEBHOOKS = 50
ROWS = 50
_SECRET_BYTES = 32
_KEPT = timedelta(days=30)
_LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class KeepWebhooks:
    """Keeps webhooks for admins; a secret is returned once, when it is made.

    Attributes:
        allow_private: whether receivers on private networks, and without TLS, are fine.
    """

    database: Database
    sealer: Sealer
    clock: Clock
    allow_private: bool

    def all(self, by: Person) -> list[Webhook]:
        """Return all webhooks, the oldest first."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.read() as records:
            return records.webhooks()

    def deliveries(self, by: Person, webhook_id: str, before: int = 0) -> tuple[Webhook, list[Delivery]]:
        """Return a webhook and its deliveries, the latest first; ``before`` is the last one of the page before."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.read() as records:
            webhook = _find(records, webhook_id)
            return webhook, records.deliveries(webhook_id, before, ROWS)

    def create(self, by: Person, url: str, events: Iterable[str]) -> tuple[Webhook, str]:
        """Return a new webhook and its secret (``whsec_…``), which is shown this once.

        Raises:
            NotFoundError: this person may not keep webhooks.
            BadInputError: the address or the events cannot be used; ``fields`` says why.
        """
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        secret = _new_secret()
        webhook = Webhook(
            id=secrets.token_hex(8),
            url=checked_url(url, allow_private=self.allow_private),
            sealed_secret=self.sealer.seal(secret),
            events=checked_events(events),
            active=True,
            created_by=by.account,
            created_at=self.clock.now(),
        )
        with self.database.write() as records:
            if len(records.webhooks()) >= MAX_WEBHOOKS:
                raise BadInputError(f"At most {MAX_WEBHOOKS} webhooks are kept.", "Delete one first.")
            records.save_webhook(webhook)
            self._log(records, by, webhook, "created")
        return webhook, secret

    def change(self, by: Person, webhook_id: str, url: str, events: Iterable[str]) -> Webhook:
        """Give a webhook another address and other events; its secret stays.

        Raises:
            NotFoundError: this person may not keep webhooks, or there is no such webhook.
            BadInputError: the address or the events cannot be used; ``fields`` says why.
        """
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        url, chosen = checked_url(url, allow_private=self.allow_private), checked_events(events)
        return self._change(by, webhook_id, "changed", url=url, events=chosen)

    def set_active(self, by: Person, webhook_id: str, *, active: bool) -> Webhook:
        """Pause a webhook, or let it go on; while it is paused nothing new is queued for it."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        return self._change(by, webhook_id, "resumed" if active else "paused", active=active)

    def rotate(self, by: Person, webhook_id: str) -> tuple[Webhook, str]:
        """Return a webhook and its new secret; the earlier one stays good for a day."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        secret = _new_secret()
        with self.database.write() as records:
            webhook = _find(records, webhook_id).rotate(self.sealer.seal(secret), self.clock.now())
            records.save_webhook(webhook)
            self._log(records, by, webhook, "secret rotated")
        return webhook, secret

    def delete(self, by: Person, webhook_id: str) -> None:
        """Forget a webhook and what was to be delivered to it."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.write() as records:
            webhook = _find(records, webhook_id)
            records.delete_webhook(webhook_id)
            self._log(records, by, webhook, "deleted")

    def test(self, by: Person, webhook_id: str) -> None:
        """Queue a message that says nothing but that it is a test."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        now = self.clock.now()
        payload = {"type": TEST_EVENT, "timestamp": now.isoformat(), "data": {"id": ""}}
        with self.database.write() as records:
            webhook = _find(records, webhook_id)
            _refuse_paused(webhook)
            message = f"msg_{secrets.token_hex(12)}"
            records.add_delivery(Delivery(webhook_id, message, TEST_EVENT, "", json.dumps(payload), now, now))
            self._log(records, by, webhook, "tested")

    def redeliver(self, by: Person, webhook_id: str, delivery_id: int) -> None:
        """Queue a delivery again, as the same message; one that waits is tried at once.

        Raises:
            NotFoundError: this person may not keep webhooks, or there is no such delivery.
            BadInputError: the webhook is paused.
        """
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.write() as records:
            webhook = _find(records, webhook_id)
            _refuse_paused(webhook)
            delivery = records.delivery(webhook_id, delivery_id)
            if delivery is None:
                raise NotFoundError
            records.save_delivery(delivery.again(self.clock.now()))
            self._log(records, by, webhook, "redelivered")

    def _change(self, by: Person, webhook_id: str, what: str, **values: object) -> Webhook:
        with self.database.write() as records:
            webhook = replace(_find(records, webhook_id), **values)  # type: ignore[arg-type]
            records.save_webhook(webhook)
            self._log(records, by, webhook, what)
        return webhook

    def _log(self, records: Records, by: Person, webhook: Webhook, what: str) -> None:
        """Tell the audit log; only the host of the address, since the rest may hold a secret of the receiver."""
        details = {"webhook": webhook.id, "what": what, "host": webhook.host, "events": list(webhook.events)}
        records.log(Entry(self.clock.now(), by.account, Deed.WEBHOOK_CHANGED, "", details))


@dataclass(frozen=True)
class Deliver:
    """Hands out what is due, and keeps what came of it; whoever takes something and dies has tried nothing."""

    database: Database
    sealer: Sealer
    clock: Clock

    def take(self, busy: Iterable[str], rows: int) -> list[Parcel]:
        """Return what is due, at most one delivery for each webhook.

        Args:
            busy: webhooks that are being called: each is called by one at a time, so that one that is slow or down
                holds nothing up but its own news.
            rows: how many at most.
        """
        now = self.clock.now()
        with self.database.read() as records:
            if not records.has_due_delivery(now):
                return []
        with self.database.write() as records:
            taken = records.take_due_deliveries(now, now + _LEASE, busy, rows)
            hooks = {webhook.id: webhook for webhook in records.webhooks()}
        return [
            Parcel(one, hooks[one.webhook].url, tuple(self._unsealed(hooks[one.webhook].sealed_secrets(now))), now)
            for one in taken
        ]

    def finish(self, delivery: Delivery, answer: Answer) -> Delivery:
        """Keep what came of an attempt: it is delivered, tried again later, or failed for good."""
        now = self.clock.now()
        jitter = secrets.randbelow(1000) / 1000
        with self.database.write() as records:
            done = delivery.after(answer, now, jitter)
            queued = records.delivery(delivery.webhook, delivery.id)
            webhook = records.webhook(delivery.webhook)
            if queued is None or webhook is None:
                return done
            records.save_delivery(done)
            if ends_webhook(answer) and webhook.active:
                records.save_webhook(replace(webhook, active=False))
                details = {"webhook": webhook.id, "what": "paused: the receiver is gone", "host": webhook.host}
                records.log(Entry(now, SERVICE, Deed.WEBHOOK_CHANGED, "", details))
        return done

    def _unsealed(self, sealed: Iterable[str]) -> Iterator[str]:
        """Yield the secrets that the installation's key opens; a copy of the database on another machine has it not."""
        for one in sealed:
            with suppress(ValueError):
                yield self.sealer.unseal(one)

    def forget(self) -> int:
        """Forget deliveries that have been over for a month; return how many."""
        with self.database.write() as records:
            return records.delete_deliveries(self.clock.now() - _KEPT)


def _find(records: Records, webhook_id: str) -> Webhook:
    webhook = records.webhook(webhook_id)
    if webhook is None:
        raise NotFoundError
    return webhook


def _refuse_paused(webhook: Webhook) -> None:
    if not webhook.active:
        raise BadInputError("This webhook is paused.", "Let it go on first.")


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode('ascii')}"
