"""Comparisons of people, against published worked examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.cohort import TooFewError, share_interval, standing


def test_a_percentile_counts_half_of_the_ties():
    # The example of scipy.stats.percentileofscore: 3 among 1, 2, 3, 3, 4.
    found = standing(3, [1, 2, 3, 3, 4])

    assert (found.percentile, found.below, found.equal, found.people) == (60, 2, 2, 5)


def test_fewer_than_five_people_are_not_compared():
    with pytest.raises(TooFewError, match="there are 4"):
        standing(3, [1, 2, 3, 4])


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
