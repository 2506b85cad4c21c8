"""What stands in a test for the functions and objects of the submission."""

import builtins
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from .codec import CannotCrossError, decode, encode
from .process import Candidate


class CandidateError(Exception):
    """The submission raised an exception of a class that is not a builtin one."""


class Handle:
    """An object of the submission. Its equality is identity, decided here; it has no order and no truth.

    Asking it for anything runs the submission's code, whose word would then count: an object whose ``equals`` always
    says yes would pass for a table. So a test takes data, unless its author marked it ``objects``.
    """

    def __init__(self, candidate: Candidate, number: int, name: str, *, opened: bool) -> None:
        object.__setattr__(self, "_parts", (candidate, number, name, opened))

    def _asked(self, message: dict[str, Any]) -> Any:
        candidate, number, name, opened = self._parts
        if not opened:
            raise CannotCrossError(f"this test takes data, and got an object of type {name}")
        return value_of(candidate, {"of": number, **message}, opened=opened)

    def __getattr__(self, name: str) -> Any:
        """Ask for an attribute; names with two underscores are Python's own business."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self._asked({"attribute": name})

    def __setattr__(self, name: str, value: object) -> None:
        """Change nothing over there."""
        raise CannotCrossError(f"a test cannot set {name}")

    def __getitem__(self, key: Any) -> Any:
        return self._asked({"item": encode(key, _sent)})

    def __len__(self) -> int:
        size = self._asked({"do": "len"})
        if type(size) is not int:
            raise CannotCrossError("no length")
        return size

    def __bool__(self) -> bool:
        raise CannotCrossError(f"this test takes data, and got {self!r}")

    def __iter__(self) -> Iterator[Any]:
        listed = self._asked({"do": "list"})
        return iter(listed if type(listed) is list else [])

    def __repr__(self) -> str:
        return f"<{self._parts[2]} of the submission>"


class CallableHandle(Handle):
    """A function, method or class of the submission."""

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Call it over there."""
        candidate, number, _, opened = self._parts
        call = [encode(one, _sent) for one in positional]
        message = {"of": number, "call": call, "named": {key: encode(one, _sent) for key, one in named.items()}}
        return value_of(candidate, message, opened=opened, given=positional)


def value_of(candidate: Candidate, message: dict[str, Any], *, opened: bool, given: tuple[Any, ...] = ()) -> Any:
    """Return the value that the submission answers a message with; what it printed shows here.

    Args:
        candidate: is asked.
        message: what it is asked.
        opened: whether handles in the answer may be asked further.
        given: arguments of a call, which the call may have changed.

    Raises:
        NameError: the submission has no such name.
        TimeoutError: the cell has used up its time.
        CannotCrossError: the answer is no value.
    """
    if candidate.stopped:
        raise TimeoutError("this test has used up its time")
    answer = candidate.ask(message)
    if candidate.stopped:
        raise TimeoutError("this took too much processor time")
    _repeat(answer.get("spoken"))
    if "raised" in answer:
        _raise(answer["raised"])
    if answer.get("absent") is True:
        raise NameError(f"name {message.get('name')!r} is not defined")

    def stand(found: dict[str, Any]) -> Handle:
        if found["t"] not in ("function", "object") or type(found["of"]) is not int:
            raise CannotCrossError("no value")
        kind = CallableHandle if found["t"] == "function" else Handle
        return kind(candidate, found["of"], str(found.get("name", ""))[:80], opened=opened)

    changed = answer.get("changed")
    for place, argument in enumerate(given):
        if isinstance(changed, dict) and str(place) in changed:
            _change(argument, decode(changed[str(place)], stand))
    return decode(answer.get("value"), stand)


def _sent(value: Any) -> dict[str, Any]:
    if isinstance(value, Handle):
        return {"t": "own", "of": value._parts[1]}  # noqa: SLF001  # our own class
    raise CannotCrossError(f"a test cannot hand a {type(value).__name__} to the submission")


def _repeat(spoken: Any) -> None:
    if isinstance(spoken, list):
        for part in spoken[:100]:
            if isinstance(part, list) and len(part) == 2:  # noqa: PLR2004
                (sys.stderr if part[0] == "stderr" else sys.stdout).write(str(part[1])[:20_000])


def _change(argument: Any, now: Any) -> None:
    """Make an argument what it has become over there, if it is still the same kind of thing."""
    if type(argument) is list and type(now) is list:
        argument[:] = now
    elif type(argument) in (dict, set) and type(now) is type(argument):
        argument.clear()
        argument.update(now)
    elif type(argument) is np.ndarray and type(now) is np.ndarray and argument.shape == now.shape:
        argument[...] = now.astype(argument.dtype)


def _raise(raised: Any) -> None:
    name, text = (str(part)[:2000] for part in raised) if isinstance(raised, list) and len(raised) == 2 else ("?", "")  # noqa: PLR2004
    if name == "CannotCrossError":
        raise CannotCrossError(text)
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            error = kind(text)
        except TypeError:
            error = CandidateError(f"{name}: {text}")
        raise error
    raise CandidateError(f"{name}: {text}")
