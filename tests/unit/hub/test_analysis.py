"""Analysing what was handed in: after its grading, once, with the recording, and for those who may see results."""

import pytest
from unit.hub.analyses import Analyses, record
from unit.hub.test_score_cards import lock

from assay_hub.domain.access import TeamRole
from assay_hub.domain.analysis import AnalysisState
from assay_hub.domain.audit import Deed
from assay_hub.domain.blind import pseudonym
from assay_hub.domain.errors import NotFoundError, WrongStateError
from assay_hub.domain.position import Position
from assay_hub.domain.search import AuditSearch


@pytest.fixture
def analyses(world) -> Analyses:
    return Analyses(world)


def test_a_submission_is_analysed_once_after_its_grading(analyses, world):
    interview = analyses.handed_in()
    before = analyses.of(interview)

    assert analyses.all() == 1
    assert analyses.all() == 0
    view = analyses.of(interview)
    assert (before.waiting, before.questions[0].analysis) == (True, None)
    assert (view.waiting, view.submitted, view.replays) == (False, True, True)
    assert view.questions[0].analysis.state is AnalysisState.DONE
    assert [(cell.verdict, about) for cell, about in view.questions[0].covered] == [
        ("passed", "It handles an empty list.")
    ]
    assert Deed.READ_ANALYSIS in {entry.deed for entry in world.review.audit(world.admin, AuditSearch())}


def test_what_was_not_graded_or_not_handed_in_is_not_analysed(analyses, world):
    world.live_interview()
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)

    assert analyses.all() == 0
    assert not analyses.of(world.live_interview()).submitted


def test_what_a_dead_worker_left_is_analysed_by_the_next(analyses, world):
    interview = analyses.handed_in()
    with world.database.write() as records:
        records.take_analysis()

    assert analyses.all() == 0
    assert analyses.analyse.resume() == 1
    assert analyses.all() == 1
    assert analyses.of(interview).questions[0].found is not None


def test_a_failure_is_told_and_can_be_asked_for_again(analyses):
    interview = analyses.handed_in()
    analyses.analyser.breaks = True

    analyses.all()
    failed = analyses.of(interview).questions[0]
    analyses.analyser.breaks = False
    analyses.analyse.again(analyses.world.staff, interview.id)
    again = analyses.of(interview)
    analyses.all()

    assert failed.analysis.state is AnalysisState.FAILED
    assert "asked for again" in failed.analysis.message
    assert again.waiting
    assert analyses.of(interview).questions[0].analysis.state is AnalysisState.DONE


def test_a_later_submission_is_analysed_anew(analyses, world):
    interview = analyses.handed_in("x = 1")
    analyses.all()
    world.edit.reopen(world.staff, interview.id)
    analyses.hand_in(interview, "x = 2")

    assert analyses.all() == 1
    one = analyses.of(interview).questions[0]
    assert (one.analysis.submission, one.found.code[0].source) == (2, "x = 2")


def test_runs_and_moments_come_from_the_recording(analyses, world):
    interview = world.interview(questions=("first",))
    world.enter(world.candidate(interview), interview.id)
    record(world, interview, ["NameError", "ok", "by ada", "NameError", "ok"])
    analyses.hand_in(interview, "x = 1")

    analyses.all()

    found = analyses.of(interview).questions[0].found
    assert found.recorded
    assert (found.runs.runs, found.runs.failed, found.runs.others) == (4, 2, 1)
    assert found.runs.first_at == found.moments[0].at - 1000
    assert found.runs.waited == 2000
    assert len(found.runs.moments_of_failed) == 2
    assert [moment.run for moment in found.moments] == ["NameError", "ok", "ok", "NameError", "ok"]
    texts = [frame.cells[0][2].count("\n") for frame in analyses.analyser.asked[0][1]]
    assert texts == [1, 2, 3, 4, 5]


def test_of_many_runs_twenty_moments_are_looked_at_the_first_and_the_last_included(analyses, world):
    interview = world.interview(questions=("first",))
    world.enter(world.candidate(interview), interview.id)
    record(world, interview, ["ok"] * 70)
    analyses.hand_in(interview, "x = 1")

    analyses.all()

    frames = analyses.analyser.asked[0][1]
    assert len(frames) == 20
    assert [frames[0].cells[0][2].count("\n"), frames[-1].cells[0][2].count("\n")] == [1, 70]


def test_only_those_who_may_see_results_see_the_analysis(analyses, world):
    interview = analyses.handed_in()
    analyses.all()
    viewer = world.member("vera", TeamRole.VIEWER)

    for person in (viewer, world.stranger, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            analyses.of(interview, person)
        with pytest.raises(NotFoundError):
            analyses.analyse.again(person, interview.id)
    assert analyses.of(interview, world.staff).questions


def test_a_reviewer_scores_before_a_machine_says_anything_and_of_a_blind_pair_learns_no_name(analyses, world):
    role = world.positions.save(world.staff, Position("", "Analyst", blind=True))
    interview, other = (analyses.handed_in(position=role.id) for _ in range(2))
    analyses.all()
    rita = world.member("rita", TeamRole.REVIEWER)
    (pair,) = analyses.of(interview).questions[0].pairs

    for refused in (
        lambda: analyses.of(interview, rita),
        lambda: analyses.analyse.again(rita, interview.id),
        lambda: analyses.compare.look(rita, pair.pair.id),
        lambda: analyses.compare.decide(rita, pair.pair.id, "ignore", "because"),
    ):
        with pytest.raises(WrongStateError):
            refused()
    for one in (interview, other):
        lock(world, rita, one)

    view = analyses.of(interview, rita)
    looked = analyses.compare.look(rita, pair.pair.id)
    assert view.questions[0].pairs[0].other.candidate_name == pseudonym(other.id)
    assert interview.candidate_name not in repr(view) + repr(looked)
