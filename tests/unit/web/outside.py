"""What the routes about other systems hand to their templates."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from assay_hub.domain.audit import EVENTS
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.partner import Connection, System
from assay_hub.domain.webhook import Delivery, DeliveryState, Webhook


def contexts(text: str, now: datetime, staff: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
    url = f"https://hooks.example.org/{text}"
    events = tuple(EVENTS.values())
    hook = Webhook("0" * 16, url, "sealed", events, True, "ada", now, "sealed", now)  # noqa: FBT003  # as it is stored
    paused = Webhook("1" * 16, url, "sealed", events[:1], False, "ada", now)  # noqa: FBT003  # as it is stored
    sent = [
        Delivery(hook.id, "msg_1", events[0], "abcdefghij", text, now, now, state, 3, status, text, number)
        for number, (state, status) in enumerate(
            [(DeliveryState.WAITING, None), (DeliveryState.DELIVERED, 200), (DeliveryState.FAILED, 500)], 1
        )
    ]
    shared = {**staff, "all_events": events, "error": None}
    entered = {"url": text, "events": events[:2]}
    error = BadInputError(text, text)
    one = {**shared, "webhook": hook, "deliveries": sent, "more": True, "entered": entered, "secret": ""}
    works = Connection("0" * 16, System.GREENHOUSE, text, "ada", "h", "root", now)
    connections = {
        **staff,
        "connections": [works, replace(works, name="Ours", account="gone"), replace(works, name="Old", revoked_at=now)],
        "members": {"ada": text},
        "systems": list(System),
        "address": "https://desk.assay.example.org/services/assay/partners/",
        "key": "",
        "error": None,
    }
    return {
        "webhooks": ("webhooks.html", {**shared, "webhooks": [hook, paused], "entered": entered}),
        "webhooks-error": ("webhooks.html", {**shared, "webhooks": [], "entered": entered, "error": error}),
        "webhook": ("webhook.html", one),
        "webhook-new": ("webhook.html", {**one, "webhook": paused, "deliveries": [], "secret": text, "more": False}),
        "connections": ("connections.html", connections),
        "connections-new": ("connections.html", {**connections, "connections": [], "key": text}),
        "connections-error": ("connections.html", {**connections, "error": error}),
        "calendar": ("calendar.html", {**staff, "has_feed": False, "address": ""}),
        "calendar-new": ("calendar.html", {**staff, "has_feed": True, "address": text}),
        "webhook-error": ("webhook.html", {**one, "error": error}),
    }
