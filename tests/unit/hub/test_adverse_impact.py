"""The adverse-impact table, against published worked examples, and what it may not tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.adverse_impact import SMALLEST_CELL, fisher_exact, impact_table, impacts


def test_the_four_fifths_table_is_that_of_the_agencies_example():
    # Questions and Answers on the Uniform Guidelines (1979): 48 of 80 and 12 of 40 hired, a ratio of one half.
    first, second = impacts({"B": (40, 12), "A": (80, 48)})

    assert (first.group, first.rate, first.ratio, first.below) == ("A", 0.6, 1.0, False)
    assert (second.group, second.rate, second.ratio, second.below) == ("B", 0.3, 0.5, True)


def test_the_interval_of_a_ratio_is_that_of_the_aspirin_study():
    # A. Agresti, Categorical Data Analysis: 189 of 11,034 against 104 of 11,037, ratio 1.82 (1.43 to 2.30).
    highest, other = impacts({"placebo": (11_034, 189), "aspirin": (11_037, 104)})

    assert highest.group == "placebo"
    assert 1 / other.ratio == pytest.approx(1.82, abs=0.005)
    assert (1 / other.high, 1 / other.low) == (pytest.approx(1.43, abs=0.005), pytest.approx(2.30, abs=0.01))


def test_a_group_of_nobody_and_a_year_without_anybody_selected_are_no_division_by_zero():
    assert impacts({"A": (0, 0)}) == []
    assert [one.ratio for one in impacts({"A": (3, 0), "B": (2, 0)})] == [None, None]
    assert impacts({"A": (10, 5), "B": (10, 0)})[1].low is None


def test_the_exact_probability_is_that_of_the_tea_taster():
    assert fisher_exact(3, 1, 1, 3) == pytest.approx(0.4857, abs=0.00005)
    assert fisher_exact(4, 0, 0, 4) == pytest.approx(0.0286, abs=0.00005)


def test_the_exact_probability_of_no_difference_is_one():
    assert fisher_exact(5, 5, 5, 5) == 1
    assert fisher_exact(0, 10, 0, 10) == 1


def test_a_group_with_a_small_cell_is_named_and_not_counted():
    answers = [("a", True)] * 6 + [("a", False)] * 9 + [("b", True)] * 8 + [("b", False)] * 4 + [("c", False)] * 30

    table = impact_table("item", ("a", "b", "c"), answers)

    assert [(one.group, one.people, one.selected) for one in table.shown] == [("a", 15, 6)]
    assert table.hidden == ("b", "c")


@given(st.lists(st.tuples(st.sampled_from("abcz"), st.booleans()), max_size=80))
def test_no_count_that_is_shown_comes_from_fewer_than_five_people(answers):
    table = impact_table("item", "abc", answers)

    for one in table.shown:
        assert min(one.selected, one.people - one.selected) >= SMALLEST_CELL
    assert {one.group for one in table.shown} | set(table.hidden) == set("abc")
