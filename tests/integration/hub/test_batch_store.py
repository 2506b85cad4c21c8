"""Batches on SQLite and on PostgreSQL: the same answers, as few queries for many people as for few, nothing twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from unit.hub.batches import Batches
from world import World

from assay_hub.domain.analysis import AnalysisState
from assay_hub.domain.batch import GridOrder, GridSearch, Show
from assay_hub.domain.handed import Corrections
from assay_hub.domain.marking import Mark, RubricItem
from assay_hub.domain.similarity import AlikeSearch


@pytest.fixture
def batches(database, tmp_path):
    (tmp_path / "world").mkdir()
    world = World(tmp_path / "world")
    own, world.database = world.database, database
    yield Batches(world, tmp_path)
    own.close()


def of_people(batches, many, *, graded=True):
    files = {f"p{number:03}/{question}.ipynb": b"x" for number in range(many) for question in ("first", "second")}
    return batches.graded(files) if graded else batches.kept(files)


def test_grading_by_hand_does_the_same_on_both_engines(batches):
    staff, batch = batches.world.staff, of_people(batches, 5)
    item = batches.mark.save_item(staff, RubricItem("", batch.id, "second", "essay", "clear", 1.5))
    for name in ("p001", "p003"):
        whose = batches.one(batch, name)
        batches.mark.give(staff, batch.id, whose.id, "second", {"essay": Mark(items=(item.id,))}, reviewed=True)
    batches.mark.save_item(staff, RubricItem(item.id, batch.id, "second", "essay", "clear", 0.5))

    page = batches.find.grid(staff, batch.id, GridSearch(order=GridOrder.POINTS_DOWN, rows=2))[2]

    assert [(row.submission.name, row.submission.points) for row in page.rows] == [("p003", 4.5), ("p001", 4.5)] or [
        (row.submission.name, row.submission.points) for row in page.rows
    ] == [("p001", 4.5), ("p003", 4.5)]
    rest = batches.find.grid(staff, batch.id, GridSearch(order=GridOrder.POINTS_DOWN, cursor=page.next))[2]
    assert {row.submission.points for row in rest.rows} == {4.0}
    review = batches.find.grid(staff, batch.id, GridSearch(show=Show.REVIEW, question="second"))[2]
    assert {row.submission.name for row in review.rows} == {"p000", "p002", "p004"}
    at, met = batches.find.first(staff, batch.id, Show.REVIEW, "second"), 0
    while at:
        met += 1
        work = batches.find.work(staff, batch.id, *at, Show.REVIEW)
        assert (work.place, work.of) == (met - 1, 3)
        at = work.next
    assert met == 3
    for _ in range(4):
        batches.mark.undo(staff, batch.id)
    assert {row.submission.points for row in batches.rows(batch).values()} == {4.0}


def test_the_grid_and_the_next_piece_of_work_ask_as_little_for_many_as_for_few(batches):
    asked: list[str] = []
    database = batches.world.database
    for engine in {database._reader, database._writer}:
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    numbers = []

    for many in (3, 60):
        batch = of_people(batches, many)
        asked.clear()
        page = batches.find.grid(batches.world.staff, batch.id, GridSearch(rows=100))[2]
        numbers.append(len(asked))
        batches.find.work(batches.world.staff, batch.id, page.rows[0].submission.id, "first")
        numbers.append(len(asked))

    assert len(page.rows) == 60
    assert numbers[:2] == numbers[2:]
    assert numbers[1] < 40


def test_what_somebody_has_in_all_is_right_whoever_grades_at_the_same_time(batches):
    batch = of_people(batches, 12)

    assert {row.submission.points for row in batches.rows(batch).values()} == {4.0}
    batches.again.again(batches.world.staff, batch.id)
    batches.grader.points = 1.0
    while batches.grade.work(lambda: False):
        pass
    assert {row.submission.points for row in batches.rows(batch).values()} == {2.0}


def test_workers_side_by_side_take_nothing_twice(batches):
    batch = of_people(batches, 20, graded=False)
    database = batches.world.database

    def take(_):
        taken = []
        while True:
            with database.write() as records:
                grade = records.take_batch_grade(batch.id)
            if grade is None:
                return taken
            taken.append((grade.submission, grade.question))

    with ThreadPoolExecutor(4) as pool:
        taken = [one for some in pool.map(take, range(4)) for one in some]

    # A worker that finds the last rows held by others ends; they are taken by those.
    assert len(taken) == len(set(taken)) == 40


def test_deleting_takes_all_rows_and_the_files_that_nothing_else_refers_to(batches):
    staff, mine, other = batches.world.staff, of_people(batches, 3), of_people(batches, 2)
    item = batches.mark.save_item(staff, RubricItem("", mine.id, "first", "essay", "clear", 1.5))
    whose = batches.one(mine, "p001")
    batches.mark.give(staff, mine.id, whose.id, "first", {"essay": Mark(items=(item.id,))}, reviewed=True)
    before = batches.rows(other)
    with batches.world.database.write() as records:
        records.save_alike_search(AlikeSearch(mine.id, "first", AnalysisState.DONE, works=3))

    batches.change.delete(staff, mine.id, sure=True)

    assert batches.rows(other) == before
    assert batches.rows(mine) == {}
    assert batches.world.artefacts.kept
    batches.change.delete(staff, other.id, sure=True)
    assert batches.world.artefacts.kept == {}


def test_two_who_keep_the_same_upload_at_once_keep_it_once(batches):
    batch = batches.prepared({f"p{number}/first.ipynb": b"x" for number in range(5)}, questions=("first",))

    def keep(_):
        try:
            return bool(batches.upload.keep(batches.world.staff, batch.id, Corrections()))
        except Exception as error:  # noqa: BLE001  # whatever the second one is told
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(keep, range(2)))

    assert said.count(True) == 1
    assert len(batches.rows(batch)) == 5
