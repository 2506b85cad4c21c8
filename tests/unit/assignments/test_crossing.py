"""Values that cross between the submission and the tests."""

import datetime as dt
import json
import math
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from assay_assignments.grading.inside.codec import CannotCrossError, decode, encode


def crossed(value: Any) -> Any:
    def hold(found: object) -> dict[str, Any]:
        raise CannotCrossError(type(found).__name__)

    return decode(json.loads(json.dumps(encode(value, hold))), lambda message: pytest.fail(f"a handle: {message}"))


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in type, content and order, NaN being equal to itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return bool(one == other)


hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
    | st.fractions()
    | st.decimals(allow_nan=False, min_value=-(10**9), max_value=10**9),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
values = st.recursive(
    hashable | st.floats() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(hashable, inner, max_size=5)
        | st.sets(hashable, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
    ),
    max_leaves=25,
)


@given(values)
def test_plain_values_cross_unchanged(value: Any):
    assert same(crossed(value), value)


@given(st.integers(min_value=-(10**60), max_value=10**60) | st.just(2**63) | st.just(-(2**63)))
def test_whole_numbers_of_any_size_cross(value: int):
    assert crossed(value) == value


def test_whole_numbers_beyond_the_digits_that_python_prints_cross():
    assert crossed(7**10_000) == 7**10_000


@given(st_np.arrays(st_np.scalar_dtypes(), st_np.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
def test_arrays_cross_with_type_shape_and_bytes(array: Any):
    found = crossed(array)

    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == np.ascontiguousarray(array).tobytes()
    assert found.flags.writeable


@given(st_np.arrays(st_np.scalar_dtypes(), ()))
def test_numbers_of_numpy_cross_with_their_type(array: Any):
    value = array[()]

    found = crossed(value)

    assert type(found) is type(value)
    assert np.asarray(found).tobytes() == np.asarray(value).tobytes()


SERIES = [
    pd.Series([1, 2, 3], name="n"),
    pd.Series([1.5, math.nan], index=["a", "b"]),
    pd.Series(["x", None, "y"], dtype="str"),
    pd.Series(["x", None, "y"], dtype="string"),
    pd.Series([1, None], dtype="Int64"),
    pd.Series([True, None], dtype="boolean"),
    pd.Series([1, "x", (2, 3), None], dtype="object"),
    pd.Series(pd.to_datetime(["2026-01-01", None])),
    pd.Series(pd.to_datetime(["2026-01-01 12:00", "2026-07-01 12:00"])).dt.tz_localize("Europe/Vienna"),
    pd.Series(pd.to_timedelta([1, 90], unit="min")),
    pd.Series(pd.Categorical(["b", "a", None], categories=["b", "a", "c"], ordered=True)),
    pd.Series([1, 2], index=pd.date_range("2026-01-01", periods=2, name="day")),
    pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None])),
    pd.Series([], dtype="float64"),
]


@pytest.mark.parametrize("series", SERIES, ids=lambda series: f"{series.dtype}-{type(series.index).__name__}")
def test_series_cross_with_their_index_and_type(series: Any):
    pd.testing.assert_series_equal(crossed(series), series, check_freq=True)


@pytest.mark.parametrize("dtype", ["str", "object", "string"])
@given(st.lists(st.none() | st.text(st.sampled_from('|~`^x\n\\"é\ud800'), max_size=3), max_size=12))
def test_text_crosses_whatever_its_characters(dtype: str, texts: list[Any]):
    series = pd.Series(texts, dtype=dtype)

    pd.testing.assert_series_equal(crossed(series), series)


def test_frames_cross_with_repeated_columns_and_mixed_types():
    frame = pd.concat([one.reset_index(drop=True).rename(str(n)) for n, one in enumerate(SERIES)], axis=1)
    frame.columns = [*frame.columns[:-1], "0"]

    pd.testing.assert_frame_equal(crossed(frame), frame)
    pd.testing.assert_frame_equal(crossed(frame.iloc[:0]), frame.iloc[:0])
    pd.testing.assert_frame_equal(crossed(pd.DataFrame()), pd.DataFrame())


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(0, 10, 3, name="r"),
        pd.Index(["a", "b"], name="t"),
        pd.date_range("2026-01-01", periods=3),
        pd.date_range("2026-01-01", periods=3, freq="W-WED", tz="Europe/Vienna"),
        pd.timedelta_range("1h", periods=3),
        pd.CategoricalIndex(["a", "b", "a"]),
    ],
)
def test_indexes_cross(index: Any):
    assert crossed(index).identical(index)
    assert getattr(crossed(index), "freq", None) == getattr(index, "freq", None)


@pytest.mark.parametrize("value", [pd.NaT, pd.NA, pd.Timestamp("2026-01-01", tz="UTC"), pd.Timedelta("1h")])
def test_single_values_of_pandas_cross(value: Any):
    found = crossed(value)

    assert found is value or found == value


