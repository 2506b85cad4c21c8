"""A real workspace server in a process of its own, and pages that talk to it as browsers do."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import websockets
from jupyter_ydoc import YNotebook
from pycrdt import (
    Decoder,
    Doc,
    TransactionEvent,
    create_awareness_message,
    create_sync_message,
    create_update_message,
    handle_sync_message,
    write_var_uint,
)

from assay_protocol import names, routes
from assay_protocol.manifest import Manifest, Participant, ReleasedFile
from assay_protocol.recording import Event, Kind

BASE = "/user/iv-abcdefgh22/"
HERE = Path(__file__).parent
DEADLINE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def notebook(*sources: str) -> bytes:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def manifest(*files: tuple[str, bytes], people: dict[str, bool] | None = None) -> Manifest:
    people = {"ann": True, "bob": True} if people is None else people
    return Manifest(
        "abcdefgh22",
        tuple(Participant(name, name.title(), "#112233", may_edit) for name, may_edit in people.items()),
        tuple(ReleasedFile(path, content) for path, content in files),
    )


class Server:
    """Starts, kills and asks the workspace's server."""

    def __init__(self, folder: Path) -> None:
        self.volume = folder / "volume"
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"

    def environment(self) -> dict[str, str]:
        home = str(self.folder / "home")
        return {
            **os.environ,
            "ASSAY_VOLUME": str(self.volume),
            "ASSAY_FRAME_ANCESTORS": "http://desk.assay.localhost:9999",
            "HOME": home,
            "IPYTHONDIR": home,
            "JUPYTER_CONFIG_DIR": f"{home}/config",
            "JUPYTER_DATA_DIR": f"{home}/data",
            "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
            "JUPYTERHUB_PUBLIC_URL": f"http://127.0.0.1:{self.port}{BASE}",
            "JUPYTERHUB_SERVICE_PREFIX": BASE,
            "PYTHONPATH": str(HERE),
            "TEST_PORT": str(self.port),
        }

    def start(self) -> None:
        config = f"--config={HERE / 'served_by_tokens.py'}"
        self.volume.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "notebook", config, "--no-browser"],
                env=self.environment(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            with suppress(httpx.TransportError):
                if self.get("api/status", names.AGENT).status_code in {200, 403}:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text()[-4000:])

    def kill(self) -> None:
        """Kill -9 of the server alone; its kernels notice by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def request(self, method: str, path: str, account: str | None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"token {account}"} if account else {}
        headers |= more.pop("headers", {})
        return httpx.request(method, self.url + path, headers=headers, timeout=30, **more)

    def get(self, path: str, account: str | None, **more: Any) -> httpx.Response:
        return self.request("GET", path, account, **more)

    def put_manifest(self, body: Manifest) -> dict:
        response = self.request("PUT", routes.MANIFEST, names.AGENT, content=body.to_json())
        assert response.status_code == 200, response.text
        return response.json()

    def events(self) -> list[Event]:
        lines = (self.volume / "record" / "recording.jsonl").read_bytes().split(b"\n")
        return [Event.from_line(line) for line in lines if line]

    def edits(self, document: str) -> list[Event]:
        return [event for event in self.events() if event.kind is Kind.EDIT and event.document == document]

    def text(self, path: str = "a.ipynb") -> str:
        cells = json.loads((self.volume / "notebooks" / path).read_bytes())["cells"]
        return "".join(cells[0]["source"])


async def until(condition: Callable[[], bool], what: str = "", seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)


class Page:
    """One person's browser tab on one notebook: a document that reconnects and syncs by itself."""

    def __init__(self, server: Server, account: str, path: str = "a.ipynb") -> None:
        self.server = server
        self.account = account
        self.path = path
        self.document: Doc = Doc()
        self.notebook = YNotebook(self.document)
        self.socket = None
        self.session: dict | None = None
        self.synced = asyncio.Event()
        self.heard: list[bytes] = []
        self.close_codes: list[int] = []
        self.statuses: list[int] = []
        self._applying = False
        self._outgoing: set[asyncio.Task] = set()
        self.document.observe(self._changed)

    def _changed(self, event: TransactionEvent) -> None:
        if not self._applying and self.socket is not None:
            self.send(create_update_message(event.update))

    def send(self, message: bytes) -> None:
        async def deliver(socket: Any) -> None:
            with suppress(websockets.ConnectionClosed):
                await socket.send(message)

        task = asyncio.ensure_future(deliver(self.socket))
        self._outgoing.add(task)
        task.add_done_callback(self._outgoing.discard)

    @property
    def source(self):
        return self.notebook._ycells[0]["source"]

    @property
    def text(self) -> str:
        return str(self.source)

    def write(self, text: str) -> None:
        shared = self.source
        shared += text

    async def run(self) -> None:
        """Keep the tab connected until it is cancelled."""
        while True:
            try:
                await self._connected()
            except websockets.InvalidStatus as error:
                self.statuses.append(error.response.status_code)
            except (OSError, httpx.TransportError, websockets.WebSocketException):
                pass
            self.socket = None
            self.synced.clear()
            await asyncio.sleep(0.1)

    async def _connected(self) -> None:
        headers = {"Authorization": f"token {self.account}"}
        if self.session is None:
            async with httpx.AsyncClient() as client:
                response = await client.put(
                    f"{self.server.url}api/collaboration/session/{self.path}",
                    headers=headers,
                    json={"format": "json", "type": "notebook"},
                )
            self.statuses.append(response.status_code)
            response.raise_for_status() if response.status_code < 400 else None
            if response.status_code >= 400:
                return
            self.session = response.json()
        room = f"json:notebook:{self.session['fileId']}"
        url = f"{self.server.url}api/collaboration/room/{room}?sessionId={self.session['sessionId']}"
        async with websockets.connect(
            url.replace("http", "ws", 1), additional_headers=headers, max_size=None
        ) as socket:
            self.socket = socket
            await socket.send(create_sync_message(self.document))
            try:
                async for message in socket:
                    await self._take(socket, message)
            finally:
                self.close_codes.append(socket.close_code or 0)

    async def _take(self, socket: Any, message: bytes) -> None:
        self.heard.append(message)
        if message[0] != 0:
            return
        self._applying = True
        try:
            reply = handle_sync_message(message[1:], self.document)
        finally:
            self._applying = False
        if reply is not None:
            await socket.send(reply)
        if message[1] == 1:
            self.synced.set()

    def say_who(self, username: str, client_id: int | None = None, clock: int = 1) -> None:
        """Send an awareness state that claims to be ``username``."""
        state = json.dumps({"user": {"username": username, "name": username}}).encode()
        body = [1, client_id or self.document.client_id, clock, len(state)]
        self.send(create_awareness_message(b"".join(write_var_uint(n) for n in body) + state))

    def names_heard(self) -> set[tuple[int, str]]:
        heard = set()
        for message in self.heard:
            if message[0] != 1:
                continue
            decoder = Decoder(Decoder(message[1:]).read_message())
            for _ in range(decoder.read_var_uint()):
                client_id, _clock = decoder.read_var_uint(), decoder.read_var_uint()
                state = json.loads(decoder.read_var_string())
                if state and "user" in state:
                    heard.add((client_id, state["user"]["username"]))
        return heard


