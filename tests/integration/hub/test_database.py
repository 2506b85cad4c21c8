"""The database adapter on a real SQLite and a real PostgreSQL, built by the migrations."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fakes import START
from sqlalchemy import create_engine

from assay_hub.adapters.database import migrate
from assay_hub.adapters.database.tables import metadata
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.answer import Answer
from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.link import Link
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_hub.domain.search import Search
from assay_protocol.recording import genesis

INTERVIEW = Interview(
    id="abcdefghij",
    title="Täglich: 'quotes' \" and \\",
    candidate_name="Zoë",
    state=State.CREATED,
    created_by="ada",
    created_at=START,
    duration=timedelta(minutes=60),
    interviewers=("ada", "bob"),
    questions=(QuestionRef("second", "1.0.0", "Second", "b" * 64), QuestionRef("first", "2.0.0", "First", "a" * 64)),
)


def test_an_interview_comes_back_as_it_was_stored(database):
    live = INTERVIEW.enter(START + timedelta(minutes=1))

    with database.write() as records:
        records.add_interview(INTERVIEW)
    with database.write() as records:
        records.save_interview(live)

    with database.read() as records:
        assert records.interview(INTERVIEW.id) == live
        assert records.find(Person("bob", "Bob", TeamRole.VIEWER), Search()).interviews == (live,)
        assert records.interview("zzzzzzzzzz") is None


def test_a_link_is_found_by_its_hash_and_by_its_interview(database):
    link = Link(
        "id", "h" * 64, "cand-abcdefghij", "Zoë", INTERVIEW.id, START, START + timedelta(days=1), one_time=False
    )

    with database.write() as records:
        records.add_link(link)
        records.save_link(link.use(START).revoke(START))

    with database.read() as records:
        assert records.link("h" * 64) == link.use(START).revoke(START)
        assert records.links(INTERVIEW.id, "cand-abcdefghij") == [link.use(START).revoke(START)]
        assert records.links(INTERVIEW.id, "ada") == []


def test_the_recording_keeps_its_bytes_and_its_gaps(database):
    lines = [StoredLine(1, b'{"a":1}', b"\x00" * 32, START), StoredLine(2, b"\xff", b"\x01" * 32, START)]

    with database.write() as records:
        records.add_interview(INTERVIEW)
        assert records.head(INTERVIEW.id) == Head(0, genesis(INTERVIEW.id))
        records.append(INTERVIEW.id, lines)
        records.add_gap(INTERVIEW.id, Gap(2, START, "a reason"))

    with database.read() as records:
        assert records.head(INTERVIEW.id) == Head(2, b"\x01" * 32)
        assert list(records.lines(INTERVIEW.id)) == lines
        assert records.gaps(INTERVIEW.id) == [Gap(2, START, "a reason")]


def test_an_interview_has_one_submission(database):
    receipt = Receipt(INTERVIEW.id, "c" * 64, 3, START.isoformat(), 2, "d" * 64, "e" * 64, "f" * 128)
    submission = Submission(INTERVIEW.id, START, "c" * 64, receipt)
    with database.write() as records:
        records.add_interview(INTERVIEW)
        records.add_submission(submission)

    with pytest.raises(WrongStateError), database.write() as records:
        records.add_submission(submission)

    with database.read() as records:
        assert records.submission(INTERVIEW.id) == submission


def test_grades_come_in_the_order_of_the_questions(database):
    cell = CellResult("test", "Test", None, 2.0, "needs-review", "by hand")
    first = Grade(INTERVIEW.id, "first", GradingState.QUEUED)
    done = replace(first, state=GradingState.DONE, points=1.5, max_points=2.0, cells=(cell,))

    with database.write() as records:
        records.add_interview(INTERVIEW)
        records.save_grade(first)
        records.save_grade(Grade(INTERVIEW.id, "second", GradingState.QUEUED))
        records.save_grade(done)

    with database.read() as records:
        assert [grade.question for grade in records.grades(INTERVIEW.id)] == ["second", "first"]
        assert records.grades(INTERVIEW.id)[1] == done


def test_a_queued_grading_is_taken_once_and_queued_again_after_a_crash(database):
    with database.write() as records:
        records.add_interview(INTERVIEW)
        records.save_grade(Grade(INTERVIEW.id, "first", GradingState.QUEUED))

    with database.write() as records:
        taken = records.take_queued_grade()
    with database.write() as records:
        again = records.take_queued_grade()
    with database.write() as records:
        requeued = records.requeue_running_grades()

    assert taken is not None
    assert taken.question == "first"
    assert again is None
    assert requeued == 1


def test_an_error_undoes_the_whole_block(database):
    with pytest.raises(RuntimeError), database.write() as records:  # noqa: PT012  # the block is what is undone
        records.add_interview(INTERVIEW)
        raise RuntimeError

    with database.read() as records:
        assert records.interview(INTERVIEW.id) is None


def test_two_writers_wait_for_each_other(database):
    with database.write() as records:
        records.add_interview(INTERVIEW)

    def append(account: str) -> None:
        for turn in range(20):
            with database.write() as records:
                records.save_note(INTERVIEW.id, account, f"{turn}", START)

    writers = [threading.Thread(target=append, args=(account,)) for account in ("ada", "bob")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with database.read() as records:
        assert records.note(INTERVIEW.id, "ada") == "19"
        assert records.note(INTERVIEW.id, "bob") == "19"


def test_the_migrations_build_exactly_the_tables_and_can_run_again(database_url):
    migrate(database_url)
    migrate(database_url)

    engine = create_engine(database_url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_one_of_two_requests_with_the_same_key_takes_it(database):
    first = Answer("ada", "key", "a" * 64, START)
    found = []

    def take() -> None:
        with database.write() as records:
            found.append(records.take_key(first))

    takers = [threading.Thread(target=take) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    with database.write() as records:
        records.save_answer(replace(first, status=201, body="sealed"))
        kept = records.take_key(replace(first, request="b" * 64))
        records.free_key("ada", "key")
        records.forget_answers_before(START)
    with database.write() as records:
        again = records.take_key(first)

    assert sorted(found, key=bool) == [None, first, first, first]
    assert kept == replace(first, status=201, body="sealed")
    assert again is None
