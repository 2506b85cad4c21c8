"""Signals of an interview: what is observed, who may read and judge it, and what a report gets."""

from dataclasses import replace
from datetime import timedelta

import pytest
from recorded import Session, cell

from assay_hub.domain.access import Action, TeamRole
from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.attendance import Spell
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.position import Position
from assay_hub.domain.search import AuditSearch
from assay_hub.domain.signal_rates import ObservedInterview, rates
from assay_hub.domain.signals import MAX_OF_A_KIND, OF_LEVEL, TOLD, Level, SignalKind, Verdict


def begin(world, **changes):
    """Return an interview in which the candidate is."""
    interview = world.interview(**changes)
    return world.enter(world.candidate(interview), interview.id)


def leave(world, interview, seconds: float = 65):
    """Let the candidate be away for a while."""
    at = world.clock.now()
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, at))
    world.clock.pass_by(seconds=seconds)
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, at, world.clock.now()))


def words(log) -> list[str]:
    return [one.signal.words for one in log.signals]


def paste(world, interview):
    session = Session(interview.candidate, "ada")
    session.edit(interview.candidate, lambda cells: cells.append(cell("a")))
    session.say(interview.candidate, name="paste", chars=45, **{"from": "outside"})
    start = world.clock.now().timestamp() - 1000
    events = [replace(event, at=start + event.at) for event in session.events]
    world.store(interview.id, [event.to_line() for event in events])


def test_an_interview_keeps_the_level_that_its_role_had(world):
    position = world.positions.save(world.staff, Position("", "Analyst", signals=Level.FULL))
    before = world.interview(position=position.id)
    world.positions.save(world.staff, replace(position, signals=Level.NONE))
    after = world.interview(position=position.id)

    found = world.review.find(world.staff, Action.SEE_DETAILS, before.id)

    assert (found.signals, after.signals, world.interview().signals) == (Level.FULL, Level.NONE, Level.LIGHT)
    assert set(world.signals.told(before.id)) == set(SignalKind)
    assert world.signals.told(after.id) == {}


def test_every_kind_has_words_before_and_after():
    assert set(TOLD) == set(SignalKind) == OF_LEVEL[Level.FULL]
    assert OF_LEVEL[Level.NONE] == frozenset()
    assert OF_LEVEL[Level.LIGHT] < OF_LEVEL[Level.FULL]


def test_both_sides_read_the_same_log(world):
    interview = begin(world)
    leave(world, interview)
    paste(world, interview)

    own = world.signals.log(world.candidate(interview), interview.id)
    staff = world.signals.review(world.staff, interview.id)

    assert words(own) == words(staff)
    assert words(own) == ["left the page for 1:05 minutes", "pasted 45 characters from outside the notebook"]
    assert [one.replay_at for one in staff.signals] == [0, 200]


def test_the_candidate_never_reads_what_people_say(world):
    interview = begin(world)
    leave(world, interview)
    signal = world.signals.review(world.staff, interview.id).signals[0].signal
    world.signals.judge(world.staff, interview.id, signal.id, "concerning", "Asked, no answer.", 0)
    candidate = world.candidate(interview)

    (own,) = world.signals.log(candidate, interview.id).signals

    assert own.judgements == ()
    for ask in (world.signals.review, world.signals.reviewed):
        with pytest.raises(NotFoundError):
            ask(candidate, interview.id)
    with pytest.raises(NotFoundError):
        world.signals.judge(candidate, interview.id, signal.id, "explained", "It was me.", 0)


def test_only_judged_signals_stand_in_a_report_and_none_that_is_to_be_ignored(world):
    interview = begin(world)
    for _ in range(3):
        leave(world, interview)
        world.clock.pass_by(minutes=1)
    log = world.signals.review(world.staff, interview.id)
    ids = [one.signal.id for one in log.signals]
    world.signals.judge(world.staff, interview.id, ids[0], "explained", "The bell rang.", 0)
    world.signals.judge(world.staff, interview.id, ids[1], "ignore", "A second.", 0)

    (shown,) = world.signals.reviewed(world.staff, interview.id).signals

    assert (shown.verdict, shown.reason, shown.judged_by) == (Verdict.EXPLAINED, "The bell rang.", "Ada")
    assert shown.words == "left the page for 1:05 minutes"


