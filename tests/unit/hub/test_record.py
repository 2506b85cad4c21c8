"""Storing the recording."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from world import World

from assay_protocol.recording import Event, Kind, genesis, link


def line(seq: int) -> bytes:
    return Event(seq, 1.5, Kind.EDIT, "ada", "first.ipynb", b"update").to_line()


def test_lines_are_chained_from_the_interviews_own_start(world):
    interview = world.interview()

    head = world.store(interview.id, [line(1), line(2)])

    assert head.seq == 2
    assert head.digest == link(link(genesis(interview.id), line(1)), line(2))


def test_lines_that_were_stored_before_are_passed_over(world):
    interview = world.interview()
    head = world.store(interview.id, [line(1), line(2)])

    assert world.store(interview.id, [line(1), line(2)]) == head
    assert world.review.details(world.staff, interview.id).gaps == ()


def test_a_jump_is_stored_as_a_gap_and_what_follows_is_kept(world):
    interview = world.interview()

    head = world.store(interview.id, [line(1), line(4)])

    (gap,) = world.review.details(world.staff, interview.id).gaps
    assert head.seq == 4
    assert gap.after_seq == 1
    assert "2 to 3" in gap.reason


def test_a_line_that_is_no_event_is_stored_as_a_gap(world):
    interview = world.interview()

    head = world.store(interview.id, [line(1), b'{"seq": "two"}', line(2)])

    (gap,) = world.review.details(world.staff, interview.id).gaps
    assert head.seq == 2
    assert "no event" in gap.reason


def test_lines_that_are_no_events_fill_no_database(world):
    interview = world.interview()

    for _ in range(3):
        world.store(interview.id, [b"{}"] * 50)

    assert len(world.review.details(world.staff, interview.id).gaps) == 1


def test_a_workspace_that_lost_what_is_stored_is_told_of_once_and_the_evidence_stands(world):
    interview = world.interview()
    head = world.store(interview.id, [line(1), line(2)])

    assert world.store.cut(interview.id) == world.store.cut(interview.id) == head

    (gap,) = world.review.details(world.staff, interview.id).gaps
    assert gap.after_seq == 2
    assert "what was stored here until then stands" in gap.reason


def test_a_clock_that_is_ahead_is_noted_once_and_the_events_are_kept(world):
    interview = world.interview()
    ahead = world.clock.now().timestamp() + 3600
    lines = [Event(seq, ahead, Kind.EDIT, "ada", "first.ipynb", b"x").to_line() for seq in (1, 2, 3)]

    head = world.store(interview.id, lines)

    (gap,) = world.review.details(world.staff, interview.id).gaps
    assert head.seq == 3
    assert "clock is ahead" in gap.reason


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_from_a_workspace_stop_the_recording(lines):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        interview = world.interview()

        world.store(interview.id, lines)

        assert world.store(interview.id, [line(1)]).seq >= 1
        world.database.close()
