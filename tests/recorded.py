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
        self.truth: list[list[tuple[str, str]]] = []
        self._server: Doc[Any] = Doc()
        server = self._server
        server.get("cells", type=Array)
        self._waiting: dict[str, list[bytes]] = {account: [] for account in accounts}
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
        self.truth.append([(str(cell["id"]), str(cell["source"])) for cell in self._server["cells"]])

    def edit(self, account: str, change: Callable[[Any], None], *, late: bool = False) -> None:
        """Let one person change something.

        Args:
            account: whose page it is.
            change: changes the cells.
            late: the page has not got yet what the others did since it last changed something.
        """
        document = self.documents[account]
        if not late:
            for update in self._waiting[account]:
                document.apply_update(update)
            self._waiting[account].clear()
        self._updates.clear()
        with document.transaction():
            change(document["cells"])
        for update in list(self._updates):
            self._server.apply_update(update)
            for other, waiting in self._waiting.items():
                if other != account:
                    waiting.append(update)
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
