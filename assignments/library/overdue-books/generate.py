"""Writes loans.csv: ``python generate.py FOLDER``."""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

MEMBERS = (
    "Ada",
    "Ben",
    "Chidi",
    "Dana",
    "Elif",
    "Finn",
    "Goran",
    "Hana",
    "Ines",
    "Jun",
    "Kofi",
    "Lena",
    "Mika",
    "Noor",
)
TITLES = ("Rivers", "Clouds", "Stones", "Maps", "Bridges", "Seeds", "Tides", "Letters", "Wings", "Winter")
FIRST, LAST = date(2026, 3, 20), date(2026, 5, 4)


def rows():
    chance = random.Random(20260504)
    for day in range(90):
        due = FIRST + timedelta(days=day // 2 + chance.randrange(5))
        back = due + timedelta(days=chance.randint(-10, 6))
        returned = "" if back > LAST or chance.random() < 0.25 else back.isoformat()
        yield [chance.choice(MEMBERS), chance.choice(TITLES), due.isoformat(), returned]


def main(folder):
    with (Path(folder) / "loans.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["member", "title", "due", "returned"])
        writer.writerows(rows())


if __name__ == "__main__":
    main(sys.argv[1])
