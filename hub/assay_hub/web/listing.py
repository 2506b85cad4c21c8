"""The address of the interview list: what it asks for, and how it is written again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import State
from assay_hub.domain.plan import Kind, one_line
from assay_hub.domain.search import PAGE_ROWS, Order, Search

MAX_TAGS = 10
_TEXT_CHARACTERS = 200
_ANY = 20
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """What an address asks for, as it was entered: it may be wrong, and is shown again as it is.

    Attributes:
        roles: ids of positions.
        since: a date as ``2026-03-29``, in UTC.
        until: the last date that counts.
    """

    q: str = ""
    tags: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    interviewer: str = ""
    since: str = ""
    until: str = ""
    order: str = Order.NEWEST.value
    cursor: str = ""

    @classmethod
    def read(cls, params: QueryParams) -> "Asked":
        """Return what the query of an address says; ``tags`` may name several, with commas between them."""
        listed = [one_line(tag) for text in params.getlist("tags") for tag in text.split(",")]
        exact = [one_line(tag) for tag in params.getlist("tag")]
        return cls(
            q=one_line(params.get("q", "")),
            tags=_each(listed + exact),
            roles=_each(params.getlist("role")),
            states=_each(params.getlist("state")),
            kinds=_each(params.getlist("kind")),
            interviewer=params.get("interviewer", "").strip(),
            since=params.get("since", "").strip(),
            until=params.get("until", "").strip(),
            order=params.get("order", "") or Order.NEWEST.value,
            cursor=params.get("cursor", ""),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for at all; an order and a page are not."""
        return replace(self, order=Order.NEWEST.value, cursor="") != Asked()

    @property
    def plain_tags(self) -> str:
        """The tags that fit into one field, with commas between them."""
        return ", ".join(tag for tag in self.tags if "," not in tag)

    @property
    def odd_tags(self) -> tuple[str, ...]:
        """The tags that hold a comma themselves."""
        return tuple(tag for tag in self.tags if "," in tag)

    def query(self, **changes: Any) -> str:
        """Return the query of the address of this list, with changes; what is not asked for is left out."""
        asked = replace(self, **changes)
        pairs = [("q", asked.q), *(("tag", tag) for tag in asked.tags), *(("role", one) for one in asked.roles)]
        pairs += [*(("state", one) for one in asked.states), *(("kind", one) for one in asked.kinds)]
        pairs += [("interviewer", asked.interviewer), ("since", asked.since), ("until", asked.until)]
        pairs += [("order", "" if asked.order == Order.NEWEST else asked.order), ("cursor", asked.cursor)]
        return urlencode([pair for pair in pairs if pair[1]])

    def search(self, positions: Collection[str], members: Collection[str], rows: int = PAGE_ROWS) -> Search:
        """Return the search.

        Args:
            positions: ids of the roles that there are.
            members: accounts of the people that there are.
            rows: how many interviews a page holds.

        Raises:
            BadInputError: something that was asked for does not exist; ``fields`` says what.
        """
        since, since_wrong = _day(self.since)
        until, until_wrong = _day(self.until)
        states, states_wrong = _chosen(State, self.states, "state")
        kinds, kinds_wrong = _chosen(Kind, self.kinds, "kind")
        orders, orders_wrong = _chosen(Order, (self.order,), "order")
        wrong = {
            "q": _unusable(self.q),
            "tags": f"At most {MAX_TAGS} tags at once." if len(self.tags) > MAX_TAGS else _unusable(*self.tags),
            "role": _unknown(self.roles, positions, "There is no such role."),
            "state": states_wrong,
            "kind": kinds_wrong,
            "interviewer": _unknown((self.interviewer,), members, f"Nobody here is called {self.interviewer[:50]}."),
            "since": since_wrong,
            "until": until_wrong or ("It ends before it begins." if since and until and until < since else ""),
            "order": orders_wrong,
        }
        wrong = {name: reason for name, reason in wrong.items() if reason}
        if wrong:
            raise BadInputError("This search cannot be done.", " ".join(dict.fromkeys(wrong.values())), fields=wrong)
        return Search(
            text=self.q,
            tags=self.tags,
            positions=self.roles,
            states=states,
            kinds=kinds,
            interviewer=self.interviewer,
            since=since,
            until=until + timedelta(days=1) if until else None,
            order=orders[0],
            rows=rows,
            cursor=self.cursor,
        )


def day(text: str, name: str) -> datetime | None:
    """Return the beginning of a day in UTC; ``None`` for no text.

    Raises:
        BadInputError: it is no date.
    """
    moment, wrong = _day(text)
    if wrong:
        raise BadInputError("This search cannot be done.", wrong, fields={name: wrong})
    return moment


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _day(text: str) -> tuple[datetime | None, str]:
    if not text:
        return None, ""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None, "Give a date as 2026-03-29."
    if not 1900 <= found.year <= 2200:  # noqa: PLR2004
        return None, "The date must lie between 1900 and 2200."
    return datetime.combine(found, time(), UTC), ""


def _chosen(choices: type[_Choice], texts: tuple[str, ...], what: str) -> tuple[tuple[_Choice, ...], str]:
    known = {choice.value: choice for choice in choices}
    unknown = [text for text in texts if text not in known]
    if unknown:
        return (), f"There is no {what} “{unknown[0][:50]}”; there are {', '.join(known)}."
    return tuple(known[text] for text in texts), ""


def _unknown(texts: tuple[str, ...], known: Collection[str], reason: str) -> str:
    if len(texts) > _ANY:
        return f"At most {_ANY} of them at once."
    return reason if any(text and text not in known for text in texts) else ""


def _unusable(*texts: str) -> str:
    if any(len(text) > _TEXT_CHARACTERS for text in texts):
        return f"At most {_TEXT_CHARACTERS} characters can be looked for."
    return "This text holds characters that nothing can hold." if any("\0" in text for text in texts) else ""
