"""What a running workspace is told when its interview changes, and what a reopened interview is."""

from dataclasses import replace

import pytest

from assay_hub.adapters.signing import Ed25519Verifier
from assay_hub.domain.access import TeamRole
from assay_hub.domain.errors import BadInputError, NotFoundError, WrongStateError
from assay_hub.domain.interview import State
from assay_hub.domain.result import GradingState


def rights(told):
    return {person.account: person.may_edit for person in told.participants}


def test_an_observer_is_let_in_and_may_not_type(world):
    world.member("olga", TeamRole.REVIEWER)
    interview = world.interview(observers=("olga",))

    told = world.start(interview.id)

    assert rights(told) == {interview.candidate: True, "ada": True, "olga": False}
    assert world.workspaces.manifests[interview.workspace].participants == told.participants


def test_visitors_enter_only_if_they_may(world):
    world.member("bob", TeamRole.INTERVIEWER)
    interview = world.interview()

    told = world.start(interview.id, {"root", "bob", "eve", "cand-other", interview.candidate})

    assert rights(told) == {interview.candidate: True, "ada": True, "root": True}
    assert rights(world.start.due(interview.id)) == {interview.candidate: True, "ada": True}


def test_an_interviewer_who_is_added_is_let_in_and_whoever_is_taken_out_is_not(world):
    world.member("bob", TeamRole.INTERVIEWER)
    interview = world.live_interview()
    first = world.start(interview.id)
    plan = replace(interview.plan, interviewers=("bob",))
    world.edit(world.admin, interview.id, plan)

    due = world.start.due(interview.id)
    world.start.tell(due)

    assert due != first
    assert rights(due) == {interview.candidate: True, "bob": True}
    assert world.hub.shares[interview.workspace] == {interview.candidate, "bob"}


def test_a_question_that_is_added_is_pinned_and_released(world):
    interview = world.interview(questions=("first",))
    world.enter(world.candidate(interview), interview.id)

    world.edit.add_question(world.staff, interview.id, "second")
    world.start.tell(world.start.due(interview.id))

    files = [file.path for file in world.workspaces.manifests[interview.workspace].files]
    assert files == ["first.ipynb", "second.ipynb"]
    with pytest.raises(BadInputError):
        world.edit.add_question(world.staff, interview.id, "second")
    with pytest.raises(NotFoundError):
        world.edit.add_question(world.candidate(interview), interview.id, "second")


def test_somebody_who_left_the_team_is_not_let_in(world):
    bob = world.member("bob", TeamRole.INTERVIEWER)
    interview = world.interview(interviewers=("ada", "bob"))
    with world.database.write() as records:
        records.save_member(replace(records.member(bob.account), active=False))

    assert "bob" not in rights(world.start.due(interview.id))


def test_after_a_submission_the_workspace_can_be_read_and_not_changed(world):
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)

    assert rights(world.start.due(interview.id)) == {interview.candidate: False, "ada": False}
    world.submit.end(world.staff, interview.id)
    with pytest.raises(WrongStateError):
        world.start.due(interview.id)


@pytest.mark.parametrize("end", ["submit", "close", "cancel"])
def test_a_reopened_interview_starts_again_with_everybody_and_its_clock_goes_on(world, end):
    interview = world.live_interview()
    world.clock.pass_by(minutes=10)
    {
        "submit": lambda: world.submit.by_candidate(world.candidate(interview), interview.id),
        "close": lambda: world.submit.end(world.staff, interview.id),
        "cancel": lambda: world.edit.cancel(world.staff, interview.id),
    }[end]()
    world.clock.pass_by(hours=2)

    reopened = world.edit.reopen(world.staff, interview.id)
    world.clock.pass_by(minutes=5)

    assert reopened.state is State.LIVE
    assert reopened.elapsed(world.clock.now()).total_seconds() == 15 * 60
    assert rights(world.start(interview.id)) == {interview.candidate: True, "ada": True}


def test_each_submission_of_a_reopened_interview_has_a_genuine_receipt_of_its_own(world):
    interview = world.live_interview()
    candidate = world.candidate(interview)
    first = world.submit.by_candidate(candidate, interview.id)
    world.edit.reopen(world.staff, interview.id)
    world.workspaces.files = {"first.ipynb": b"changed"}

    second = world.submit.by_candidate(candidate, interview.id)

    assert first.sha256 != second.sha256
    assert all(Ed25519Verifier().verify(receipt) for receipt in (first, second))
    latest = world.review.submission(candidate, interview.id)
    assert (latest.number, latest.receipt) == (2, second)


def test_the_grade_of_an_earlier_submission_never_covers_the_latest(world):
    interview = world.interview(questions=("first",))
    candidate = world.candidate(interview)
    world.enter(candidate, interview.id)
    world.submit.by_candidate(candidate, interview.id)
    grade = world.grader.grade

    def slow(*what):
        world.grader.grade = grade
        world.edit.reopen(world.staff, interview.id)
        world.workspaces.files = {"first.ipynb": b"changed", "second.ipynb": b"more"}
        world.submit.by_candidate(candidate, interview.id)
        return grade(*what)

    world.grader.grade = slow
    assert world.grade.grade_next()

    (queued,) = world.review.details(world.staff, interview.id).grades
    assert queued.state is GradingState.QUEUED
    assert world.grade.grade_next()
    (done,) = world.review.details(world.staff, interview.id).grades
    assert (done.state, done.points) == (GradingState.DONE, 2.0)
