"""A form that is being filled in, kept on the server so that going back, Esc and a new sign-in lose nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from assay_hub.domain.form import FIELDS, PEOPLE, TEXTS, Form, minutes_of, tags_in, text
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position, Template

# What a draft remembers beside the fields of its form.
GIVEN = "given"  # what a role or template filled in, so that another may fill it in again
BASE = "base"  # the plan that a change began from
COPIED = "copied_from"
SAVED = "saved"
PAGE = "page"  # the page that filled in something last

BASICS = (*TEXTS, *PEOPLE)
"""The fields of the first step."""

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "when": ("scheduled_at", "time_zone"),
    **{one.name: (one.name,) for one in fields(Plan) if one.name not in {"scheduled_at", "time_zone", "kind"}},
}
"""What people choose between in a conflict: name to the fields of a plan that only make sense together."""


@dataclass(frozen=True)
class Draft:
    """What somebody has entered so far.

    Attributes:
        account: whose it is; nobody else can open it.
        interview: the interview that it changes; empty for a new one.
        revision: the revision of that interview that it started from; 0 for a new one.
        form: field to what was entered, as it was entered: it may be wrong or missing.
    """

    id: str
    account: str
    interview: str
    revision: int
    form: Mapping[str, list[str]]
    saved_at: datetime


@dataclass(frozen=True)
class Window:
    """The page from which something was sent: somebody may have the same form open in another window.

    Attributes:
        page: made up anew for each page that is shown.
        stamp: of the form that the page was filled with; empty when nobody knows.
    """

    page: str = ""
    stamp: str = ""


@dataclass(frozen=True)
class Conflict:
    """Two changes of one interview that do not know of each other.

    Attributes:
        interview: as it is now.
        base: the plan that both began from.
        theirs: the plan that is stored now.
        mine: the plan of the draft.
        by: account of who changed it last.
        at: when they did.
        names: names in ``TOGETHER`` of what differs between theirs and mine.
    """

    interview: Interview
    base: Plan
    theirs: Plan
    mine: Plan
    by: str
    at: datetime | None
    names: tuple[str, ...]

    def proposal(self, name: str) -> str:
        """Return ``mine`` or ``theirs`` where only one of them changed something; empty where both did."""
        if not differs(name, self.base, self.theirs):
            return "mine"
        return "" if differs(name, self.base, self.mine) else "theirs"


def differs(name: str, here: Plan, there: Plan) -> bool:
    """Whether two plans differ in what a name of ``TOGETHER`` stands for."""
    return any(getattr(here, part) != getattr(there, part) for part in TOGETHER[name])


def stamp(form: Form, names: Iterable[str] = FIELDS) -> str:
    """Return a text that is another when these fields hold something else."""
    held = [[name, _plain(form, name)] for name in names]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:16]


def changed_elsewhere(form: Form, entered: Form, window: Window) -> list[str]:
    """Return the fields in which a page and another window disagree, when the page does not know of the other's change.

    Args:
        form: what is kept.
        entered: what the page sends.
        window: the page.
    """
    if not window.stamp or window.stamp == stamp(form, BASICS) or (window.page and window.page == text(form, PAGE)):
        return []
    return [name for name in BASICS if name in entered and _plain(entered, name) != _plain(form, name)]


def touched(draft: Draft, name: str) -> bool:
    """Whether somebody entered a field, rather than that it holds what it was given."""
    return draft.form.get(name) != given(draft.form).get(name)


def given(form: Form) -> dict[str, list[str] | None]:
    """Return what a role or template filled in."""
    found: dict[str, list[str] | None] = json.loads(text(form, GIVEN) or "{}")
    return found


def fillable(form: Form) -> dict[str, list[str]]:
    """Return the fields that a role fills in."""
    return {name: list(form[name]) for name in ("minutes", "tags", "questions")}


def for_position(position: Position | None, form: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the form with a role's defaults in the fields that nobody has touched."""
    if position is None:
        return dict(form)
    before = given(form)
    defaults = {
        "minutes": [minutes_of(position.duration)],
        "tags": [", ".join(position.tags)],
        "questions": list(position.questions),
    }
    filled = {name: value for name, value in defaults.items() if form.get(name) == before.get(name)}
    return {**form, **filled, GIVEN: [json.dumps({**before, **filled})]}


def of_template(template: Template) -> dict[str, list[str]]:
    """Return the fields that a template fills in."""
    return {
        "title": [template.title],
        "position": [template.position],
        "minutes": [minutes_of(template.duration)],
        "tags": [", ".join(template.tags)],
        "internal_notes": [template.internal_notes],
        "questions": list(template.questions),
    }


def _plain(form: Form, name: str) -> list[str]:
    """Return what a field holds, whatever a browser makes of its lines and of the order of ticks."""
    if name == "tags":
        return list(tags_in(text(form, name)))
    if name in PEOPLE:
        return sorted(form.get(name, ()))
    return [value.replace("\r\n", "\n") for value in form.get(name) or [""]]
