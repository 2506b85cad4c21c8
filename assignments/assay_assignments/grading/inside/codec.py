"""Values that may cross between the candidate's process and the tests: data of listed types, the rest as handles.

Nothing is pickled and nothing of the sender runs in the receiver. Only exact types cross as data: a subclass could
bring its own equality along. What the candidate's side sends is decoded as hostile: types, depth and sizes are bounded.
"""

import base64
import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

MAX_DEPTH = 40
_DTYPE = re.compile(r"[<>|=]?(?:[biufc]\d{1,2}|[mM]8(?:\[[a-zA-Z0-9]{1,6}\])?|[SU]\d{1,6})")
_NULLABLE = frozenset(
    {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean"}
)
_TEXTS = frozenset({"str", "string", "object"})
_SEQUENCES: dict[str, Callable[[Any], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


class CannotCrossError(TypeError):
    """A value of a type that is not on the list, or a message that does not describe one."""


def encode(value: Any, handle: Callable[[Any], dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    """Return a value as JSON.

    Args:
        value: what is to cross.
        handle: stands in for what cannot: returns the message for a handle, or raises ``CannotCrossError``.
        depth: how deep inside other values this one is.
    """
    if depth > MAX_DEPTH:
        raise CannotCrossError(f"nested deeper than {MAX_DEPTH}")
    kind = type(value)
    if value is None or kind in (bool, str):
        return {"t": "plain", "v": value}
    if kind is int:
        return {"t": "int", "v": format(value, "x")}
    if kind is float:
        return {"t": "float", "v": value.hex() if math.isfinite(value) else repr(value)}
    if kind is complex:
        return {"t": "complex", "v": [encode(value.real, handle), encode(value.imag, handle)]}
    if kind is bytes:
        return {"t": "bytes", "v": base64.b64encode(value).decode("ascii")}
    if kind in (dt.date, dt.datetime, dt.time):
        return {"t": kind.__name__, "v": value.isoformat()}
    if kind is dt.timedelta:
        return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    if kind.__name__ in _SEQUENCES and kind is _SEQUENCES[kind.__name__]:
        return {"t": kind.__name__, "v": [encode(item, handle, depth + 1) for item in value]}
    if kind is dict:
        pairs = [[encode(key, handle, depth + 1), encode(item, handle, depth + 1)] for key, item in value.items()]
        return {"t": "dict", "v": pairs}
    return _encode_table(value, handle, depth) or handle(value)


def decode(message: Any, handle: Callable[[dict[str, Any]], Any], depth: int = 0) -> Any:
    """Return the value that a message describes.

    Args:
        message: what ``encode`` returned on the other side, or anything else.
        handle: turns the message of a handle into what stands for it here.
        depth: how deep inside other values this one is.

    Raises:
        CannotCrossError: the message does not describe a value.
    """
    if depth > MAX_DEPTH or not isinstance(message, dict) or "t" not in message:
        raise CannotCrossError("no value")
    try:
        return _decode(message, handle, depth)
    except CannotCrossError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError, MemoryError) as error:
        raise CannotCrossError(f"{type(error).__name__} while reading a {message['t']!s:.40}") from error


def _decode(message: dict[str, Any], handle: Callable[[dict[str, Any]], Any], depth: int) -> Any:
    kind: str = message["t"]
    value: Any = message.get("v")
    if kind == "plain":
        if value is not None and type(value) not in (bool, str):
            raise CannotCrossError("no plain value")
        return value
    if kind == "int":
        return int(value, 16)
    if kind == "float":
        return float(value) if value in ("nan", "inf", "-inf") else float.fromhex(value)
    if kind == "complex":
        return complex(decode(value[0], handle, depth + 1), decode(value[1], handle, depth + 1))
    if kind == "bytes":
        return base64.b64decode(value, validate=True)
    if kind in ("date", "datetime", "time"):
        return getattr(dt, kind).fromisoformat(value)
    if kind == "timedelta":
        return dt.timedelta(*map(int, value))
    if kind in _SEQUENCES:
        return _SEQUENCES[kind]([decode(item, handle, depth + 1) for item in value])
    if kind == "dict":
        return {decode(key, handle, depth + 1): decode(item, handle, depth + 1) for key, item in value}
    if kind in _TABLES:
        return _TABLES[kind](message, handle, depth)
    return handle(message)


# Arrays and tables


def _encode_table(value: Any, handle: Callable[[Any], dict[str, Any]], depth: int) -> dict[str, Any] | None:
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject and _DTYPE.fullmatch(value.dtype.str):
        content = np.ascontiguousarray(value).tobytes()
        return {
            "t": "array",
            "d": value.dtype.str,
            "s": list(value.shape),
            "v": base64.b64encode(content).decode("ascii"),
        }
    if isinstance(value, np.generic) and kind.__module__ == "numpy" and _DTYPE.fullmatch(value.dtype.str):
        return {"t": "scalar", "v": encode(np.asarray(value), handle, depth + 1)}
    if kind is pd.Timestamp or kind is pd.Timedelta:
        return {"t": kind.__name__, "v": value.isoformat()}
    if value is pd.NaT or value is pd.NA:
        return {"t": "missing", "v": "NaT" if value is pd.NaT else "NA"}
    if kind is pd.RangeIndex:
        return {"t": "range", "v": [value.start, value.stop, value.step], "n": encode(value.name, handle, depth + 1)}
    if kind in (pd.Index, pd.DatetimeIndex, pd.CategoricalIndex):
        return {"t": "index", "v": _column(value, handle, depth), "n": encode(value.name, handle, depth + 1)}
    if kind is pd.MultiIndex:
        names = encode(list(value.names), handle, depth + 1)
        levels = [encode(value.get_level_values(level), handle, depth + 1) for level in range(value.nlevels)]
        return {"t": "levels", "v": levels, "n": names}
    if kind is pd.Series:
        named = {"n": encode(value.name, handle, depth + 1), "i": encode(value.index, handle, depth + 1)}
        return {"t": "series", "v": _column(value, handle, depth), **named}
    if kind is pd.DataFrame:
        columns = [_column(value.iloc[:, place], handle, depth) for place in range(value.shape[1])]
        named = {"c": encode(value.columns, handle, depth + 1), "i": encode(value.index, handle, depth + 1)}
        return {"t": "frame", "v": columns, **named}
    return None


def _column(column: Any, handle: Callable[[Any], dict[str, Any]], depth: int) -> dict[str, Any]:
    dtype = column.dtype
    name = str(dtype)
    if isinstance(dtype, np.dtype) and not dtype.hasobject:
        return {"k": "array", "v": encode(column.to_numpy(), handle, depth + 1)}
    if isinstance(dtype, pd.CategoricalDtype):
        codes = encode(np.asarray(pd.Categorical(column).codes), handle, depth + 1)
        return {"k": "category", "v": codes, "c": encode(dtype.categories, handle, depth + 1), "o": bool(dtype.ordered)}
    if isinstance(dtype, pd.DatetimeTZDtype):
        moments = pd.DatetimeIndex(column).tz_convert("UTC").tz_localize(None).to_numpy()
        return {"k": "zoned", "v": encode(moments, handle, depth + 1), "z": str(dtype.tz)}
    if name in _TEXTS or name in _NULLABLE:
        return {"k": "list", "d": name, "v": [encode(item, handle, depth + 1) for item in column.tolist()]}
    raise CannotCrossError(f"a column of type {name}")


def _values(message: dict[str, Any], handle: Callable[[dict[str, Any]], Any], depth: int) -> Any:
    kind = message["k"]
    if kind == "array":
        return decode(message["v"], handle, depth + 1)
    if kind == "category":
        codes, categories = decode(message["v"], handle, depth + 1), decode(message["c"], handle, depth + 1)
        return pd.Categorical.from_codes(codes, categories=categories, ordered=message["o"] is True)
    if kind == "zoned":
        return pd.DatetimeIndex(decode(message["v"], handle, depth + 1)).tz_localize("UTC").tz_convert(message["z"])
    if kind == "list" and (message["d"] in _TEXTS or message["d"] in _NULLABLE):
        return pd.array([decode(item, handle, depth + 1) for item in message["v"]], dtype=message["d"])
    raise CannotCrossError("no column")


def _array(message: dict[str, Any], _handle: Any, _depth: int) -> Any:
    if not _DTYPE.fullmatch(message["d"]):
        raise CannotCrossError("no type of an array")
    content = base64.b64decode(message["v"], validate=True)
    return np.frombuffer(content, dtype=np.dtype(message["d"])).reshape([int(size) for size in message["s"]]).copy()


def _series(message: dict[str, Any], handle: Any, depth: int) -> Any:
    index, name = decode(message["i"], handle, depth + 1), decode(message["n"], handle, depth + 1)
    return pd.Series(_values(message["v"], handle, depth), index=index, name=name)


def _frame(message: dict[str, Any], handle: Any, depth: int) -> Any:
    index, columns = decode(message["i"], handle, depth + 1), decode(message["c"], handle, depth + 1)
    values = {place: pd.Series(_values(one, handle, depth), index=index) for place, one in enumerate(message["v"])}
    frame = pd.DataFrame(values, index=index)
    frame.columns = columns
    return frame


def _levels(message: dict[str, Any], handle: Any, depth: int) -> Any:
    levels = [decode(level, handle, depth + 1) for level in message["v"]]
    return pd.MultiIndex.from_arrays(levels, names=decode(message["n"], handle, depth + 1))


_TABLES: dict[str, Callable[[dict[str, Any], Any, int], Any]] = {
    "array": _array,
    "scalar": lambda message, handle, depth: decode(message["v"], handle, depth + 1)[()],
    "Timestamp": lambda message, _handle, _depth: pd.Timestamp(str(message["v"])),
    "Timedelta": lambda message, _handle, _depth: pd.Timedelta(str(message["v"])),
    "missing": lambda message, _handle, _depth: pd.NaT if message["v"] == "NaT" else pd.NA,
    "range": lambda message, handle, depth: pd.RangeIndex(
        *[int(part) for part in message["v"]], name=decode(message["n"], handle, depth + 1)
    ),
    "index": lambda message, handle, depth: pd.Index(
        _values(message["v"], handle, depth), name=decode(message["n"], handle, depth + 1)
    ),
    "levels": _levels,
    "series": _series,
    "frame": _frame,
}