@asynccontextmanager
async def opened(*pages: Page):
    tasks = [asyncio.ensure_future(page.run()) for page in pages]
    try:
        for page in pages:
            await asyncio.wait_for(page.synced.wait(), 30)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for page in pages:
            if page.socket is not None:
                await page.socket.close()


class Kernel:
    """A page's websocket to a kernel of its own."""

    def __init__(self, server: Server, account: str, session: str = "") -> None:
        self.server = server
        self.account = account
        self.session = session or uuid.uuid4().hex
        self.kernel_id = ""

    @asynccontextmanager
    async def opened(self, kernel_id: str = ""):
        headers = {"Authorization": f"token {self.account}"}
        if not kernel_id:
            response = await asyncio.to_thread(self.server.request, "POST", "api/kernels", self.account, json={})
            assert response.status_code == 201, response.text
            kernel_id = response.json()["id"]
        self.kernel_id = kernel_id
        url = f"{self.server.url}api/kernels/{self.kernel_id}/channels?session_id={self.session}"
        async with websockets.connect(
            url.replace("http", "ws", 1), additional_headers=headers, max_size=None
        ) as self.socket:
            yield self

    async def ask(self, kind: str, content: dict, channel: str = "shell", cell: str = "", **metadata: str) -> str:
        message_id = uuid.uuid4().hex
        header = {
            "msg_id": message_id,
            "msg_type": kind,
            "session": "s",
            "username": "x",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {"cellId": cell, **metadata} if cell else metadata,
            "content": content,
            "buffers": [],
            "channel": channel,
        }
        await self.socket.send(json.dumps(message))
        return message_id

    async def execute(self, code: str, cell: str = "cell-0") -> str:
        return await self.ask("execute_request", {"code": code, "silent": False}, cell=cell)
