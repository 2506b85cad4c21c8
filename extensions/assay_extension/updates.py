"""What a Y update would change and what it rests on, read from its bytes before it is applied.

The document library tells neither, and applying an update is not undone. Two things must be known first: whether it
adds something under a client id of somebody else, and whether it rests on something that the document has not got yet.
The library keeps such an update back and lets it in with a later transaction, which is somebody else's: text would be
recorded under the wrong name.

Format: the first version of Yjs' update encoding (``yjs/src/utils/encoding.js`` and ``structs/``), of which only what
pages of JupyterLab send is accepted: no sub-documents that load, weak links or moves.
"""

from dataclasses import dataclass, field
from typing import Final

_HAS_ORIGIN: Final = 0x80
_HAS_RIGHT_ORIGIN: Final = 0x40
_HAS_PARENT_KEY: Final = 0x20
_KIND: Final = 0x1F
_GC, _DELETED, _JSON, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOCUMENT, _SKIP = range(11)
_NAMED_TYPES: Final = {3, 5}
_LAST_TYPE: Final = 6
_MOST_VALUES: Final = 200_000
"""More values in one update would keep the server busy for seconds."""
_MOST_BITS: Final = 70


class BadUpdateError(ValueError):
    """Bytes that are no update of the accepted form."""


@dataclass
class Footprint:
    """What one update adds, removes and needs.

    Attributes:
        added: for each client id the ranges ``(first clock, clock after the last)`` that the update carries.
        removed: for each client id the ranges that the update deletes.
        needed: for each client id the clock up to which the document must already reach, or reach with this update.
    """

    added: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    removed: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    needed: dict[int, int] = field(default_factory=dict)

    def need(self, client: int, upto: int) -> None:
        """Note that the update rests on everything of ``client`` below ``upto``."""
        if upto > self.needed.get(client, 0):
            self.needed[client] = upto

    def authors(self, state: dict[int, int]) -> set[int]:
        """Return the client ids under which the update adds something to a document in ``state``."""
        return {
            client for client, ranges in self.added.items() if any(upto > state.get(client, 0) for _, upto in ranges)
        }

    def removes_beyond(self, other: "Footprint") -> bool:
        """Whether this update deletes something that the other does not."""
        return any(
            not any(start <= first and upto <= end for start, end in other.removed.get(client, []))
            for client, ranges in self.removed.items()
            for first, upto in ranges
        )

    def is_complete(self, state: dict[int, int]) -> bool:
        """Whether a document in ``state`` can take the whole update at once."""
        reached = dict(state)
        for client, ranges in self.added.items():
            for start, upto in ranges:
                if start > reached.get(client, 0):
                    return False
                reached[client] = max(upto, reached.get(client, 0))
        return all(reached.get(client, 0) >= upto for client, upto in self.needed.items())


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0
        self._values = 0

    @property
    def at_end(self) -> bool:
        return self._place == len(self._content)

    def byte(self) -> int:
        try:
            value = self._content[self._place]
        except IndexError as error:
            raise BadUpdateError("it ends too early") from error
        self._place += 1
        return value

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                return value
            shift += 7
            if shift > _MOST_BITS:
                raise BadUpdateError("a number is too long")

    def count(self) -> int:
        count = self.number()
        self._values += count
        if self._values > _MOST_VALUES:
            raise BadUpdateError("it has too many parts")
        return count

    def skip(self, length: int) -> None:
        self._place += length
        if self._place > len(self._content):
            raise BadUpdateError("it ends too early")

    def block(self) -> bytes:
        start = self._place
        length = self.number()
        start = self._place
        self.skip(length)
        return self._content[start : self._place]

    def skip_any(self) -> None:
        kind = self.byte()
        if kind in {127, 126, 121, 120}:
            return
        if kind == 125:  # noqa: PLR2004 - the numbers of lib0's encoding of any value
            while self.byte() >= 0x80:  # noqa: PLR2004
                pass
        elif kind in {124, 123, 122}:
            self.skip(4 if kind == 124 else 8)  # noqa: PLR2004
        elif kind in {119, 116}:
            self.block()
        elif kind == 118:  # noqa: PLR2004
            for _ in range(self.count()):
                self.block()
                self.skip_any()
        elif kind == 117:  # noqa: PLR2004
            for _ in range(self.count()):
                self.skip_any()
        else:
            raise BadUpdateError(f"unknown kind of value {kind}")


def read_footprint(update: bytes) -> Footprint:
    """Return what an update adds, removes and needs.

    Raises:
        BadUpdateError: it is no update of the accepted form.
    """
    reader = _Reader(update)
    footprint = Footprint()
    try:
        for _ in range(reader.count()):
            _read_client(reader, footprint)
        for _ in range(reader.count()):
            client = reader.number()
            for _ in range(reader.count()):
                clock, length = reader.number(), reader.number()
                footprint.removed.setdefault(client, []).append((clock, clock + length))
                footprint.need(client, clock + length)
    except (RecursionError, UnicodeDecodeError) as error:
        raise BadUpdateError(str(error)) from error
    if not reader.at_end:
        raise BadUpdateError("something follows it")
    return footprint


def read_state(state: bytes) -> dict[int, int]:
    """Return a state vector as the clock that each client id has reached.

    Raises:
        BadUpdateError: it is no state vector.
    """
    reader = _Reader(state)
    return {reader.number(): reader.number() for _ in range(reader.count())}


def _read_client(reader: _Reader, footprint: Footprint) -> None:
    structs = reader.count()
    client, clock = reader.number(), reader.number()
    for _ in range(structs):
        info = reader.byte()
        start = clock
        clock += _read_struct(reader, footprint, info)
        if info & _KIND != _SKIP:
            footprint.added.setdefault(client, []).append((start, clock))


def _read_struct(reader: _Reader, footprint: Footprint, info: int) -> int:
    """Read one struct after its first byte; return how many clocks it takes."""
    kind = info & _KIND
    if kind in {_GC, _SKIP}:
        return reader.number()
    for flag in (_HAS_ORIGIN, _HAS_RIGHT_ORIGIN):
        if info & flag:
            footprint.need(reader.number(), reader.number() + 1)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        if reader.number() == 1:
            reader.block()
        else:
            footprint.need(reader.number(), reader.number() + 1)
        if info & _HAS_PARENT_KEY:
            reader.block()
    return _read_content(reader, kind)


def _read_content(reader: _Reader, kind: int) -> int:  # noqa: C901 - one branch per kind of content
    length = 1
    if kind == _DELETED:
        length = reader.number()
    elif kind == _STRING:
        length = len(reader.block().decode().encode("utf-16-le")) // 2
    elif kind in {_BINARY, _EMBED}:
        reader.block()
    elif kind == _FORMAT:
        reader.block()
        reader.block()
    elif kind == _JSON:
        length = reader.count()
        for _ in range(length):
            reader.block()
    elif kind == _ANY:
        length = reader.count()
        for _ in range(length):
            reader.skip_any()
    elif kind == _TYPE:
        shared_type = reader.number()
        if shared_type > _LAST_TYPE:
            raise BadUpdateError(f"unknown shared type {shared_type}")
        if shared_type in _NAMED_TYPES:
            reader.block()
    else:
        raise BadUpdateError(f"unknown kind of content {kind}")
    return length
