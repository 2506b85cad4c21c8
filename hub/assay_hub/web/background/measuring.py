"""Measures how long candidates worked once their interviews are over, a few at a time."""

import asyncio
import logging
from contextlib import suppress

from assay_hub.services.measure import MeasureActivity

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 30.0
_AT_ONCE = 20
"""A few at a time: after an upgrade there may be very many, and a report measures its own interview anyway."""


class Measuring:
    """Owns the one worker of this process."""

    def __init__(self, measure: MeasureActivity) -> None:
        self._measure = measure
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to measure."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop taking new work."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await asyncio.to_thread(self._measure.some, _AT_ONCE)
            except Exception:  # noqa: BLE001  # the edge of the worker: it goes on with the next
                _log.exception("Measuring the time of candidates failed; it is tried again")
