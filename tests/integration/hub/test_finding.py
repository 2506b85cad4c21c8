"""Searches on a real SQLite and a real PostgreSQL: who sees what, in which order, with how many statements."""

import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes import START
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from assay_hub.adapters.database import SqlDatabase, finding
from assay_hub.adapters.database import interviews as interviews_module
from assay_hub.adapters.database.filling import Filling, fill
from assay_hub.adapters.database.records import SqlRecords
from assay_hub.domain.access import Action, Person, TeamRole, may, seen_by
from assay_hub.domain.blind import hidden
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.search import Order, Search, Total

ACCOUNTS = ("ada", "bob", "eve", "ida")
TAGS = ("python", "sql", "100%", "a_b", "Ünïcode")
MOST = 12
EXAMPLES = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

accounts = st.lists(st.sampled_from(ACCOUNTS), unique=True, max_size=3).map(lambda found: tuple(sorted(found)))
words = st.text(alphabet="abAB %_\\ü'", min_size=1, max_size=6).filter(str.strip)
interviews = st.builds(
    Interview,
    id=st.text(alphabet=string.ascii_lowercase, min_size=10, max_size=10),
    title=words,
    candidate_name=words,
    state=st.sampled_from(State),
    created_by=st.sampled_from(ACCOUNTS),
    created_at=st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
    duration=st.just(timedelta(minutes=60)),
    interviewers=accounts.filter(bool),
    questions=st.just(()),
    scheduled_at=st.none() | st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
    position=st.sampled_from(("", "analyst", "engineer")),
    tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=3).map(tuple),
    observers=accounts,
    viewers=accounts,
    blind=st.booleans(),
)
many = st.lists(interviews, unique_by=lambda one: one.id, max_size=MOST)
people = st.builds(Person, st.sampled_from((*ACCOUNTS, "zoe")), st.just("N"), st.none() | st.sampled_from(TeamRole))
searches = st.builds(
    Search,
    text=st.just("") | words,
    tags=st.lists(st.sampled_from(TAGS), unique=True, max_size=2).map(tuple),
    positions=st.lists(st.sampled_from(("analyst", "engineer")), unique=True).map(tuple),
    states=st.lists(st.sampled_from(State), unique=True, max_size=3).map(tuple),
    interviewer=st.sampled_from(("", *ACCOUNTS)),
    since=st.none() | st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
    until=st.none() | st.integers(0, 5).map(lambda days: START + timedelta(days=days)),
    order=st.sampled_from(Order),
    rows=st.integers(1, 4),
)


class _RollbackError(Exception):
    pass


@contextmanager
def holding(database: SqlDatabase, found: list[Interview]) -> Iterator[SqlRecords]:
    """Have these interviews in the store, and nothing of them afterwards."""
    try:
        with database.write() as records:
            for one in found:
                records.add_interview(one)
            yield records
            raise _RollbackError  # noqa: TRY301
    except _RollbackError:
        pass


def pages(records: SqlRecords, person: Person, search: Search) -> list[Interview]:
    """Return what all pages of a search hold."""
    found: list[Interview] = []
    while True:
        page = records.find(person, search)
        found += page.interviews
        assert len(page.interviews) == search.rows or not page.next
        assert len(found) <= MOST, "the pages go round"
        if not page.next:
            return found
        search = replace(search, cursor=page.next)


def fits(person: Person, one: Interview, search: Search) -> bool:
    """Whether an interview is what somebody looks for, said as simply as can be.

    What is hidden of a blind interview is found by nobody who may not know it; a tag with the name in it by nobody.
    """
    row = hidden(one) if one.blind else one
    words = search.text.lower().split()
    known = [
        "\n".join((told.title, told.candidate_name, told.candidate_email, *told.tags)).lower()
        for told in (row, seen_by(person, one))
    ]
    return (
        any(all(word in said for word in words) for said in known)
        and set(search.tags) <= set(row.tags)
        and (not search.positions or one.position in search.positions)
        and (not search.states or one.state in search.states)
        and (not search.interviewer or search.interviewer in one.interviewers)
        and (search.since is None or one.date >= search.since)
        and (search.until is None or one.date < search.until)
    )


@given(found=many, person=people)
@EXAMPLES
def test_a_list_shows_what_the_table_of_rights_says(database, found, person):
    with holding(database, found) as records:
        listed = {one.id for one in pages(records, person, Search(rows=3))}

    assert listed == {one.id for one in found if may(person, Action.SEE_DETAILS, one)}


@given(found=many, search=searches, person=people, near=st.sampled_from((1, 5, 1_500)))
@EXAMPLES
def test_the_pages_of_a_search_hold_each_interview_that_fits_once_and_in_order(database, found, search, person, near):
    name = search.order.value.removeprefix("-")
    key = {"date": "date", "title": "title", "candidate": "candidate_name", "created": "created_at"}[name]

    with nearby_rows(near), holding(database, found) as records:
        listed = pages(records, person, search)

    seen = [one for one in found if may(person, Action.SEE_DETAILS, one)]
    assert sorted(one.id for one in listed) == sorted(one.id for one in seen if fits(person, one, search))
    by_id = {one.id: one for one in found}
    assert listed == [seen_by(person, by_id[one.id]) for one in listed]
    if key in {"date", "created_at"}:
        ordered = sorted(listed, key=lambda one: (getattr(one, key), one.id), reverse=search.order.value[0] == "-")
        assert listed == ordered


