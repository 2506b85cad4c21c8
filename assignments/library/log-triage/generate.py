"""Writes access.log and app.log: ``python generate.py FOLDER``."""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, 9, 0)
PATHS = ("/search", "/search", "/search", "/books/{}", "/books/{}", "/loans", "/login", "/rooms", "/help")
PASSED_OVER = ("ERROR page shown", "retrying after ERROR 5", "cache refreshed", "session renewed")


def trouble(moment):
    return datetime(2026, 3, 2, 9, 38) <= moment < datetime(2026, 3, 2, 9, 52)


def request(number, moment, chance):
    """Return the line of the access log, and the lines of the application's log."""
    name = f"r-{number:05d}"
    path = chance.choice(PATHS).format(chance.randrange(100, 999))
    status, took, said = 200, int(chance.lognormvariate(4.3, 0.5)), []
    if path == "/login" and chance.random() < 0.2:
        status = 401
    if path.startswith("/books") and chance.random() < 0.05:
        status = 404
    if chance.random() < 0.11:
        said.append(f"ERROR mail {name} cannot reach list {chance.randrange(10, 99)}, will try again")
    if chance.random() < 0.008:
        status = 500
        said.append(f"ERROR loans {name} no such member {chance.randrange(1000, 9999)}")
    if trouble(moment) and path == "/search" and chance.random() < 0.65:
        status, took = 503, 3000 + chance.randrange(60)
        said.append(f"ERROR catalogue {name} timeout after {took - chance.randrange(4)} ms, index is being built")
    elif trouble(moment) and path.startswith("/books") and chance.random() < 0.2:
        status, took = 502, 3000 + chance.randrange(60)
        said.append(f"ERROR catalogue {name} connection refused by node {chance.randrange(1, 4)}")
    if chance.random() < 0.2:
        said.append(f"{chance.choice(['INFO', 'WARN'])} web {name} {chance.choice(PASSED_OVER)}")
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}"
    return f"{stamp} GET {path} {status} {took} {name}\n", [f"{stamp} {line}\n" for line in said]


def main(folder):
    chance = random.Random(20260302)
    access, app = [], []
    moment = START
    for number in range(1, 1301):
        moment += timedelta(seconds=chance.choice([1, 2, 2, 3, 3, 4, 4]))
        if number == 830:
            app.append(f"{moment:%Y-%m-%dT%H:%M:%S} INFO catalogue - index job started by hand, user kim\n")
        line, said = request(number, moment, chance)
        access.append(line)
        app += said
    (Path(folder) / "access.log").write_text("".join(access))
    (Path(folder) / "app.log").write_text("".join(app))


if __name__ == "__main__":
    main(sys.argv[1])
