"""Writes training.csv and live.csv: ``python generate.py FOLDER``."""

import csv
import random
import sys
from pathlib import Path

CENTRES = {"Harbour": 4, "Hill": 2, "Market": 5, "Station": 3, "Woods": 1}
FEATURES = ["wait_days", "distance_km", "visits_before", "channel", "centre"]
WEEKS = range(1, 9)


def appointment(chance):
    visits = "" if chance.random() < 0.12 else min(int(chance.expovariate(0.5)), 15)
    return {
        "wait_days": int(chance.gammavariate(2.2, 7)),
        "distance_km": "" if chance.random() < 0.03 else round(chance.lognormvariate(1.1, 0.7), 1),
        "visits_before": visits,
        "channel": chance.choices(["phone", "web", "desk"], [5, 3, 2])[0],
        "centre": chance.choices(list(CENTRES), list(CENTRES.values()))[0],
    }


def changed(row, week, chance):
    """What was different in that week."""
    if week == 2 and chance.random() < 0.6:
        row["wait_days"] += 6
    if week >= 3 and row["visits_before"] == "":
        row["visits_before"] = 0
    if week >= 5 and row["centre"] == "Harbour" and row["distance_km"] != "":
        row["distance_km"] = round(row["distance_km"] * 1000)
    if week >= 6 and chance.random() < 0.25:
        row["channel"] = "app"
    if week >= 7 and row["centre"] == "Hill":
        row["centre"] = chance.choice(["Market", "Market", "Woods"])
    return row


def write(path, columns, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder):
    chance = random.Random(20260907)
    write(Path(folder) / "training.csv", FEATURES, (appointment(chance) for _ in range(3000)))
    live = ({"week": week, **changed(appointment(chance), week, chance)} for week in WEEKS for _ in range(350))
    write(Path(folder) / "live.csv", ["week", *FEATURES], live)


if __name__ == "__main__":
    main(sys.argv[1])
