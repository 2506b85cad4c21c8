"""Score cards over a real store: alone until locked, pinned rubrics, debriefs, agreement."""

from dataclasses import replace

import pytest
from world import World

from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.debrief import ScoreCards, Withheld
from assay_hub.domain.errors import BadInputError, ConflictError, NotAllowedError, NotFoundError, WrongStateError
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position
from assay_hub.domain.result import Grade, GradingState
from assay_hub.domain.rubric import LIVE, RECOMMENDATION, WRITTEN
from assay_hub.domain.score_card import Score, keys_of
from assay_hub.domain.search import AuditSearch


def fill(world: World, by: Person, interview: Interview, level: int = 3, **others: int) -> int:
    """Give everything the same level but what is named otherwise; return the card's revision."""
    own = world.cards.open(by, interview.id)
    scores = {
        key: Score(others.get(key.partition("/")[2], level), comment=f"{by.name} said so")
        for key in keys_of(own.rubric)
    }
    scores[RECOMMENDATION] = Score(others.get("recommendation", 3))
    return world.cards.save(by, interview.id, scores, own.card.revision).revision


def lock(world: World, by: Person, interview: Interview, level: int = 3, **others: int) -> None:
    world.cards.lock(by, interview.id, fill(world, by, interview, level, **others))


def live(world: World, **plan: object) -> Interview:
    interview = world.interview(**plan)
    return world.enter(world.candidate(interview), interview.id)


def deeds(world: World, interview: Interview) -> list[tuple[str, Deed]]:
    with world.database.read() as records:
        return [(one.account, one.deed) for one in records.audit(AuditSearch(interview=interview.id))]


def test_the_rubric_is_that_of_the_role_and_of_each_question_that_has_one(world):
    role = world.positions.save(world.staff, Position("", "Analyst", rubric=WRITTEN))
    interview = live(world, position=role.id)

    rubric = world.cards.open(world.staff, interview.id).rubric

    assert [(one.id, one.title) for one in rubric.sections] == [("role", "Analyst"), ("first", "First")]
    assert rubric.sections[0].criteria == WRITTEN
    assert list(rubric.keyed)[-1] == "first/solution"


def test_without_a_role_the_shipped_criteria_are_scored(world):
    rubric = world.cards.open(world.staff, live(world).id).rubric

    assert rubric.sections[0].criteria == LIVE


def test_a_later_edit_of_the_role_never_changes_an_opened_rubric(world):
    role = world.positions.save(world.staff, Position("", "Analyst", rubric=LIVE))
    interview, reviewer = live(world, position=role.id), world.member("rea", TeamRole.REVIEWER)
    before = world.cards.open(world.staff, interview.id).rubric

    world.positions.save(world.staff, replace(role, rubric=WRITTEN))

    assert world.cards.open(reviewer, interview.id).rubric == before
    assert deeds(world, interview).count(("ada", Deed.RUBRIC_PINNED)) == 1


def test_a_draft_is_kept_and_another_window_never_overwrites_it(world):
    interview = live(world)

    first = world.cards.save(world.staff, interview.id, {"role/testing": Score(2, comment="half")}, 0, "page-1")
    again = world.cards.save(world.staff, interview.id, {"role/testing": Score(2, comment="half a")}, 0, "page-1")
    with pytest.raises(ConflictError):
        world.cards.save(world.staff, interview.id, {}, 0, "page-2")
    with pytest.raises(ConflictError):
        world.cards.lock(world.staff, interview.id, first.revision)

    assert world.cards.open(world.staff, interview.id).card.scores == again.scores
    assert again.scores["role/testing"].comment == "half a"


def test_a_locked_card_is_never_saved_again(world):
    interview = live(world)
    lock(world, world.staff, interview)

    for change in (world.cards.save, lambda by, one, _scores, revision: world.cards.lock(by, one, revision)):
        with pytest.raises(WrongStateError):
            change(world.staff, interview.id, {}, 2)


