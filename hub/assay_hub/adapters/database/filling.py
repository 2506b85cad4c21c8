"""Fills a database with made-up interviews, for measuring: many rows at once, the same for the same seed."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.engine import SqlDatabase
from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.interview import State

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_NAMES = ("Ada", "Bea", "Chloé", "Dov", "Emre", "Fatou", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lena", "Mia", "Noor")
_FAMILIES = ("Abara", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Jensen", "Kowalska")
_TITLES = ("Data analyst", "Data engineer", "Data scientist", "Research engineer", "Statistician", "ML engineer")
_ROUNDS = ("first round", "second round", "onsite", "take two", "final")
_WORDS = ("python", "sql", "onsite", "remote", "senior", "junior", "team", "north", "south", "spring", "autumn", "lab")
_STATES = (State.CREATED, State.LIVE, State.SUBMITTED, State.CLOSED, State.CANCELLED)
_WEIGHTS = (20, 1, 19, 50, 10)
_BEGIN = datetime(2024, 1, 1, 8, tzinfo=UTC)
_ROWS_AT_ONCE = 5_000
_POSITIONS = 40


@dataclass(frozen=True)
class Filling:
    """How much of everything.

    Attributes:
        seed: the same seed makes the same rows.
    """

    interviews: int
    tags: int
    members: int
    seed: int = 1


def fill(database: SqlDatabase, filling: Filling) -> None:
    """Write the rows into a database that has none of these; all in one transaction."""
    chance = random.Random(filling.seed)  # noqa: S311  # made-up rows need no secrets
    with database.write() as records:
        connection = records.sql
        accounts = [f"member{number:03}" for number in range(filling.members)]
        _insert(connection, tables.members, _members(accounts))
        positions = [_id(chance) for _ in range(_POSITIONS)]
        _insert(connection, tables.positions, _positions(positions))
        names = [f"{_WORDS[number % len(_WORDS)]}-{number:03}" for number in range(filling.tags)]
        made = (_interview(chance, number, accounts, positions, names) for number in range(filling.interviews))
        while some := list(islice(made, _ROWS_AT_ONCE)):
            for table in some[0]:
                _insert(connection, table, (row for rows in some for row in rows[table]))
    database.analyze()


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    if found := list(rows):
        connection.execute(insert(table), found)


def _members(accounts: list[str]) -> Iterator[dict[str, Any]]:
    roles = (TeamRole.INTERVIEWER, TeamRole.INTERVIEWER, TeamRole.REVIEWER, TeamRole.VIEWER)
    for number, account in enumerate(accounts):
        name = f"{_NAMES[number % len(_NAMES)]} {_FAMILIES[number % len(_FAMILIES)]} {number}"
        role = roles[number % len(roles)].value
        yield {"account": account, "name": name, "email": "", "role": role, "active": True, "joined_at": _BEGIN}


def _positions(ids: list[str]) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(ids):
        name = f"{_TITLES[number % len(_TITLES)]} {number}"
        empty = json.dumps([])
        yield {"id": one, "name": name, "questions": empty, "duration_seconds": 3600, "tags": empty, "archived": False}


def _interview(
    chance: random.Random, number: int, accounts: list[str], positions: list[str], tags: list[str]
) -> dict[Table, list[dict[str, Any]]]:
    """Return the rows of one interview, by table, with what is around it on its page."""
    one, state = _id(chance), chance.choices(_STATES, _WEIGHTS)[0]
    title = f"{chance.choice(_TITLES)}, {chance.choice(_ROUNDS)}"
    candidate = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)} {number}"
    created = _BEGIN + timedelta(minutes=10 * number + chance.randrange(10))
    begun = created + timedelta(days=chance.randrange(14))
    # A few tags are on very many interviews and most on few, as with people.
    labels = list(dict.fromkeys(tags[int(len(tags) * chance.random() ** 3)] for _ in range(chance.randrange(4))))
    people = chance.sample(accounts, chance.randrange(1, 3))
    seen_by = chance.sample(accounts, 2) if chance.random() < 0.2 else []  # noqa: PLR2004
    started = None if state in {State.CREATED, State.CANCELLED} else begun
    ended = begun + timedelta(hours=1) if state not in {State.CREATED, State.LIVE} else None
    return {
        tables.interviews: [
            {
                "id": one,
                "title": title,
                "candidate_name": candidate,
                "state": state.value,
                "created_by": people[0],
                "created_at": created,
                "duration_seconds": 3600,
                "started_at": started,
                "ended_at": ended,
                "position": chance.choice(positions) if chance.random() < 0.8 else "",  # noqa: PLR2004
                "scheduled_at": begun,
                "date": begun,
                "restricted": bool(seen_by),
            }
        ],
        tables.words: [{"interview": one, "words": "\n".join((title, candidate, "", *labels)).lower()}],
        tables.interviewers: [{"interview": one, "account": account} for account in people],
        tables.viewers: [{"interview": one, "account": account} for account in seen_by],
        tables.tags: [{"interview": one, "tag": tag, "place": place} for place, tag in enumerate(labels)],
        tables.questions: [
            {"interview": one, "position": place, "question": f"q{place}", "version": "1.0.0", "title": f"Q {place}"}
            | {"pinned": "0" * 64}
            for place in range(2)
        ],
        tables.audit: [
            {"at": created, "account": people[0], "deed": deed.value, "interview": one, "details": "{}"}
            for deed in (Deed.CREATED, Deed.EDITED, Deed.READ_DETAILS)
        ],
    }


def _id(chance: random.Random) -> str:
    return "".join(chance.choices(_ALPHABET, k=10))
