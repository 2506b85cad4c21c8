"""Requests for quotes over more keys than there is room for, with lifetimes of all lengths."""

import random

FUNCTION = "hits_with_own_lifetimes"
SIZES = (2_000, 4_000, 8_000, 16_000, 32_000, 64_000)
EXPECTED = "O(n log n)"


def arguments(size: int) -> tuple:
    """Return one request a second and a capacity of a quarter of their number."""
    chance = random.Random(size)
    requests = [(second, f"q{chance.randrange(size)}", chance.randrange(1, size)) for second in range(size)]
    return requests, size // 4