def test_nobody_sees_another_card_or_a_suggestion_before_theirs_is_locked(world):
    interview, reviewer = live(world), world.member("rea", TeamRole.REVIEWER)
    with world.database.write() as records:
        records.save_grade(Grade(interview.id, "first", GradingState.DONE, points=9, max_points=10))
    lock(world, world.staff, interview, 5)
    fill(world, reviewer, interview, 2)

    withheld = world.cards.of(reviewer, interview.id)
    own = world.cards.open(reviewer, interview.id)

    assert withheld == Withheld("You score alone: lock your own score card, then you see the others'.", 1)
    assert {score.level for score in own.card.scores.values()} == {2, 3}
    assert not world.cards.may_see_suggestions(reviewer, interview.id)

    world.cards.lock(reviewer, interview.id, own.card.revision)
    shown = world.cards.of(reviewer, interview.id)

    assert isinstance(shown, ScoreCards)
    assert [one.name for one in shown.cards] == ["Ada", "Rea"]
    assert shown.suggestions == {"first": 5}
    assert world.cards.may_see_suggestions(reviewer, interview.id)


def test_whoever_gives_no_card_sees_locked_cards_only(world):
    interview, viewer = live(world), world.member("vic", TeamRole.VIEWER)
    reviewer = world.member("rea", TeamRole.REVIEWER)
    fill(world, reviewer, interview, 1)
    lock(world, world.staff, interview, 5)

    for person in (viewer, world.admin):
        shown = world.cards.of(person, interview.id)
        assert ([one.card.account for one in shown.cards], shown.drafts) == (["ada"], 1)
        with pytest.raises(NotFoundError):
            world.cards.open(person, interview.id)


def test_an_admin_who_holds_the_interview_scores_alone_like_everybody(world):
    interview = live(world, interviewers=("ada", "root"))
    lock(world, world.staff, interview)

    assert isinstance(world.cards.of(world.admin, interview.id), Withheld)
    lock(world, world.admin, interview)
    assert isinstance(world.cards.of(world.admin, interview.id), ScoreCards)


def test_whoever_saw_the_others_cards_gives_none_afterwards(world):
    interview = live(world)
    lock(world, world.staff, interview)
    world.cards.of(world.admin, interview.id)

    world.edit(world.staff, interview.id, replace(interview.plan, interviewers=("ada", "root")))

    with pytest.raises(NotAllowedError):
        world.cards.open(world.admin, interview.id)
    with pytest.raises(NotAllowedError):
        world.cards.save(world.admin, interview.id, {}, 0)


def test_observers_candidates_and_strangers_have_no_score_cards(world):
    watcher = world.member("oto", TeamRole.INTERVIEWER)
    interview = live(world, observers=("oto",))
    lock(world, world.staff, interview)

    for person in (watcher, world.candidate(interview), world.stranger):
        for use in (world.cards.open, world.cards.of):
            with pytest.raises(NotFoundError):
                use(person, interview.id)


def test_there_is_nothing_to_score_before_an_interview_or_without_one(world):
    waiting, cancelled = world.interview(), world.interview()
    world.edit.cancel(world.staff, cancelled.id)

    for interview in (waiting, cancelled):
        with pytest.raises(WrongStateError):
            world.cards.open(world.staff, interview.id)


def test_a_change_after_the_debrief_stands_beside_the_first_score(world):
    interview, reviewer = live(world), world.member("rea", TeamRole.REVIEWER)
    for person in (world.staff, reviewer):
        lock(world, person, interview)

    world.clock.pass_by(minutes=5)
    world.cards.change(reviewer, interview.id, "role/testing", Score(5), "I had missed the second half.", 0)
    with pytest.raises(ConflictError):
        world.cards.change(reviewer, interview.id, "role/testing", Score(4), "from an old page", 0)

    shown = world.cards.of(world.staff, interview.id)
    one = shown.cards[1]
    [change] = one.changes_of("role/testing")
    assert (one.card.of("role/testing").level, one.now["role/testing"].level) == (3, 5)
    assert (change.account, change.at, change.why) == ("rea", world.clock.now(), "I had missed the second half.")
    assert one.mean == shown.cards[0].mean
    assert not shown.cards[0].changes


