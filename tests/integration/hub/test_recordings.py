"""The pull on a workspace's recording, and how the store keeps it."""

import asyncio
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fakes import START
from sqlalchemy import select, update
from world import World

from assay_hub.adapters.database import SqlDatabase, tables
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.recording import Head, StoredLine
from assay_hub.domain.timeline import Marker, Segment
from assay_hub.web.background.recordings import RecordingPull
from assay_protocol.recording import Event, Kind, genesis, link

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


def test_old_events_are_packed_and_come_back_as_they_were(database):
    interview = an_interview(database)
    lines, digest = [], genesis(interview)
    for seq in range(1, 2500):
        line = Event(seq, seq / 7, Kind.EDIT, "ada", "first.ipynb", seq.to_bytes(9, "big") * 3).to_line()
        digest = link(digest, line)
        lines.append(StoredLine(seq, line, digest, START + timedelta(milliseconds=130 * seq)))

    for start in range(0, len(lines), 7):
        with database.write() as records:
            records.append(interview, lines[start : start + 7])

    with database.read() as records:
        packed = records.sql.execute(select(tables.recording_blocks)).all()
        assert [(block.first_seq, block.last_seq) for block in packed] == [(1, 1000), (1001, 2000)]
        assert list(records.lines(interview)) == lines
        assert list(records.lines(interview, after=1500)) == lines[1500:]
        assert records.head(interview) == Head(2499, digest)


def test_a_block_that_somebody_changed_in_the_database_breaks_the_chain(database):
    interview = an_interview(database)
    lines, digest = [], genesis(interview)
    for seq in range(1, 1201):
        line = Event(seq, seq / 7, Kind.EDIT, "ada", "first.ipynb", b"update").to_line()
        digest = link(digest, line)
        lines.append(StoredLine(seq, line, digest, START))
    with database.write() as records:
        records.append(interview, lines)
        (block,) = records.sql.execute(select(tables.recording_blocks)).all()
        forged = zlib.compress(zlib.decompress(block.lines).replace(b'"ada"', b'"bob"', 1))
        records.sql.execute(update(tables.recording_blocks).values(lines=forged))

    with database.read() as records:
        found = list(records.lines(interview))

    digest, broken = genesis(interview), []
    for line in found:
        digest = link(digest, line.line)
        if digest != line.digest:
            broken.append(line.seq)
    assert broken[0] == 1000


def test_segments_of_a_timeline_are_kept_and_replaced(database):
    interview = an_interview(database)
    marker = Marker(5, "paste", "ada", "first.ipynb", {"chars": 3})
    first, second = Segment(0, 1, 9, 0, 100, (marker,), b"one"), Segment(1, 10, 12, 120, 130, (), b"two")

    with database.write() as records:
        records.save_segments(interview, [first, second])
        records.save_segments(interview, [replace(second, last_seq=20, body=b"three")])

    with database.read() as records:
        assert [(one.last_seq, one.body) for one in records.segments(interview)] == [(9, b""), (20, b"")]
        assert records.segment(interview, 0) == first
        assert records.segment(interview, 1).body == b"three"
        assert records.segment(interview, 2) is None


def an_interview(database: SqlDatabase) -> str:
    interview = Interview("abcdefghij", "Title", "Zoë", State.CREATED, "ada", START, timedelta(minutes=60), (), ())
    with database.write() as records:
        records.add_interview(interview)
    return interview.id
