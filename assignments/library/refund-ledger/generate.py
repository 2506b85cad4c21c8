"""Writes ledger.sql, the same bytes each time: ``python generate.py FOLDER``."""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

TABLES = """CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY, shop TEXT NOT NULL, cents INTEGER NOT NULL, paid_at TEXT NOT NULL
);
CREATE TABLE events (event_id INTEGER PRIMARY KEY, payment_id INTEGER NOT NULL, at TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE refunds (refund_id INTEGER PRIMARY KEY, payment_id INTEGER NOT NULL, cents INTEGER NOT NULL);
"""
SHOPS = ["bakery", "bike shop", "cinema", "florist"]
START = datetime(2026, 4, 1, 8)


def moment(value):
    return f"{value:%Y-%m-%d %H:%M:%S}"


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if type(value) is int else f"'{value}'"


def insert(table, *values):
    listed = ", ".join(map(literal, values))
    return f"INSERT INTO {table} VALUES ({listed});"


def lines():
    chance = random.Random(20260401)
    event = refund = 0
    for payment in range(1, 201):
        paid = START + timedelta(minutes=(payment * 1007) % 17_000)
        shop, cents = chance.choice(SHOPS), chance.randrange(200, 9000)
        yield insert("payments", payment, shop, cents, moment(paid))
        path = ["authorised", "settled"] if chance.random() < 0.85 else ["authorised"]
        path += ["disputed"] if path[-1] == "settled" and chance.random() < 0.08 else []
        path = path if chance.random() < 0.97 else []
        at = paid
        for place, status in enumerate(path):
            event += 1
            yield insert("events", event, payment, moment(at), status)
            # Now and then two systems report within the same second.
            at += timedelta(seconds=0 if place == 0 and chance.random() < 0.2 else chance.randrange(1, 90_000))
        if chance.random() < 0.12:
            for _ in range(chance.choice([1, 1, 2])):
                refund += 1
                back = cents if chance.random() < 0.3 else chance.randrange(100, cents)
                yield insert("refunds", refund, payment, back)


def main():
    script = TABLES + "\n".join(lines()) + "\n"
    (Path(sys.argv[1]) / "ledger.sql").write_text(script)


if __name__ == "__main__":
    main()
