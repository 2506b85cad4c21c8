"""Rubrics, cards and what several cards say together, as rules alone."""

from dataclasses import replace
from itertools import cycle, islice

import pytest
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.debrief import agreed, severities
from assay_hub.domain.errors import BadInputError, ConflictError, WrongStateError
from assay_hub.domain.result import Grade, GradingState
from assay_hub.domain.rubric import DEFAULTS, LIVE, RECOMMENDATION, Criterion, Rubric, Section, checked
from assay_hub.domain.score_card import (
    Score,
    ScoreCard,
    change_score,
    keys_of,
    mean_of,
    suggested_level,
)

ANCHORS = ("bad", "", "fine", "", "great")
RUBRIC = Rubric(
    (Section("role", "Role", LIVE[:2]), Section("first", "First", (Criterion("cost", "Cost", ANCHORS, 2),)))
)
KEYS = keys_of(RUBRIC)


def card(account: str, *levels: int | None) -> ScoreCard:
    """Return a locked card with these levels for each key in turn; ``None`` is not observed."""
    scores = {key: Score(level, observed=level is not None) for key, level in zip(KEYS, levels, strict=False)}
    return ScoreCard("abcdefghij", account, scores, 1, "", START, START)


def test_shipped_rubrics_say_what_the_levels_look_like():
    names = {name: [one.id for one in criteria] for name, criteria in DEFAULTS.items()}

    assert names == {
        "live": ["communication", "problem-solving", "code-quality", "testing"],
        "written": ["trade-offs", "skipped", "readability"],
    }
    assert all(checked(criteria) == criteria for criteria in DEFAULTS.values())


def test_a_criterion_of_a_role_gets_an_id_of_its_own():
    new = Criterion("", "  Code   quality ", ANCHORS)

    tidy = checked([LIVE[2], new, new])

    assert [one.id for one in tidy] == ["code-quality", "code-quality-2", "code-quality-3"]
    assert tidy[1].title == "Code quality"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "rubric-0-title"),
        ({"id": "../x"}, "rubric-0-title"),
        ({"weight": 0.0}, "rubric-0-weight"),
        ({"weight": float("nan")}, "rubric-0-weight"),
        ({"anchors": ("a", "", "", "", "c")}, "rubric-0-3"),
        ({"anchors": ("a", "x" * 1001, "b", "", "c")}, "rubric-0-2"),
        ({"anchors": ("a", "b", "c")}, "rubric-0-title"),
    ],
)
def test_a_rubric_says_which_field_cannot_be_used(wrong, field):
    with pytest.raises(BadInputError) as refusal:
        checked([replace(Criterion("a", "A", ANCHORS), **wrong)])

    assert list(refusal.value.fields) == [field]


def test_a_rubric_has_no_criterion_twice():
    with pytest.raises(BadInputError) as refusal:
        checked([LIVE[0], LIVE[0]])

    assert list(refusal.value.fields) == ["rubric-1-title"]


def test_an_interviews_rubric_comes_back_as_it_was_stored():
    assert Rubric.from_json(RUBRIC.to_json()) == RUBRIC


def test_a_card_is_saved_half_done_and_locked_whole():
    fresh = ScoreCard("abcdefghij", "ada")

    half = fresh.save({KEYS[0]: Score(4, comment="calm"), KEYS[1]: Score()}, RUBRIC, START)
    with pytest.raises(BadInputError) as refusal:
        half.lock(RUBRIC, START)
    whole = half.save({**half.scores, **{key: Score(observed=False) for key in KEYS[1:]}}, RUBRIC, START)
    locked = whole.lock(RUBRIC, START)

    assert half.scores == {KEYS[0]: Score(4, comment="calm")}
    assert set(refusal.value.fields) == set(KEYS[1:])
    assert locked.locked_at == START
    for change in (lambda: locked.save({}, RUBRIC, START), lambda: locked.lock(RUBRIC, START)):
        with pytest.raises(WrongStateError):
            change()


@pytest.mark.parametrize(
    "scores",
    [
        {"role/nothing": Score(3)},
        {KEYS[0]: Score(6)},
        {KEYS[0]: Score(0)},
        {KEYS[0]: Score(3, observed=False)},
        {RECOMMENDATION: Score(5)},
        {KEYS[0]: Score(3, comment="x" * 5001)},
        {KEYS[0]: Score(3, comment="\0")},
        {KEYS[0]: Score(3, moments=",".join(["1:00"] * 21))},
    ],
)
def test_what_is_no_score_is_not_kept(scores):
    with pytest.raises(BadInputError):
        ScoreCard("abcdefghij", "ada").save(scores, RUBRIC, START)


def test_a_card_is_saved_from_the_version_it_was_made_from_or_from_the_same_page():
    saved = ScoreCard("abcdefghij", "ada").save({}, RUBRIC, START, "page-1")

    saved.require_same(1)
    saved.require_same(0, "page-1")
    saved.require_same(None)
    for revision, page in ((0, ""), (0, "page-2"), (2, "")):
        with pytest.raises(ConflictError):
            saved.require_same(revision, page)


