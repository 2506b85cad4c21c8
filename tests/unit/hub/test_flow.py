"""From the candidate's entry to the grade."""

import hashlib
import json

import pytest
from fakes import zipped

from assay_hub.adapters.signing import Ed25519Verifier
from assay_hub.domain.errors import (
    BadInputError,
    NotFoundError,
    TooLargeError,
    WorkspaceUnreachableError,
    WrongStateError,
)
from assay_hub.domain.interview import State
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.result import GradingState
from assay_hub.domain.search import Search
from assay_hub.services.archive import unpack


def test_the_workspace_gets_the_released_files_and_its_people_and_nothing_else(world):
    interview = world.interview()

    world.start(interview.id)

    manifest = world.workspaces.manifests[interview.workspace]
    assert [file.path for file in manifest.files] == ["first.ipynb", "second.ipynb"]
    assert [person.account for person in manifest.participants] == [interview.candidate, "ada"]
    assert world.hub.shares[interview.workspace] == {interview.candidate, "ada"}


def test_a_workspace_that_is_just_being_stopped_is_started_again(world):
    interview = world.interview()
    world.hub.stopping.add(interview.workspace)

    world.start(interview.id)

    assert interview.workspace in world.hub.running


def test_a_workspace_is_not_started_for_an_interview_that_is_over(world):
    interview = world.live_interview()
    world.submit.end(world.staff, interview.id)

    with pytest.raises(WrongStateError):
        world.start(interview.id)


def test_the_clock_starts_with_the_candidates_first_entry(world):
    interview = world.live_interview()
    world.clock.pass_by(minutes=5)

    again = world.enter(world.candidate(interview), interview.id)

    assert again.state is State.LIVE
    assert again.elapsed(world.clock.now()).total_seconds() == 300


def test_a_submission_gives_a_genuine_receipt_and_queues_every_question(world):
    interview = world.live_interview()

    receipt = world.submit.by_candidate(world.candidate(interview), interview.id)

    archive = world.artefacts.get(world.review.submission(world.staff, interview.id).artefact)
    assert receipt.sha256 == hashlib.sha256(archive).hexdigest()
    assert Ed25519Verifier().verify(receipt)
    details = world.review.details(world.staff, interview.id)
    assert details.interview.state is State.SUBMITTED
    assert [grade.state for grade in details.grades] == [GradingState.QUEUED, GradingState.QUEUED]


@pytest.mark.parametrize("member", ["interview", "sha256", "size", "at", "recording_seq", "recording_head"])
def test_a_changed_receipt_is_not_genuine(world, member):
    interview = world.live_interview()
    receipt = world.submit.by_candidate(world.candidate(interview), interview.id)
    body = json.loads(receipt.to_json())

    body[member] = body[member] + 1 if isinstance(body[member], int) else body[member] + "0"

    assert not Ed25519Verifier().verify(Receipt.from_json(json.dumps(body)))


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b'{"format":"assay-receipt-1"}', b"[" * 100_000])
def test_what_is_no_receipt_is_refused(text):
    with pytest.raises(BadInputError):
        Receipt.from_json(text)


def test_submitting_twice_returns_the_first_receipt(world):
    interview = world.live_interview()
    first = world.submit.by_candidate(world.candidate(interview), interview.id)
    world.workspaces.files = {"first.ipynb": b"changed"}
    world.clock.pass_by(minutes=1)

    assert world.submit.by_candidate(world.candidate(interview), interview.id) == first


def test_a_submission_without_a_workspace_changes_nothing(world):
    interview = world.live_interview()
    world.workspaces.reachable = False

    with pytest.raises(WorkspaceUnreachableError):
        world.submit.by_candidate(world.candidate(interview), interview.id)

    assert world.review.details(world.staff, interview.id).interview.state is State.LIVE


def test_only_the_candidate_submits_and_only_an_interviewer_ends(world):
    interview = world.live_interview()

    with pytest.raises(NotFoundError):
        world.submit.by_candidate(world.staff, interview.id)
    with pytest.raises(NotFoundError):
        world.submit.end(world.candidate(interview), interview.id)
    with pytest.raises(NotFoundError):
        world.submit.end(world.stranger, interview.id)


def test_ending_hands_in_what_was_done(world):
    interview = world.live_interview()

    closed = world.submit.end(world.staff, interview.id)

    details = world.review.details(world.staff, interview.id)
    assert closed.state is State.CLOSED
    assert details.submission is not None


def test_grading_fills_in_points_and_keeps_the_executed_notebook(world):
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)

    while world.grade.grade_next():
        pass

    for grade in world.review.details(world.staff, interview.id).grades:
        assert grade.state is GradingState.DONE
        assert grade.points == 1.0
        assert world.artefacts.get(grade.autograded) == b"notebook"


def test_a_grading_that_breaks_asks_for_a_person_and_the_queue_goes_on(world, caplog):
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)
    world.grader.breaks = True

    assert world.grade.grade_next()
    world.grader.breaks = False
    assert world.grade.grade_next()

    states = [grade.state for grade in world.review.details(world.staff, interview.id).grades]
    assert states == [GradingState.FAILED, GradingState.DONE]
    assert "the sandbox is gone" in caplog.text


def test_a_grading_that_a_dead_worker_left_is_done_again(world):
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)
    with world.database.write() as records:
        records.take_queued_grade()

    assert world.grade.resume() == 1
    while world.grade.grade_next():
        pass

    states = {grade.state for grade in world.review.details(world.staff, interview.id).grades}
    assert states == {GradingState.DONE}


def test_a_submission_that_unpacks_to_too_much_is_refused():
    with pytest.raises(ValueError, match="more than is accepted"):
        unpack(zipped({"a": b"x" * 1000}), max_bytes=999)
    with pytest.raises(ValueError, match="no zip file"):
        unpack(b"no zip", max_bytes=999)


def test_notes_are_private_and_bounded(world):
    interview = world.interview()
    world.review.save_note(world.staff, interview.id, "calm, asks good questions")

    with pytest.raises(TooLargeError):
        world.review.save_note(world.staff, interview.id, "x" * 101)
    with pytest.raises(NotFoundError):
        world.review.note(world.candidate(interview), interview.id)
    with pytest.raises(NotFoundError):
        world.review.save_note(world.stranger, interview.id, "mine")

    assert world.review.note(world.staff, interview.id) == "calm, asks good questions"


def test_a_candidate_gets_the_receipt_and_no_result(world):
    interview = world.live_interview()
    candidate = world.candidate(interview)
    world.submit.by_candidate(candidate, interview.id)
    world.grade.grade_next()

    for read in (world.review.details, world.review.result):
        with pytest.raises(NotFoundError):
            read(candidate, interview.id)

    assert world.review.submission(candidate, interview.id) is not None
    assert world.review.result(world.staff, interview.id).grades


def test_strangers_get_the_same_answer_as_for_an_interview_that_does_not_exist(world):
    interview = world.interview()

    with pytest.raises(NotFoundError) as hidden:
        world.review.details(world.stranger, interview.id)
    with pytest.raises(NotFoundError) as absent:
        world.review.details(world.stranger, "aaaaaaaaaa")

    assert hidden.value.problem() == absent.value.problem()
    with pytest.raises(NotFoundError):
        world.find(world.stranger, Search())
