"""Arrays and tables as JSON, a part of the codec: numpy's arrays and numbers, pandas' indexes, series and frames."""

import binascii
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .codec import CannotCrossError, Hold, Stand, decode, encode

MAX_ROWS = 5_000_000
_MAX_VALUES = 100_000_000
_DTYPE = re.compile(r"[<>|=]?(?:[biufc]\d{1,2}|[mM]8(?:\[[a-zA-Z0-9]{1,6}\])?|[SU]\d{1,6})")
_ZONE = re.compile(r"(?!dateutil)[A-Za-z][A-Za-z0-9_+\-/]{0,60}(?::\d\d)?")
_STEP = re.compile(r"-?\d{0,6}[A-Za-z]{1,4}(?:-[A-Z]{3})?")
_NULLABLE = frozenset(
    {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean"}
)
_TEXTS = frozenset({"str", "string", "object"})
_MARKS = ("|", "~", "`", "^")
"""Between the texts of a column, one that is in none of them; JSON has to escape none of these."""


def encode_table(value: Any, hold: Hold, depth: int) -> dict[str, Any] | None:
    """Return an array, a number of numpy or a table as JSON; ``None`` when it is something else."""
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject and _DTYPE.fullmatch(value.dtype.str):
        content = binascii.b2a_base64(np.ascontiguousarray(value).tobytes(), newline=False).decode("ascii")
        return {"t": "array", "d": value.dtype.str, "s": list(value.shape), "v": content}
    if isinstance(value, np.generic) and kind.__module__ == "numpy" and _DTYPE.fullmatch(value.dtype.str):
        return {"t": "scalar", "v": encode(np.asarray(value), hold, depth + 1)}
    if kind is pd.Timestamp or kind is pd.Timedelta:
        return {"t": kind.__name__, "v": value.isoformat()}
    if value is pd.NaT or value is pd.NA:
        return {"t": "missing", "v": "NaT" if value is pd.NaT else "NA"}
    if kind is pd.RangeIndex:
        return {"t": "range", "v": [value.start, value.stop, value.step], "n": encode(value.name, hold, depth + 1)}
    if kind in (pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex):
        step = getattr(value, "freqstr", None)
        return {"t": "index", "v": _column(value, hold, depth), "n": encode(value.name, hold, depth + 1), "f": step}
    if kind is pd.MultiIndex:
        names = encode(list(value.names), hold, depth + 1)
        levels = [encode(value.get_level_values(level), hold, depth + 1) for level in range(value.nlevels)]
        return {"t": "levels", "v": levels, "n": names}
    if kind is pd.Series:
        named = {"n": encode(value.name, hold, depth + 1), "i": encode(value.index, hold, depth + 1)}
        return {"t": "series", "v": _column(value, hold, depth), **named}
    if kind is pd.DataFrame:
        columns = [_column(column, hold, depth) for _, column in value.items()]
        named = {"c": encode(value.columns, hold, depth + 1), "i": encode(value.index, hold, depth + 1)}
        return {"t": "frame", "v": columns, **named}
    if isinstance(value, pd.api.extensions.ExtensionArray) and kind.__module__.startswith("pandas."):
        return {"t": "extension", "v": _column(value, hold, depth)}
    return None


def _column(column: Any, hold: Hold, depth: int) -> dict[str, Any]:
    dtype = column.dtype
    name = str(dtype)
    if isinstance(dtype, np.dtype) and not dtype.hasobject:
        return {"k": "array", "v": encode(np.asarray(column), hold, depth + 1)}
    if isinstance(dtype, pd.CategoricalDtype):
        codes = encode(np.asarray(pd.Categorical(column).codes), hold, depth + 1)
        return {"k": "category", "v": codes, "c": encode(dtype.categories, hold, depth + 1), "o": bool(dtype.ordered)}
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = pd.DatetimeIndex(column).tz_convert("UTC").tz_localize(None).to_numpy()
        return {"k": "zoned", "v": encode(naive, hold, depth + 1), "z": str(dtype.tz)}
    if name in _TEXTS or name in _NULLABLE:
        values = column.tolist()
        if name in _TEXTS and (text := _text(values, hold, depth)):
            return {"d": name, **text}
        return {"k": "list", "d": name, "v": [encode(item, hold, depth + 1) for item in values]}
    raise CannotCrossError(f"a column of type {name}")


def _text(values: list[Any], hold: Hold, depth: int) -> dict[str, Any] | None:
    """Return a column of text as one, which costs a fourth of a list: what there is most of, now and then missing."""
    kinds = set(map(type, values))
    if str not in kinds:
        return None
    others = [place for place, item in enumerate(values) if type(item) is not str] if len(kinds) > 1 else []
    texts = [item if type(item) is str else "" for item in values] if others else values
    for mark in _MARKS:
        joined = mark.join(texts)
        if joined.count(mark) == len(texts) - 1:
            odd = [[place, encode(values[place], hold, depth + 1)] for place in others]
            return {"k": "text", "m": mark, "v": joined, "o": odd}
    return None


def _values(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    kind = message["k"]
    if kind == "array":
        return _expect(np.ndarray, decode(message["v"], stand, depth + 1))
    if kind == "category":
        codes = _expect(np.ndarray, decode(message["v"], stand, depth + 1))
        categories = _expect(pd.Index, decode(message["c"], stand, depth + 1))
        return pd.Categorical.from_codes(codes, categories=categories, ordered=message["o"] is True)
    if kind == "zoned" and _ZONE.fullmatch(message["z"]):
        naive = _expect(np.ndarray, decode(message["v"], stand, depth + 1))
        return pd.DatetimeIndex(naive).tz_localize("UTC").tz_convert(message["z"])
    if kind == "list" and (message["d"] in _TEXTS or message["d"] in _NULLABLE):
        values = [item if type(item) is str else decode(item, stand, depth + 1) for item in message["v"]]
        return pd.array(values, dtype=message["d"])
    if kind == "text" and message["d"] in _TEXTS and message["m"] in _MARKS:
        text = _expect(str, message["v"])
        if text.count(message["m"]) >= MAX_ROWS:
            raise CannotCrossError("a column out of all proportion")
        values = text.split(message["m"])
        for place, item in message["o"]:
            values[place] = decode(item, stand, depth + 1)
        return pd.array(values, dtype=message["d"])
    raise CannotCrossError("no column")


def _kept(column: dict[str, Any]) -> str | None:
    """Return the type to insist on: of objects that are all text, pandas would make a column of text."""
    return "object" if column.get("d") == "object" else None


def _expect(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise CannotCrossError(f"no {kind.__name__}")
    return value


def _name(message: Any, depth: int) -> Any:
    """Return the name of an index or a series, which is never a handle."""
    return decode(message, _no_handle, depth + 1)


def _no_handle(_: dict[str, Any]) -> Any:
    raise CannotCrossError("no name")


def _array(message: dict[str, Any], _stand: Stand, _depth: int) -> Any:
    if not _DTYPE.fullmatch(message["d"]):
        raise CannotCrossError("no type of an array")
    shape = [int(size) for size in message["s"]]
    if any(size < 0 for size in shape) or math.prod(size or 1 for size in shape) > _MAX_VALUES:
        raise CannotCrossError("no shape")
    content = binascii.a2b_base64(message["v"], strict_mode=True)
    return np.frombuffer(content, dtype=np.dtype(message["d"])).reshape(shape).copy()


def _scalar(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    return _expect(np.ndarray, decode(message["v"], stand, depth + 1)).reshape(())[()]


def _range(message: dict[str, Any], _stand: Stand, depth: int) -> Any:
    start, stop, step = (int(part) for part in message["v"])
    if len(range(start, stop, step)) > MAX_ROWS:
        raise CannotCrossError("an index out of all proportion")
    return pd.RangeIndex(start, stop, step, name=_name(message["n"], depth))


def _index(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    values = _values(message["v"], stand, depth)
    index = pd.Index(values, dtype=_kept(message["v"]), name=_name(message["n"], depth))
    step = message.get("f")
    if step is not None and isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) and _STEP.fullmatch(step):
        # The values have to fit the step, or pandas refuses it.
        return type(index)(index, freq=step)
    return index


def _levels(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    levels = [_expect(pd.Index, decode(level, stand, depth + 1)) for level in message["v"]]
    return pd.MultiIndex.from_arrays(levels, names=_name(message["n"], depth))


def _series(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    index = _expect(pd.Index, decode(message["i"], stand, depth + 1))
    values = _values(message["v"], stand, depth)
    return pd.Series(values, dtype=_kept(message["v"]), index=index, name=_name(message["n"], depth))


def _frame(message: dict[str, Any], stand: Stand, depth: int) -> Any:
    index = _expect(pd.Index, decode(message["i"], stand, depth + 1))
    columns = _expect(pd.Index, decode(message["c"], stand, depth + 1))
    values = {place: _values(one, stand, depth) for place, one in enumerate(message["v"])}
    for place, one in enumerate(message["v"]):
        if _kept(one):
            values[place] = pd.Series(values[place], dtype=_kept(one), index=index)
    frame = pd.DataFrame(values, index=index, copy=False)
    frame.columns = columns
    return frame


TABLES: dict[str, Callable[[dict[str, Any], Stand, int], Any]] = {
    "array": _array,
    "scalar": _scalar,
    "Timestamp": lambda message, _stand, _depth: pd.Timestamp(str(message["v"])),
    "Timedelta": lambda message, _stand, _depth: pd.Timedelta(str(message["v"])),
    "missing": lambda message, _stand, _depth: pd.NaT if message["v"] == "NaT" else pd.NA,
    "range": _range,
    "index": _index,
    "levels": _levels,
    "series": _series,
    "frame": _frame,
    "extension": lambda message, stand, depth: _values(message["v"], stand, depth),
}