def test_moments_are_places_in_the_replay():
    assert Score(moments="0:05, 12:34,1:02:03").places == [("0:05", 5_000), ("12:34", 754_000), ("1:02:03", 3_723_000)]
    assert Score(moments="at the end, 12:99").places == []
    with pytest.raises(BadInputError):
        ScoreCard("a", "ada", {key: Score(3, moments="soon") for key in KEYS}).lock(RUBRIC, START)


def test_the_recommendation_is_no_part_of_the_mean():
    locked = card("ada", 2, None, 5, 1)

    assert locked.mean(RUBRIC) == pytest.approx((2 + 2 * 5) / 3)
    assert mean_of({RECOMMENDATION: Score(4)}, RUBRIC) is None


def test_a_change_after_the_debrief_leaves_the_first_score():
    locked = card("ada", 2, 3, 4, 1)

    first = change_score(locked, [], KEYS[0], Score(3), RUBRIC, START, " heard the recording ")
    second = change_score(locked, [first], KEYS[0], Score(4), RUBRIC, START, "again")

    assert locked.of(KEYS[0]) == Score(2)
    assert (second.before, second.after, second.account) == (Score(3), Score(4), "ada")
    assert first.why == "heard the recording"
    assert locked.after([first, second])[KEYS[0]] == Score(4)


@pytest.mark.parametrize(
    ("score", "why", "field"),
    [
        (Score(2), "so", KEYS[0]),
        (Score(4), "  ", "why"),
        (Score(), "so", KEYS[0]),
        (Score(4, moments="x"), "so", KEYS[0]),
    ],
)
def test_a_change_needs_a_reason_and_a_difference(score, why, field):
    with pytest.raises(BadInputError) as refusal:
        change_score(card("ada", 2, 3, 4, 1), [], KEYS[0], score, RUBRIC, START, why)

    assert list(refusal.value.fields) == [field]


def test_nothing_is_changed_beside_a_card_that_is_not_locked():
    with pytest.raises(WrongStateError):
        change_score(ScoreCard("abcdefghij", "ada"), [], KEYS[0], Score(4), RUBRIC, START, "so")


def test_tests_suggest_a_level_once_they_ran():
    done = Grade("abcdefghij", "first", GradingState.DONE, points=8, max_points=10)

    assert [suggested_level(replace(done, points=points)) for points in (0, 2.5, 8, 10, 12)] == [1, 2, 4, 5, 5]
    assert suggested_level(replace(done, state=GradingState.RUNNING)) is None
    assert suggested_level(replace(done, max_points=0)) is None


def test_agreement_is_no_figure_before_five_interviews():
    few = [(RUBRIC, [card("ada", 1, 2, 3, 4), card("bob", 1, 2, 3, 4)])] * 4

    found = agreed(few)

    assert [one.agreement for one in found] == [None] * 4
    assert found[0].words == "Too few to say: two people scored this in 4 interviews; a figure needs 5."
    assert agreed([]) == []


def test_agreement_is_by_criterion_kappa_for_two_and_alpha_for_more():
    levels = list(islice(cycle([1, 5, 3, 2]), 20))
    two = [(RUBRIC, [card("ada", one, 3, one), card("bob", one, 3, 6 - one)]) for one in levels]
    three = [(RUBRIC, [*cards, card("cem", one, 3, one)]) for one, (_, cards) in zip(levels, two, strict=True)]

    by_title = {one.title: one for one in agreed(two)}

    kappa, same, opposite = (by_title[name].agreement for name in ("Communication", "Problem solving", "Cost"))
    assert (kappa.method, kappa.value, kappa.low, kappa.high) == ("kappa", 1, 1, 1)
    assert same.value is None
    assert by_title["Problem solving"].words.startswith("Everybody gave the same level")
    assert opposite.value < 0
    assert {one.agreement.method for one in agreed(three)[:1]} == {"alpha"}
    assert by_title["Overall recommendation"].agreement is None


def test_other_anchors_make_another_criterion_and_another_weight_does_not():
    worded = Rubric((Section("role", "Role", (replace(LIVE[0], anchors=ANCHORS),)),))
    weighed = Rubric((Section("role", "Role", (replace(LIVE[0], weight=3),)),))
    cards = [card("ada", 4), card("bob", 4)]

    found = agreed([(RUBRIC, cards), (worded, cards), (weighed, cards)])

    units = {(one.title, one.anchors): one.units for one in found}
    assert units["Communication", LIVE[0].anchors] == 2
    assert units["Communication", ANCHORS] == 1


def test_severity_is_the_distance_to_the_others_on_what_both_scored():
    cards = [(RUBRIC, [card("ada", 2, 2, 2), card("bob", 4, 4, 4)])] * 2 + [(RUBRIC, [card("cem", 1, 1, 1)])]

    found = {one.account: one for one in severities(cards)}

    assert (found["ada"].value, found["bob"].value, found["ada"].units) == (-2, 2, 6)
    assert found["cem"].value is None


@given(st.lists(st.lists(st.none() | st.integers(1, 5), min_size=2, max_size=4), min_size=5, max_size=12))
def test_agreement_can_be_said_of_any_scores(rows):
    names = ("ada", "bob", "cem", "dee")
    cards = [(RUBRIC, [card(names[place], level) for place, level in enumerate(row)]) for row in rows]

    for one in agreed(cards):
        assert one.agreement is None or one.agreement.value is None or one.agreement.value <= 1
        assert one.words
