"""Writes appointments.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from pathlib import Path

ROWS = 900
SPECIALITIES = {"dentist": 0.16, "eye clinic": 0.10, "physiotherapy": 0.22}


def rows():
    chance = random.Random(20260209)
    for number in range(1, ROWS + 1):
        speciality = chance.choice(list(SPECIALITIES))
        truth = min(0.95, max(0.01, chance.gauss(SPECIALITIES[speciality], 0.14)))
        missed = chance.random() < truth
        known = chance.random() >= 0.08
        risk = f"{min(0.99, max(0.0, chance.gauss(truth, 0.06))):.2f}" if known else ""
        yield [5000 + number, speciality, risk, "no" if missed else "yes"]


def main():
    with (Path(sys.argv[1]) / "appointments.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["appointment", "speciality", "risk", "came"])
        writer.writerows(rows())


if __name__ == "__main__":
    main()
