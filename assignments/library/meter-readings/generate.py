"""Writes readings.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

METERS = 24
READINGS = 14
START = date(2025, 3, 3)


def shown(chance, kwh):
    if chance.random() < 0.15:
        return f"{kwh / 1000:.4f} MWh"
    return f"{kwh:.1f} kWh" if chance.random() < 0.7 else f"{kwh:.1f}"


def rows():
    chance = random.Random(20250303)
    for number in range(1, METERS + 1):
        meter, total = f"M-{number:02}", round(chance.uniform(500, 20_000), 1)
        a_day, on = chance.uniform(4, 14), START + timedelta(days=chance.randrange(6))
        replaced = chance.randrange(4, READINGS) if number % 8 == 0 else None
        for place in range(READINGS):
            typed = chance.choice([meter, meter, meter.lower(), f" {meter}", f"{meter} "])
            day = f"{on:%Y-%m-%d}" if chance.random() < 0.7 else f"{on:%d.%m.%Y}"
            if chance.random() < 0.05:
                yield [typed, day, chance.choice(["", "no access"])]
            elif chance.random() < 0.05:
                yield [typed, day, shown(chance, round(total + 100, 1))]
                yield [meter, day, shown(chance, total)]
            else:
                yield [typed, day, shown(chance, total)]
            days = chance.randrange(24, 36)
            season = 1.4 if on.month in (11, 12, 1, 2) else 0.9
            used = round(days * a_day * season * chance.uniform(0.8, 1.2), 1)
            on += timedelta(days=days)
            total = used if place + 1 == replaced else round(total + used, 1)


def main():
    with (Path(sys.argv[1]) / "readings.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["meter", "read_on", "value"])
        writer.writerows(rows())


if __name__ == "__main__":
    main()
