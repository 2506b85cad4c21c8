"""Signals, judgements and accommodations on a real SQLite and a real PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from fakes import START
from integration.hub.test_database import INTERVIEW

from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.interview import State
from assay_hub.domain.position import Position
from assay_hub.domain.recording import StoredLine
from assay_hub.domain.signal_rates import ObservedInterview
from assay_hub.domain.signals import Drawing, Judgement, Level, Signal, SignalKind, Source, Verdict

LEFT = Signal("left-r1", SignalKind.LEFT, START, START + timedelta(seconds=9))
PASTED = Signal(
    "pasted-5", SignalKind.PASTED, START + timedelta(seconds=5), source=Source.RECORDING, detail={"chars": 45}
)


def test_signals_come_back_as_they_happened(database):
    with database.write() as records:
        records.add_interview(replace(INTERVIEW, signals=Level.FULL))
        records.save_signals(INTERVIEW.id, [PASTED, replace(LEFT, until=None)])
        records.save_signals(INTERVIEW.id, [LEFT])

    with database.read() as records:
        assert records.interview(INTERVIEW.id).signals is Level.FULL
        assert records.signals(INTERVIEW.id) == [LEFT, PASTED]
        assert records.signals(INTERVIEW.id, Source.ROOM) == [LEFT]
        assert records.signal(INTERVIEW.id, "pasted-5") == PASTED
        assert [records.signal(INTERVIEW.id, one) for one in ("", "gone", "a\0b", "\ud800")] == [None] * 4


def test_what_people_say_is_kept_in_order(database):
    said = [
        Judgement("left-r1", Verdict.CONCERNING, "Odd 漢.", "ada", START),
        Judgement("left-r1", Verdict.EXPLAINED, "The bell.", "rita", START),
    ]
    with database.write() as records:
        records.add_interview(INTERVIEW)
        for one in said:
            records.add_judgement(INTERVIEW.id, one)

    with database.read() as records:
        found = records.judgements(INTERVIEW.id)
        assert [replace(one, id=0) for one in found] == said
        assert 0 < found[0].id < found[1].id
        assert records.judgements("zzzzzzzzzz") == []


def test_accommodations_and_drawings_are_replaced(database):
    first = Accommodation(frozenset({SignalKind.LEFT}), "note", 1.5)
    with database.write() as records:
        records.add_interview(INTERVIEW)
        records.save_accommodation(INTERVIEW.id, Accommodation(note="earlier"))
        records.save_accommodation(INTERVIEW.id, first)
        records.save_drawn(INTERVIEW.id, Drawing(3, START, over=False))
        records.save_drawn(INTERVIEW.id, Drawing(7, START, over=True))

    with database.read() as records:
        assert records.accommodation(INTERVIEW.id) == first
        assert records.accommodation("zzzzzzzzzz") == Accommodation()
        assert records.drawn(INTERVIEW.id) == Drawing(7, START, over=True)
        assert records.drawn("zzzzzzzzzz") is None


def test_interviews_that_are_over_are_counted_and_read_once(database):
    over = replace(INTERVIEW, state=State.CLOSED, started_at=START, ended_at=START)
    never_begun = replace(over, id="b" * 10, started_at=None)
    with database.write() as records:
        for one in (over, never_begun, replace(INTERVIEW, id="c" * 10)):
            records.add_interview(one)
        records.append(over.id, [StoredLine(1, b"{}", b"d", START)])
        records.save_signals(over.id, [LEFT, PASTED, replace(PASTED, id="pasted-6")])
        before = records.undrawn_interviews()
        records.save_drawn(over.id, Drawing(1, START, over=True))

    with database.read() as records:
        counts = {SignalKind.LEFT: 1, SignalKind.PASTED: 2}
        assert records.observed_interviews() == [ObservedInterview(Level.LIGHT, Accommodation(), counts)]
        assert (before, records.undrawn_interviews()) == ([over.id], [])


def test_a_role_keeps_its_level(database):
    position = Position("abcdefghij", "Analyst", signals=Level.NONE)

    with database.write() as records:
        records.save_position(position)

    with database.read() as records:
        assert records.positions() == [records.position(position.id)] == [position]
