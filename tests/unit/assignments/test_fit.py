"""Curves that are known are found again, and what cannot be told apart is said to be so."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.analysis.fit import CURVES, TooFewError, fit, order_of

SIZES = (500, 1_000, 2_000, 4_000, 8_000, 16_000)
SMALL = (4, 8, 12, 16, 20, 24)
NOISE = st.lists(st.floats(-0.005, 0.005), min_size=len(SIZES), max_size=len(SIZES))


def points(curve, sizes, factor=7.0, base=40.0, noise=()):
    wrong = [1 + one for one in noise] or [1.0] * len(sizes)
    return [(size, (base + factor * CURVES[curve](size)) * off) for size, off in zip(sizes, wrong, strict=True)]


@pytest.mark.parametrize("curve", [name for name in CURVES if name != "2^n"])
def test_a_curve_without_noise_is_the_best_and_among_those_that_are_told(curve):
    found = fit(points(curve, SIZES))

    assert found.candidates[0].curve == curve
    assert order_of(found.low) <= order_of(curve) <= order_of(found.high)


@pytest.mark.parametrize("curve", ["1", "n", "n log n", "n^2", "n^3"])
def test_sizes_that_differ_enough_decide_between_curves(curve):
    found = fit(points(curve, SIZES))

    assert (found.low, found.high, found.decided) == (curve, curve, True)


def test_doubling_with_each_step_is_found_with_small_sizes():
    found = fit(points("2^n", SMALL))

    assert (found.low, found.high) == ("2^n", "2^n")


@given(
    st.sampled_from([name for name in CURVES if name != "2^n"]),
    st.floats(1, 50),
    st.floats(0, 100),
    NOISE,
)
def test_noise_of_half_a_percent_never_rules_out_the_true_curve(curve, factor, base, noise):
    found = fit(points(curve, SIZES, factor, base, noise))

    assert order_of(found.low) <= order_of(curve) <= order_of(found.high)


@given(st.floats(0.2, 3.2), NOISE)
def test_the_exponent_is_that_of_a_power_and_its_error_covers_it(power, noise):
    found = fit([(size, size**power * (1 + off)) for size, off in zip(SIZES, noise, strict=True)])

    assert abs(found.slope - power) <= 4 * found.slope_error + 0.01


def test_sizes_that_are_close_together_leave_it_open():
    found = fit(points("n log n", (1000, 1010, 1020, 1030, 1040)))

    assert not found.decided
    assert order_of(found.low) < order_of("n log n") <= order_of(found.high)


def test_what_follows_no_curve_is_said_to_follow_none():
    found = fit([(500, 10.0), (1_000, 9_000.0), (2_000, 20.0), (4_000, 8_000.0), (8_000, 15.0)])

    assert (found.low, found.high, found.decided) == ("", "", False)


def test_three_points_are_too_few():
    with pytest.raises(TooFewError):
        fit(points("n", (10, 20, 30)))


def test_the_criterion_is_akaikes():
    found = {one.curve: one for one in fit(points("n", SIZES, base=0.0)).candidates}
    m, error = len(SIZES), found["n^2"].error

    assert found["n"].error < 1e-9
    assert found["n^2"].behind == pytest.approx(m * math.log((error**2 + 0.01**2) / 0.01**2))
