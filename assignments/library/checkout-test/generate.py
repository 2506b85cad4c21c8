"""Writes visits.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from pathlib import Path

VISITORS = 3000
DEVICES = {"desktop": 0.45, "phone": 0.40, "tablet": 0.15}
RATES = {"desktop": 0.16, "phone": 0.08, "tablet": 0.12}


def visits():
    chance = random.Random(20260309)
    for number in range(VISITORS):
        visitor = f"v{number:04}"
        group = chance.choice("AB")
        device = chance.choices(list(DEVICES), weights=list(DEVICES.values()))[0]
        buys = chance.random() < RATES[device]
        times = chance.choices([1, 2, 3], weights=[70, 22, 8])[0]
        # On many phones the new page never finished loading, and such visits were not written down.
        if group == "B" and device == "phone" and not buys and chance.random() < 0.6:
            continue
        day = chance.randrange(1, 15)
        paid = chance.randrange(times) if buys else -1
        for time in range(times):
            shown = "AB".replace(group, "") if chance.random() < 0.006 else group
            amount = f"{chance.uniform(8, 120):.2f}" if time == paid else ""
            yield [visitor, shown, device, f"2026-03-{min(day + time, 15):02}", amount]


def main():
    rows = list(visits())
    random.Random(11).shuffle(rows)
    rows.sort(key=lambda row: row[3])
    with (Path(sys.argv[1]) / "visits.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["visitor", "page", "device", "day", "amount"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