def test_a_verdict_can_be_changed_and_its_history_stays(world):
    interview = begin(world)
    leave(world, interview)
    reviewer = world.member("rita", TeamRole.REVIEWER)
    signal = world.signals.review(world.staff, interview.id).signals[0].signal
    world.signals.judge(world.staff, interview.id, signal.id, "concerning", "Odd.", 0)
    first = world.signals.review(reviewer, interview.id).signals[0].judgement

    world.signals.judge(reviewer, interview.id, signal.id, "explained", "The bell.", first.id)
    with pytest.raises(ConflictError):
        world.signals.judge(world.staff, interview.id, signal.id, "ignore", "Late.", first.id)

    (found,) = world.signals.review(world.staff, interview.id).signals
    assert [(one.account, one.verdict, one.reason) for one in found.judgements] == [
        ("ada", Verdict.CONCERNING, "Odd."),
        ("rita", Verdict.EXPLAINED, "The bell."),
    ]
    deeds = world.review.audit(world.admin, AuditSearch(deed=Deed.SIGNAL_JUDGED, rows=10))
    assert [(one.account, one.details["verdict"]) for one in deeds] == [("rita", "explained"), ("ada", "concerning")]
    assert Deed.SIGNAL_JUDGED not in {one.deed for one in world.review.details(world.staff, interview.id).history}


@pytest.mark.parametrize(("verdict", "reason"), [("guilty", "x"), ("explained", "  "), ("explained", "x" * 2001)])
def test_a_verdict_needs_to_be_one_and_to_have_a_reason(world, verdict, reason):
    interview = begin(world)
    leave(world, interview)
    signal = world.signals.review(world.staff, interview.id).signals[0].signal

    with pytest.raises(BadInputError):
        world.signals.judge(world.staff, interview.id, signal.id, verdict, reason, 0)

    assert world.signals.review(world.staff, interview.id).signals[0].judgement is None


def test_viewers_and_observers_see_no_signals(world):
    world.member("olga", TeamRole.REVIEWER)
    interview = begin(world, observers=("olga",))
    viewer = world.member("vera", TeamRole.VIEWER)

    for person in (viewer, world.team.person("olga"), world.stranger):
        for ask in (world.signals.log, world.signals.review, world.signals.reviewed):
            with pytest.raises(NotFoundError):
                ask(person, interview.id)


def test_what_is_not_observed_is_not_stored(world):
    position = world.positions.save(world.staff, Position("", "Quiet", signals=Level.NONE))
    quiet, light, early = begin(world, position=position.id), begin(world), world.interview()

    leave(world, quiet)
    leave(world, early)
    paste(world, quiet)
    world.observe.copied(light.id, 500)  # only at level full

    assert [world.signals.log(world.staff, one.id).signals for one in (quiet, light, early)] == [(), (), ()]


def test_what_a_room_tells_is_bounded(world):
    interview = begin(world)

    for _ in range(MAX_OF_A_KIND + 5):
        leave(world, interview, seconds=1)

    assert len(world.signals.log(world.staff, interview.id).signals) == MAX_OF_A_KIND


def test_after_the_end_nothing_begins_any_more(world):
    interview = begin(world)
    at = world.clock.now()
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, at))
    world.submit.end(world.staff, interview.id)
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, at, at + timedelta(seconds=10)))

    world.clock.pass_by(minutes=1)
    leave(world, interview)

    assert words(world.signals.log(world.staff, interview.id)) == ["left the page for 10 seconds"]


