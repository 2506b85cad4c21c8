"""Who typed which part of a text, and when."""

from collections.abc import Iterator
from dataclasses import dataclass

PAUSE_SECONDS = 5.0
"""What one account types without a longer pause, in one place, is one piece."""


@dataclass(slots=True)
class Piece:
    """Text that one account put there without a pause.

    Attributes:
        account: ``None`` for what the server put there.
        since: seconds since the epoch of its first character, by the workspace's clock.
        until: of its last one.
        text: never empty.
        origin: empty for what was typed; ``page`` or ``outside`` for a paste, by the page's claim; ``piece`` for what
            came at once without such a claim.
        size: bytes of the text in UTF-8.
        units: length of the text in UTF-16 units, as a browser counts.
    """

    account: str | None
    since: float
    until: float
    text: str
    origin: str
    size: int
    units: int

    @classmethod
    def of(cls, account: str | None, since: float, until: float, text: str, origin: str) -> "Piece":
        """Return a piece, measured."""
        size = len(text.encode("utf-8", "surrogatepass"))
        units = len(text) if size == len(text) else len(text.encode("utf-16-le", "surrogatepass")) // 2
        return cls(account, since, until, text, origin, size, units)

    def part(self, start: int, stop: int) -> "Piece":
        """Return the piece between two places, in bytes, both at the start of a character."""
        if self.size == len(self.text):
            text = self.text[start:stop]
        else:
            text = self.text.encode("utf-8", "surrogatepass")[start:stop].decode("utf-8", "surrogatepass")
        return Piece.of(self.account, self.since, self.until, text, self.origin)


class Attributed:
    """A text whose every character has an account and a time."""

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self.size = 0

    def __iter__(self) -> Iterator[Piece]:
        return iter(self._pieces)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self._pieces)

    def splice(self, place: int, deleted: int, inserted: Piece | None) -> tuple[int, int]:
        """Put a piece in place of a part of the text; return place and length of the part in UTF-16 units.

        Args:
            place: where the part begins, in bytes of UTF-8.
            deleted: its length in bytes.
            inserted: what comes there; ``None`` for nothing.
        """
        first, units = self._split(place)
        last, gone = (first, 0) if deleted == 0 else self._cut(first, deleted)
        fresh = [] if inserted is None or not inserted.text else [inserted]
        if fresh and first and _goes_on(self._pieces[first - 1], fresh[0]):
            self._pieces[first - 1] = _joined(self._pieces[first - 1], fresh[0])
            fresh = []
        self._pieces[first:last] = fresh
        self.size += (inserted.size if inserted is not None else 0) - deleted
        return units, gone

    def become(self, text: str, account: str | None, at: float, origin: str = "") -> None:
        """Take another text; what it has in common with the old one at its start and end stays whose it was."""
        before, after = self.text.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass")
        if before == after:
            return
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        # Not in the middle of a character.
        while head and head < len(after) and after[head] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte that goes on
            head -= 1
        while tail and after[len(after) - tail] & 0xC0 == 0x80:  # noqa: PLR2004
            tail -= 1
        middle = after[head : len(after) - tail].decode("utf-8", "surrogatepass")
        self.splice(head, len(before) - tail - head, Piece.of(account, at, at, middle, origin) if middle else None)

    def _split(self, place: int) -> tuple[int, int]:
        """Make a piece begin at a place; return its number and the place in UTF-16 units."""
        units = 0
        for number, piece in enumerate(self._pieces):
            if place == 0:
                return number, units
            if place < piece.size:
                left, right = piece.part(0, place), piece.part(place, piece.size)
                self._pieces[number : number + 1] = [left, right]
                return number + 1, units + left.units
            place -= piece.size
            units += piece.units
        if place:
            raise ValueError("a change beyond the end of the text")
        return len(self._pieces), units

    def _cut(self, first: int, deleted: int) -> tuple[int, int]:
        gone = 0
        for number in range(first, len(self._pieces)):
            piece = self._pieces[number]
            if deleted < piece.size:
                left = piece.part(0, deleted)
                self._pieces[number : number + 1] = [left, piece.part(deleted, piece.size)]
                return number + (deleted > 0), gone + left.units
            deleted -= piece.size
            gone += piece.units
            if deleted == 0:
                return number + 1, gone
        raise ValueError("a change beyond the end of the text")


def _goes_on(before: Piece, after: Piece) -> bool:
    same = before.account == after.account and before.origin == after.origin
    return same and -PAUSE_SECONDS <= after.since - before.until <= PAUSE_SECONDS


def _joined(before: Piece, after: Piece) -> Piece:
    return Piece(
        before.account,
        min(before.since, after.since),
        max(before.until, after.until),
        before.text + after.text,
        before.origin,
        before.size + after.size,
        before.units + after.units,
    )


def _common(left: bytes, right: bytes) -> int:
    shortest = min(len(left), len(right))
    if left[:shortest] == right[:shortest]:
        return shortest
    low, high = 0, shortest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if left[:middle] == right[:middle] else (low, middle)
    return low
