"""A real HTTP server that receives news, answers as it is told, and can hang, flood or redirect."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Receiver:
    """What came, and how the next requests are answered.

    Attributes:
        statuses: of the next answers, in order; 200 after the last.
        location: where redirects lead.
        manner: "answer", "hang" (never answers), "drip" (a byte at a time, for ever) or "flood" (a body without end).
    """

    statuses: list[int] = field(default_factory=list)
    location: str = ""
    body: str = "thanks"
    manner: str = "answer"
    port: int = 0
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    sent_bytes: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/news?token=abc"

    async def wait_for(self, count: int) -> None:
        async with self.arrived, asyncio.timeout(20):
            await self.arrived.wait_for(lambda: len(self.received) >= count)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            pairs = (line.split(": ", 1) for line in lines[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
            async with self.arrived:
                self.methods.append(lines[0])
                self.received.append((headers, body))
                self.arrived.notify_all()
            await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        status = self.statuses.pop(0) if self.statuses else 200
        if self.manner == "hang":
            await asyncio.sleep(3600)
        location = f"Location: {self.location}\r\n" if self.location else ""
        length = "" if self.manner == "flood" else f"Content-Length: {len(self.body.encode())}\r\n"
        head = f"HTTP/1.1 {status} Told\r\n{location}{length}Connection: close\r\n\r\n".encode()
        if self.manner == "drip":
            for place in itertools.count():
                writer.write(b"HTTP/1.1 200 Told\r\nX-Slow: "[place : place + 1] or b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.write(head)
        writer.write(self.body.encode())
        while self.manner == "flood":
            writer.write(b"x" * 65536)
            await writer.drain()
            self.sent_bytes += 65536
        await writer.drain()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None, **manner: object) -> AsyncIterator[Receiver]:
    """Serve on a free port of this machine."""
    receiver = Receiver(**manner)
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
