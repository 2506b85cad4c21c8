"""Values that may cross between the candidate's process and the tests: data of listed types, the rest as handles.

Nothing is pickled and nothing of the sender runs in the receiver. Only exact types cross as data: a subclass could
bring its own equality along. What the candidate's side sends is decoded as hostile: types, depth and sizes are bounded.
"""

import base64
import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_DEPTH = 40
_MAX_EXPONENT = 10_000
_SMALL = 2**63
_BARE = (type(None), bool, str, int, float)
_SEQUENCES: dict[str, Callable[[Any], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}

Hold = Callable[[Any], dict[str, Any]]
"""Stands in for a value that cannot cross: returns the message for a handle, or raises ``CannotCrossError``."""
Stand = Callable[[dict[str, Any]], Any]
"""Turns the message of a handle into what stands for it here, or raises ``CannotCrossError``."""


class CannotCrossError(TypeError):
    """A value of a type that is not on the list, or a message that does not describe one."""


def encode(value: Any, hold: Hold, depth: int = 0) -> Any:
    """Return a value as JSON: what JSON has for itself bare, everything else as an object with its type in ``t``."""
    if depth > MAX_DEPTH:
        raise CannotCrossError(f"nested deeper than {MAX_DEPTH}")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -_SMALL < value < _SMALL else {"t": "int", "v": format(value, "x")}
    if kind is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if kind is complex:
        return {"t": "complex", "v": [encode(value.real, hold), encode(value.imag, hold)]}
    if kind is bytes:
        return {"t": "bytes", "v": base64.b64encode(value).decode("ascii")}
    if kind in (dt.date, dt.datetime, dt.time):
        return {"t": kind.__name__, "v": value.isoformat()}
    if kind is dt.timedelta:
        return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    if kind is Decimal:
        return {"t": "decimal", "v": str(value)}
    if kind is Fraction:
        return {"t": "fraction", "v": [encode(value.numerator, hold), encode(value.denominator, hold)]}
    if kind.__name__ in _SEQUENCES and kind is _SEQUENCES[kind.__name__]:
        return {"t": kind.__name__, "v": [encode(item, hold, depth + 1) for item in value]}
    if kind is dict:
        pairs = [[encode(key, hold, depth + 1), encode(item, hold, depth + 1)] for key, item in value.items()]
        return {"t": "dict", "v": pairs}
    return tables.encode_table(value, hold, depth) or hold(value)


def decode(message: Any, stand: Stand, depth: int = 0) -> Any:
    """Return the value that a message describes.

    Args:
        message: what ``encode`` returned on the other side, or anything else.
        stand: for handles.
        depth: how deep inside other values this one is.

    Raises:
        CannotCrossError: the message does not describe a value.
    """
    if type(message) in _BARE:
        return message
    if depth > MAX_DEPTH or not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise CannotCrossError("no value")
    try:
        return _decode(message["t"], message.get("v"), message, stand, depth)
    except CannotCrossError:
        raise
    except (ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError) as error:
        raise CannotCrossError(f"{type(error).__name__} while reading a {message['t']:.40}") from error
    except (MemoryError, OSError, TypeError, ValueError) as error:
        raise CannotCrossError(f"{type(error).__name__} while reading a {message['t']:.40}") from error


def _decode(kind: str, value: Any, message: dict[str, Any], stand: Stand, depth: int) -> Any:
    if kind == "int":
        return int(value, 16)
    if kind == "float":
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[value]
    if kind == "complex":
        return complex(*(_number(decode(part, stand, depth + 1)) for part in value))
    if kind == "bytes":
        return base64.b64decode(value, validate=True)
    if kind in ("date", "datetime", "time"):
        return getattr(dt, kind).fromisoformat(value)
    if kind == "timedelta":
        return dt.timedelta(*map(int, value))
    if kind == "decimal":
        return _decimal(value)
    if kind == "fraction":
        return Fraction(*(_number(decode(part, stand, depth + 1)) for part in value))
    if kind in _SEQUENCES:
        return _SEQUENCES[kind]([decode(item, stand, depth + 1) for item in value])
    if kind == "dict":
        return {decode(key, stand, depth + 1): decode(item, stand, depth + 1) for key, item in value}
    if kind in tables.TABLES:
        return tables.TABLES[kind](message, stand, depth)
    return stand(message)


def _number(value: Any) -> Any:
    if type(value) not in (int, float):
        raise CannotCrossError("no number")
    return value


def _decimal(text: Any) -> Decimal:
    number = Decimal(str(text))
    # An exponent of nine digits costs nothing to send and all memory to turn into a whole number.
    if number.is_finite() and abs(number.adjusted()) > _MAX_EXPONENT:
        raise CannotCrossError("a number out of all proportion")
    return number


from . import tables  # noqa: E402  # tables hold values, and values hold tables
