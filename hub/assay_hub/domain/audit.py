"""The audit log: every change, and every reading of what is confidential; an interview's history is a part of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Deed(StrEnum):
    """What somebody did. A stored name is never renamed."""

    CREATED = "created"
    EDITED = "edited"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    STARTED = "started"
    SUBMITTED = "submitted"
    GRADED = "graded"
    CLOSED = "closed"
    LINK_MADE = "link-made"
    LINK_REVOKED = "link-revoked"
    INVITED = "invited"
    READ_DETAILS = "read-details"
    READ_RESULT = "read-result"
    READ_OUTPUTS = "read-outputs"
    READ_SUBMISSION = "read-submission"
    READ_RECORDING = "read-recording"
    READ_REPORT = "read-report"
    READ_SUMMARY = "read-summary"
    READ_IMPACT = "read-impact"
    READ_SIGNALS = "read-signals"
    SIGNAL_JUDGED = "signal-judged"
    ACCOMMODATED = "accommodated"
    READ_QUESTION = "read-question"
    READ_SOLUTION = "read-solution"
    READ_CARD = "read-card"
    READ_CARDS = "read-cards"
    READ_AGREEMENT = "read-agreement"
    EXPORTED = "exported"
    READ_AUDIT = "read-audit"
    MEMBER_CHANGED = "member-changed"
    POSITION_CHANGED = "position-changed"
    TEMPLATE_CHANGED = "template-changed"
    QUESTION_CHANGED = "question-changed"
    WEBHOOK_CHANGED = "webhook-changed"
    FEED_CHANGED = "feed-changed"
    CONNECTION_CHANGED = "connection-changed"
    DECIDED = "decided"
    SHARED = "shared"
    UNSHARED = "unshared"
    READ_BATCH = "read-batch"
    BATCH_CHANGED = "batch-changed"
    BATCH_MARKED = "batch-marked"
    BATCH_GRADED = "batch-graded"
    RUBRIC_PINNED = "rubric-pinned"
    CARD_LOCKED = "card-locked"
    CARD_CHANGED = "card-changed"
    READ_ANALYSIS = "read-analysis"
    SIMILARITY_JUDGED = "similarity-judged"


READINGS = frozenset(deed for deed in Deed if deed.value.startswith("read-")) | {Deed.EXPORTED}
"""Deeds that change nothing; they are no part of an interview's history."""

PRIVATE = frozenset({Deed.SIGNAL_JUDGED, Deed.ACCOMMODATED})
"""Deeds of which not everybody may know who sees the interview; they too are no part of its history."""

EVENTS = {
    Deed.CREATED: "interview.created",
    Deed.STARTED: "interview.started",
    Deed.SUBMITTED: "interview.submitted",
    Deed.GRADED: "interview.graded",
    Deed.CLOSED: "interview.closed",
    Deed.CANCELLED: "interview.cancelled",
}
"""Deeds that other systems hear of, with the names under which they do."""


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Attributes:
        account: who did it; ``assay`` for the service itself.
        interview: the interview it was done with; empty for none.
        details: what more there is to say; for a change, field to ``[before, after]``.
        id: rises with every entry; 0 before it is stored.
    """

    at: datetime
    account: str
    deed: Deed
    interview: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


SERVICE = "assay"
"""The account under which the service itself acts."""