def test_the_distinct_values_of_a_column_cross():
    found = crossed(pd.Series(["a", "b", "a"]).unique())

    assert list(found) == ["a", "b"]


class Sly(list):  # type: ignore[type-arg]
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None


class Slyer(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    "value",
    [Sly(), Slyer(3), object(), print, json, [Sly()], {"a": Slyer(1)}, np.array([object()]), pd.DataFrame],
    ids=str,
)
def test_what_could_bring_its_own_equality_crosses_as_a_handle_only(value: Any):
    with pytest.raises(CannotCrossError):
        crossed(value)


def test_a_value_inside_itself_does_not_cross():
    value: list[Any] = []
    value.append(value)

    with pytest.raises(CannotCrossError):
        crossed(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
TAGS = [
    "int",
    "float",
    "complex",
    "bytes",
    "date",
    "datetime",
    "time",
    "timedelta",
    "decimal",
    "fraction",
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "array",
    "scalar",
    "Timestamp",
    "Timedelta",
    "missing",
    "range",
    "index",
    "levels",
    "series",
    "frame",
    "extension",
    "function",
    "object",
    "own",
    "x",
]
tags = st.sampled_from(TAGS)
columns = st.fixed_dictionaries(
    {"k": st.sampled_from(["array", "category", "zoned", "list", "x"])},
    optional={"v": json_values, "c": json_values, "o": json_values, "z": json_values, "d": json_values},
)
hostile = st.recursive(
    json_values,
    lambda inner: st.fixed_dictionaries(
        {"t": tags},
        optional={name: inner | columns | st.lists(inner, max_size=3) for name in ("v", "n", "i", "c", "s", "d")},
    ),
    max_leaves=10,
)


@given(hostile)
def test_whatever_is_sent_is_decoded_or_refused(message: Any):
    def stand(_: dict[str, Any]) -> Any:
        raise CannotCrossError("a handle")

    with suppress(CannotCrossError):
        decode(message, stand)


REFUSED = {
    "an index of more rows than there are": {"t": "range", "v": [0, 10**18, 1], "n": None},
    "an array of objects": {"t": "array", "d": "|O", "s": [1], "v": "AAAAAAAAAAA="},
    "an array of records": {"t": "array", "d": "i4,O", "s": [1], "v": ""},
    "an empty array of astronomic shape": {"t": "array", "d": "<i8", "s": [0, 10**15], "v": ""},
    "an array of the wrong length": {"t": "array", "d": "<i8", "s": [3], "v": "AAAA"},
    "a zone that is a file": {
        "t": "series",
        "v": {"k": "zoned", "v": {"t": "array", "d": "<M8[ns]", "s": [0], "v": ""}, "z": "dateutil//etc/passwd"},
        "i": {"t": "range", "v": [0, 0, 1], "n": None},
        "n": None,
    },
    "a number out of proportion": {"t": "decimal", "v": "1e999999999"},
    "a fraction of nothing": {"t": "fraction", "v": [1, 0]},
    "a set of lists": {"t": "set", "v": [{"t": "list", "v": []}]},
    "a name that is a handle": {"t": "range", "v": [0, 1, 1], "n": {"t": "object", "of": 1}},
    "more texts than there are rows": {
        "t": "extension", "v": {"k": "text", "d": "str", "m": "|", "v": "|" * 5_000_000, "o": []}
    },
    "texts that are no text": {"t": "extension", "v": {"k": "text", "d": "str", "m": "|", "v": ["a"], "o": []}},
    "texts with a mark of their own": {"t": "extension", "v": {"k": "text", "d": "str", "m": "", "v": "a", "o": []}},
    "a missing text in no row": {"t": "extension", "v": {"k": "text", "d": "str", "m": "|", "v": "a", "o": [[1, 1]]}},
    "an index that is a list": {
        "t": "series", "v": {"k": "array", "v": {"t": "array", "d": "<i8", "s": [0], "v": ""}}, "i": [], "n": None
    },
    "a module": {"t": "module", "v": "os"},
    "a type that is no text": {"t": ["list"], "v": []},
    "a list without a type": [1, 2],
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_messages_are_refused(name: str):
    def stand(_: dict[str, Any]) -> Any:
        raise CannotCrossError("a handle")

    with pytest.raises(CannotCrossError):
        decode(REFUSED[name], stand)


def test_deep_messages_are_refused():
    message: Any = 1
    for _ in range(500):
        message = {"t": "list", "v": [message]}

    with pytest.raises(CannotCrossError):
        decode(message, lambda _: None)


def test_what_is_received_shares_nothing_with_what_was_sent():
    array = np.zeros(3)

    found = crossed(array)
    found[0] = 1

    assert array[0] == 0


def test_the_kinds_of_numbers_stay_apart():
    for value in (True, 1, 1.0, 1 + 0j, Decimal(1), Fraction(1), np.int8(1), np.float32(1), np.bool_(1)):
        assert type(crossed(value)) is type(value)
    assert type(crossed(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))) is dt.datetime
