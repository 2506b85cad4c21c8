"""What participants' pages claim about themselves, bounded before it is recorded."""

import json
from collections import deque
from typing import Any, Final

MAX_EVENTS: Final = 200
MAX_BODY_BYTES: Final = 64 * 1024
MAX_BATCHES: Final = 60
WINDOW_SECONDS: Final = 60.0
NAMES: Final = frozenset(
    {
        "blur",
        "close",
        "connection",
        "copy",
        "cut",
        "drop",
        "focus",
        "fullscreen",
        "hidden",
        "idle",
        "insert",
        "open",
        "paste",
        "run",
        "save",
        "typing",
        "visible",
    }
)


class BadBatchError(ValueError):
    """A batch that is not of the known form."""


def read_batch(body: bytes) -> list[dict[str, Any]]:
    """Return the events of a batch ``{"page", "events": [{"n", "name", ...}]}``, each with its page.

    Raises:
        BadBatchError: too large, no JSON of this form, or an unknown name.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BadBatchError(f"more than {MAX_BODY_BYTES} bytes")
    try:
        batch = json.loads(body)
        page, events = batch["page"], batch["events"]
        well_formed = (
            isinstance(page, str)
            and isinstance(events, list)
            and all(isinstance(event["n"], int) and event["name"] in NAMES for event in events)
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadBatchError(f"{type(error).__name__}: {error}") from error
    if not well_formed or len(events) > MAX_EVENTS:
        raise BadBatchError(f"not a page with at most {MAX_EVENTS} events of known names")
    return [{**event, "page": page} for event in events]


class Rate:
    """Bounds how many batches each account may post."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def admits(self, account: str, now: float) -> bool:
        """Count a batch at ``now`` (seconds); False when the account has posted its share of the last minute."""
        times = self._times.setdefault(account, deque())
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        if len(times) >= MAX_BATCHES:
            return False
        times.append(now)
        return True
