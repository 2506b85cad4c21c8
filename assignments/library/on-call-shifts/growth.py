"""Inputs of growing size for ``merge_shifts``."""

import random

FUNCTION = "merge_shifts"
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
EXPECTED = "O(n log n)"


def arguments(size):
    chance = random.Random(size)
    starts = [chance.randrange(20 * size) for _ in range(size)]
    return ([(start, start + chance.randrange(1, 40)) for start in starts],)
