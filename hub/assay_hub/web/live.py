"""The rooms that are open in somebody's browser: who is there, and what everybody is told."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from assay_hub.domain.access import ALLOWED, Action, Person, Role
from assay_hub.web.background.workspaces import Status

REFRESH_SECONDS = 1.0
CLOSED_BY_US = 4403
"""Websocket close code: this person has no access any more."""

LOST = 1006
"""Websocket close code of RFC 6455: the connection broke."""

HANG_UP_SECONDS = 2.0
"""How long somebody who was told that they have no access any more has to close the connection themselves."""

VISIT_SECONDS = 30.0
"""How long somebody who has closed the page still counts as a visitor: a reload must not lock them out."""

TRY_AGAIN = 1013
"""Websocket close code of RFC 6455's registry: the server cannot serve this now."""


_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Visit:
    """One open page of one person.

    Attributes:
        questions: the questions that the page was told last.
        dismissed: whether we closed it.
    """

    socket: WebSocket
    interview: str
    person: Person
    role: Role
    questions: Any = None
    dismissed: bool = False


class Listener(Protocol):
    """Hears what pages say, and when they come and go."""

    async def came(self, visit: Visit) -> None:
        """Take a page that was opened."""

    async def heard(self, visit: Visit, text: str) -> None:
        """Take what a page says."""

    async def gone(self, visit: Visit, code: int) -> None:
        """Take that a page is gone, with the code that its websocket was closed with."""


class Rooms:
    """Keeps the open pages of all rooms and tells each of them the state when it changes.

    Args:
        state_of: returns what the people in a room are told, as JSON.
        still_allowed: whether a visit's session is still good; asked at every refresh.
        listener: hears what pages say.
    """

    def __init__(
        self,
        state_of: Callable[[str], Awaitable[dict[str, Any]]],
        still_allowed: Callable[[Visit], Awaitable[bool]],
        listener: Listener,
    ) -> None:
        self._state_of = state_of
        self._still_allowed = still_allowed
        self._listener = listener
        self._visits: dict[str, set[Visit]] = {}
        self._left: dict[tuple[str, str], float] = {}
        self._refresh: asyncio.Task[None] | None = None
        self._cuts: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to refresh the rooms."""
        self._refresh = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Stop refreshing; the server closes the sockets."""
        if self._refresh is not None:
            self._refresh.cancel()
            with suppress(asyncio.CancelledError):
                await self._refresh

    def people(self, interview_id: str) -> set[str]:
        """Return the accounts that are in a room."""
        return {visit.person.account for visit in self._visits.get(interview_id, set())}

    def visitors(self, interview_id: str) -> set[str]:
        """Return the accounts that are in a room, or were half a minute ago."""
        self._forget_those_long_gone()
        return self.people(interview_id) | {account for where, account in self._left if where == interview_id}

    def occupied(self) -> set[str]:
        """Return the interviews with somebody in their room."""
        return set(self._visits)

    async def serve(self, visit: Visit) -> None:
        """Keep a page up to date until it goes."""
        self._visits.setdefault(visit.interview, set()).add(visit)
        code = LOST
        try:
            await self.tell(visit.interview)
            await self._listener.came(visit)
            while True:
                said = await visit.socket.receive_text()
                if not visit.dismissed:
                    await self._listener.heard(visit, said)
        except WebSocketDisconnect as gone:
            code = gone.code
        except (RuntimeError, KeyError):
            _log.info("A page of %s sent what is no text, or went while it spoke", visit.interview)
        finally:
            self._forget(visit)
            await self._listener.gone(visit, code)
            await self.tell(visit.interview)

    async def tell(self, interview_id: str) -> None:
        """Tell everybody in a room how things stand."""
        visits = list(self._visits.get(interview_id, set()))
        if not visits:
            return
        state = await self._state_of(interview_id)
        for visit in visits:
            questions = state.get("questions")
            await self._send(visit, {**_told(state, visit), "you": visit.person.account})
            visit.questions = questions

    async def dismiss(self, interview_id: str, account: str) -> None:
        """Close the pages of somebody who has lost access."""
        for visit in [visit for visit in self._visits.get(interview_id, set()) if visit.person.account == account]:
            await self._close(visit)
        await self.tell(interview_id)

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            for interview_id in list(self._visits):
                try:
                    await self._refresh_room(interview_id)
                except Exception:  # noqa: BLE001  # the edge of a background task
                    _log.exception("The room of %s could not be refreshed", interview_id)

    async def _refresh_room(self, interview_id: str) -> None:
        for visit in list(self._visits.get(interview_id, set())):
            if not await self._still_allowed(visit):
                await self._close(visit)
        await self.tell(interview_id)

    async def _send(self, visit: Visit, message: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(visit.socket.send_json(message), timeout=5)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            self._forget(visit)

    async def _close(self, visit: Visit) -> None:
        visit.dismissed = True
        self._forget(visit)
        if visit.socket.application_state is WebSocketState.CONNECTED:
            # A close frame can be lost on its way through a proxy when the other side speaks at that moment. So the
            # page hears of it first and hangs up by itself; one that does not is cut off.
            await self._send(visit, {"type": "gone"})
            cut = asyncio.create_task(_cut_off(visit.socket))
            self._cuts.add(cut)
            cut.add_done_callback(self._cuts.discard)

    def _forget_those_long_gone(self) -> None:
        long_ago = time.monotonic() - VISIT_SECONDS
        self._left = {visit: at for visit, at in self._left.items() if at > long_ago}

    def _forget(self, visit: Visit) -> None:
        visits = self._visits.get(visit.interview, set())
        visits.discard(visit)
        self._forget_those_long_gone()
        self._left[visit.interview, visit.person.account] = time.monotonic()
        if not visits:
            self._visits.pop(visit.interview, None)


async def _cut_off(socket: WebSocket) -> None:
    await asyncio.sleep(HANG_UP_SECONDS)
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(CLOSED_BY_US, "no access")


def _told(state: dict[str, Any], visit: Visit) -> dict[str, Any]:
    """Return what one page is told.

    Why a workspace failed is for those who can start it again. Somebody whom the workspace does not know yet finds it
    still being prepared. Somebody who only watches reads the planned time, whatever is different for the candidate.
    Questions are told when they are new to the page.
    """
    told = {key: value for key, value in state.items() if key not in {"let_in", "planned_seconds"}}
    if "workspace" not in state:
        return told
    if visit.role not in {Role.CANDIDATE, *ALLOWED[Action.ACCOMMODATE]}:
        told["duration_seconds"] = state["planned_seconds"]
    if visit.questions == state["questions"]:
        del told["questions"]
    workspace = dict(state["workspace"])
    if visit.role not in {Role.INTERVIEWER, Role.ADMIN}:
        workspace["message"] = ""
    if workspace["status"] == Status.READY and visit.person.account not in state["let_in"]:
        workspace["status"] = Status.STARTING
    return {**told, "workspace": workspace}
