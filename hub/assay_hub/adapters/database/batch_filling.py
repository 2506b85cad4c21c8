"""Fills a database with a made-up batch, for measuring: graded, partly reviewed, with comments and a rubric."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from assay_hub.adapters.database import batch_tables as tables
from assay_hub.adapters.database.engine import SqlDatabase
from assay_hub.domain.batch import Batch, BatchState
from assay_hub.domain.interview import QuestionRef

ID = "benchbatch"
_BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
_NAMES = ("Ada", "Bea", "Chloé", "Dov", "Emre", "Fatou", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lena", "Mia", "Noor")
_FAMILIES = ("Abara", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Jensen", "Kowalska")
_CELLS = 5
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def fill_batch(database: SqlDatabase, people: int, questions: int, autograded: str, seed: int = 1) -> str:
    """Write a batch, and return its id.

    Args:
        database: has no such batch.
        people: how many handed in.
        questions: how many notebooks each of them.
        autograded: artefact key of the notebook that everybody has.
        seed: the same seed makes the same rows.
    """
    chance = random.Random(seed)  # noqa: S311  # made-up rows need no secrets
    names = [f"question-{number}" for number in range(questions)]
    refs = tuple(QuestionRef(name, "1.0.0", f"Question {name[-1]}", autograded) for name in names)
    with database.write() as records:
        records.save_batch(Batch(ID, "A course of many", BatchState.OPEN, refs, "member000", _BEGIN))
        ids = ["".join(chance.choices(_ALPHABET, k=10)) for _ in range(people)]
        grades = [_grade(chance, one, name, autograded) for one in ids for name in names]
        rubric = [_item(chance, name, cell) for name in names for cell in range(_CELLS)]
        connection = records.sql
        connection.execute(insert(tables.submissions), list(_people(chance, ids, autograded, questions)))
        connection.execute(insert(tables.grades), grades)
        connection.execute(insert(tables.cells), [_cell(chance, grade, at) for grade in grades for at in range(_CELLS)])
        connection.execute(insert(tables.rubric), rubric)
        applied = [{"item": item["id"], "submission": one} for item in rubric for one in ids[:: chance.randrange(2, 6)]]
        connection.execute(insert(tables.applied), applied)
    database.analyze()
    return ID


def _people(chance: random.Random, ids: list[str], artefact: str, questions: int) -> Iterator[dict[str, Any]]:
    numbers = list(range(1, len(ids) + 1))
    chance.shuffle(numbers)
    for place, (one, number) in enumerate(zip(ids, numbers, strict=True)):
        name = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)} {place}"
        email = f"person{place}@example.org"
        yield {
            "id": one,
            "batch": ID,
            "number": number,
            "person": f"s{place:05}",
            "name": name,
            "email": email,
            "artefact": artefact,
            "points": chance.randrange(60) / 2,
            "max_points": 10.0 * questions,
            "sort_name": name.casefold(),
            "words": f"{name}\ns{place:05}\n{email}".lower(),
        }


def _grade(chance: random.Random, submission: str, question: str, autograded: str) -> dict[str, Any]:
    waiting = chance.random() < 0.3  # noqa: PLR2004  # about as in a course
    return {
        "submission": submission,
        "question": question,
        "batch": ID,
        "state": "done",
        "outcome": "needs-review" if waiting else "graded",
        "points": chance.randrange(20) / 2,
        "max_points": 10.0,
        "waiting": int(waiting),
        "review": waiting,
        "reviewed": not waiting,
        "autograded": autograded,
        "isolated": True,
        "message": "",
        "ticket": 1,
        "attempts": 0,
        "finished_at": _BEGIN + timedelta(seconds=chance.randrange(3600)),
    }


def _cell(chance: random.Random, grade: dict[str, Any], place: int) -> dict[str, Any]:
    asked = place == _CELLS - 1
    return {
        "submission": grade["submission"],
        "question": grade["question"],
        "grade_id": f"cell-{place}",
        "position": place,
        "title": f"Part {place}",
        "auto": None if asked else 2.0,
        "max_points": 2.0,
        "verdict": "needs-review" if asked else "passed",
        "message": "",
        "extra": 0.0,
        "manual": None if grade["waiting"] or not asked else 1.5,
        "comment": "Well done. " * chance.randrange(5),
    }


def _item(chance: random.Random, question: str, cell: int) -> dict[str, Any]:
    return {
        "id": "".join(chance.choices(_ALPHABET, k=10)),
        "batch": ID,
        "question": question,
        "grade_id": f"cell-{cell}",
        "text": f"What part {cell} lacks",
        "points": -0.5,
        "position": 0,
        "removed": False,
    }
