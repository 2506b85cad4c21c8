"""What the pages of candidates tell of themselves, bounded, and turned into signals by the server's clock.

A page belongs to the candidate: it can say anything, or nothing. All of it is about that candidate's own interview, and
no more of it is listened to than a page of ours would say.
"""

import asyncio
import json
import logging
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

from assay_hub.domain.access import Role
from assay_hub.domain.attendance import Attendance, Spell
from assay_hub.services.observe import ObserveRoom
from assay_hub.web.live import Visit

MESSAGE_CHARACTERS = 200
HEARD_A_MINUTE = 90
"""A page of ours says at most one thing a second."""

ENDURED_A_MINUTE = 600
"""A page that says more than this is closed: it costs the others time."""

FLOODED = 1008
"""Websocket close code of RFC 6455: the page does what it may not."""

_GOING_AWAY = frozenset({1000, 1001})
_TICK_SECONDS = 1.0
_WINDOW_SECONDS = 60.0

_log = logging.getLogger(__name__)


@dataclass
class _Rate:
    heard: deque[float] = field(default_factory=deque)

    def count(self, now: float) -> int:
        """Count one more message, and return how many came within the last minute."""
        while self.heard and self.heard[0] <= now - _WINDOW_SECONDS:
            self.heard.popleft()
        self.heard.append(now)
        return len(self.heard)


class RoomObserver:
    """Listens to the pages of candidates; what others' pages say is not heard."""

    def __init__(self, observe: ObserveRoom) -> None:
        self._observe = observe
        self._attendances: dict[str, Attendance] = {}
        self._rates: dict[str, _Rate] = {}
        self._ticking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at the clock."""
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Stop; pages that go now go because we do."""
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
        self._attendances.clear()

    async def came(self, visit: Visit) -> None:
        """Take a page that was opened."""
        if visit.role is not Role.CANDIDATE:
            return
        if visit.interview not in self._attendances:
            self._attendances[visit.interview] = Attendance()
            await asyncio.to_thread(self._observe.found, visit.interview)
        self._attendances[visit.interview].came(visit, self._observe.now())

    async def heard(self, visit: Visit, text: str) -> None:
        """Take what a page says; too much of it, and what is none of our messages, is passed over."""
        attendance = self._attendances.get(visit.interview)
        if visit.role is not Role.CANDIDATE or attendance is None:
            return
        count = self._rates.setdefault(visit.interview, _Rate()).count(time.monotonic())
        if count > ENDURED_A_MINUTE:
            await _close(visit.socket)
        if count > HEARD_A_MINUTE:
            return
        said = _read(text)
        now = self._observe.now()
        if said.get("type") == "here":
            await self._store(visit.interview, attendance.here(visit, now))
        elif said.get("type") == "left":
            await self._store(visit.interview, attendance.left(visit, now))
        elif said.get("type") == "copied" and type(chars := said.get("chars")) is int:
            await asyncio.to_thread(self._observe.copied, visit.interview, chars)

    async def gone(self, visit: Visit, code: int) -> None:
        """Take that a page is gone, with the code that its websocket was closed with."""
        attendance = self._attendances.get(visit.interview)
        if visit.role is not Role.CANDIDATE or attendance is None:
            return
        if visit.dismissed:  # we put them out: that says nothing of them
            self._attendances.pop(visit.interview, None)
        else:
            ended = attendance.gone(visit, self._observe.now(), closed=code in _GOING_AWAY)
            await self._store(visit.interview, ended)

    async def _store(self, interview_id: str, spells: list[Spell]) -> None:
        for spell in spells:
            await asyncio.to_thread(self._observe.spell, interview_id, spell)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            for interview_id, attendance in list(self._attendances.items()):
                try:
                    await self._store(interview_id, attendance.passed(self._observe.now()))
                except Exception:  # noqa: BLE001  # the edge of a background task
                    _log.exception("What the room of %s tells could not be stored", interview_id)
                if attendance.idle:
                    # Whoever comes back after that is found again, and what lasted is over then.
                    self._attendances.pop(interview_id, None)
                    self._rates.pop(interview_id, None)


def _read(text: str) -> dict[str, object]:
    if len(text) > MESSAGE_CHARACTERS:
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


async def _close(socket: WebSocket) -> None:
    with suppress(RuntimeError):
        await socket.close(FLOODED, "too many messages")
