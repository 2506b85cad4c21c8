"""Slows down whoever tries one key after the other: counted in memory, for each address that asks."""

import hashlib
import threading
import time
from collections.abc import Callable

from starlette.requests import HTTPConnection

from assay_hub.domain.errors import TooManyAttemptsError

MOST = 20
"""Wrong keys of one address in one window."""

WINDOW_SECONDS = 60.0
_MOST_ADDRESSES = 10_000


class Attempts:
    """Counts wrong keys; when there are too many, a key is looked at only if it was right before.

    So nobody who floods us, not even from the same address, keeps out a system that has called since the start.

    Args:
        seconds: returns a time that only goes forward.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._failures: dict[str, tuple[float, int]] = {}
        self._right: set[str] = set()
        self._lock = threading.Lock()

    def check(self, address: str, key: str) -> None:
        """Refuse a key unseen.

        Raises:
            TooManyAttemptsError: too many were wrong, and this one never was right.
        """
        with self._lock:
            since, failures = self._failures.get(address, (0.0, 0))
            full = failures >= MOST and self._seconds() - since < WINDOW_SECONDS
            if full and _hash(key) not in self._right:
                raise TooManyAttemptsError

    def failed(self, address: str) -> None:
        """Count a wrong key."""
        now = self._seconds()
        with self._lock:
            since, failures = self._failures.get(address, (now, 0))
            fresh = now - since < WINDOW_SECONDS
            self._failures[address] = (since, failures + 1) if fresh else (now, 1)
            if len(self._failures) > _MOST_ADDRESSES:
                self._failures = {
                    one: count for one, count in self._failures.items() if now - count[0] < WINDOW_SECONDS
                }
            if len(self._failures) > _MOST_ADDRESSES:
                self._failures.clear()

    def succeeded(self, key: str) -> None:
        """Remember a key that was right."""
        with self._lock:
            self._right.add(_hash(key))


def address_of(connection: HTTPConnection) -> str:
    """Return where a request comes from: as JupyterHub's proxy, through which alone it can come, has added it."""
    forwarded = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (connection.client.host if connection.client else "")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
