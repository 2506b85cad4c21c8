"""Batches that are paused, graded with another version of a question, and deleted."""

from dataclasses import replace

import pytest
from fakes import FakeLibrary
from unit.hub.batches import FILES, Batches

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.batch import GridSearch
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.handed import Corrections
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.marking import Mark, RubricItem
from assay_hub.domain.result import GradingState
from assay_hub.domain.search import AuditSearch


class NewerLibrary(FakeLibrary):
    """Has another version of each question."""

    def pin(self, question_id: str) -> QuestionRef:
        return replace(super().pin(question_id), version="2.0.0", pinned=f"pinned-again-{question_id}")


@pytest.fixture
def batches(world, tmp_path):
    return Batches(world, tmp_path)


@pytest.fixture
def newer(batches):
    return replace(batches.change, library=NewerLibrary())


def changes(world):
    with world.database.read() as records:
        return [one.details for one in records.audit(AuditSearch(deed=Deed.BATCH_CHANGED.value, rows=200))]


def states(batches, batch, question):
    return {row.grades[question].state for row in batches.rows(batch).values()}


def test_nothing_of_a_paused_batch_is_graded_until_it_goes_on(world, batches):
    batch = batches.kept()
    batches.change.pause(world.staff, batch.id, paused=True)

    assert not batches.grade.work(lambda: False)

    assert batches.grader.graded == []
    batches.change.pause(world.staff, batch.id, paused=False)
    assert batches.grade.work(lambda: False)
    assert states(batches, batch, "first") == {GradingState.DONE}
    assert [one["paused"] for one in changes(world) if "paused" in one] == [False, True]


def test_pausing_ends_a_batch_that_is_being_graded_after_what_runs(world, batches):
    batch = batches.kept()

    class Pausing(type(batches.grader)):
        def grade(self, ref, files):
            batches.change.pause(world.staff, batch.id, paused=True)
            return super().grade(ref, files)

    grader = Pausing()
    replace(batches.grade, grader=grader, workers=1).work(lambda: False)

    assert len(grader.graded) == 1
    found = [grade.state for row in batches.rows(batch).values() for grade in row.grades.values()]
    assert (found.count(GradingState.DONE), found.count(GradingState.QUEUED)) == (1, 5)


def test_a_paused_batch_is_found_marked_and_exported_as_ever(world, batches):
    batch = batches.graded()
    batches.change.pause(world.staff, batch.id, paused=True)
    ada = batches.one(batch, "ada")

    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(1.0)}, reviewed=True)

    assert batches.one(batch, "ada").points == 5.0
    assert [one.paused for one, _ in batches.find.all(world.staff)] == [True]


def test_another_version_grades_its_question_alone_and_keeps_what_people_gave(world, batches, newer):
    batch = batches.graded()
    ada = batches.one(batch, "ada")
    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(1.0, comment="Fine")}, reviewed=True)
    batches.grader.graded.clear()
    batches.grader.points = 1.5

    after = newer.newer(world.staff, batch.id, "first")

    assert states(batches, batch, "second") == {GradingState.DONE}
    assert states(batches, batch, "first") == {GradingState.QUEUED}
    assert batches.grade.work(lambda: False)
    assert {question for question, _ in batches.grader.graded} == {"first"}
    assert batches.one(batch, "ada").points == 1.5 + 1.0 + 2.0
    assert batches.find.one(world.staff, batch.id)[0].question("first") == after
    details = changes(world)[0]
    assert details["version"] == ["1.0.0", "2.0.0"]
    assert details["pinned"] == ["pinned-first", "pinned-again-first"]
    with pytest.raises(WrongStateError):
        newer.newer(world.staff, batch.id, "first")


def test_what_is_being_graded_with_the_version_before_counts_no_more(world, batches, newer):
    batch = batches.kept({"ada/first.ipynb": b"1"}, questions=("first",))
    seen = []

    class Overtaken(type(batches.grader)):
        def grade(self, ref, files):
            if not seen:
                newer.newer(world.staff, batch.id, "first")
            seen.append(ref.version)
            return super().grade(ref, files)

    grade = replace(batches.grade, grader=Overtaken(), workers=1)
    while grade.work(lambda: False):
        pass

    assert seen == ["1.0.0", "2.0.0"]
    assert batches.rows(batches.find.one(world.staff, batch.id)[0])["ada"].grades["first"].ticket == 2


