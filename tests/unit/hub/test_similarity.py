"""Submissions with code in common: who learns of them, what a person says of them, and in batches."""

from dataclasses import replace

import pytest
from unit.hub.analyses import SHARED, Analyses, notebook
from unit.hub.batches import Batches
from unit.hub.test_score_cards import lock

from assay_hub.domain.access import TeamRole
from assay_hub.domain.analysis import AnalysisState
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.search import AuditSearch
from assay_hub.domain.similarity import Verdict

RENAMED = SHARED.replace("table", "sheet").replace("total", "sum_of_all")


@pytest.fixture
def analyses(world) -> Analyses:
    return Analyses(world)


def pairs(analyses, interview, person=None):
    return analyses.of(interview, person).questions[0].pairs


def test_a_copy_is_found_from_both_sides_and_looked_at_side_by_side(analyses, world):
    first, second = analyses.handed_in(SHARED), analyses.handed_in(f"import os\n{RENAMED}")
    analyses.handed_in("something = 1")

    analyses.all()

    (one,) = pairs(analyses, first)
    (other,) = pairs(analyses, second)
    assert (one.pair.id, one.other.id, other.other.id) == (other.pair.id, second.id, first.id)
    assert one.share > 0.9
    looked = analyses.compare.look(world.staff, one.pair.id)
    sides = {looked.first.id: looked.beside.first, looked.second.id: looked.beside.second}
    assert [line.match for line in sides[first.id].cells[0][1]] == [1] * 12
    assert [line.match for line in sides[second.id].cells[0][1]] == [0] + [1] * 12


def test_a_pair_exists_only_for_those_who_may_see_both_interviews(analyses, world):
    world.member("grace", TeamRole.INTERVIEWER)
    first, restricted, last = sorted((analyses.handed_in(SHARED) for _ in range(3)), key=lambda one: one.id)
    plan = replace(restricted.plan, viewers=("grace",), interviewers=("ada",))
    world.edit(world.staff, restricted.id, plan)  # it is the second of one pair, the first of another
    seen = [first, last]
    analyses.all()
    rita, vera = world.member("rita", TeamRole.REVIEWER), world.member("vera", TeamRole.VIEWER)
    kept = [one.pair.id for one in pairs(analyses, restricted)]

    assert len(kept) == len(seen)
    for one in seen:
        lock(world, rita, one)
    assert {one.other.id for one in pairs(analyses, first, rita)} == {last.id}
    for person in (rita, vera, world.stranger, world.candidate(first), world.candidate(restricted)):
        for pair_id in (*kept, "aaaaaaaaaa", "' or 1=1"):
            with pytest.raises(NotFoundError):
                analyses.compare.look(person, pair_id)
            with pytest.raises(NotFoundError):
                analyses.compare.decide(person, pair_id, "ignore", "because")
    assert all(analyses.compare.look(world.admin, pair_id).pair.verdict is None for pair_id in kept)


def test_a_verdict_needs_a_reason_is_logged_and_lets_a_report_show_the_pair(analyses, world):
    first = analyses.handed_in()
    analyses.handed_in()
    analyses.all()
    (one,) = pairs(analyses, first)
    view = analyses.of(first)

    for verdict, reason in (("guilty", "x"), ("", "x"), ("explained", "  "), ("explained", "x" * 1001)):
        with pytest.raises(BadInputError):
            analyses.compare.decide(world.staff, one.pair.id, verdict, reason)
    analyses.compare.decide(world.staff, one.pair.id, "explained", " Both used the shown example. ")

    (decided,) = pairs(analyses, first)
    assert view.questions[0].reviewed == []
    assert analyses.of(first).questions[0].reviewed == [decided]
    assert (decided.pair.verdict, decided.pair.reason) == (Verdict.EXPLAINED, "Both used the shown example.")
    (entry,) = [one for one in world.review.audit(world.admin, AuditSearch()) if one.deed is Deed.SIMILARITY_JUDGED]
    assert (entry.account, entry.interview, entry.details["verdict"]) == ("ada", "", ["", "explained"])
    analyses.compare.decide(world.staff, one.pair.id, "ignore", "A test of ours")
    assert analyses.of(first).questions[0].reviewed == []


