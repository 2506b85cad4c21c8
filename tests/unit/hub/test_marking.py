"""The arithmetic of rubrics, and that everything can be taken back, whatever was done in whatever order."""

import math
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from unit.hub.batches import Batches
from world import World

from assay_hub.domain.marking import Mark, MarkedCell, RubricItem, totals

POINTS = st.sampled_from([-2.0, -0.5, 0.1, 0.25, 1.0, 3.0])
GIVEN = st.none() | st.sampled_from([0.0, 0.5, 2.0, 3.0])
EXTRA = st.sampled_from([0.0, 0.1, 2.0])


def item(number, points, *, removed=False):
    return RubricItem(f"item{number}", "b", "q", "essay", "x", points, number, removed)


@given(auto=GIVEN, manual=GIVEN, extra=EXTRA, given_items=st.lists(st.tuples(POINTS, st.booleans()), max_size=5))
def test_points_of_a_cell(auto, manual, extra, given_items):
    rubric = {f"item{place}": item(place, *pair[:1], removed=pair[1]) for place, pair in enumerate(given_items)}
    cell = MarkedCell("essay", 0, "", auto, 3.0, "passed", "", Mark(manual, extra, "", tuple(rubric)))

    points = cell.points(rubric)

    counting = [one.points for one in rubric.values() if not one.removed]
    base = auto if manual is None else manual
    if base is None and not counting:
        assert points is None
    else:
        assert extra <= points <= 3.0 + extra
        plain = (base or 0.0) + math.fsum(counting)
        assert points == min(max(plain, 0.0), 3.0) + extra


@given(marks=st.lists(st.builds(Mark, GIVEN, EXTRA), min_size=1, max_size=6))
def test_a_total_is_the_sum_of_its_cells_in_any_order(marks):
    cells = [MarkedCell(f"c{place}", place, "", None, 3.0, "", "", mark) for place, mark in enumerate(marks)]

    found = totals(cells, {}, "graded", reviewed=False)

    assert found == totals(cells[::-1], {}, "graded", reviewed=False)
    assert found.waiting == sum(mark.manual is None for mark in marks)
    assert found.max_points == 3.0 * len(marks)


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(0, 1), GIVEN, EXTRA, st.sets(st.integers(0, 2)), st.booleans()),
        st.tuples(st.just("add"), POINTS),
        st.tuples(st.just("change"), st.integers(0, 2), POINTS),
        st.tuples(st.just("remove"), st.integers(0, 2)),
    ),
    max_size=8,
)


def do(batches, batch, deed):
    """Do something as far as it can be done."""
    staff = batches.world.staff
    with batches.world.database.read() as records:
        items = [one for one in records.rubric(batch.id, "first") if not one.removed]
    if deed[0] == "give":
        _, who, manual, extra, chosen, reviewed = deed
        whose = batches.one(batch, ("ada", "bob")[who])
        ids = tuple(one.id for place, one in enumerate(items) if place in chosen)
        mark = Mark(manual, extra, f"{manual}", ids)
        batches.mark.give(staff, batch.id, whose.id, "first", {"essay": mark}, reviewed=reviewed)
    elif deed[0] == "add":
        batches.mark.save_item(staff, RubricItem("", batch.id, "first", "essay", "x", deed[1]))
    elif deed[1] < len(items):
        if deed[0] == "change":
            batches.mark.save_item(staff, replace(items[deed[1]], points=deed[2]))
        else:
            batches.mark.remove_item(staff, batch.id, items[deed[1]].id)


def stored(batches, batch):
    """Return everything that counts, and check that what is summed up is the sum of what is given."""
    with batches.world.database.read() as records:
        rubric = {one.id: one for one in records.rubric(batch.id, "first")}
        rows = batches.rows(batch)
        cells = records.marked_cells("first", [row.submission.id for row in rows.values()])
        for row in rows.values():
            grade = row.grades["first"]
            found = totals(cells[row.submission.id], rubric, grade.outcome, reviewed=grade.reviewed)
            assert (grade.points, grade.waiting, grade.review) == (found.points, found.waiting, found.review)
            assert row.submission.points == grade.points
    counting = {one.id: one.points for one in rubric.values() if not one.removed}
    return {one: row.grades["first"] for one, row in rows.items()}, cells, counting


# Without shrinking, which would take minutes: each example builds a store.
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(deeds=DEEDS)
def test_whatever_was_done_adds_up_and_can_be_taken_back_step_by_step(deeds):
    with tempfile.TemporaryDirectory() as folder:
        batches = Batches(World(Path(folder)), Path(folder))
        files = {"ada/first.ipynb": b"1", "bob/first.ipynb": b"2"}
        batch = batches.graded(files, questions=("first",))
        states = [stored(batches, batch)]
        for deed in deeds:
            do(batches, batch, deed)
            now = stored(batches, batch)
            if now != states[-1]:
                states.append(now)

        for before in reversed(states[:-1]):
            batches.mark.undo(batches.world.staff, batch.id)
            assert stored(batches, batch) == before
        batches.world.database.close()
