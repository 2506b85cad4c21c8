"""Where a candidate is, from what the room's pages tell."""

from datetime import timedelta

from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.attendance import RELOAD_SECONDS, SECOND_SECONDS, Attendance, Spell
from assay_hub.domain.signals import SignalKind


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def there(*pages: str) -> Attendance:
    attendance = Attendance()
    for page in pages:
        attendance.came(page, at(0))
        attendance.here(page, at(0))
    return attendance


def test_leaving_is_told_at_once_and_coming_back_ends_it():
    attendance = there("a")

    assert attendance.left("a", at(10)) == [Spell(SignalKind.LEFT, at(10))]
    assert attendance.here("a", at(70)) == [Spell(SignalKind.LEFT, at(10), at(70))]
    assert attendance.here("a", at(71)) == []


def test_a_reload_is_nothing():
    attendance = there("a")

    attendance.gone("a", at(10), closed=True)
    attendance.came("b", at(12))
    attendance.here("b", at(12))

    assert attendance.passed(at(100)) == []


def test_a_closed_page_is_left_and_a_lost_one_is_disconnected():
    for closed, kind in ((True, SignalKind.LEFT), (False, SignalKind.DISCONNECTED)):
        attendance = there("a")
        attendance.gone("a", at(10), closed=closed)

        assert attendance.passed(at(10 + RELOAD_SECONDS - 1)) == []
        assert attendance.passed(at(10 + RELOAD_SECONDS)) == [Spell(kind, at(10))]
        assert attendance.passed(at(40)) == []
        attendance.came("b", at(50))
        assert attendance.here("b", at(51)) == [Spell(kind, at(10), at(51))]


def test_being_away_with_a_broken_connection_is_one_spell():
    attendance = there("a")

    told = attendance.left("a", at(10))
    told += attendance.gone("a", at(20), closed=False)
    told += attendance.passed(at(60))
    attendance.came("a2", at(61))
    told += attendance.left("a2", at(61))
    told += attendance.here("a2", at(80))

    assert told == [Spell(SignalKind.LEFT, at(10)), Spell(SignalKind.LEFT, at(10), at(80))]


def test_a_second_page_is_told_when_both_stay():
    attendance = there("a")
    attendance.came("b", at(10))

    assert attendance.passed(at(10 + SECOND_SECONDS - 1)) == []
    assert attendance.passed(at(10 + SECOND_SECONDS)) == [Spell(SignalKind.SECOND, at(10))]
    assert attendance.gone("b", at(90), closed=True) == [Spell(SignalKind.SECOND, at(10), at(90))]
    assert attendance.passed(at(200)) == []


def test_a_dead_connection_beside_the_new_one_is_no_second_page():
    attendance = there("a")
    attendance.came("b", at(10))
    attendance.here("b", at(10))

    attendance.gone("a", at(10 + SECOND_SECONDS - 2), closed=False)

    assert attendance.passed(at(100)) == []


def test_looking_from_one_page_to_the_other_is_not_leaving():
    attendance = there("a")
    attendance.came("b", at(1))
    attendance.here("b", at(1))

    assert attendance.left("a", at(2)) == []
    assert attendance.left("b", at(3)) == [Spell(SignalKind.LEFT, at(3))]


MOVES = st.lists(st.tuples(st.sampled_from(["came", "here", "left", "closed", "lost", "tick"]), st.integers(0, 2)))


@given(MOVES)
def test_whatever_pages_claim_spells_begin_before_they_end_and_no_kind_overlaps_itself(moves):
    attendance = Attendance()
    open_spells: dict[SignalKind, Spell] = {}

    for second, (move, page) in enumerate(moves):
        now = at(7 * second)
        told: list[Spell] = []
        if move == "came":
            attendance.came(page, now)
        elif move == "here":
            told = attendance.here(page, now)
        elif move == "left":
            told = attendance.left(page, now)
        elif move == "tick":
            told = attendance.passed(now)
        else:
            told = attendance.gone(page, now, closed=move == "closed")
        for spell in told:
            if spell.until is None:
                assert spell.kind not in open_spells
                open_spells[spell.kind] = spell
            else:
                assert open_spells.pop(spell.kind).at == spell.at <= spell.until
