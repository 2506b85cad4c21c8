"""Makes PDF files, one at a time, and keeps each a while for the person who asked for it."""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from assay_hub.domain.errors import PrintFailedError
from assay_hub.ports.reports import Printer

_log = logging.getLogger(__name__)

KEPT_SECONDS = 900.0
_MOST = 20
_FULL = "Too many are being made at the moment. Try again in a minute."


@dataclass
class Print:
    """One PDF, on its way or made.

    Attributes:
        content: empty until it is made.
        problem: why it was not made; empty otherwise.
    """

    begun: float
    content: bytes = b""
    problem: str = ""


class Prints:
    """Owns the one worker of this process; what it made is in memory alone.

    Args:
        printer: makes PDF files.
    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._kept: dict[tuple[str, str], Print] = {}
        self._queue: asyncio.Queue[tuple[Print, str]] = asyncio.Queue(_MOST)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to print."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop taking new work; what is being printed ends by its own bound."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def ask(self, account: str, interview: str, page: str) -> None:
        """Have a page printed for somebody; it takes the place of what they asked for earlier."""
        self._forget_old()
        wanted = self._kept[account, interview] = Print(time.monotonic())
        try:
            self._queue.put_nowait((wanted, page))
        except asyncio.QueueFull:
            wanted.problem = _FULL

    def of(self, account: str, interview: str) -> Print | None:
        """Return what somebody asked for last about an interview, while it is kept."""
        self._forget_old()
        return self._kept.get((account, interview))

    def _forget_old(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        fresh = {key: one for key, one in self._kept.items() if one.begun > oldest}
        self._kept = dict(list(fresh.items())[-_MOST:])

    async def _work(self) -> None:
        while True:
            wanted, page = await self._queue.get()
            try:
                wanted.content = await asyncio.to_thread(self._printer.pdf, page)
            except PrintFailedError as error:
                wanted.problem = error.detail
            except Exception:  # noqa: BLE001  # the edge of the worker: it goes on with the next
                _log.exception("Printing a report failed")
                wanted.problem = "Something unexpected happened; the hub's log says what."
            finally:
                self._queue.task_done()
