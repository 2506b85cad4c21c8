"""Reports: what is in them, who reads them, how people are compared, what is decided and what candidates get."""

from dataclasses import replace

import pytest
from recorded import Session, cell, write

from assay_hub.domain.access import Action, Person, TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.decision import Choice
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.feedback import Part
from assay_hub.domain.performance import Compared, TooFew
from assay_hub.domain.position import Position
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.domain.role_summary import Step
from assay_hub.domain.score_card import Score, keys_of
from assay_hub.domain.search import AuditSearch

ROLE = "rolerolero"
SECRET = "assert busiest(LOG) == 17"


@pytest.fixture
def role(world) -> str:
    with world.database.write() as records:
        records.save_position(Position(ROLE, "Analyst"))
    return ROLE


def ended(world, share: float = 0.5, **plan):
    """Return an interview with two graded questions of ten points each; the second was answered half right."""
    interview = world.interview(**plan)
    person = world.candidate(interview)
    world.clock.pass_by(minutes=1)
    world.enter(person, interview.id)
    world.clock.pass_by(minutes=30)
    world.submit.by_candidate(person, interview.id)
    with world.database.write() as records:
        for question, points in (("first", 10 * share), ("second", 5.0)):
            cells = (
                CellResult("t1", "An empty log", points, 10, "failed", SECRET),
                CellResult("t2", "Explain", None, 5, "needs-review", ""),
            )
            records.save_grade(Grade(interview.id, question, GradingState.DONE, "graded", points, 15, cells))
    return world.review.find(world.admin, _SEE, interview.id)


_SEE = Action.SEE_DETAILS


def test_a_report_holds_points_in_the_authors_words_and_never_what_a_test_said(world):
    interview = ended(world)

    found = world.report(world.staff, interview.id)

    assert (found.points, found.max_points) == (10, 20)
    assert [(test.title, test.points, test.verdict) for test in found.questions[0].tests] == [
        ("An empty log", 5, "failed"),
        ("Explain", None, "needs-review"),
    ]
    assert SECRET not in repr(found)
    assert found.clock.total_seconds() == 1800


def test_time_at_work_comes_from_the_recording_and_is_kept_once_all_is_over(world):
    interview = world.live_interview()
    session = Session(interview.candidate)
    session.edit(interview.candidate, lambda cells: cells.append(cell("a")))
    write(session, interview.candidate, "x = 1")
    world.store(interview.id, [event.to_line() for event in session.events])
    world.submit.by_candidate(world.candidate(interview), interview.id)
    assert world.measure.some(10) == 1
    assert world.measure.some(10) == 0

    found = world.report(world.staff, interview.id)

    assert found.questions[0].spent.active == 500
    assert found.questions[1].spent is None
    assert [one.what for one in found.questions[0].landmarks] == ["first-edit", "last-edit"]
    with world.database.read() as records:
        assert records.activity(interview.id).whole.active == found.spent.active == 500


@pytest.mark.parametrize("role_in_team", [TeamRole.VIEWER, None])
def test_who_may_not_see_a_report_gets_the_answer_of_what_is_not_there(world, role_in_team):
    interview = ended(world)
    person = world.member("vic", role_in_team) if role_in_team else world.stranger

    for who in (person, world.candidate(interview), Person("", "")):
        for ask in (
            lambda who: world.report(who, interview.id),
            lambda who: world.report.export(who, interview.id, "csv"),
            lambda who: world.report.alone(who, interview.id),
            lambda who: world.report.decide(who, interview.id, Choice.REJECT, "no", 0),
            lambda who: world.share.preview(who, interview.id, (Part.POINTS,), ""),
            lambda who: world.share.revoke(who, interview.id),
            lambda who: world.cohort.summary(who, ROLE),
        ):
            with pytest.raises(NotFoundError):
                ask(who)


def test_reading_and_taking_away_a_report_is_told_of(world):
    interview = ended(world)

    world.report(world.staff, interview.id)
    world.report.export(world.staff, interview.id, "json")

    last, before = world.review.audit(world.admin, AuditSearch(interview=interview.id))[:2]
    world.share.preview(world.staff, interview.id, (), "")
    sharing = world.review.audit(world.admin, AuditSearch(interview=interview.id))[0]
    assert (before.deed, last.deed, last.details) == (
        Deed.READ_REPORT,
        Deed.EXPORTED,
        {"what": "report", "form": "json"},
    )
    assert (sharing.deed, sharing.details) == (Deed.READ_REPORT, {"what": "sharing"})


def test_a_candidate_is_compared_with_five_others_and_not_with_four(world, role):
    own = ended(world, 0.8, position=role)
    for share in (0.2, 0.4, 0.6, 0.8):
        ended(world, share, position=role)

    few = world.report(world.staff, own.id)
    ended(world, 1, position=role)
    enough = world.report(world.staff, own.id)

    assert few.cohort.share == TooFew(4)
    assert few.questions[0].compared == TooFew(4)
    compared = enough.questions[0].compared
    assert isinstance(compared, Compared)
    assert (compared.others, compared.standing.percentile) == ((0.2, 0.4, 0.6, 0.8, 1.0), 70)
    assert enough.cohort.share.value == pytest.approx(13 / 20)
    assert enough.cohort.active is None


