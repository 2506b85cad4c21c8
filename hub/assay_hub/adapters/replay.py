"""Replaying a recording: the text of each cell after any event, and who typed which part of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pycrdt import Array, Doc, Map, Text

from assay_protocol.recording import Event, Kind


@dataclass(frozen=True)
class Run:
    """Text that one account typed in one piece; ``account`` is None for what the server put there."""

    account: str | None
    text: str


@dataclass(frozen=True)
class ReplayedCell:
    """A cell, or the whole of a plain text file (``cell_id`` is empty then)."""

    cell_id: str
    text: str
    runs: tuple[Run, ...]


class Replay:
    """Takes the events of one interview in order and knows every shared document's text as of the last one.

    A document's first state comes from its file and belongs to nobody. Edits are attributed to the account of their
    event, character by character. A cell that is moved, deleted or brought back keeps its attribution as far as its
    text is the same.
    """

    def __init__(self) -> None:
        self._documents: dict[str, _Document] = {}
        self._rooms: dict[str, str] = {}

    def take(self, event: Event) -> None:
        """Apply one event; those that change no document are passed over.

        Raises:
            ValueError: an update cannot be applied, or an edit comes before its document.
        """
        if event.kind is Kind.DOCUMENT:
            self._load(event)
        elif event.kind is Kind.EDIT:
            if event.document not in self._documents:
                raise ValueError(f"event {event.seq} edits {event.document!r} before it was loaded")
            self._documents[event.document].apply(event.update, event.account)

    def cells(self, document: str) -> tuple[ReplayedCell, ...]:
        """Return the cells of a document in order.

        Raises:
            KeyError: no event was about this document.
        """
        return self._documents[document].cells()

    @property
    def documents(self) -> list[str]:
        """The paths of the documents seen so far."""
        return sorted(self._documents)

    def _load(self, event: Event) -> None:
        room = str(event.detail.get("room", event.document))
        before = self._documents.pop(self._rooms.get(room, event.document), None)
        self._rooms[room] = event.document
        fresh = _Document()
        fresh.apply(event.update, None)
        if before is not None:
            before.apply(event.update, None)
            # Another history under the same name would merge into twice the text.
            fresh = before if before.texts() == fresh.texts() else fresh.inheriting(before)
        self._documents[event.document] = fresh


class _Document:
    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._cells = self._doc.get("cells", type=Array)
        self._source = self._doc.get("source", type=Text)
        self._runs: dict[str, list[Run]] = {"": []}
        self._order: list[str] = []
        self._deltas: list[tuple[str, list[dict[str, Any]]]] = []
        self._reordered = False
        self._cells.observe_deep(self._cells_changed)
        self._source.observe(lambda event: self._deltas.append(("", list(event.delta))))

    def apply(self, update: bytes, account: str | None) -> None:
        self._doc.apply_update(update)
        deltas, self._deltas = self._deltas, []
        if self._reordered:
            self._reordered = False
            self._resync(account)
            return
        for cell_id, delta in deltas:
            text = self._text(cell_id)
            runs = _edited(self._runs[cell_id], delta, account)
            if account is None or _joined(runs) != text:
                # The server replaces a text as a whole after a change on disk; what stayed the same stays its author's.
                runs = _differing(self._runs[cell_id], text, account)
            self._runs[cell_id] = runs

    def texts(self) -> list[tuple[str, str]]:
        return [(cell.cell_id, cell.text) for cell in self.cells()]

    def cells(self) -> tuple[ReplayedCell, ...]:
        cells = tuple(
            ReplayedCell(cell_id, _joined(self._runs[cell_id]), tuple(self._runs[cell_id])) for cell_id in self._order
        )
        return cells or (ReplayedCell("", _joined(self._runs[""]), tuple(self._runs[""])),)

    def inheriting(self, before: "_Document") -> "_Document":
        """Return this document with the attribution of ``before`` where the text is the same."""
        for cell_id in ["", *self._order]:
            if cell_id in before._runs:  # noqa: SLF001 - the same class
                self._runs[cell_id] = _differing(before._runs[cell_id], _joined(self._runs[cell_id]), None)  # noqa: SLF001
        return self

    def _cells_changed(self, events: list[Any]) -> None:
        for event in events:
            path = list(event.path)
            if path[-1:] == ["source"] and path[0] < len(self._order):
                self._deltas.append((self._order[path[0]], list(event.delta)))
            elif "outputs" not in path:
                # Anything but text may have moved, replaced or renamed a cell, except what lies inside an output.
                self._reordered = True

    def _text(self, cell_id: str) -> str:
        if not cell_id:
            return str(self._source)
        cell = self._cells[self._order.index(cell_id)]
        return str(cell["source"])

    def _resync(self, account: str | None) -> None:
        self._order = []
        for place, cell in enumerate(self._cells):
            if not isinstance(cell, Map):
                continue
            cell_id = str(cell.get("id", f"#{place}"))
            while cell_id in self._order:
                cell_id += "'"
            self._order.append(cell_id)
            self._runs[cell_id] = _differing(self._runs.get(cell_id, []), str(cell.get("source", "")), account)


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


def _joined(runs: list[Run]) -> str:
    return "".join(run.text for run in runs)


def _append(runs: list[Run], account: str | None, text: str) -> None:
    if not text:
        return
    if runs and runs[-1].account == account:
        runs[-1] = Run(account, runs[-1].text + text)
    else:
        runs.append(Run(account, text))


def _sliced(runs: list[Run], start: int, stop: int) -> list[Run]:
    found: list[Run] = []
    place = 0
    for run in runs:
        _append(found, run.account, run.text[max(0, start - place) : max(0, stop - place)])
        place += len(run.text)
    return found


def _edited(runs: list[Run], delta: list[dict[str, Any]], account: str | None) -> list[Run]:
    """Return the runs after a text delta of ``retain``, ``insert`` and ``delete`` steps."""
    total = sum(len(run.text) for run in runs)
    after: list[Run] = []
    place = 0
    for step in delta:
        if "insert" in step:
            _append(after, account, str(step["insert"]))
        elif "retain" in step:
            for run in _sliced(runs, place, place + int(step["retain"])):
                _append(after, run.account, run.text)
            place += int(step["retain"])
        else:
            place += int(step["delete"])
    for run in _sliced(runs, place, total):
        _append(after, run.account, run.text)
    return after


def _differing(runs: list[Run], text: str, account: str | None) -> list[Run]:
    """Return runs for ``text`` that keep the attribution of its common start and end; the middle is ``account``'s."""
    before = _joined(runs)
    if before == text:
        return runs
    shortest = min(len(before), len(text))
    head = next((n for n in range(shortest) if before[n] != text[n]), shortest)
    rest = shortest - head
    tail = next((n for n in range(rest) if before[-1 - n] != text[-1 - n]), rest)
    after = _sliced(runs, 0, head)
    _append(after, account, text[head : len(text) - tail])
    for run in _sliced(runs, len(before) - tail, len(before)):
        _append(after, run.account, run.text)
    return after
