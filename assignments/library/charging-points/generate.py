"""Writes charging.sql, the same bytes each time: ``python generate.py FOLDER``."""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

TABLES = """CREATE TABLE points (point_id INTEGER PRIMARY KEY, street TEXT NOT NULL);
CREATE TABLE sessions (
    session_id INTEGER PRIMARY KEY,
    point_id INTEGER NOT NULL REFERENCES points,
    driver TEXT NOT NULL,
    began TEXT NOT NULL,
    ended TEXT
);
"""
STREETS = ["Canal Street", "Mill Lane", "Station Square", "Tower Road"]
START = datetime(2025, 11, 3, 6)
DAYS = 150


def moment(value):
    return f"{value:%Y-%m-%d %H:%M}"


def found():
    chance = random.Random(20251103)
    for driver in range(1, 61):
        at = START + timedelta(days=int(DAYS * chance.random() ** 1.4))
        stay = chance.uniform(4, 60)
        while at < START + timedelta(days=DAYS):
            point = chance.choices([1, 2, 3], weights=[3, 5, 2])[0]
            began = at + timedelta(minutes=5 * chance.randrange(190))
            ended = began + timedelta(minutes=5 * chance.randrange(4, 40))
            yield began, point, f"D{driver:03}", ended
            at += timedelta(days=chance.expovariate(1 / stay))


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if type(value) is int else f"'{value}'"


def insert(table, *values):
    listed = ", ".join(map(literal, values))
    return f"INSERT INTO {table} VALUES ({listed});"


def lines():
    for number, street in enumerate(STREETS, 1):
        yield insert("points", number, street)
    end = START + timedelta(days=DAYS)
    for number, (began, point, driver, ended) in enumerate(sorted(found()), 1):
        until = moment(ended) if ended < end else None
        yield insert("sessions", number, point, driver, moment(began), until)


def main():
    script = TABLES + "\n".join(lines()) + "\n"
    (Path(sys.argv[1]) / "charging.sql").write_text(script)


if __name__ == "__main__":
    main()
