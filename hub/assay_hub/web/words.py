"""Says what a plan holds, as people read it: for summaries, conflicts and the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.plan import is_time_zone

LABELS = {
    "title": "Title",
    "candidate_name": "Candidate",
    "candidate_email": "E-mail of the candidate",
    "position": "Role",
    "kind": "Kind",
    "when": "Date and time",
    "scheduled_at": "Date and time",
    "time_zone": "Time zone",
    "duration": "Length",
    "internal_notes": "Internal notes",
    "tags": "Tags",
    "interviewers": "Interviewers",
    "observers": "Observers",
    "viewers": "Who can see it",
    "questions": "Questions",
}

_DEEDS = {
    Deed.CREATED: "created it",
    Deed.EDITED: "changed it",
    Deed.CANCELLED: "cancelled it",
    Deed.REOPENED: "reopened it",
    Deed.STARTED: "entered, and the clock began",
    Deed.SUBMITTED: "handed in the work",
    Deed.GRADED: "graded the work",
    Deed.CLOSED: "ended it",
    Deed.LINK_MADE: "made a link for the candidate",
    Deed.LINK_REVOKED: "revoked a link of the candidate",
    Deed.INVITED: "invited the candidate",
    Deed.DECIDED: "decided about the candidate",
    Deed.SHARED: "shared parts of the report with the candidate",
    Deed.UNSHARED: "took back what was shared of the report",
    Deed.TEMPLATE_CHANGED: "made a template of it",
    Deed.RUBRIC_PINNED: "opened the first score card; its rubric stays as it was then",
    Deed.CARD_LOCKED: "locked their score card",
    Deed.CARD_CHANGED: "changed a score after the debrief",
}


@dataclass(frozen=True)
class Told:
    """One line of the history.

    Attributes:
        changes: what, from what, to what.
    """

    at: datetime
    who: str
    deed: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Words:
    """Knows the names of what plans only know by id.

    Attributes:
        people: account to name.
        positions: id of a role to its name.
        questions: id of a question to its title.
    """

    people: Mapping[str, str]
    positions: Mapping[str, str]
    questions: Mapping[str, str]

    def of(self, field: str, value: Any, zone: str = "UTC") -> str:  # noqa: PLR0911  # one field after the other
        """Return the value of a plan's field in words; also as the audit log holds it, as JSON."""
        if field in {"interviewers", "observers", "viewers"}:
            return _listed([self.people.get(one, one) for one in value]) or _NOBODY[field]
        if field == "questions":
            return "; ".join(self.questions.get(one, one) for one in value) or "none"
        if field == "tags":
            return ", ".join(value) or "none"
        if field == "position":
            return self.positions.get(value, value) or "none"
        if field == "duration":
            length = value if isinstance(value, timedelta) else timedelta(seconds=value)
            return f"{length.total_seconds() / 60:g} minutes"
        if field == "scheduled_at":
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
            return local(moment, zone) if moment else "not set yet"
        return str(value) or "none"

    def told(self, entry: Entry, zone: str) -> Told:
        """Return an entry of the log as a line of the history."""
        changes = tuple(
            (LABELS[field], self.of(field, pair[0], zone), self.of(field, pair[1], zone))
            for field, pair in entry.details.items()
            if field in LABELS and isinstance(pair, list) and len(pair) == _PAIR
        )
        who = "Assay" if entry.account == "assay" else self.people.get(entry.account, entry.account)
        return Told(entry.at, who, _DEEDS.get(entry.deed, entry.deed.value), changes)


_PAIR = 2
_NOBODY = {"interviewers": "nobody", "observers": "nobody", "viewers": "everyone in the team"}


def local(moment: datetime, zone: str) -> str:
    """Return a moment as it is read in a zone."""
    here = moment.astimezone(ZoneInfo(zone if is_time_zone(zone) else "UTC"))
    return f"{here:%A}, {here.day} {here:%B %Y}, {here:%H:%M} ({zone.replace('_', ' ')})"


def _listed(names: list[str]) -> str:
    return ", ".join(names)
