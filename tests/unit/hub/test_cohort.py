"""Comparisons of people and questions, against published worked examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.cohort import TooFewError, impacts, item_statistics, share_interval, standing


def test_a_percentile_counts_half_of_the_ties():
    # The example of scipy.stats.percentileofscore: 3 among 1, 2, 3, 3, 4.
    found = standing(3, [1, 2, 3, 3, 4])

    assert (found.percentile, found.below, found.equal, found.people) == (60, 2, 2, 5)


def test_fewer_than_five_people_are_not_compared():
    with pytest.raises(TooFewError, match="there are 4"):
        standing(3, [1, 2, 3, 4])
    with pytest.raises(TooFewError):
        item_statistics([1, 0, 1, 0], [1, 0, 1, 0])


@given(st.floats(0, 100), st.lists(st.floats(0, 100), min_size=5, max_size=50))
def test_a_percentile_lies_between_0_and_100_and_rises_with_the_value(value, others):
    found = standing(value, others)

    assert 0 <= found.percentile <= 100
    assert standing(value + 1, others).percentile >= found.percentile


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_that_of_newcombes_table(successes, total, low, high):
    assert share_interval(successes, total) == (pytest.approx(low, abs=0.00005), pytest.approx(high, abs=0.00005))


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


def test_a_question_that_goes_with_the_rest_discriminates():
    shares, rest = [0, 0, 0.5, 1, 1], [0.1, 0.2, 0.5, 0.8, 0.9]

    found = item_statistics(shares, rest)

    assert found.difficulty == 0.5
    assert found.discrimination == pytest.approx(0.990, abs=0.01)
    assert item_statistics([1] * 5, rest).discrimination is None
