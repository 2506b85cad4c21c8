"""Works off what waits to be analysed and compared, one thing at a time, in a thread of its own."""

import asyncio
import logging
from contextlib import suppress

from assay_hub.services.analysis import AnalyseSubmissions
from assay_hub.services.similarity import CompareSubmissions

_log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
MOST_SECONDS = 300.0
"""How long is waited at most, while something does not work."""


class AnalysisQueue:
    """Owns the one worker of this process."""

    def __init__(self, analyse: AnalyseSubmissions, compare: CompareSubmissions) -> None:
        self._analyse = analyse
        self._compare = compare
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to analyse; what a dead worker left half done comes first."""
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
        seconds = IDLE_SECONDS
        while True:
            self._wake.clear()
            seconds = IDLE_SECONDS if await self._until_empty() else min(2 * seconds, MOST_SECONDS)
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()

    async def _until_empty(self) -> bool:
        """Do what there is; return whether that worked."""
        try:
            if again := await asyncio.to_thread(self._analyse.resume):
                _log.info("Analysing %d submissions again that were left half done", again)
            while await asyncio.to_thread(self._analyse.work) or await asyncio.to_thread(self._compare.work):
                pass
        except Exception:  # noqa: BLE001  # the edge of the queue: it goes on whatever happened
            _log.exception("Analysis failed; it goes on in a moment")
            return False
        return True
