"""A database of the release before, with its data, on both engines: upgraded, and still good for that release."""

import pytest
from fakes import START
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from assay_hub.adapters.database import SqlDatabase, migrate
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.search import Search

ADA = Person("ada", "Ada", TeamRole.INTERVIEWER)
MOMENT = "2026-11-20 09:00:00.000000"
RECEIPT = Receipt("abcdefghij", "c" * 64, 3, START.isoformat(), 2, "d" * 64, "e" * 64, "f" * 128)

ROWS = {
    "interviews": {
        "id": "ID",
        "title": "Data Ánalyst",
        "candidate_name": "Zoë",
        "state": "submitted",
        "created_by": "ada",
        "created_at": MOMENT,
        "duration_seconds": 3600,
        "started_at": MOMENT,
    },
    "interviewers": {"interview": "ID", "account": "ada"},
    "interview_questions": {
        "interview": "ID",
        "position": 0,
        "question": "first",
        "version": "1.0.0",
        "title": "First",
        "pinned": "pin",
    },
    "links": {
        "id": "ID",
        "secret_hash": "ID",
        "account": "cand",
        "display_name": "Zoë",
        "interview": "ID",
        "created_at": MOMENT,
        "expires_at": MOMENT,
        "one_time": False,
    },
    "notes": {"interview": "ID", "account": "ada", "text": "calm", "saved_at": MOMENT},
    "recording": {"interview": "ID", "seq": 1, "line": b"\x00\xff", "digest": b"\x01", "received_at": MOMENT},
    "recording_gaps": {"interview": "ID", "after_seq": 1, "noticed_at": MOMENT, "reason": "a reason"},
    "submissions": {"interview": "ID", "at": MOMENT, "artefact": "artefact", "receipt": RECEIPT.to_json()},
    "grades": {
        "interview": "ID",
        "question": "first",
        "state": "done",
        "outcome": "graded",
        "points": 1.5,
        "max_points": 2.0,
        "cells": "[]",
        "autograded": "",
        "isolated": False,
        "message": "",
    },
}
"""What the release of revision 0001 writes."""


def write_as_before(url: str, interview_id: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for table, row in ROWS.items():
            values = {name: interview_id if value == "ID" else value for name, value in row.items()}
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"), values)  # noqa: S608
    engine.dispose()


@pytest.fixture
def upgraded(database_url):
    migrate(database_url, "0001")
    write_as_before(database_url, RECEIPT.interview)
    migrate(database_url)
    database = SqlDatabase(database_url)
    yield database
    database.close()


def test_everything_of_the_release_before_is_there_after_the_upgrade(upgraded):
    with upgraded.read() as records:
        interview = records.interview(RECEIPT.interview)
        (found,) = records.find(ADA, Search(text="data zoë")).interviews
        submission = records.submission(RECEIPT.interview)
        (grade,) = records.grades(RECEIPT.interview)

        assert interview == found
        assert (interview.title, interview.date, interview.questions[0].pinned) == ("Data Ánalyst", START, "pin")
        assert (submission.receipt, submission.number) == (RECEIPT, 1)
        assert grade.points == 1.5
        assert records.note(RECEIPT.interview, "ada") == "calm"
        assert [line.line for line in records.lines(RECEIPT.interview)] == [b"\x00\xff"]
        assert [gap.reason for gap in records.gaps(RECEIPT.interview)] == ["a reason"]
        assert len(records.links(RECEIPT.interview, "cand")) == 1


def test_the_release_before_still_writes_to_the_new_schema(upgraded, database_url):
    write_as_before(database_url, "zzzzzzzzzz")

    with upgraded.read() as records:
        assert records.interview("zzzzzzzzzz").revision == 1
        assert records.submission("zzzzzzzzzz").number == 1


def test_references_hold_after_the_upgrade(upgraded, database_url):
    engine = create_engine(database_url)
    tables = inspect(engine).get_table_names()
    engine.dispose()

    assert not [name for name in tables if name.startswith("_alembic_tmp")]
    with pytest.raises(DBAPIError), upgraded.write() as records:
        records.save_note("aaaaaaaaaa", "ada", "of no interview", START)


@pytest.mark.parametrize("change", ["UPDATE audit SET account = 'eve'", "DELETE FROM audit"])
def test_nobody_changes_the_audit_log(upgraded, database_url, change):
    with upgraded.write() as records:
        records.log(Entry(START, "ada", Deed.EDITED, RECEIPT.interview))
    engine = create_engine(database_url)

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))

    engine.dispose()
    with upgraded.read() as records:
        assert [entry.account for entry in records.history(RECEIPT.interview)] == ["ada"]


def test_the_release_before_batches_keeps_its_rows_and_writes_on(database_url):
    migrate(database_url, "0002")
    write_as_before(database_url, RECEIPT.interview)
    migrate(database_url)
    write_as_before(database_url, "zzzzzzzzzz")

    database = SqlDatabase(database_url)
    with database.read() as records:
        assert [records.interview(one).title for one in (RECEIPT.interview, "zzzzzzzzzz")] == ["Data Ánalyst"] * 2
        assert records.batches() == []
    database.close()
