"""How the time of the join grows with facts and carts of one key."""

FUNCTION = "known_then"
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
EXPECTED = "O(n log n)"


def arguments(size: int) -> tuple:
    facts = [("mill", number * 37 % size, number * 37 % size + number % 5, number) for number in range(size)]
    return facts, [("mill", number * 53 % size) for number in range(size)], 60
