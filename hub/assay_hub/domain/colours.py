"""The colour of a person's cursor."""

import hashlib

PALETTE = ("#1f6f8b", "#9c4a1a", "#5b3f9e", "#2e7d32", "#a3195b", "#7a5c00", "#00695c", "#b3261e")
"""Each has a contrast of at least 4.5 to 1 on white."""


def colour_of(account: str) -> str:
    """Return the account's colour, always the same."""
    return PALETTE[hashlib.sha256(account.encode()).digest()[0] % len(PALETTE)]
