"""Writes parcels.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

START = date(2025, 1, 6)
DAYS = 420
WEEK = [1.15, 1.0, 0.95, 1.0, 1.1, 0.45, 0.0]
CLOSED = {date(2025, 5, 1), date(2025, 8, 15), date(2025, 12, 25), date(2026, 1, 1)}


def rows():
    chance = random.Random(20250106)
    level = 420.0
    for number in range(DAYS):
        day = START + timedelta(days=number)
        level += chance.gauss(0.25, 4)
        busy = 1.5 if day.month == 12 and day.day < 24 else 1.0
        if day in CLOSED or not WEEK[day.weekday()]:
            continue
        parcels = max(20, round(level * busy * WEEK[day.weekday()] * chance.gauss(1, 0.07)))
        if chance.random() < 0.04:
            yield [f"{day}", round(parcels * chance.uniform(0.3, 0.9)), f"{day} 18:00"]
            yield [f"{day}", parcels, f"{day + timedelta(days=1)} 07:30"]
        else:
            yield [f"{day}", parcels, f"{day} 20:00"]


def main():
    listed = list(rows())
    random.Random(3).shuffle(listed)
    with (Path(sys.argv[1]) / "parcels.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["day", "parcels", "reported_at"])
        writer.writerows(listed)


if __name__ == "__main__":
    main()
