"""What somebody looks for among the interviews, and one page of what was found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay_hub.domain.interview import Interview, State
from assay_hub.domain.plan import Kind

PAGE_ROWS = 50
MAX_PAGE_ROWS = 200
MOST_COUNTED = 1_000
"""How far the rows of all pages together are counted."""


class Order(StrEnum):
    """What a list is sorted by; a leading minus turns it round."""

    NEWEST = "-date"
    OLDEST = "date"
    TITLE = "title"
    TITLE_DOWN = "-title"
    CANDIDATE = "candidate"
    CANDIDATE_DOWN = "-candidate"
    LATEST_CREATED = "-created"
    FIRST_CREATED = "created"


@dataclass(frozen=True)
class Search:
    """Conditions that all must hold; an empty one always does.

    Attributes:
        text: occurs in title, candidate, e-mail or tags, whatever the case.
        tags: the interview has all of them.
        positions: ids of roles; it is one of them.
        states: it is in one of them.
        interviewer: account that holds it.
        since: its date is this or later.
        until: its date is before this.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    kinds: tuple[Kind, ...] = ()
    interviewer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    order: Order = Order.NEWEST
    rows: int = PAGE_ROWS
    cursor: str = ""


@dataclass(frozen=True)
class Page:
    """One page of what was found.

    Attributes:
        next: cursor of the page after it; empty at the end.
        previous: cursor of the page before it; empty at the beginning.
    """

    interviews: tuple[Interview, ...]
    next: str
    previous: str = ""


@dataclass(frozen=True)
class Total:
    """How many rows all pages of a search have together.

    Attributes:
        more: whether there are more than ``rows``; nobody counts on.
    """

    rows: int
    more: bool


@dataclass(frozen=True)
class SavedSearch:
    """A search that somebody keeps under a name: the query of the list's address."""

    account: str
    name: str
    query: str


@dataclass(frozen=True)
class AuditSearch:
    """Conditions on the audit log; an empty one always holds.

    Attributes:
        before: only what is older than the entry with this id; 0 for the latest.
        after: only what is younger than this one, and of that the oldest.
    """

    account: str = ""
    deed: str = ""
    interview: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0
    after: int = 0
    rows: int = PAGE_ROWS
