"""Applicant tracking systems that order interviews, and how an interview stands in their words."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.result import FINAL, Grade
from assay_hub.domain.retry import wait_after
from assay_hub.domain.webhook import checked_url

_TESTS = uuid.UUID("5b0c3c0e-5d0f-4a6e-9f64-0d5a8a2b7c11")


class System(StrEnum):
    """A system that orders interviews. A stored name is never renamed."""

    GREENHOUSE = "greenhouse"
    ASHBY = "ashby"


class Standing(StrEnum):
    """How an ordered interview stands. A stored name is never renamed."""

    SENT = "sent"
    STARTED = "started"
    SUBMITTED = "submitted"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


OVER = frozenset({Standing.COMPLETE, Standing.CANCELLED})
"""After these nothing happens by itself; somebody may still open an interview again, or grade it anew."""


@dataclass(frozen=True)
class Connection:
    """One system, with the member as whom it acts.

    Attributes:
        key_hash: of the key that it shows.
        sealed_callback: the key that it is shown in turn: its own at Greenhouse, one of Ashby's there; may be empty.
        revoked_at: since when the key is not accepted any more.
    """

    id: str
    system: System
    name: str
    account: str
    key_hash: str
    created_by: str
    created_at: datetime
    sealed_callback: str = field(default="", repr=False)
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Order:
    """One interview that a system ordered.

    Attributes:
        id: what the system calls it by.
        key: of the candidate and the test, so that the same order twice makes one interview.
        interview: empty while it is being made.
        callback: address at the system that is told of changes; may be empty.
        told: what it was told last.
        told_score: the score in that.
        next_at: when it is looked at again.
        settled: whether there is nothing to tell before the interview changes again.
        attempts: how often telling has failed since it last changed.
    """

    id: str
    connection: str
    key: str
    created_at: datetime
    next_at: datetime
    interview: str = ""
    callback: str = ""
    told: Standing = Standing.SENT
    told_score: float | None = None
    settled: bool = False
    attempts: int = 0

    def is_told(self, status: "Status") -> bool:
        """Whether the system knows this already."""
        return status.standing is self.told and status.score == self.told_score

    def after_telling(self, status: "Status", now: datetime) -> "Order":
        """Return the order after the system was told how it stands."""
        told = replace(self, told=status.standing, told_score=status.score)
        return replace(told, next_at=now, attempts=0, settled=status.standing in OVER)

    def after_failing(self, now: datetime, jitter: float) -> "Order":
        """Return the order after the system did not take what it was told; after the tenth time it is left in peace."""
        wait = wait_after(self.attempts + 1, jitter)
        tried = replace(self, attempts=self.attempts + 1)
        return replace(tried, settled=True) if wait is None else replace(tried, next_at=now + wait)


@dataclass(frozen=True)
class Request:
    """What a system asks for.

    Attributes:
        test: id of what is offered.
        same: what makes two requests the same one, besides the test.
    """

    test: str
    first_name: str
    last_name: str
    email: str
    same: str
    callback: str = ""

    @property
    def key(self) -> str:
        """A hash of what makes the request the same as another."""
        return hashlib.sha256(f"{self.test}\n{self.same}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Status:
    """How an order stands.

    Attributes:
        score: percent of the points that could be had; ``None`` without any.
        url: page of the interview, for the team.
        open_cells: how many graded cells wait for a person's points.
    """

    standing: Standing
    score: float | None
    url: str
    started_at: datetime | None
    ended_at: datetime | None
    open_cells: int


@dataclass(frozen=True)
class Report:
    """What a system has to be told about an order.

    Attributes:
        key: the key that the system wants to see.
    """

    order: Order
    system: System
    status: Status
    key: str = field(repr=False)


def offered_id(template_id: str) -> str:
    """Return what a template is called outside; Ashby wants UUIDs."""
    return str(uuid.uuid5(_TESTS, template_id))


def standing_of(interview: Interview, grades: Sequence[Grade]) -> Standing:
    """Return how an interview stands: it is complete when it is over and nothing is left to grade."""
    if interview.state is State.CANCELLED:
        return Standing.CANCELLED
    if interview.is_open:
        return Standing.STARTED if interview.state is State.LIVE else Standing.SENT
    return Standing.COMPLETE if all(one.state in FINAL for one in grades) else Standing.SUBMITTED


def status_of(interview: Interview, grades: Sequence[Grade], url: str) -> Status:
    """Return how an interview stands, with its score once it is complete."""
    standing = standing_of(interview, grades)
    complete = standing is Standing.COMPLETE
    most = sum(one.max_points for one in grades)
    score = round(100 * sum(one.points for one in grades) / most, 1) if complete and most else None
    waiting = sum(cell.points is None for grade in grades for cell in grade.cells) if complete else 0
    return Status(standing, score, url, interview.started_at, interview.ended_at, waiting)


def checked_callback(url: str, domain: str) -> str:
    """Return an address of a system, empty without one; a key goes there, so it must be that system's own.

    Raises:
        BadInputError: it belongs to somebody else, or has no TLS.
    """
    if not url:
        return ""
    checked = checked_url(url, allow_private=False)
    host = urlsplit(checked).hostname or ""
    if host != domain and not host.endswith(f".{domain}"):
        raise BadInputError("This address cannot be used.", f"It must be one of {domain}.")
    return checked
