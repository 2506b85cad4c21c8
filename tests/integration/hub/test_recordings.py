"""The pull on a workspace's recording, from a server that sends event by event."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from world import World

from assay_hub.domain.recording import Head
from assay_hub.web.background.recordings import RecordingPull
from assay_protocol.recording import Event, Kind

EVENTS = 20


class Loopback:
    """The address of a workspace on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, _account: str, _route: str) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def headers(self, _account: str) -> dict[str, str]:
        return {}


class Store:
    """Stores, and says so."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.stored = threading.Semaphore(0)

    def head(self, interview_id: str) -> Head:
        return self._world.store.head(interview_id)

    def __call__(self, interview_id: str, lines: Sequence[bytes]) -> Head:
        head = self._world.store(interview_id, lines)
        self.stored.release()
        return head


@contextmanager
def workspace(store: Store, sent: threading.Event) -> Iterator[int]:
    """Serve a recording, one event whenever the last has been stored, and then no more."""

    class Recording(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for seq in range(1, EVENTS + 1):
                self.wfile.write(Event(seq, 1.5, Kind.EDIT, "ada", "first.ipynb", b"update").to_line() + b"\n")
                assert store.stored.acquire(timeout=30)
            sent.set()
            self.connection.recv(1)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Recording) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def test_a_room_is_not_told_anew_for_each_event_that_is_stored(tmp_path):
    world = World(tmp_path)
    interview = world.interview().id
    store, sent = Store(world), threading.Event()
    told: list[str] = []

    async def pull(port: int) -> list[str]:
        running = asyncio.create_task(RecordingPull(interview, "iv-x", Loopback(port), store, told.append).run())
        assert await asyncio.to_thread(sent.wait, 60)
        meanwhile = list(told)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return meanwhile

    with workspace(store, sent) as port:
        meanwhile = asyncio.run(pull(port))

    assert meanwhile == [interview]
    assert world.store.head(interview).seq == EVENTS
