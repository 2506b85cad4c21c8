"""Works off the queue of batches in threads of their own, beside the grading of interviews."""

import asyncio
import logging
import threading
from contextlib import suppress

from assay_hub.ports.batches import GraderGoneError
from assay_hub.services.batch_grade import GradeBatches

_log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
MOST_SECONDS = 300.0
"""How long is waited at most, while the sandbox does not work."""


class BatchQueue:
    """Owns the workers of this process."""

    def __init__(self, grade: GradeBatches) -> None:
        self._grade = grade
        self._wake = asyncio.Event()
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to grade; what a dead worker left half done comes first."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop taking new work; what is being graded is graded again by the next process."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    async def _work(self) -> None:
        seconds = IDLE_SECONDS
        while True:
            self._wake.clear()
            seconds = IDLE_SECONDS if await self._until_empty() else min(2 * seconds, MOST_SECONDS)
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()

    async def _until_empty(self) -> bool:
        """Grade what there is; return whether that worked."""
        try:
            if again := await asyncio.to_thread(self._grade.resume):
                _log.info("Grading %d notebooks of batches again that were left half done", again)
            while await asyncio.to_thread(self._grade.work, self._stop.is_set):
                pass
        except GraderGoneError as error:
            _log.warning("Batches wait, since the sandbox does not work: %s", error)
        except Exception:  # noqa: BLE001  # the edge of the queue: it goes on whatever happened
            _log.exception("Grading of batches failed; it goes on in a moment")
        else:
            return True
        return False