def test_readings_and_changes_stand_in_the_audit_log_and_no_score_does(world):
    interview = live(world)
    lock(world, world.staff, interview)
    world.cards.change(world.staff, interview.id, "role/testing", Score(5), "seen again")
    world.cards.of(world.staff, interview.id)

    assert [deed for _, deed in deeds(world, interview)][:5] == [
        Deed.READ_CARDS,
        Deed.CARD_CHANGED,
        Deed.CARD_LOCKED,
        Deed.READ_CARD,
        Deed.RUBRIC_PINNED,
    ]
    with world.database.read() as records:
        told = [one.details for one in records.history(interview.id)]
    assert told[:3] == [{"criterion": "role/testing"}, {}, {}]


def scored(world: World, role: Position, count: int) -> tuple[Person, list[Interview]]:
    reviewer = world.member("rea", TeamRole.REVIEWER)
    interviews = [live(world, position=role.id) for _ in range(count)]
    for place, interview in enumerate(interviews):
        lock(world, world.staff, interview, 2 + place % 3)
        lock(world, reviewer, interview, 1 + place % 3)
    return reviewer, interviews


def test_agreement_is_over_the_interviews_of_a_role_and_severity_for_admins_alone(world):
    role = world.positions.save(world.staff, Position("", "Analyst"))
    reviewer, interviews = scored(world, role, 6)
    world.cards.change(reviewer, interviews[0].id, "role/testing", Score(5), "after the debrief", 0)

    found = world.cards.agreement(world.staff, role.id)
    by_admin = world.cards.agreement(world.admin, role.id)

    kappa = next(one for one in found.criteria if one.title == "Testing").agreement
    assert (found.interviews, kappa.method, kappa.units) == (6, "kappa", 6)
    assert kappa.low <= kappa.value <= kappa.high < 1
    assert found.severities == ()
    assert [(one.account, round(one.value, 2)) for one in by_admin.severities] == [("ada", 1), ("rea", -1)]
    with pytest.raises(NotFoundError):
        world.cards.agreement(world.member("vic", TeamRole.VIEWER), role.id)


def test_agreement_tells_nobody_of_interviews_that_they_have_not_scored_yet(world):
    role = world.positions.save(world.staff, Position("", "Analyst"))
    scored(world, role, 5)
    third = world.member("cem", TeamRole.REVIEWER)

    found = world.cards.agreement(third, role.id)

    assert (found.interviews, found.criteria) == (0, ())


def test_a_blind_role_makes_blind_interviews_and_a_later_change_of_it_does_not_lift_that(world):
    role = world.positions.save(world.staff, Position("", "Analyst", blind=True))
    interview = live(world, position=role.id, candidate_email="sam@x.org", internal_notes="from X")
    reviewer = world.member("rea", TeamRole.REVIEWER)

    world.positions.save(world.staff, replace(role, blind=False))
    seen = world.cards.open(reviewer, interview.id).interview

    assert seen.candidate_name.startswith("Candidate ")
    assert (seen.candidate_email, seen.internal_notes) == ("", "")
    assert world.cards.open(world.staff, interview.id).interview.candidate_name == "Sam"
    assert not world.interview(position=role.id).blind


def test_moving_an_interview_to_another_role_takes_over_what_that_says(world):
    blind = world.positions.save(world.staff, Position("", "Analyst", blind=True))
    interview = world.interview()
    moved = world.edit(world.staff, interview.id, replace(interview.plan, position=blind.id))
    back = world.edit(world.staff, interview.id, replace(interview.plan, position=""))

    assert (moved.blind, back.blind) == (True, False)


def test_a_copy_by_somebody_who_is_not_told_the_name_has_the_pseudonym(world):
    role = world.positions.save(world.staff, Position("", "Analyst", blind=True))
    interview = world.create(world.staff, Plan("Talk with Sam", "Sam", "sam@x.org", role.id, tags=("sam",)))
    other = world.member("oto", TeamRole.INTERVIEWER)

    copied = world.create.copy(other, interview.id)

    assert "Sam" not in repr(copied)
    assert "sam@x.org" not in repr(copied)


def test_a_rubric_of_a_role_that_cannot_be_used_is_refused(world):
    with pytest.raises(BadInputError) as refusal:
        world.positions.save(world.staff, Position("", "Analyst", rubric=(replace(LIVE[0], weight=-1),)))

    assert list(refusal.value.fields) == ["rubric-0-weight"]