def test_a_cohort_is_narrowed_by_tags_and_holds_nobody_twice_nor_oneself(world, role):
    own = ended(world, position=role, tags=("python",), candidate_email="me@example.org")
    ended(world, 0.1, position=role, tags=("python",), candidate_email="ME@example.org")
    for number in range(6):
        tags = ("python",) if number < 5 else ()
        ended(world, 0.3, position=role, tags=tags, candidate_email=f"{number}@example.org")
    ended(world, 0.9, position=role, tags=("python",), candidate_email="0@example.org")

    wide = world.report(world.staff, own.id)
    narrow = world.report(world.staff, own.id, ("python", "no tag of it"))

    assert (wide.cohort.people, narrow.cohort.people, narrow.cohort.tags) == (6, 5, ("python",))
    assert narrow.questions[0].compared.others == (0.3, 0.3, 0.3, 0.3, 0.9)


def test_an_interview_that_somebody_may_not_see_is_in_none_of_their_numbers(world, role):
    world.member("vic", TeamRole.VIEWER)
    reviewer = world.member("rita", TeamRole.REVIEWER)
    own = ended(world, position=role)
    for share in (0.1, 0.2, 0.3, 0.4):
        ended(world, share, position=role)
    hidden = [ended(world, 0.987, position=role, viewers=("vic",)) for _ in range(3)]

    hers, admins = world.report(reviewer, own.id), world.report(world.admin, own.id)
    summary = world.cohort.summary(reviewer, role).summary

    assert hers.cohort.share == TooFew(4)
    assert admins.cohort.people == 4 + len(hidden)
    assert summary.people == 5
    assert all(value < 0.9 for value in summary.shares.values)


def test_another_version_of_a_task_is_another_task_and_a_correction_is_not(world, role):
    own = ended(world, position=role)
    others = [ended(world, 0.4, position=role) for _ in range(5)]
    with world.database.write() as records:
        for version, interview in zip(("1.0.1", "1.2.0", "1.0.0", "1.0.0", "2.0.0"), others, strict=True):
            refs = tuple(replace(ref, version=version) for ref in interview.questions)
            records.save_interview(replace(interview, questions=refs))

    found = world.report(world.staff, own.id)

    assert found.questions[0].compared == TooFew(4)
    assert found.cohort.share == TooFew(4)
    assert found.cohort.people == 5


def test_a_decision_needs_a_reason_and_keeps_the_earlier_ones(world):
    interview = ended(world)
    with pytest.raises(BadInputError):
        world.report.decide(world.staff, interview.id, Choice.HOLD, "  ", 0)
    world.report.decide(world.staff, interview.id, Choice.HOLD, "ask the team", 0)
    world.report.decide(world.admin, interview.id, Choice.ADVANCE, "they agree", 1)
    with pytest.raises(ConflictError):
        world.report.decide(world.staff, interview.id, Choice.REJECT, "did not look", 1)

    found = world.report(world.staff, interview.id)

    assert [(one.number, one.choice, one.account) for one in found.decisions] == [
        (2, Choice.ADVANCE, "root"),
        (1, Choice.HOLD, "ada"),
    ]
    assert found.decision.reason == "they agree"


def test_nothing_is_decided_or_shared_before_the_end_and_the_log_does_not_say_what_was_decided(world):
    live = world.live_interview()
    with pytest.raises(WrongStateError):
        world.report.decide(world.staff, live.id, Choice.REJECT, "now", 0)
    preview = world.share.preview(world.staff, live.id, (), "hello")
    with pytest.raises(WrongStateError):
        world.share.share(world.staff, live.id, (), "hello", preview.digest)
    interview = ended(world)
    world.report.decide(world.staff, interview.id, Choice.REJECT, "a reason", 0)

    (entry,) = [one for one in world.review.details(world.staff, interview.id).history if one.deed is Deed.DECIDED]

    assert entry.details == {"number": 1}


def test_a_reviewer_reads_a_report_and_neither_decides_nor_shares(world):
    reviewer = world.member("rita", TeamRole.REVIEWER)
    interview = ended(world)

    world.report(reviewer, interview.id)

    with pytest.raises(NotFoundError):
        world.report.decide(reviewer, interview.id, Choice.ADVANCE, "yes", 0)
    with pytest.raises(NotFoundError):
        world.share.offered(reviewer, interview.id)


