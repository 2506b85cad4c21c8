"""Score cards, rubrics and blind interviews on a real SQLite and a real PostgreSQL."""

import base64
from dataclasses import replace
from datetime import timedelta

from fakes import START

from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.blind import hidden, pseudonym
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.position import Position
from assay_hub.domain.rubric import LIVE, WRITTEN, Rubric, Section
from assay_hub.domain.score_card import Score, ScoreCard, ScoreChange
from assay_hub.domain.search import Order, Search

ADA, REA = Person("ada", "Ada", TeamRole.INTERVIEWER), Person("rea", "Rea", TeamRole.REVIEWER)
ROOT = Person("root", "Root", TeamRole.ADMIN)
ID = "abcdefghij"
INTERVIEW = Interview(ID, "Talk", "Zoë", State.LIVE, "ada", START, timedelta(minutes=60), ("ada",), ())
BLIND = replace(
    INTERVIEW,
    title="Zoë: 'talk'",
    candidate_email="zoe@x.org",
    tags=("zoe", "python"),
    internal_notes="of X",
    position="kkkkkkkkkk",
    blind=True,
)


def test_a_card_its_changes_and_the_rubric_come_back_as_they_were_stored(database):
    rubric = Rubric((Section("role", "Ünï", LIVE),))
    card = ScoreCard(ID, "rea", {"role/testing": Score(4, comment="'ü'", moments="1:00")}, 3, "page", START)
    locked = replace(card, account="ada", revision=4, locked_at=START + timedelta(minutes=1))
    change = ScoreChange("ada", "role/testing", Score(4), Score(observed=False), START, "why")

    with database.write() as records:
        records.add_interview(INTERVIEW)
        records.pin_rubric(ID, rubric, START)
        for one in (card, replace(locked, locked_at=None), locked):
            records.save_card(one)
        records.add_score_change(ID, change)

    with database.read() as records:
        assert records.pinned_rubric(ID) == rubric
        assert records.cards(ID) == [locked, card]
        assert records.card(ID, "rea") == card
        assert records.card(ID, "bob") is None
        assert records.score_changes(ID) == [change]
        assert records.pinned_rubric("zzzzzzzzzz") is None


def test_a_roles_rubric_comes_back(database):
    role = Position("kkkkkkkkkk", "Analyst", blind=True, rubric=WRITTEN)

    with database.write() as records:
        records.save_position(role)

    with database.read() as records:
        assert records.position(role.id) == role
        assert records.positions() == [role]


def test_what_is_hidden_stands_in_no_row_that_is_searched_or_sorted(database):
    with database.write() as records:
        records.add_interview(BLIND)
        records.save_card(ScoreCard(ID, "ada", {}, 1, "", START, START))

    with database.read() as records:
        assert records.interview(ID) == BLIND
        for person, known in ((ADA, BLIND), (ROOT, BLIND), (REA, hidden(BLIND))):
            assert records.find(person, Search()).interviews == (known,)
            assert records.scored_for("kkkkkkkkkk", person, 5) == [known]
            for text, found in (
                ("zoë", known is BLIND),
                ("zoe@x", known is BLIND),
                (pseudonym(ID), True),
                ("talk", True),
            ):
                assert bool(records.find(person, Search(text=text)).interviews) is found, (person, text)
                assert bool(records.count(person, Search(text=text)).rows) is found, (person, text)
        assert records.known_tags(REA, "", 10) == ["python"]
        assert not records.find(REA, Search(tags=("zoe",))).interviews


def test_an_interview_that_is_made_blind_or_not_is_written_anew(database):
    with database.write() as records:
        records.add_interview(BLIND)
        records.save_interview(replace(BLIND, blind=False))
        seen = records.find(REA, Search(text="zoë", tags=("zoe",))).interviews
        records.save_interview(BLIND)
        again = records.find(REA, Search(text="zoë")).interviews
        records.save_interview(replace(BLIND, candidate_name="Python", candidate_email=""))
        tags = records.known_tags(REA, "", 10)

    assert (seen, again, tags) == ((replace(BLIND, blind=False),), (), ["zoe"])


def test_no_cursor_holds_a_name(database):
    others = [replace(BLIND, id=f"abcdefghi{letter}", title=f"Zoë {letter}") for letter in "abc"]

    with database.write() as records:
        for one in others:
            records.add_interview(one)
        for order in (Order.CANDIDATE, Order.TITLE_DOWN):
            first = records.find(REA, Search(order=order, rows=1))
            second = records.find(REA, Search(order=order, rows=1, cursor=first.next))
            third = records.find(REA, Search(order=order, rows=1, cursor=second.next))
            found = {page.interviews[0].id for page in (first, second, third)}
            assert found == {one.id for one in others}
            for cursor in (first.next, second.next, third.previous):
                told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
                assert "Zo" not in told
