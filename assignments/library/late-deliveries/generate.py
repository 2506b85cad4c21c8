"""Writes deliveries.csv, the same file each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

ROWS = 600
START = datetime(2026, 3, 2, 7, 0)
PACE = {"Wien": 6.0, "Graz": 3.0, "Linz": 4.0, "Salzburg": 5.0}


def rows():
    chance = random.Random(20260302)
    for number in range(1, ROWS + 1):
        city = chance.choices(list(PACE), weights=[4, 2, 2, 1])[0]
        distance = round(chance.uniform(0.4, 14.0), 1)
        ordered = START + timedelta(minutes=chance.randrange(7 * 24 * 60))
        minutes = round(14 + PACE[city] * distance * chance.uniform(0.5, 1.3) + chance.expovariate(1 / 6))
        delivered = ordered + timedelta(minutes=minutes)
        arrived = "" if chance.random() < 0.04 else f"{delivered:%Y-%m-%d %H:%M}"
        if arrived and chance.random() < 0.02:
            arrived = f"{ordered - timedelta(minutes=5):%Y-%m-%d %H:%M}"
        typed = chance.choice([city, city, city.upper(), city.lower(), f" {city}", f"{city} "])
        length = f"{distance}".replace(".", ",") if chance.random() < 0.15 else f"{distance}"
        row = [1000 + number, typed, f"{ordered:%Y-%m-%d %H:%M}", arrived, length]
        yield row
        if chance.random() < 0.03:
            yield row


def main(folder):
    listed = list(rows())
    random.Random(7).shuffle(listed)
    with (folder / "deliveries.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["order_id", "city", "ordered_at", "delivered_at", "distance_km"])
        writer.writerows(listed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
