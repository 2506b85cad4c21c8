"""Makes the ids of what is new."""

import secrets

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def new_id() -> str:
    """Return a new id: ten characters of lower-case base 32, 50 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))
