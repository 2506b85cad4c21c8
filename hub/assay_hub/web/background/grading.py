"""Works off the grading queue, one submission at a time, in a thread of its own."""

import asyncio
import logging
from contextlib import suppress

from assay_hub.services.grade import GradeSubmissions

_log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0


class GradingQueue:
    """Owns the one worker of this process."""

    def __init__(self, grade: GradeSubmissions) -> None:
        self._grade = grade
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to grade; what a dead worker left half done comes first."""
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

    async def _work(self) -> None:
        again = await asyncio.to_thread(self._grade.resume)
        if again:
            _log.info("Grading %d submissions again that were left half done", again)
        while True:
            self._wake.clear()
            while await asyncio.to_thread(self._grade.grade_next):
                pass
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wake.wait()