@given(found=many, search=searches, person=people, near=st.sampled_from((1, 5, 1_500)))
@EXAMPLES
def test_the_pages_before_are_the_pages_that_came_and_the_count_is_that_of_all_of_them(
    database, found, search, person, near
):
    with nearby_rows(near), holding(database, found) as records:
        there = [page := records.find(person, search)]
        while page.next:
            there.append(page := records.find(person, replace(search, cursor=page.next)))
        back = [page]
        while page.previous:
            back.insert(0, page := records.find(person, replace(search, cursor=page.previous)))
        total = records.count(person, search)

    assert [one.interviews for one in back] == [one.interviews for one in there]
    assert (total.rows, total.more) == (sum(len(one.interviews) for one in there), False)
    assert not there[0].previous
    assert not back[0].previous


def test_counting_ends_when_there_are_very_many(database, monkeypatch):
    monkeypatch.setattr(finding, "MOST_COUNTED", 100)
    monkeypatch.setattr(interviews_module, "MOST_COUNTED", 100)
    fill(database, Filling(interviews=120, tags=3, members=5))
    admin = Person("root", "Root", TeamRole.ADMIN)

    with database.read() as records:
        assert records.count(admin, Search()) == Total(100, more=True)
        assert records.count(admin, Search(text="e")) == Total(100, more=True)
        assert records.count(admin, Search(text="nobody is called so")) == Total(0, more=False)


@contextmanager
def nearby_rows(rows: int) -> Iterator[None]:
    """Have a search look no further ahead than this before it asks the indexes."""
    before, finding.NEARBY_ROWS = finding.NEARBY_ROWS, rows
    try:
        yield
    finally:
        finding.NEARBY_ROWS = before


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "bnVsbA",  # null
        "WyItZGF0ZSIsIjAwMDEtMDEtMDFUMDA6MDA6MDArMTQ6MDAiLCJhYWFhYWFhYWFhIl0",  # a date before all dates
        "WyItZGF0ZSIsIjIwMjYtMDEtMDEiLCJcdTAwMDAiXQ",  # an id that is none
        "WyJ0aXRsZSIsIngiLCJhYWFhYWFhYWFhIl0",  # of another order
        "é" * 40,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(database, cursor):
    with database.read() as records, pytest.raises(BadInputError):
        records.find(Person("root", "Root", TeamRole.ADMIN), Search(cursor=cursor))


@pytest.mark.parametrize("value", ["\\u0000", "\\ud800"])
def test_a_cursor_with_text_that_no_database_takes_is_refused(database, value):
    import base64  # noqa: PLC0415

    cursor = base64.urlsafe_b64encode(f'["title","{value}","aaaaaaaaaa"]'.encode()).decode().rstrip("=")

    with database.read() as records, pytest.raises(BadInputError):
        records.find(Person("root", "Root", TeamRole.ADMIN), Search(cursor=cursor, order=Order.TITLE))


def statements(database: SqlDatabase, search: Search, person: Person) -> tuple[int, int]:
    """Return how many statements a page takes, and how many rows it has."""
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    event.listen(database._reader, "before_cursor_execute", count)
    try:
        with database.read() as records:
            page = records.find(person, search)
    finally:
        event.remove(database._reader, "before_cursor_execute", count)
    return len([one for one in counted if one.startswith("SELECT")]), len(page.interviews)


def test_no_more_statements_for_more_rows(database):
    fill(database, Filling(interviews=120, tags=10, members=5))

    for person in (Person("root", "Root", TeamRole.ADMIN), Person("member000", "M", TeamRole.VIEWER)):
        for search in (Search(), Search(text="data"), Search(text="data", order=Order.TITLE)):
            few, few_rows = statements(database, replace(search, rows=5), person)
            more, more_rows = statements(database, replace(search, rows=50), person)
            assert (few_rows, more_rows) == (5, 50)
            assert few == more


def test_a_changed_title_is_found_by_its_new_words_only(database):
    one = Interview(
        "abcdefghij",
        "Before",
        "Sam",
        State.CREATED,
        "ada",
        START,
        timedelta(minutes=60),
        ("ada",),
        (QuestionRef("first", "1", "First", "a" * 64),),
    )
    admin = Person("root", "Root", TeamRole.ADMIN)

    with database.write() as records:
        records.add_interview(one)
        records.save_interview(replace(one, title="AFTER"))

    with database.read() as records:
        assert records.find(admin, Search(text="before")).interviews == ()
        assert [found.title for found in records.find(admin, Search(text="after")).interviews] == ["AFTER"]