def test_a_candidate_gets_what_was_looked_at_and_nothing_else_until_it_is_taken_back(world, role):
    interview = ended(world, position=role)
    for _ in range(5):
        ended(world, position=role)
    person = world.candidate(interview)
    world.report.decide(world.staff, interview.id, Choice.REJECT, "an inner reason", 0)
    preview = world.share.preview(world.staff, interview.id, (Part.TESTS,), "Thank you.")
    with pytest.raises(ConflictError):
        world.share.share(world.staff, interview.id, (Part.TESTS, Part.POINTS), "Thank you.", preview.digest)
    assert world.share.feedback(person, interview.id) is None

    world.share.share(world.staff, interview.id, (Part.TESTS,), "Thank you.", preview.digest)
    with world.database.write() as records:
        records.save_grade(Grade(interview.id, "first", GradingState.DONE, "graded", 10, 10))
    got = world.share.feedback(person, interview.id)

    assert got == preview
    assert [(one.title, one.verdict) for one in got.questions[0].tests] == [
        ("An empty log", "failed"),
        ("Explain", "needs-review"),
    ]
    assert got.questions[0].points is None
    for hidden in (SECRET, "inner reason", "reject", "percentile"):
        assert hidden not in got.to_json()
    with pytest.raises(NotFoundError):
        world.share.feedback(world.staff, interview.id)
    world.share.revoke(world.staff, interview.id)
    assert world.share.feedback(person, interview.id) is None
    deeds = [one.deed for one in world.review.details(world.staff, interview.id).history]
    assert deeds[:2] == [Deed.UNSHARED, Deed.SHARED]


def test_a_role_says_what_is_usually_shared_and_shares_nothing_by_itself(world, role):
    interview = ended(world, position=role)
    world.share.save_usual(world.staff, role, (Part.TIME, Part.POINTS))

    offer = world.share.offered(world.staff, interview.id)

    assert offer.usual == world.share.usual(world.staff, role) == (Part.POINTS, Part.TIME)
    assert offer.sharings == ()
    assert world.share.feedback(world.candidate(interview), interview.id) is None


def test_a_role_at_a_glance_needs_five_people(world, role):
    for share in (0, 0.25, 0.5, 1):
        ended(world, share, position=role)
    assert world.cohort.summary(world.staff, role).summary == TooFew(4)
    world.report.decide(world.staff, ended(world, 1, position=role, tags=("x",)).id, Choice.ADVANCE, "good", 0)
    world.interview(position=role)
    cancelled = world.interview(position=role)
    world.edit.cancel(world.staff, cancelled.id)

    found = world.cohort.summary(world.staff, role).summary

    assert (found.interviews, found.people) == (6, 6)
    assert found.funnel == {
        Step.CREATED: 6,
        Step.INVITED: 5,
        Step.STARTED: 5,
        Step.SUBMITTED: 5,
        Step.GRADED: 5,
        Step.DECIDED: 1,
        Step.ADVANCED: 1,
    }
    first, second = found.questions
    assert first.statistics.difficulty == pytest.approx(0.55)
    assert first.statistics.discrimination is None
    assert second.statistics.difficulty == 0.5
    assert world.cohort.summary(world.staff, role, ("x",)).summary == TooFew(1)


def test_a_reviewer_who_scores_alone_does_not_read_what_was_decided(world):
    reviewer = world.member("rita", TeamRole.REVIEWER)
    interview = ended(world)
    world.report.decide(world.staff, interview.id, Choice.ADVANCE, "an opinion", 0)
    report = replace(world.report, may_see_opinions=lambda _person, _interview: False)

    hers, holders = report(reviewer, interview.id), report(world.staff, interview.id)

    assert (hers.decisions, hers.withheld) == ((), True)
    assert (holders.decision.reason, holders.withheld) == ("an opinion", False)


def scored(world, by: Person, interview, comment: str) -> None:
    own = world.cards.open(by, interview.id)
    scores = {key: Score(3, comment=comment) for key in keys_of(own.rubric)}
    revision = world.cards.save(by, interview.id, scores, own.card.revision).revision
    world.cards.lock(by, interview.id, revision)


def test_comments_of_score_cards_are_shared_without_names_and_by_nobody_who_still_scores_alone(world):
    interview = ended(world)
    grace = world.member("grace", TeamRole.REVIEWER)
    scored(world, grace, interview, "Careful with edge cases.")

    before = world.share.preview(world.staff, interview.id, (Part.COMMENTS,), "")
    scored(world, world.staff, interview, "Clear.")
    after = world.share.preview(world.staff, interview.id, (Part.COMMENTS,), "")

    assert before.comments == ()
    assert any(one.endswith(": Careful with edge cases.") for one in after.comments)
    assert "grace" not in after.to_json().lower()


def test_whoever_may_not_know_the_candidate_reads_no_reason_and_a_reviewer_locks_a_card_first(world):
    role = world.positions.save(world.staff, Position("", "Analyst", blind=True)).id
    interview = ended(world, position=role, candidate_name="Zoë Quill")
    reviewer = world.member("rita", TeamRole.REVIEWER)
    world.report.decide(world.staff, interview.id, Choice.ADVANCE, "Zoë Quill was calm", 0)

    alone = world.report(reviewer, interview.id)
    scored(world, reviewer, interview, "Good.")
    found = world.report(reviewer, interview.id)

    assert (alone.withheld, alone.decisions) == (True, ())
    assert [(one.choice, one.reason) for one in found.decisions] == [(Choice.ADVANCE, "")]
    assert "Quill" not in repr(found)
    assert world.report(world.staff, interview.id).decision.reason == "Zoë Quill was calm"