def test_a_verdict_stays_until_one_of_both_is_handed_in_again(analyses, world):
    first, second = analyses.handed_in(), analyses.handed_in()
    analyses.all()
    (one,) = pairs(analyses, first)
    analyses.compare.decide(world.staff, one.pair.id, "concerning", "Word for word")

    analyses.analyse.again(world.staff, first.id)
    analyses.all()
    (kept,) = pairs(analyses, second)
    world.edit.reopen(world.staff, second.id)
    analyses.hand_in(second, RENAMED)
    analyses.all()
    (anew,) = pairs(analyses, second)

    assert (kept.pair.id, kept.pair.verdict) == (one.pair.id, Verdict.CONCERNING)
    assert (anew.pair.verdict, anew.pair.reason) == (None, "")


def test_the_people_of_a_batch_are_compared_when_somebody_asks(analyses, world, tmp_path):
    batches = Batches(world, tmp_path)
    sources = {"ann": SHARED, "bob": RENAMED, "cem": "x = 1", "dora": f"{RENAMED}\nprint(1)"}
    batch = batches.kept({f"{who}/first.ipynb": notebook(source) for who, source in sources.items()})
    compare = analyses.compare

    before = compare.in_batch(world.staff, batch.id, "first")
    compare.search(world.staff, batch.id, "first")
    waiting = compare.in_batch(world.staff, batch.id, "first")
    worked = [compare.work(), compare.work()]

    found = compare.in_batch(world.staff, batch.id, "first")
    names = {frozenset((found.people[one.first].person, found.people[one.second].person)) for one in found.pairs}
    assert (before.search, waiting.search.state, worked) == (None, AnalysisState.QUEUED, [True, False])
    assert (found.search.state, found.search.works) == (AnalysisState.DONE, 4)
    assert names == {frozenset(("ann", "bob")), frozenset(("ann", "dora")), frozenset(("bob", "dora"))}
    assert [len(group) for group in found.groups] == [3]
    looked = compare.look(world.staff, found.pairs[0].id)
    assert (looked.batch.id, looked.beside.matches > 0) == (batch.id, True)


def test_names_of_an_anonymous_batch_stay_hidden_and_viewers_see_nothing(analyses, world, tmp_path):
    batches = Batches(world, tmp_path)
    files = {f"{who}/first.ipynb": notebook(SHARED) for who in ("ann", "bob")}
    batch = batches.kept(files, anonymous=True)
    analyses.compare.search(world.staff, batch.id, "first")
    analyses.compare.work()
    viewer = world.member("vera", TeamRole.VIEWER)

    found = analyses.compare.in_batch(world.staff, batch.id, "first")
    looked = analyses.compare.look(world.staff, found.pairs[0].id)

    names = {one.name for one in found.people.values()} | {looked.first.name, looked.second.name}
    assert names == {"Person 0001", "Person 0002"}
    for act in (
        lambda: analyses.compare.in_batch(viewer, batch.id, "first"),
        lambda: analyses.compare.search(viewer, batch.id, "first"),
        lambda: analyses.compare.look(viewer, found.pairs[0].id),
        lambda: analyses.compare.in_batch(world.staff, batch.id, "nothing"),
        lambda: analyses.compare.in_batch(world.staff, "aaaaaaaaaa", "first"),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_a_search_that_a_dead_worker_left_is_done_by_the_next(analyses, world, tmp_path):
    batch = Batches(world, tmp_path).kept({"ann/first.ipynb": notebook(SHARED)})
    analyses.compare.search(world.staff, batch.id, "first")
    with world.database.write() as records:
        records.take_alike_search()

    analyses.analyse.resume()

    assert analyses.compare.work()
    assert analyses.compare.in_batch(world.staff, batch.id, "first").search.state is AnalysisState.DONE
