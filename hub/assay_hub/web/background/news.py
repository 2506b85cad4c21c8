"""Delivers what is queued for webhooks, and tells applicant tracking systems how their orders stand.

A receiver that hangs holds nothing up but its own news.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from assay_hub.domain.partner import Report
from assay_hub.domain.webhook import Answer, Parcel
from assay_hub.services.notify import MAX_WEBHOOKS, Deliver
from assay_hub.services.partners import ServePartners

_log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
LOOK_SECONDS = 5.0
_FORGET_SECONDS = 6 * 3600.0


class NewsDelivery:
    """Owns the deliveries of this process.

    Args:
        deliver: hands out what is due.
        post: signs and sends.
    """

    def __init__(self, deliver: Deliver, post: Callable[[Parcel], Awaitable[Answer]]) -> None:
        self._deliver = deliver
        self._post = post
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sending: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to deliver; what a dead process was about to send comes in its turn."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop; what is on its way is broken off, and sent again after the next start."""
        tasks = [task for task in (self._task, *self._sending.values()) if task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    async def _work(self) -> None:
        forget_at = 0.0
        while True:
            self._wake.clear()
            try:
                if asyncio.get_running_loop().time() >= forget_at:
                    await asyncio.to_thread(self._deliver.forget)
                    forget_at = asyncio.get_running_loop().time() + _FORGET_SECONDS
                for parcel in await asyncio.to_thread(self._deliver.take, list(self._sending), MAX_WEBHOOKS):
                    self._sending[parcel.delivery.webhook] = asyncio.create_task(self._send(parcel))
            except Exception:  # noqa: BLE001  # the edge of the task: the database may be away for a moment
                _log.exception("News could not be taken from the queue")
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wake.wait()

    async def _send(self, parcel: Parcel) -> None:
        try:
            answer = await self._post(parcel)
            await asyncio.to_thread(self._deliver.finish, parcel.delivery, answer)
        except Exception:  # noqa: BLE001  # the edge of the task: the delivery is due again when its lease ends
            _log.exception("Delivery %s failed", parcel.delivery.message)
        finally:
            del self._sending[parcel.delivery.webhook]
            self._wake.set()


class PartnerNews:
    """Owns what applicant tracking systems are told by this process.

    Args:
        partners: knows what is to be told.
        tell: tells it, and returns whether the system took it.
    """

    def __init__(self, partners: ServePartners, tell: Callable[[Report], Awaitable[bool]]) -> None:
        self._partners = partners
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tell."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop; what was not told is told after the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        while True:
            try:
                reports = await asyncio.to_thread(self._partners.reports)
                await asyncio.gather(*map(self._tell_one, reports))
            except Exception:  # noqa: BLE001  # the edge of the task: the database may be away for a moment
                _log.exception("Connected systems could not be told")
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell_one(self, report: Report) -> None:
        done = await self._tell(report)
        await asyncio.to_thread(self._partners.told if done else self._partners.postpone, report)
