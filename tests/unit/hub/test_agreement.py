"""Agreement of reviewers, against published worked examples."""

# ruff: noqa: S311 - a seed makes an interval reproducible

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.agreement import agreement, ordinal_alpha, severity, weighted_kappa

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]

# Two radiologists on 85 xeromammograms (Boyd and others 1982), as in Stata's manual under "kappa".
MAMMOGRAMS = [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]


def sheet_of(table):
    pairs = [(a, b) for a, row in enumerate(table) for b, count in enumerate(row) for _ in range(count)]
    return [[a for a, _ in pairs], [b for _, b in pairs]]


def test_alpha_is_that_of_the_published_example():
    assert ordinal_alpha(KRIPPENDORFF) == pytest.approx(0.815, abs=0.0005)


def test_kappa_is_that_of_the_published_example():
    sheet = sheet_of(MAMMOGRAMS)

    assert weighted_kappa(sheet, power=1) == pytest.approx(0.5684, abs=0.00005)
    assert weighted_kappa(sheet, power=2) == pytest.approx(0.6714, abs=0.00005)


def test_two_reviewers_get_kappa_and_more_get_alpha_with_an_interval_around_it():
    two = agreement(sheet_of(MAMMOGRAMS), Random(1))
    four = agreement(KRIPPENDORFF, Random(1))

    assert (two.method, two.units) == ("kappa", 85)
    assert two.low < two.value < two.high
    assert (four.method, four.units) == ("alpha", 11)
    assert four.low < four.value <= four.high


def test_what_nobody_shares_has_no_agreement():
    assert agreement([[1, None], [None, 2]], Random(1)).value is None
    assert agreement([[3, 3, 3], [3, 3, 3]], Random(1)).value is None
    assert agreement([[], []], Random(1)).value is None


@given(
    st.integers(2, 5).flatmap(
        lambda reviewers: st.lists(
            st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=reviewers, max_size=reviewers), max_size=12
        )
    ),
    st.randoms(use_true_random=False),
)
def test_agreement_never_exceeds_one_and_does_not_depend_on_order(units, random):
    sheet = [list(row) for row in zip(*units, strict=True)] or [[], []]
    shuffled = units[:]
    random.shuffle(shuffled)
    other = [list(row) for row in zip(*shuffled, strict=True)] or [[], []]

    value = ordinal_alpha(sheet)

    assert value is None or value <= 1 + 1e-9
    assert value == pytest.approx(ordinal_alpha(other)) if value is not None else ordinal_alpha(other) is None


def test_a_strict_reviewer_stands_below_the_others():
    sheet = [[5, 4, 3, None], [3, 2, 1, 1], [4, 3, 2, None]]

    assert severity(sheet) == [1.5, -1.5, 0.0]
    assert severity([[1, None], [None, 1]]) == [None, None]
