"""Replaying a recording: cells, texts and outputs after any event, and who typed which part of a text when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pycrdt import Array, Doc, Map, Text

from assay_hub.domain.attribution import Attributed, Piece
from assay_protocol.recording import Event, Kind

Origin = Callable[[Event, str], str]
_STATE_ONLY = frozenset({"execution_count", "execution_state", "metadata"})


@dataclass(frozen=True)
class Run:
    """Text that one account typed in one piece; ``account`` is None for what the server put there."""

    account: str | None
    text: str


@dataclass(frozen=True)
class ReplayedCell:
    """A cell, or the whole of a plain text file (``cell_id`` is empty then).

    Attributes:
        kind: nbformat's type of the cell; empty for a text file.
        pieces: its text, with account and time.
    """

    cell_id: str
    kind: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its text by account, however long it took to type."""
        found: list[Run] = []
        for piece in self.pieces:
            if found and found[-1].account == piece.account:
                found[-1] = Run(piece.account, found[-1].text + piece.text)
            else:
                found.append(Run(piece.account, piece.text))
        return tuple(found)


@dataclass(frozen=True)
class TextChange:
    """A part of a cell's text gave way to another.

    Attributes:
        place: where it began, in UTF-16 units, as a browser counts.
        deleted: how long it was, in the same units.
        piece: what came there.
    """

    document: str
    cell_id: str
    place: int
    deleted: int
    piece: Piece | None


@dataclass(frozen=True)
class CellsChange:
    """Cells of a document came, went, moved, or were replaced as a whole."""

    document: str


@dataclass(frozen=True)
class OutputsChange:
    """What a cell shows below its source changed."""

    document: str
    cell_id: str


Change = TextChange | CellsChange | OutputsChange


class Replay:
    """Takes the events of one interview in order and knows every shared document as of the last one.

    A document's first state comes from its file and belongs to nobody. Edits are attributed to the account of their
    event, character by character. A cell that is moved, deleted or brought back keeps its attribution as far as its
    text is the same.

    Args:
        origin: says of an edit and the text that it inserted where that came from, see ``Piece``.
    """

    def __init__(self, origin: Origin = lambda _event, _text: "") -> None:
        self._documents: dict[str, _Document] = {}
        self._rooms: dict[str, str] = {}
        self._origin = origin

    def take(self, event: Event) -> list[Change]:
        """Apply one event and return what it changed, in order; many change no document.

        Raises:
            ValueError: an update cannot be applied, or an edit comes before its document.
        """
        if event.kind is Kind.DOCUMENT:
            self._load(event)
            return [CellsChange(event.document)]
        if event.kind is not Kind.EDIT:
            return []
        if event.document not in self._documents:
            raise ValueError(f"event {event.seq} edits {event.document!r} before it was loaded")
        return self._documents[event.document].apply(event, self._origin)

    def cells(self, document: str) -> tuple[ReplayedCell, ...]:
        """Return the cells of a document in order.

        Raises:
            KeyError: no event was about this document.
        """
        return self._documents[document].cells()

    def outputs(self, document: str, cell_id: str) -> list[Any]:
        """Return the outputs of a cell in nbformat's form, as the candidate's kernel and pages made them."""
        return self._documents[document].outputs(cell_id)

    @property
    def documents(self) -> list[str]:
        """The paths of the documents seen so far."""
        return sorted(self._documents)

    def _load(self, event: Event) -> None:
        room = str(event.detail.get("room", event.document))
        before = self._documents.pop(self._rooms.get(room, event.document), None)
        self._rooms[room] = event.document
        fresh = _Document()
        unsigned = Event(event.seq, event.at, event.kind, None, event.document, event.update)
        fresh.apply(unsigned, self._origin)
        if before is not None:
            before.apply(unsigned, self._origin)
            # Another history under the same name would merge into twice the text.
            fresh = before if before.texts() == fresh.texts() else fresh.inheriting(before, event.at)
        self._documents[event.document] = fresh


