"""Pulls the recording of a running workspace as it grows."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from http import HTTPStatus
from typing import Protocol

import httpx

from assay_hub.domain.errors import AssayError
from assay_hub.domain.recording import Head
from assay_hub.services.record import StoreRecording
from assay_protocol import routes
from assay_protocol.recording import MAX_LINE_BYTES

_log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
_BATCH_LINES = 500
_SILENCE_SECONDS = 3 * routes.HEARTBEAT_SECONDS


class Address(Protocol):
    """Where a workspace is reached, and with which headers."""

    def url(self, account: str, route: str) -> str:
        """Return the address of a route."""

    def headers(self, account: str) -> dict[str, str]:
        """Return the headers, with a fresh token."""


class RecordingPull:
    """One endless pull of one workspace; it goes on by itself after every interruption.

    Args:
        interview_id: whose recording it is.
        account: the workspace.
        address: where the workspace is reached.
        store: keeps what arrives.
        on_change: called when the connection comes or goes, and not for every key that is stored: rooms are
            refreshed each second anyway.
    """

    def __init__(
        self,
        interview_id: str,
        account: str,
        address: Address,
        store: StoreRecording,
        on_change: Callable[[str], None],
    ) -> None:
        self._interview_id = interview_id
        self._account = account
        self._address = address
        self._store = store
        self._on_change = on_change
        self.connected = False
        self.head: Head | None = None

    async def run(self) -> None:
        """Pull until cancelled."""
        timeout = httpx.Timeout(10, read=_SILENCE_SECONDS)
        async with httpx.AsyncClient(timeout=timeout) as client:
            while True:
                try:
                    await self._pull(client)
                except (httpx.HTTPError, AssayError, ValueError) as error:
                    _log.info("Recording of %s interrupted: %s", self._account, error)
                finally:
                    self._connected(state=False)
                await asyncio.sleep(RETRY_SECONDS)

    async def _pull(self, client: httpx.AsyncClient) -> None:
        self.head = await asyncio.to_thread(self._store.head, self._interview_id)
        url = self._address.url(self._account, routes.RECORDING)
        headers = await asyncio.to_thread(self._address.headers, self._account)
        async with client.stream("GET", url, params={"after": self.head.seq}, headers=headers) as answer:
            if answer.status_code == HTTPStatus.BAD_REQUEST:
                await self._go_on(client, url, headers)
                return
            answer.raise_for_status()
            self._connected(state=True)
            async with contextlib.aclosing(_batches(answer.aiter_raw())) as batches:
                async for lines in batches:
                    self.head = await asyncio.to_thread(self._store, self._interview_id, lines)

    async def _go_on(self, client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> None:
        """The workspace has lost events that are stored here: let it number what follows after them."""
        head = await asyncio.to_thread(self._store.cut, self._interview_id)
        answer = await client.post(url, json={"after": head.seq}, headers=headers)
        answer.raise_for_status()

    def _connected(self, *, state: bool) -> None:
        if self.connected != state:
            self.connected = state
            self._on_change(self._interview_id)


async def _batches(chunks: AsyncIterator[bytes]) -> AsyncGenerator[list[bytes]]:
    """Yield the complete lines of each chunk, without the heartbeats.

    Raises:
        ValueError: a line is longer than any event may be.
    """
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise ValueError("the workspace sends a line without end")
        lines = [line for line in lines if line]
        for start in range(0, len(lines), _BATCH_LINES):
            yield lines[start : start + _BATCH_LINES]
