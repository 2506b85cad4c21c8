"""Writes tools.csv and loans.csv, the same bytes each time: ``python generate.py FOLDER``."""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

TOOLS = {
    "T01": ("Cordless drill", "2.50"),
    "T02": ("Ladder, 6 m", "4.35"),
    "T03": ("Hedge trimmer", "3.00"),
    "T04": ("Tile cutter", "5.75"),
    "T05": ("Pressure washer", "6.20"),
    "T06": ("Sanding machine", "2.85"),
    "T07": ("Apple press, large", "8.00"),
    "T08": ("Wheelbarrow", "0.95"),
}
LONGEST = {"loan": "L0073", "member": "M19", "tool": "T05", "start": "2026-03-02", "end": "2026-03-16"}


def loans():
    chance = random.Random(20260302)
    for number in range(1, 131):
        start = date(2026, 1, 12) + timedelta(days=number * 88 // 130)
        end = start + timedelta(days=int(chance.expovariate(1 / 5)))
        shown = "" if end > date(2026, 4, 10) or chance.random() < 0.05 else f"{end}"
        member = f"M{int(18 * chance.random() ** 1.4) + 1:02}"
        row = [f"L{number:04}", member, chance.choice(list(TOOLS)), f"{start}", shown]
        yield list(LONGEST.values()) if row[0] == LONGEST["loan"] else row


def main():
    folder = Path(sys.argv[1])
    with (folder / "tools.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tool", "name", "price"])
        writer.writerows([tool, *shown] for tool, shown in TOOLS.items())
    with (folder / "loans.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["loan", "member", "tool", "start", "end"])
        writer.writerows(loans())


if __name__ == "__main__":
    main()