def test_muted_signals_are_neither_collected_nor_shown_and_nobody_who_scores_knows_why(world):
    interview = begin(world)
    leave(world, interview)
    paste(world, interview)
    world.signals.log(world.staff, interview.id)
    reviewer = world.member("rita", TeamRole.REVIEWER)
    muted = Accommodation(frozenset({SignalKind.LEFT, SignalKind.PASTED}), "Looks away to think.", 1.5)

    world.accommodations.save(world.staff, interview.id, muted, Accommodation())
    leave(world, interview)

    assert world.signals.log(world.staff, interview.id).signals == ()
    assert SignalKind.LEFT not in world.signals.told(interview.id)
    assert world.accommodations.of(world.staff, interview.id)[1] == muted
    for person in (reviewer, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            world.accommodations.of(person, interview.id)
    assert {one.deed for one in world.review.details(reviewer, interview.id).history} == {Deed.CREATED, Deed.STARTED}


def test_nothing_more_is_observed_than_what_the_candidate_was_told(world):
    muted = Accommodation(frozenset({SignalKind.LEFT}))
    interview = world.interview()
    world.accommodations.save(world.staff, interview.id, muted, Accommodation())
    world.enter(world.candidate(interview), interview.id)

    with pytest.raises(WrongStateError):
        world.accommodations.save(world.staff, interview.id, Accommodation(), muted)
    with pytest.raises(ConflictError):
        world.accommodations.save(world.staff, interview.id, Accommodation(time_factor=2), Accommodation())

    assert world.accommodations.of(world.staff, interview.id)[1] == muted


def test_a_workspace_is_told_what_it_is_not_to_record(world):
    quiet = world.positions.save(world.staff, Position("", "Quiet", signals=Level.NONE))
    silent, light = begin(world, position=quiet.id), begin(world)
    muted = Accommodation(frozenset({SignalKind.LEFT, SignalKind.INSERTED}))
    world.accommodations.save(world.staff, light.id, muted, Accommodation())

    for interview in (silent, light):
        world.start(interview.id)

    assert world.workspaces.manifests[silent.workspace].unreported >= {"paste", "copy", "hidden", "blur", "insert"}
    left_out = world.workspaces.manifests[light.workspace].unreported
    assert left_out >= {"hidden", "blur", "insert"}
    assert not left_out & {"paste", "copy"}


def test_a_candidate_who_is_found_again_after_a_restart_is_back(world):
    interview = begin(world)
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, world.clock.now()))
    world.clock.pass_by(seconds=30)

    world.observe.found(interview.id)

    assert words(world.signals.log(world.staff, interview.id)) == ["left the page for 30 seconds"]


def test_rates_are_refused_below_five_people():
    plain = ObservedInterview(Level.LIGHT, Accommodation(), {SignalKind.LEFT: 2})
    given = ObservedInterview(Level.LIGHT, Accommodation(time_factor=1.5), {SignalKind.PASTED: 1})
    muted = ObservedInterview(Level.LIGHT, Accommodation(frozenset({SignalKind.LEFT})), {})

    rows = {row.kind: row for row in rates([plain] * 5 + [given] * 4 + [muted])}

    left, pasted = rows[SignalKind.LEFT], rows[SignalKind.PASTED]
    assert (left.without.people, left.without.fell_on, left.without.signals) == (5, 5, 2.0)
    assert (left.accommodated.people, left.accommodated.fell_on, left.accommodated.signals) == (4, None, None)
    assert (pasted.accommodated.people, pasted.accommodated.fell_on, pasted.accommodated.signals) == (5, 4, 0.8)
    assert rows[SignalKind.RHYTHM].without.people == 0


def test_rates_are_for_administrators_and_look_through_what_nobody_opened(world):
    interview = begin(world)
    paste(world, interview)
    world.submit.end(world.staff, interview.id)

    with pytest.raises(NotFoundError):
        world.signals.rates(world.staff)
    found = world.signals.rates(world.admin)

    assert found.unread == 0
    with world.database.read() as records:
        assert [one.counts for one in records.observed_interviews()] == [{SignalKind.PASTED: 1}]
