"""The way from page to page: what somebody may open, and which of it they are on."""

from dataclasses import dataclass

from assay_hub.domain.access import Person, TeamAction


@dataclass(frozen=True)
class Place:
    """One entry.

    Attributes:
        path: under the service's prefix.
        current: whether the page that is shown belongs to it.
        aside: whether it is of those that are seldom needed, which stand behind one entry.
    """

    path: str
    words: str
    current: bool
    aside: bool


_PLACES = (
    ("", "Interviews", TeamAction.LIST, ("", "interviews", "new", "drafts", "bulk")),
    ("questions", "Questions", TeamAction.SEE_LIBRARY, ("questions",)),
    ("batches", "Batches", TeamAction.GRADE_BATCHES, ("batches",)),
    ("calendar", "Calendar", TeamAction.LIST, ("calendar",)),
    ("roles", "Roles", TeamAction.MANAGE_ROLES, ("roles",)),
    ("people", "People", TeamAction.SEE_PEOPLE, ("people",)),
    ("signals", "Signals", TeamAction.SEE_SIGNAL_RATES, ("signals",)),
    ("audit", "Audit", TeamAction.SEE_AUDIT, ("audit",)),
    ("webhooks", "Webhooks", TeamAction.MANAGE_WEBHOOKS, ("webhooks",)),
    ("connections", "Connections", TeamAction.MANAGE_WEBHOOKS, ("connections",)),
)
_ASIDE = frozenset({"people", "signals", "audit", "webhooks", "connections"})


def places(person: Person, path: str) -> list[Place]:
    """Return where this person may go.

    Args:
        person: who is signed in.
        path: of the page that is shown, under the service's prefix.
    """
    first = path.strip("/").partition("/")[0]
    found = [(to, words, first in folders) for to, words, action, folders in _PLACES if person.may(action)]
    aside = [to for to, _, _ in found if to in _ASIDE]
    return [Place(to, words, current, len(aside) > 1 and to in aside) for to, words, current in found]
