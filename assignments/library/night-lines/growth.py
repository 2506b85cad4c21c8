"""A timetable of random trips between a hundred depots."""

import random

FUNCTION = "earliest_arrivals"
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000)
EXPECTED = "O(n log n)"


def arguments(size: int) -> tuple:
    """Return a timetable, an origin, a time and a handling time."""
    chance = random.Random(size)
    trips = []
    for number in range(size):
        here, there = chance.sample(range(100), 2)
        departs = chance.randrange(size)
        trips.append(
            {
                "trip": f"T{number}",
                "from": f"D{here}",
                "to": f"D{there}",
                "departs": departs,
                "arrives": departs + chance.randrange(1, 60),
                "room": 5,
            }
        )
    return trips, "D0", 0, 5
