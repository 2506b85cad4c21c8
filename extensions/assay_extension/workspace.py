"""What the parts of the extension share: recorder, people, open websockets."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Protocol

from tornado.web import RequestHandler

from assay_protocol.recording import Kind

from .people import People
from .recorder import Recorder
from .volume import Volume

SETTING = "assay_workspace"
"""Key of the ``Workspace`` in the web application's settings."""

DISCONNECTED_CODE = 4403
"""Close code of a websocket whose account was disconnected."""

REFUSED_EVERY = 60.0
"""Seconds between two recorded attempts of the same account and kind, so that nobody fills the recording."""


class Socket(Protocol):
    """An open websocket."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close it."""


class Sockets:
    """The open websockets of each account."""

    def __init__(self) -> None:
        self._open: defaultdict[str, set[Socket]] = defaultdict(set)

    @property
    def accounts(self) -> list[str]:
        """The accounts that have a websocket open."""
        return sorted(account for account, sockets in self._open.items() if sockets)

    def add(self, account: str, socket: Socket) -> bool:
        """Note an open websocket; True when it is the account's first."""
        first = not self._open[account]
        self._open[account].add(socket)
        return first

    def remove(self, account: str, socket: Socket) -> bool:
        """Forget a closed websocket; True when it was the account's last."""
        if socket not in self._open[account]:
            return False
        self._open[account].discard(socket)
        return not self._open[account]

    def close_all(self, account: str) -> int:
        """Close every websocket of an account and return how many there were."""
        sockets = list(self._open[account])
        for socket in sockets:
            socket.close(DISCONNECTED_CODE, "disconnected")
        return len(sockets)


@dataclass
class Workspace:
    """The one workspace that this server is."""

    volume: Volume
    recorder: Recorder
    people: People
    pages: Sockets = field(default_factory=Sockets)
    """Websockets of shared documents and of presence: whoever has one has the page open."""
    consoles: Sockets = field(default_factory=Sockets)
    """Websockets to kernels."""
    documents: dict[str, str] = field(default_factory=dict)
    """Path of each open document's room id."""
    unreported: frozenset[str] = frozenset()
    """Names of what pages report that is not recorded in this interview."""
    _refusals: dict[tuple[str, str], float] = field(default_factory=dict)

    def entered(self, account: str, socket: Socket) -> None:
        """Note a page's websocket; the account's first one is recorded as joining."""
        if self.pages.add(account, socket):
            self.recorder.append(Kind.JOINED, account=account)

    def left(self, account: str, socket: Socket) -> None:
        """Forget a page's websocket; the account's last one is recorded as leaving."""
        if self.pages.remove(account, socket) and not self.recorder.closed:
            self.recorder.append(Kind.LEFT, account=account)

    def refused(self, account: str, what: str, document: str = "") -> None:
        """Record that somebody who only watches tried to change something; see ``Kind.REFUSED``."""
        now = time.monotonic()
        if now - self._refusals.get((account, what), -REFUSED_EVERY) >= REFUSED_EVERY and not self.recorder.closed:
            self._refusals[account, what] = now
            self.recorder.append(Kind.REFUSED, account=account, document=document, detail={"what": what})

    def disconnect(self, account: str) -> int:
        """Refuse an account from now on and close its websockets; return how many."""
        self.people.disconnect(account)
        return self.close(account)

    def close(self, account: str) -> int:
        """Close the websockets of an account and return how many there were."""
        return self.pages.close_all(account) + self.consoles.close_all(account)


def workspace_of(handler: RequestHandler) -> Workspace:
    """Return the workspace that a request handler serves."""
    workspace: Any = handler.settings[SETTING]
    assert isinstance(workspace, Workspace)  # noqa: S101 - the only place that sets it is the extension
    return workspace