def test_a_deleted_batch_is_gone_with_everything_and_leaves_others_alone(world, batches):
    files = {**FILES, "dov/first.ipynb": b"dov alone"}
    other, batch = batches.graded(), batches.graded(files)
    theirs = batches.rows(other)
    ada, dov = batches.one(batch, "ada"), batches.one(batch, "dov")
    item = batches.mark.save_item(world.staff, RubricItem("", batch.id, "first", "essay", "clear", 1.0))
    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(items=(item.id,))}, reviewed=True)
    batches.again.ask(world.staff, batch.id, ada.id, "first", "why")
    alone = {dov.artefact, batches.rows(batch)["dov"].grades["first"].autograded}
    before = set(world.artefacts.kept)

    batches.change.delete(world.staff, batch.id, sure=True)

    assert before - set(world.artefacts.kept) == alone
    assert batches.rows(batch) == {}
    assert batches.rows(other) == theirs
    assert [one.id for one, _ in batches.find.all(world.staff)] == [other.id]
    for deed in (
        lambda: batches.find.grid(world.staff, batch.id, GridSearch()),
        lambda: batches.find.work(world.staff, batch.id, ada.id, "first"),
        lambda: batches.change.delete(world.staff, batch.id, sure=True),
    ):
        with pytest.raises(NotFoundError):
            deed()
    assert changes(world)[0] == {"batch": batch.id, "deleted": "Exercise", "people": 4}
    batches.change.delete(world.staff, other.id, sure=True)
    assert world.artefacts.kept == {}


def test_what_runs_while_its_batch_is_deleted_is_thrown_away(world, batches):
    batch = batches.kept()

    class Deleting(type(batches.grader)):
        def grade(self, ref, files):
            if not self.graded:
                batches.change.delete(world.staff, batch.id, sure=True)
            return super().grade(ref, files)

    replace(batches.grade, grader=Deleting(), workers=1).work(lambda: False)

    assert batches.rows(batch) == {}
    assert world.artefacts.kept == {}


def test_work_whose_files_went_with_another_batch_meanwhile_is_not_kept_without_them(world, batches):
    first, second = batches.graded(), batches.prepared(FILES)
    put, puts = world.artefacts.put, []

    def overtaken(content):
        puts.append(put(content))
        if len(puts) == 3:
            batches.change.delete(world.staff, first.id, sure=True)
        return puts[-1]

    world.artefacts.put = overtaken
    with pytest.raises(ConflictError):
        batches.upload.keep(world.staff, second.id, Corrections())

    assert batches.upload.keep(world.staff, second.id, Corrections()).kept


def test_only_who_manages_batches_changes_one_and_deletes_it_when_sure(world, batches, newer):
    batch = batches.graded()
    reviewer, viewer = world.member("rex", TeamRole.REVIEWER), world.member("vic", TeamRole.VIEWER)

    for person in (reviewer, viewer, world.stranger):
        for deed in (
            lambda who: batches.change.pause(who, batch.id, paused=True),
            lambda who: newer.versions(who, batch.id, "first"),
            lambda who: newer.newer(who, batch.id, "first"),
            lambda who: batches.change.delete(who, batch.id, sure=True),
        ):
            with pytest.raises(NotFoundError):
                deed(person)
    with pytest.raises(BadInputError):
        batches.change.delete(world.staff, batch.id, sure=False)

    assert batches.find.one(world.staff, batch.id)[0] == batch


def test_looking_on_is_told_now_and_then(world, batches):
    batch = batches.graded()

    def told():
        with world.database.read() as records:
            return len(records.audit(AuditSearch(deed=Deed.READ_BATCH.value, rows=200)))

    for _ in range(3):
        batches.find.grid(world.staff, batch.id, GridSearch(), live=True)
    once = told()
    world.clock.pass_by(minutes=11)
    batches.find.grid(world.staff, batch.id, GridSearch(), live=True)

    assert (once, told()) == (1, 2)
