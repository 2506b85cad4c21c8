"""Webhooks: where news goes, what a delivery went through, and which addresses are never called."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from assay_hub.domain.audit import EVENTS
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.retry import wait_after

TEST_EVENT = "webhook.test"
"""The event of a delivery that an admin asks for, to see whether anything arrives."""

KEPT_CHARACTERS = 500
"""How much of a receiver's answer is kept."""

OLD_SECRET_TIME = timedelta(hours=24)
"""How long deliveries are signed with the earlier secret too, so that a receiver can change over in peace."""

_URL_CHARACTERS = 2_000
_OK, _TOO_MANY, _GONE = 200, 300, 410
_LOWEST_FREE_PORT = 8_000


class DeliveryState(StrEnum):
    """Where a delivery stands. A stored name is never renamed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Webhook:
    """An address that hears of events.

    Attributes:
        sealed_secret: the secret that deliveries are signed with, readable only with the installation's key.
        sealed_earlier: the secret before that one, empty without one.
        earlier_until: when deliveries are no longer signed with the earlier one.
        events: names of the events it hears of.
        active: whether anything is sent to it; what waits, goes on waiting.
    """

    id: str
    url: str
    sealed_secret: str = field(repr=False)
    events: tuple[str, ...]
    active: bool
    created_by: str
    created_at: datetime
    sealed_earlier: str = field(default="", repr=False)
    earlier_until: datetime | None = None

    @property
    def host(self) -> str:
        """The host of the address; the rest of it may hold a secret of the receiver."""
        return urlsplit(self.url).hostname or ""

    def sealed_secrets(self, now: datetime) -> tuple[str, ...]:
        """Return the sealed secrets that a delivery is signed with now, the newest first."""
        both = bool(self.sealed_earlier) and self.earlier_until is not None and now < self.earlier_until
        return (self.sealed_secret, self.sealed_earlier) if both else (self.sealed_secret,)

    def rotate(self, sealed_secret: str, now: datetime) -> "Webhook":
        """Return the webhook with a new secret; the one before stays good for a day."""
        return replace(
            self,
            sealed_secret=sealed_secret,
            sealed_earlier=self.sealed_secret,
            earlier_until=now + OLD_SECRET_TIME,
        )


@dataclass(frozen=True)
class Answer:
    """What came of one attempt.

    Attributes:
        status: HTTP status; ``None`` when no answer came.
        text: the beginning of what the receiver said, or why there is nothing.
    """

    status: int | None
    text: str


@dataclass(frozen=True)
class Delivery:
    """One message to one webhook.

    Attributes:
        message: id of the message, the same at every attempt (header ``webhook-id``).
        interview: the interview it is about; empty for a test.
        payload: the body, as it is signed and sent.
        attempts: how many there were since it was queued or queued again.
        next_at: when it is tried next, if it waits.
        last_status: HTTP status of the last answer.
        last_error: what went wrong the last time; empty when nothing did.
    """

    webhook: str
    message: str
    event: str
    interview: str
    payload: str
    created_at: datetime
    next_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    last_status: int | None = None
    last_error: str = ""
    id: int = 0

    def after(self, answer: Answer, now: datetime, jitter: float) -> "Delivery":
        """Return the delivery after an attempt.

        Args:
            answer: what came of it.
            now: the time.
            jitter: between 0 and 1, as ``wait_after`` wants it.
        """
        tried = replace(self, attempts=self.attempts + 1, last_status=answer.status)
        if answer.status is not None and _OK <= answer.status < _TOO_MANY:
            return replace(tried, state=DeliveryState.DELIVERED, last_error="")
        told = answer.text[:KEPT_CHARACTERS]
        wait = wait_after(tried.attempts, jitter)
        if wait is None or answer.status == _GONE:
            return replace(tried, state=DeliveryState.FAILED, last_error=told)
        return replace(tried, next_at=now + wait, last_error=told)

    def again(self, now: datetime) -> "Delivery":
        """Return the delivery queued once more, as the same message."""
        return replace(self, state=DeliveryState.WAITING, attempts=0, next_at=now)


@dataclass(frozen=True)
class Parcel:
    """A delivery on its way.

    Attributes:
        secrets: what it is signed with, the newest first; none when the installation's key does not open them.
    """

    delivery: Delivery
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    at: datetime


def ends_webhook(answer: Answer) -> bool:
    """Whether the receiver said that it wants nothing more, ever (410)."""
    return answer.status == _GONE


def checked_events(events: Iterable[str]) -> tuple[str, ...]:
    """Return the names of events in their order.

    Raises:
        BadInputError: there are none, or one is unknown.
    """
    wanted = set(events)
    if not wanted or not wanted <= set(EVENTS.values()):
        reason = "Choose at least one of the events."
        raise BadInputError(reason, fields={"events": reason})
    return tuple(event for event in EVENTS.values() if event in wanted)


def checked_url(url: str, *, allow_private: bool) -> str:
    """Return the address of a receiver, tidied; what its name stands for is looked up at every call.

    Args:
        url: as it was entered.
        allow_private: whether receivers on private networks, and without TLS, are fine.

    Raises:
        BadInputError: it is no such address, or one that is never called.
    """
    url = url.strip()
    reason = _complaint(url, allow_private=allow_private)
    if reason:
        raise BadInputError("This address cannot be used.", reason, fields={"url": reason})
    return url


def _complaint(url: str, *, allow_private: bool) -> str:
    schemes = {"https", "http"} if allow_private else {"https"}
    if len(url) > _URL_CHARACTERS or not url.isascii() or not url.isprintable() or set(" \\") & set(url):
        return f"Use at most {_URL_CHARACTERS} plain characters, without spaces."
    try:
        parts = urlsplit(url)
        port, host = 443 if parts.port is None else parts.port, parts.hostname or ""
    except ValueError:
        return "This is no address."
    complaints = [
        (parts.scheme not in schemes or not host, "The address must begin with https://, followed by a host."),
        ("@" in parts.netloc or bool(parts.fragment), "Leave out user names, passwords and what follows a #."),
        (
            not is_allowed_port(port),
            f"Port {port} is not called: use 443, 80, or one from {_LOWEST_FREE_PORT} upwards.",
        ),
        (
            _is_refused_literal(host, allow_private=allow_private),
            f"{host} is an address of a private network, which is never called.",
        ),
    ]
    return next((reason for wrong, reason in complaints if wrong), "")


def _is_refused_literal(host: str, *, allow_private: bool) -> bool:
    try:
        return not is_allowed_address(ipaddress.ip_address(host), allow_private=allow_private)
    except ValueError:
        return False


def is_allowed_port(port: int) -> bool:
    """Whether a port is called: the web's own, and those from 8000, where other web servers are found.

    The lower ones belong to mail, databases, shells and the like, to which a request of ours must not speak.
    """
    return port in {80, 443} or port >= _LOWEST_FREE_PORT


_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TEREDO = ipaddress.ip_network("2001::/32")
_ULA = ipaddress.ip_network("fc00::/7")
_CGNAT = ipaddress.ip_network("100.64.0.0/10")


def is_allowed_address(address: IPv4Address | IPv6Address, *, allow_private: bool) -> bool:
    """Whether an address may be called.

    An IPv6 address that carries an IPv4 address (mapped, NAT64, 6to4) is as good as that one. Link-local addresses,
    where clouds keep their credentials, multicast, broadcast and the like are never called, whatever the setting.

    Args:
        address: as a name was resolved to it.
        allow_private: whether this machine, private networks and carrier networks are fine.
    """
    if isinstance(address, IPv6Address):
        if inner := _carried(address):
            return is_allowed_address(inner, allow_private=allow_private)
        if allow_private and (address.is_loopback or address in _ULA):
            return True
        return address in _UNICAST and address not in _TEREDO and address.is_global
    if address.is_multicast or address.is_link_local or address.is_unspecified or address.is_reserved:
        return False
    if allow_private and (address.is_loopback or address.is_private or address in _CGNAT):
        return int(address) >> 24 != 0  # 0.0.0.0/8 is "this network", whatever that is
    return address.is_global


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
