"""Works off the queue of checks of questions, one at a time, and knows what is looked at just now."""

import asyncio
import logging
from contextlib import suppress

from assay_hub.domain.question import Version
from assay_hub.services.check import CheckQuestions

_log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0


class CheckQueue:
    """Owns the one worker of this process."""

    def __init__(self, check: CheckQuestions) -> None:
        self._check = check
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._said: dict[tuple[str, int], str] = {}

    def start(self) -> None:
        """Begin to check; what a dead worker left half done comes first."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop taking new work."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    def said(self, version: Version) -> str:
        """Return in a few words what is looked at in a version just now; empty when nothing is."""
        return self._said.get((version.question, version.number), "")

    def _say(self, version: Version, words: str) -> None:
        self._said[version.question, version.number] = words

    async def _work(self) -> None:
        again = await asyncio.to_thread(self._check.resume)
        if again:
            _log.info("Checking %d questions again that were left half done", again)
        while True:
            self._wake.clear()
            while done := await asyncio.to_thread(self._check.check_next, self._say):
                self._said.pop((done.question, done.number), None)
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wake.wait()
