"""When something that another system did not take is tried again."""

from datetime import timedelta

_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""What passes before the second attempt, the third, and so on."""


def wait_after(attempts: int, jitter: float) -> timedelta | None:
    """Return what passes after so many failed attempts; ``None`` after the tenth, when nobody tries any more.

    Args:
        attempts: at least 1.
        jitter: between 0 and 1; adds up to a tenth to the wait, so that not everything comes back at once.
    """
    return None if attempts > len(_WAITS) else _WAITS[attempts - 1] * (1 + jitter / 10)
