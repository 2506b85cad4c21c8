"""Pages of lists that are short enough to be read whole, and the header that names the next page."""

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel

from assay_hub.domain.errors import BadInputError

Item = TypeVar("Item")


def page_of(
    items: Iterable[Item], place: Callable[[Item], tuple[Any, ...]], limit: int, cursor: str
) -> tuple[list[Item], str | None]:
    """Return a page of a list and the cursor of the next one.

    Args:
        items: the whole list, in any order.
        place: what it is sorted by; no two items have the same.
        limit: most items of a page.
        cursor: of this page; empty for the first.

    Raises:
        BadInputError: the cursor is not one of ours.
    """
    ordered = sorted(items, key=place)
    if cursor:
        after = _read(cursor)
        try:
            ordered = [item for item in ordered if place(item) > after]
        except TypeError as error:
            raise _refusal() from error
    shown = ordered[:limit]
    more = len(ordered) > limit
    return shown, _written(place(shown[-1])) if more else None


def rendered(shown: BaseModel, status: int = 200, **headers: str) -> Response:
    """Return a representation as an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(shown.model_dump_json(), status, named, "application/json")


def listed(request: Request, page: Any) -> Response:
    """Return a page of a list as an answer that names the next one."""
    if page.next is None:
        return rendered(page)
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    address = f"{request.url.path}?{urlencode([*query, ('cursor', page.next)])}"
    return rendered(page, Link=f'<{address}>; rel="next"')


def _written(place: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode("ascii").rstrip("=")


def _read(cursor: str) -> tuple[Any, ...]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as error:
        raise _refusal() from error
    if not isinstance(place, list):
        raise _refusal()
    return tuple(place)


def _refusal() -> BadInputError:
    reason = "This is no cursor of this list."
    return BadInputError(
        "This page of the list cannot be found.", "Begin with the first page.", fields={"cursor": reason}
    )