class _Document:
    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._cells = self._doc.get("cells", type=Array)
        self._source = self._doc.get("source", type=Text)
        self._texts: dict[str, Attributed] = {"": Attributed()}
        self._order: list[str] = []
        self._deltas: list[tuple[str, list[dict[str, Any]]]] = []
        self._shown: dict[str, None] = {}
        self._reordered = False
        # A subscription ends when nobody holds it.
        self._subscriptions = (
            self._cells.observe_deep(self._cells_changed),
            self._source.observe(lambda event: self._deltas.append(("", list(event.delta)))),
        )

    def apply(self, event: Event, origin: Origin) -> list[Change]:
        self._deltas, self._shown, self._reordered = [], {}, False
        self._doc.apply_update(event.update)
        if self._reordered:
            self._resync(event, origin)
            return [CellsChange(event.document)]
        changes: list[Change] = []
        for cell_id, delta in self._deltas:
            changes += self._edited(event, cell_id, delta, origin)
        return [*changes, *(OutputsChange(event.document, cell_id) for cell_id in self._shown)]

    def texts(self) -> list[tuple[str, str]]:
        return [(cell.cell_id, cell.text) for cell in self.cells()]

    def cells(self) -> tuple[ReplayedCell, ...]:
        cells = tuple(
            ReplayedCell(cell_id, _kind(self._cells[place]), tuple(self._texts[cell_id]))
            for place, cell_id in enumerate(self._order)
        )
        return cells if cells or not self._texts[""].size else (ReplayedCell("", "", tuple(self._texts[""])),)

    def outputs(self, cell_id: str) -> list[Any]:
        cell = self._cells[self._order.index(cell_id)] if cell_id in self._order else None
        outputs = cell.get("outputs") if isinstance(cell, Map) else None
        return list(outputs.to_py() or []) if isinstance(outputs, Array) else []

    def inheriting(self, before: "_Document", at: float) -> "_Document":
        """Return this document with the attribution of ``before`` where the text is the same."""
        for cell_id in ["", *self._order]:
            if cell_id in before._texts:  # noqa: SLF001 - the same class
                text, self._texts[cell_id] = self._texts[cell_id].text, before._texts[cell_id]  # noqa: SLF001
                self._texts[cell_id].become(text, None, at)
        return self

    def _edited(self, event: Event, cell_id: str, delta: list[dict[str, Any]], origin: Origin) -> list[Change]:
        text = self._texts[cell_id]
        now = self._source if not cell_id else self._cells[self._order.index(cell_id)]["source"]
        if event.account is None:
            # The server replaces a text as a whole after a change on disk; what stayed the same stays its author's.
            text.become(str(now), None, event.at)
            return [CellsChange(event.document)]
        changes: list[Change] = []
        try:
            for place, deleted, inserted in _splices(delta):
                piece = _piece(event, inserted, origin)
                changes.append(TextChange(event.document, cell_id, *text.splice(place, deleted, piece), piece))
        except ValueError:
            # A delta of a text that was replaced in the same update; the text itself says what it is now.
            changes = []
        if not changes or text.size != len(now):
            text.become(str(now), event.account, event.at)
            return [CellsChange(event.document)]
        return changes

    def _cells_changed(self, events: list[Any]) -> None:
        for event in events:
            path = list(event.path)
            known = bool(path) and isinstance(path[0], int) and path[0] < len(self._order)
            if known and path[1:] == ["source"]:
                self._deltas.append((self._order[path[0]], list(event.delta)))
            elif known and (path[1:2] == ["outputs"] or (len(path) == 1 and set(event.keys) == {"outputs"})):
                self._shown[self._order[path[0]]] = None
            elif not known or not (path[1:2] == ["metadata"] or (len(path) == 1 and set(event.keys) <= _STATE_ONLY)):
                # Anything else may have moved, replaced or renamed a cell.
                self._reordered = True

    def _resync(self, event: Event, origin: Origin) -> None:
        self._order = []
        for place, cell in enumerate(self._cells):
            cell_id = str(cell.get("id", f"#{place}")) if isinstance(cell, Map) else f"#{place}"
            while cell_id in self._order:
                cell_id += "'"
            self._order.append(cell_id)
            text = str(cell.get("source", "")) if isinstance(cell, Map) else ""
            known = self._texts.setdefault(cell_id, Attributed())
            known.become(text, event.account, event.at, origin(event, text) if event.account else "")


def _kind(cell: Any) -> str:
    return str(cell.get("cell_type", "")) if isinstance(cell, Map) else ""


def replay(lines: Iterable[bytes]) -> Replay:
    """Replay the lines of a recording.

    Raises:
        BadLineError: a line is no event.
        ValueError: see ``Replay.take``.
    """
    state = Replay()
    for line in lines:
        state.take(Event.from_line(line))
    return state


def _splices(delta: list[dict[str, Any]]) -> Iterable[tuple[int, int, str]]:
    """Yield place, deleted bytes and inserted text for a delta of ``retain``, ``insert`` and ``delete`` steps."""
    place = 0
    for step in delta:
        if "retain" in step:
            place += int(step["retain"])
        elif "insert" in step:
            text = str(step["insert"])
            yield place, 0, text
            place += len(text.encode("utf-8", "surrogatepass"))
        else:
            yield place, int(step["delete"]), ""


def _piece(event: Event, text: str, origin: Origin) -> Piece | None:
    return Piece.of(event.account, event.at, event.at, text, origin(event, text)) if text else None
