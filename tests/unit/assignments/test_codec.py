"""Values that cross between the candidate's process and the tests."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.grading.inside.codec import CannotCrossError, decode, encode

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
HASHABLE = st.integers() | st.text() | st.booleans()
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(HASHABLE, inner), max_leaves=20
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["t", "v", "k", "d", "s", "i", "n", "c"]) | st.text(), inner)
    ),
    max_leaves=25,
)


def refuse(value):
    raise CannotCrossError(type(value).__name__)


def crossed(value):
    return decode(json.loads(json.dumps(encode(value, refuse))), refuse)


@given(NESTED)
def test_plain_values_arrive_as_they_left(value):
    arrived = crossed(value)

    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        10**4000,
        1 + 2j,
        {1, 2},
        frozenset({"a"}),
        dt.datetime(2026, 3, 2, 7, 15, tzinfo=dt.UTC),
        dt.date(2026, 3, 2),
        dt.timedelta(days=1, microseconds=3),
        pd.Timestamp("2026-03-02"),
        np.float64(1.5),
        np.int8(3),
    ],
)
def test_other_scalars_arrive_as_they_left(value):
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2, 3], name="n"),
        pd.Series([1.5, float("nan")], index=["a", "b"]),
        pd.Series(["x", None, "y"]),
        pd.Series([True, False]),
        pd.Series(pd.to_datetime(["2026-01-01", None])),
        pd.Series(pd.to_datetime(["2026-01-01"]).tz_localize("Europe/Vienna")),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1, "a", None, 2.5], dtype=object),
        pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])),
    ],
)
def test_series_and_frames_arrive_with_their_types(series):
    pd.testing.assert_series_equal(crossed(series), series)
    pd.testing.assert_frame_equal(crossed(series.to_frame("column")), series.to_frame("column"))


def test_arrays_arrive_with_shape_and_type():
    array = np.arange(6, dtype=np.int16).reshape(2, 3)

    arrived = crossed(array)

    np.testing.assert_array_equal(arrived, array)
    assert arrived.dtype == array.dtype


def test_a_subclass_with_its_own_equality_does_not_cross_as_data():
    class Always(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    for value in (Always(1), [Always(1)], {"a": Always(1)}):
        with pytest.raises(CannotCrossError):
            encode(value, refuse)


def test_what_is_nested_too_deep_does_not_cross():
    deep: list = []
    for _ in range(100):
        deep = [deep]

    with pytest.raises(CannotCrossError):
        encode(deep, refuse)


@given(JSON)
def test_no_message_of_a_candidate_does_more_than_be_refused(message):
    try:
        decode(message, refuse)
    except CannotCrossError:
        return


@pytest.mark.parametrize(
    "message",
    [
        {"t": "array", "d": "|O", "s": [1], "v": ""},
        {"t": "array", "d": "<i8", "s": [10**12], "v": ""},
        {"t": "array", "d": "<i8", "s": [-1, -1], "v": ""},
        {"t": "int", "v": ["1"]},
        {"t": "dict", "v": [[{"t": "list", "v": []}, {"t": "plain", "v": 1}]]},
        {"t": "series", "v": {"k": "list", "d": "object", "v": "abc"}, "i": None, "n": None},
        {"t": "bytes", "v": "%%%"},
    ],
)
def test_hostile_messages_are_refused(message):
    with pytest.raises(CannotCrossError):
        decode(message, refuse)
