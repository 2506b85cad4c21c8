"""Answers about fairness: nobody gets one of them out, whoever they are and however they ask."""

import json
from dataclasses import fields

import pytest
from sqlalchemy import inspect, select, text

from assay_hub.adapters.database.tables import metadata
from assay_hub.domain.access import Action, Person, TeamRole
from assay_hub.domain.decision import Choice
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.position import Position
from assay_hub.domain.search import AuditSearch

ROLE = "rolerolero"


@pytest.fixture(autouse=True)
def _role(world):
    with world.database.write() as records:
        records.save_position(Position(ROLE, "Analyst"))


def handed_in(world, choice: Choice | None = None):
    interview = world.interview(position=ROLE)
    person = world.candidate(interview)
    world.enter(person, interview.id)
    world.submit.by_candidate(person, interview.id)
    if choice:
        world.report.decide(world.staff, interview.id, choice, "a reason", 0)
    return interview, person


def answered(world, answer: str, choice: Choice) -> str:
    interview, person = handed_in(world, choice)
    world.demographics.answer(person, interview.id, {"group": answer})
    return interview.id


def fill(world, *, selected: int = 6, rejected: int = 6) -> list[str]:
    found = []
    for answer in ("a", "b"):
        found += [answered(world, answer, Choice.ADVANCE) for _ in range(selected)]
        found += [answered(world, answer, Choice.REJECT) for _ in range(rejected)]
    return found


def counts(world) -> dict[str, tuple[int, int]]:
    _, tables = world.demographics.tables(world.admin, ROLE)
    return {row.group: (row.people, row.selected) for table in tables for row in table.shown}


def test_the_table_counts_who_answered_and_was_decided_about(world):
    fill(world)
    handed_in(world, Choice.ADVANCE)
    answered(world, "a", Choice.HOLD)

    assert counts(world) == {"a": (12, 6), "b": (12, 6)}


def test_a_small_group_is_not_counted(world):
    fill(world, selected=4, rejected=9)

    _, (table,) = world.demographics.tables(world.admin, ROLE)

    assert (table.shown, table.hidden) == ((), ("a", "b"))


def test_whoever_looks_before_and_after_one_answer_learns_nothing(world):
    fill(world)
    before = counts(world)

    late = answered(world, "a", Choice.ADVANCE)
    assert counts(world) == before
    world.report.decide(world.staff, late, Choice.REJECT, "flipped to see what changes", 1)
    assert counts(world) == before
    world.demographics.withdraw(world.candidate(world.review.find(world.admin, Action.SEE_DETAILS, late)), late)
    assert counts(world) == before
    for _ in range(4):
        answered(world, "b", Choice.REJECT)
    assert counts(world) == before
    answered(world, "b", Choice.REJECT)
    assert counts(world) == {"a": (12, 6), "b": (17, 6)}


def test_only_the_candidate_is_asked_and_only_after_handing_in(world):
    live = world.live_interview()
    assert world.demographics.asks(world.candidate(live), live.id) == ()
    with pytest.raises(NotFoundError):
        world.demographics.answer(world.candidate(live), live.id, {"group": "a"})
    interview, person = handed_in(world)
    other, _ = handed_in(world)

    with pytest.raises(BadInputError):
        world.demographics.answer(person, interview.id, {"group": "something else"})
    for who in (world.admin, world.staff, world.stranger, Person("", "")):
        for ask in (
            lambda who: world.demographics.asks(who, interview.id),
            lambda who: world.demographics.answer(who, interview.id, {"group": "a"}),
            lambda who: world.demographics.withdraw(who, interview.id),
        ):
            with pytest.raises(NotFoundError):
                ask(who)
    with pytest.raises(NotFoundError):
        world.demographics.answer(person, other.id, {"group": "a"})


@pytest.mark.parametrize("team", [TeamRole.INTERVIEWER, TeamRole.REVIEWER, TeamRole.VIEWER])
def test_only_admins_see_the_table(world, team):
    with pytest.raises(NotFoundError):
        world.demographics.tables(world.member("mo", team), ROLE)


def test_nothing_that_is_stored_says_who_answered_what_or_when(world):
    interview, person = handed_in(world)
    world.demographics.answer(person, interview.id, {"group": "b"})
    rest, other = handed_in(world)
    world.demographics.answer(other, rest.id, {"group": "a"})

    with world.database.read() as records:
        rows = records.sql.execute(select(metadata.tables["survey_answers"])).all()
        columns = {one["name"] for one in inspect(records.sql).get_columns("survey_answers")}
        with pytest.raises(Exception, match="rowid"):
            records.sql.execute(text("SELECT rowid FROM survey_answers"))

    assert columns == {"key", "sealed"}
    assert len({len(row.sealed) for row in rows}) == 1
    for row in rows:
        assert interview.id not in row.key + row.sealed
        assert world.survey_keys.key(interview.id) != interview.id


def test_answering_and_withdrawing_leaves_no_trace_around_the_interview(world):
    interview, person = handed_in(world)
    before = world.review.audit(world.admin, AuditSearch())
    details = world.review.details(world.admin, interview.id)

    world.demographics.answer(person, interview.id, {"group": "b"})
    with world.database.read() as records:
        assert len(records.answers_among([world.survey_keys.key(interview.id)])) == 1
    world.demographics.withdraw(person, interview.id)

    after = world.review.audit(world.admin, AuditSearch())
    again = world.review.details(world.admin, interview.id)
    assert [one.id for one in after[2:]] == [one.id for one in before]
    assert [getattr(again, one.name) for one in fields(again)] == [
        getattr(details, one.name) for one in fields(details)
    ]
    with world.database.read() as records:
        assert records.answers_among([world.survey_keys.key(interview.id)]) == {}


def test_a_reading_of_the_table_names_no_interview(world):
    fill(world)
    world.demographics.tables(world.admin, ROLE)

    last = world.review.audit(world.admin, AuditSearch())[0]

    assert (last.interview, dict(last.details)) == ("", {"position": ROLE})


def test_what_is_sealed_with_another_key_is_refused(world):
    sealed = world.survey_keys.seal(json.dumps({"group": "a"}))

    with pytest.raises(ValueError, match="another key"):
        type(world.survey_keys)(b"z" * 32).unseal(sealed)
