"""Writes events.jsonl, the same bytes each time: ``python generate.py FOLDER``."""

import json
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

TICKETS = 120
START = datetime(2026, 3, 2, 6)
ODD = ["", "{", '{"ticket": "none"}', "restart of the server", '{"ticket": 7, "at": "yesterday", "kind": "opened"}']


def life(chance, ticket):
    at = START + timedelta(minutes=chance.randrange(26 * 24 * 60))
    yield {"ticket": ticket, "at": at, "kind": "opened"}
    here = "desk"
    for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 4, 5])):
        at += timedelta(minutes=int(chance.expovariate(1 / 900)) + 3)
        kind = chance.choice(["answered", "answered", "closed"] if here == "desk" else ["replied", "closed"])
        yield {"ticket": ticket, "at": at, "kind": kind}
        if kind == "closed":
            return
        here = "customer" if kind == "answered" else "desk"


def lines():
    chance = random.Random(20260302)
    events = [event for ticket in range(1, TICKETS + 1) for event in life(chance, ticket)]
    events.sort(key=lambda event: event["at"])
    for event in events:
        yield json.dumps({**event, "at": f"{event['at']:%Y-%m-%dT%H:%M}"})
        if chance.random() < 0.01:
            yield chance.choice(ODD)
    listed = ["ticket", 1]
    yield json.dumps(listed)


def main():
    found = list(lines())
    # The last hour of the first day came late.
    found[20:24] = found[23:19:-1]
    (Path(sys.argv[1]) / "events.jsonl").write_text("\n".join(found) + "\n")


if __name__ == "__main__":
    main()
