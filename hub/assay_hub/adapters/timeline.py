"""Makes the timeline of a recording, segment by segment, from its events."""

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from assay_hub.adapters.replay import CellsChange, Change, OutputsChange, Replay, ReplayedCell
from assay_hub.domain.attribution import Piece
from assay_hub.domain.timeline import SEGMENT_STEPS, Marker, Segment, pack
from assay_protocol.recording import Event, Kind

MAX_OUTPUT_CHARACTERS = 50_000
_OUTPUT_PAUSE_SECONDS = 0.25
_PIECE_CHARACTERS = 30
_STEP_WEIGHT = 60
_CLAIM_SECONDS = 10.0
_DETAIL_CHARACTERS = 300
_PLAIN = frozenset({Kind.EDIT, Kind.DOCUMENT})


class TimelineBuilder:
    """Takes the events of one interview in order and gives segments as they become full.

    Attributes:
        seq: the last event that was taken.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._claims: dict[str, deque[tuple[float, int, str]]] = defaultdict(lambda: deque(maxlen=50))
        self._unclaimed: deque[tuple[Event, Piece, list[Any]]] = deque(maxlen=50)
        self._replay = Replay(self._origin)
        self._start: float | None = None
        self._number = 0
        self._first: tuple[int, int] | None = None
        self._packed: Segment | None = None
        self._last_at = 0
        self._shown_at: dict[tuple[str, str], float] = {}
        self._late: dict[tuple[str, str], None] = {}
        self._begin()

    def take(self, event: Event) -> Iterator[Segment]:
        """Take the next event; yield the segment that it made full, if it did.

        What cannot be applied is a marker of the kind ``unreadable``; the rest goes on.
        """
        if self._start is None:
            self._start = event.at
        self._show_late(event.at - _OUTPUT_PAUSE_SECONDS)
        self._first = self._first or (event.seq, self._ms(event))
        self.seq, self._last_at = event.seq, self._ms(event)
        self._claim(event)
        try:
            changes = self._replay.take(event)
        except Exception as error:  # noqa: BLE001 - pycrdt raises classes of its own for what hostile bytes do
            changes = []
            self._mark(event, "unreadable", {"reason": str(error)[:_DETAIL_CHARACTERS]})
        before = {step[3] for step in self._steps if step[1] == "cells"} | set(self._frame)
        for gone in before - set(self._replay.documents) if event.kind is Kind.DOCUMENT else ():
            self._forget_late(gone)
            self._add([self._ms(event), "gone", event.account or "", gone])
        for change in changes:
            self._step(event, change)
        if event.kind not in _PLAIN:
            name = str(event.detail.get("name", "")) if event.kind is Kind.BROWSER else ""
            self._mark(event, name or event.kind.value, event.detail)
        if len(self._steps) >= SEGMENT_STEPS and self._weight >= self._frame_weight:
            yield self.segment()
            self._number += 1
            self._begin()

    def segment(self) -> Segment:
        """Return the segment that is being filled, as far as it is."""
        if self._packed is not None and self._packed.last_seq == self.seq:
            return self._packed
        self._show_late(float("inf"))
        first_seq, first_at = self._first or (self.seq, self._last_at)
        body = {"frame": self._frame, "steps": self._steps}
        markers = tuple(self._markers)
        self._packed = Segment(self._number, first_seq, self.seq, first_at, self._last_at, markers, pack(body))
        return self._packed

    def _begin(self) -> None:
        self._frame = {document: self._cells(document) for document in self._replay.documents}
        self._steps: list[list[Any]] = []
        # A frame costs what it holds: the larger it is, the more steps follow it, so that a recording's timeline grows
        # with the recording.
        self._frame_weight = _weight(self._frame)
        self._weight = 0
        self._markers: list[Marker] = []
        self._first = None
        self._packed = None

    def _ms(self, event: Event) -> int:
        # A workspace's clock is the workspace's; time never runs backwards here.
        return max(self._last_at, round(1000 * (event.at - (self._start or event.at))))

    def _step(self, event: Event, change: Change) -> None:
        at, account = self._ms(event), event.account or ""
        if isinstance(change, OutputsChange):
            place = (change.document, change.cell_id)
            if event.at - self._shown_at.get(place, float("-inf")) < _OUTPUT_PAUSE_SECONDS:
                self._late[place] = None
                return
            self._shown_at[place] = event.at
            self._late.pop(place, None)
            self._add([at, "outputs", account, *place, self._outputs(*place)])
        elif isinstance(change, CellsChange):
            self._forget_late(change.document)
            self._add([at, "cells", account, change.document, self._cells(change.document)])
        else:
            piece = change.piece
            text, origin = (piece.text, piece.origin) if piece is not None else ("", "")
            where = [change.document, change.cell_id, change.place, change.deleted]
            step = [at, "text", account, *where, text, origin]
            self._add(step)
            if piece is not None and origin == "piece":
                self._unclaimed.append((event, piece, step))

    def _add(self, step: list[Any]) -> None:
        self._steps.append(step)
        self._weight += _STEP_WEIGHT + len(step[7]) if step[1] == "text" else _weight(step)

    def _show_late(self, before: float) -> None:
        """Show outputs that came too quickly after each other to be shown one by one."""
        for place in [place for place in self._late if self._shown_at[place] < before]:
            del self._late[place]
            self._add([self._last_at, "outputs", "", *place, self._outputs(*place)])

    def _forget_late(self, document: str) -> None:
        """Cells are shown anew with all their outputs, or are there no more."""
        self._late = {place: None for place in self._late if place[0] != document}

    def _cells(self, document: str) -> list[list[Any]]:
        return [self._cell(document, cell) for cell in self._replay.cells(document)]

    def _cell(self, document: str, cell: ReplayedCell) -> list[Any]:
        start = self._start or 0.0
        pieces = [
            [
                piece.account or "",
                round(1000 * (piece.since - start)),
                round(1000 * (piece.until - start)),
                piece.text,
                piece.origin,
            ]
            for piece in cell.pieces
        ]
        return [cell.cell_id, cell.kind, pieces, self._outputs(document, cell.cell_id)]

    def _outputs(self, document: str, cell_id: str) -> list[Any]:
        """Return the outputs of a cell, or a word about them when they are too large to be shown."""
        outputs = self._replay.outputs(document, cell_id)
        if len(json.dumps(outputs, default=str)) <= MAX_OUTPUT_CHARACTERS:
            return outputs
        said = "These outputs are too large to be shown here; they are in the recording."
        return [{"output_type": "stream", "name": "stderr", "text": said}]

    def _mark(self, event: Event, kind: str, detail: dict[str, Any]) -> None:
        bounded = {str(key)[:40]: _bounded(value) for key, value in list(detail.items())[:20]}
        self._markers.append(Marker(self._ms(event), kind[:40], event.account or "", event.document, bounded))

    def _claim(self, event: Event) -> None:
        """Remember what a page says it pasted: the text itself comes as an edit, a little earlier or later.

        Pages report every two seconds, so mostly it has come already.
        """
        if event.kind is Kind.BROWSER and event.detail.get("name") == "paste" and event.account:
            chars, source = event.detail.get("chars"), event.detail.get("from")
            if isinstance(chars, int) and source in {"page", "outside"}:
                for pasted, piece, step in self._unclaimed:
                    if pasted.account == event.account and _fits(pasted, piece.text, event.at, chars):
                        piece.origin = step[8] = str(source)
                        self._unclaimed.remove((pasted, piece, step))
                        return
                self._claims[event.account].append((event.at, chars, str(source)))

    def _origin(self, event: Event, text: str) -> str:
        if len(text) < _PIECE_CHARACTERS:
            return ""
        for at, chars, source in self._claims[event.account or ""]:
            if _fits(event, text, at, chars):
                return source
        return "piece"


def _fits(pasted: Event, text: str, claimed_at: float, chars: int) -> bool:
    """Whether a page's claim can be about an edit; pages count in UTF-16 units."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return abs(claimed_at - pasted.at) <= _CLAIM_SECONDS and chars == units


def _weight(value: Any) -> int:
    return len(json.dumps(value, default=str))


def _bounded(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:_DETAIL_CHARACTERS]
