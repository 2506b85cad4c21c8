"""How the time of the token bucket grows with the number of requests."""

FUNCTION = "let_through"
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
EXPECTED = "O(n)"


def arguments(size: int) -> tuple:
    return [(number / 64, f"shop-{number % 50}") for number in range(size)], 1, 5
