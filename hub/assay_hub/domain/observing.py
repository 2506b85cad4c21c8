"""What a recording shows of pastes, of text that came at once, and of the rhythm in which somebody types.

Everything here is drawn from the timeline of a recording (see docs/replay.md), so it comes out the same each time. What
a page says of itself is a claim, and bounded like one; what came at once is seen in the edits themselves.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from assay_hub.domain.signals import MAX_OF_A_KIND, SignalKind
from assay_hub.domain.timeline import Marker, Segment, unpack

INSERTED_CHARACTERS = 80
"""What completions and brackets that close themselves insert is shorter."""

CLAIM_MS = 10_000
"""A page reports a paste within this time of the edit, before or after."""

WINDOW_KEYS = 150
"""So many pauses between keys are one measurement of a rhythm."""

EARLIER_KEYS = 300
"""So many earlier ones are needed to compare it with."""

LONGEST_PAUSE_MS = 2000
"""A longer pause is thinking, not typing."""

CHANGE = 2.0
"""By how much a rhythm is another: half, or double."""

_MOST_CHARACTERS = 10_000_000
_REMOVED_KEPT = 100
_MOST_LOOKED_AT = 5 * MAX_OF_A_KIND


@dataclass(frozen=True)
class Drawn:
    """Something that a recording shows, at a time in milliseconds since its beginning."""

    kind: SignalKind
    at: int
    detail: dict[str, int] = field(default_factory=dict)


class RecordingObserver:
    """Takes the segments of a recording in order.

    Args:
        account: the candidate's; what others do is not observed.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._texts: dict[tuple[str, str], bytes] = {}
        self._removed: deque[bytes] = deque(maxlen=_REMOVED_KEPT)
        self._claims: list[tuple[int, int, bool]] = []
        self._pieces: list[tuple[int, int]] = []
        self._rhythm = Rhythm()
        self._last_at = 0

    def take(self, segment: Segment) -> None:
        """Take the next segment."""
        for marker in segment.markers:
            self._claim(marker)
        body = unpack(segment.body)
        self._texts = {}
        for document, cells in body["frame"].items():
            self._load(document, cells)
        for step in body["steps"]:
            self._step(step)
        self._last_at = max(self._last_at, segment.last_at)

    def drawn(self, *, over: bool) -> list[Drawn]:
        """Return what there is to see, in order, at most so many of a kind.

        Args:
            over: whether nothing more comes; before, the claim for what was inserted last may still be on its way.
        """
        pastes = [Drawn(SignalKind.PASTED, at, {"chars": chars}) for at, chars, outside in self._claims if outside]
        unclaimed: dict[int, list[int]] = defaultdict(list)
        for at, chars, _ in self._claims:
            unclaimed[chars].append(at)
        inserted: list[Drawn] = []
        for at, chars in self._pieces:
            claimed = next((one for one in unclaimed[chars] if abs(one - at) <= CLAIM_MS), None)
            if claimed is not None:
                unclaimed[chars].remove(claimed)
            elif over or at <= self._last_at - CLAIM_MS:
                inserted.append(Drawn(SignalKind.INSERTED, at, {"chars": chars}))
        found = [*_first(pastes), *_first(inserted), *_first(self._rhythm.changes)]
        return sorted(found, key=lambda one: (one.at, one.kind))

    def _claim(self, marker: Marker) -> None:
        chars = marker.detail.get("chars")
        if marker.kind == "paste" and marker.account == self._account and type(chars) is int and chars > 0:
            outside = marker.detail.get("from") == "outside"
            self._claims.append((marker.at, min(chars, _MOST_CHARACTERS), outside))

    def _load(self, document: str, cells: list[list[Any]]) -> None:
        for cell_id, _, pieces, _ in cells:
            self._texts[document, cell_id] = _units("".join(piece[3] for piece in pieces))

    def _step(self, step: list[Any]) -> None:
        at, what, account, document, *rest = step
        own = account == self._account
        if what == "text":
            cell, place, deleted, text, origin = rest
            self._splice((document, cell), place, deleted, text, look=own and origin == "piece", at=at)
            if own and origin == "" and 1 <= len(text) <= 2 and deleted <= 1:  # noqa: PLR2004 - a key, or a closed bracket
                self._rhythm.key(at)
        elif what == "cells":
            came = [
                piece[3]
                for _, _, pieces, _ in rest[0]
                for piece in pieces
                if own and piece[0] == account and piece[1] == at and piece[4] == "piece"
            ]
            for text in came:
                self._look(at, text)
            known = {key: text for key, text in self._texts.items() if key[0] == document}
            for key in known:
                del self._texts[key]
            self._load(document, rest[0])
            self._removed.extend(text for key, text in known.items() if self._texts.get(key) != text)

    def _splice(self, key: tuple[str, str], place: int, deleted: int, text: str, *, look: bool, at: int) -> None:
        before = self._texts.get(key, b"")
        if look:
            self._look(at, text)
        gone = before[2 * place : 2 * (place + deleted)]
        if len(gone) >= 2 * INSERTED_CHARACTERS:
            self._removed.append(gone)
        self._texts[key] = before[: 2 * place] + _units(text) + before[2 * (place + deleted) :]

    def _look(self, at: int, text: str) -> None:
        """Note text that came at once, unless it stood in the notebook before: undone, moved, split or joined."""
        units = _units(text)
        if len(self._pieces) < _MOST_LOOKED_AT and len(units) >= 2 * INSERTED_CHARACTERS:
            inner = _units(text.strip())
            if not any(inner in known for known in (*self._texts.values(), *self._removed)):
                self._pieces.append((at, len(units) // 2))


class Rhythm:
    """Measures the time between key presses: medians of 150 pauses, beside the median of all that were before.

    Pauses of more than two seconds do not count. A change is said once, until the rhythm is as before again. The
    median of all earlier pauses changes slowly, so that somebody who warms up or tires gives no signal. Copying from a
    sheet, another keyboard, or another hand all change it: this says that it changed, and no more.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._earlier: list[int] = []
        self._window: list[int] = []
        self._began = 0
        self._changed = False
        self.changes: list[Drawn] = []

    def key(self, at: int) -> None:
        """Take a key press, in milliseconds."""
        last, self._last = self._last, at
        if last is None or not 0 < at - last <= LONGEST_PAUSE_MS:
            return
        if not self._window:
            self._began = last
        self._window.append(at - last)
        if len(self._window) == WINDOW_KEYS:
            self._measure()

    def _measure(self) -> None:
        if len(self._earlier) >= EARLIER_KEYS:
            now, before = median(self._window), median(self._earlier)
            changed = now * CHANGE <= before or now >= before * CHANGE
            if changed and not self._changed:
                detail = {"keys": WINDOW_KEYS, "now_ms": round(now), "before_ms": round(before)}
                self.changes.append(Drawn(SignalKind.RHYTHM, self._began, detail))
            self._changed = changed
        self._earlier += self._window
        self._window = []


def _first(drawn: Iterable[Drawn]) -> list[Drawn]:
    return list(drawn)[:MAX_OF_A_KIND]


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")
