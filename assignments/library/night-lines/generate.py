"""Writes timetable.csv and parcels.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from pathlib import Path

DEPOTS = ["Arnsee", "Birkau", "Corvin", "Dellhof", "Estrand", "Fallow", "Grund", "Hollin", "Isker", "Jonsberg"]
FIRST, LAST = 18 * 60, 32 * 60


def trips(chance):
    number = 0
    for line in range(1, 19):
        stops = chance.sample(DEPOTS, chance.choice([3, 3, 4, 5]))
        minutes = [chance.randrange(25, 95) for _ in stops[1:]]
        begins = FIRST + chance.randrange(120)
        for _ in range(chance.choice([2, 3, 4])):
            at = begins
            for here, there, takes in zip(stops, stops[1:], minutes, strict=False):
                if at + takes <= LAST:
                    number += 1
                    yield [f"N{line:02}-{number:03}", here, there, at, at + takes, chance.choice([2, 3, 4, 6])]
                at += takes + chance.choice([5, 15, 20])
            begins += chance.randrange(90, 240)


def parcels(chance):
    for number in range(1, 91):
        here, there = chance.sample(DEPOTS, 2)
        yield [f"P{number:03}", here, there, FIRST + chance.randrange(0, 360, 5)]


def main():
    folder, chance = Path(sys.argv[1]), random.Random(20260601)
    timetable, wanted = list(trips(chance)), list(parcels(chance))
    chance.shuffle(timetable)
    with (folder / "timetable.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["trip", "from", "to", "departs", "arrives", "room"])
        writer.writerows(timetable)
    with (folder / "parcels.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["parcel", "from", "to", "ready"])
        writer.writerows(wanted)


if __name__ == "__main__":
    main()
