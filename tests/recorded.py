"""People who edit one notebook, and the recording of it, without a server."""

from collections.abc import Callable
from typing import Any

from pycrdt import Array, Doc, Map, Text

from assay_protocol.recording import Event, Kind

PATH = "first.ipynb"


class Session:
    """People who edit one notebook, and the recording of it."""

    def __init__(self, *accounts: str) -> None:
        self.events: list[Event] = []
        self.truth: list[dict[str, str]] = []
        server: Doc[Any] = Doc()
        server.get("cells", type=Array)
        self.documents: dict[str, Doc[Any]] = {}
        self._updates: list[bytes] = []
        self._held = []
        for account in accounts:
            document: Doc[Any] = Doc()
            document.get("cells", type=Array)
            document.apply_update(server.get_update())
            self._held.append(document.observe(lambda event: self._updates.append(event.update)))
            self.documents[account] = document
        self._record(Kind.DOCUMENT, None, server.get_update(), {"room": "json:notebook:1"})

    def _record(self, kind: Kind, account: str | None, update: bytes, detail: dict[str, Any]) -> None:
        seq = len(self.events) + 1
        self.events.append(Event(seq, 1000 + seq / 10, kind, account, PATH, update, detail))
        document = next(iter(self.documents.values()))
        self.truth.append({str(cell["id"]): str(cell["source"]) for cell in document["cells"]})

    def edit(self, account: str, change: Callable[[Any], None]) -> None:
        """Let one person change something; everybody gets it."""
        self._updates.clear()
        with self.documents[account].transaction():
            change(self.documents[account]["cells"])
        for update in list(self._updates):
            for document in self.documents.values():
                document.apply_update(update)
            self._record(Kind.EDIT, account, update, {})

    def say(self, account: str, **detail: Any) -> None:
        """Let a person's page report something."""
        self._record(Kind.BROWSER, account, b"", detail)


def cell(name: str) -> Map[Any]:
    outputs: Array[Any] = Array()
    return Map({"id": name, "cell_type": "code", "source": Text(""), "outputs": outputs, "metadata": Map({})})


def write(session: Session, account: str, text: str, at: int = 0) -> None:
    """Let a person type into the first cell, key by key; ``at`` is a place in bytes, as Y documents count."""
    place = at
    for key in text:
        session.edit(account, lambda cells, place=place, key=key: cells[0]["source"].insert(place, key))
        place += len(key.encode())
