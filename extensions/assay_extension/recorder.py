r"""The append-only recording of a workspace, and its readers.

One event is one ``write`` of one line to a file opened with ``O_APPEND``, made before anybody else hears of the event.
What the kernel has taken survives a killed server; readers read the file, never a queue, so a slow reader holds nobody.
"""

import asyncio
import errno
import fcntl
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from assay_protocol.recording import MAX_LINE_BYTES, BadLineError, Event, Kind

CHUNK_BYTES: Final = 256 * 1024
_INDEX_EVERY: Final = 256
"""Every so many events the place of an event is kept in memory, so that a reader finds its start quickly."""


class RecordingError(Exception):
    """An event could not be written; nothing of it stands in the file."""


class CorruptRecordingError(Exception):
    """The recording cannot be continued: a line before valid ones is no event, or another server writes to it."""


class Recorder:
    """Writes events and tells readers where they are.

    Belongs to one event loop: ``append`` and the readers run in its thread. A file of another server that still runs is
    refused by a lock.

    Args:
        path: the recording; made when missing, mode 0600.
        clock: seconds since the epoch.

    Attributes:
        seq: number of the last event, 0 before the first.
        size: bytes of complete lines in the file.
        dropped_bytes: what a crash had left of an unfinished last line.

    Raises:
        CorruptRecordingError: see the class.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.seq = 0
        self.size = 0
        self.dropped_bytes = 0
        self._index_seqs = [0]
        self._index_places = [0]
        self._rooms: dict[str, int] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._take_up()
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise CorruptRecordingError(f"another server writes to {path}") from error
        except CorruptRecordingError:
            os.close(self._descriptor)
            raise
        self.append(Kind.STARTED, detail={"dropped_bytes": self.dropped_bytes})

    def close(self) -> None:
        """Close the file and wake the readers."""
        os.close(self._descriptor)
        self._descriptor = -1
        self._wake()

    @property
    def closed(self) -> bool:
        """Whether the recorder was closed."""
        return self._descriptor < 0

    def append(
        self,
        kind: Kind,
        *,
        account: str | None = None,
        document: str = "",
        update: bytes = b"",
        detail: dict[str, Any] | None = None,
    ) -> Event:
        """Write one event.

        Raises:
            RecordingError: the line is too long, the disk is full or the file is closed; the file is as before.
        """
        return self._append(Event(self.seq + 1, self._clock(), kind, account, document, update, detail or {}))

    def _append(self, event: Event) -> Event:
        line = event.to_line() + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise RecordingError(f"line of {len(line)} bytes")
        self._write(line)
        self._passed(event, self.size)
        self.size += len(line)
        self._wake()
        return event

    def go_on_after(self, seq: int) -> None:
        """Number what follows from ``seq`` on, because events up to there are kept elsewhere and lost here.

        After a power cut, or when somebody cut the file. Nothing happens when this recording has ``seq``.

        Raises:
            RecordingError: as for ``append``.
        """
        if seq <= self.seq:
            return
        lost = [self.seq + 1, seq]
        self._append(Event(seq + 1, self._clock(), Kind.STARTED, None, "", b"", {"lost": lost}))

    def place_after(self, seq: int) -> int:
        """Return the byte at which the first event after ``seq`` stands, or will stand."""
        if seq >= self.seq:
            return self.size
        nearest = bisect_right(self._index_seqs, seq) - 1
        place = self._index_places[nearest]
        for line, start in self._lines(place, self.size):
            if Event.from_line(line).seq > seq:
                return start
        return self.size

    def read(self, place: int) -> bytes:
        """Return up to 256 KiB of the recording from byte ``place`` on; empty at its end."""
        wanted = min(CHUNK_BYTES, self.size - place)
        return os.pread(self._descriptor, wanted, place) if wanted > 0 and not self.closed else b""

    async def grown(self, place: int, timeout: float) -> bool:  # noqa: ASYNC109 - the wait is what this is for
        """Wait until the recording is longer than ``place`` bytes; False after ``timeout`` seconds."""
        if self.size > place or self.closed:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True

    def history(self, room: str) -> list[Event]:
        """Return the last ``DOCUMENT`` event of a room and the ``EDIT`` events after it; empty for an unknown room.

        Args:
            room: the room's id, as in the ``DOCUMENT`` event's ``detail["room"]``.
        """
        if room not in self._rooms:
            return []
        events = (Event.from_line(line) for line, _ in self._lines(self._rooms[room], self.size))
        first = next(events)
        return [first, *(event for event in events if event.kind is Kind.EDIT and event.document == first.document)]

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise RecordingError(str(error)) from error
        if written != len(line):
            os.ftruncate(self._descriptor, self.size)
            raise RecordingError(os.strerror(errno.ENOSPC))

    def _passed(self, event: Event, place: int) -> None:
        self.seq = event.seq
        if event.seq % _INDEX_EVERY == 1:
            self._index_seqs.append(event.seq - 1)
            self._index_places.append(place)
        if event.kind is Kind.DOCUMENT and "room" in event.detail:
            self._rooms[str(event.detail["room"])] = place

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    def _take_up(self) -> None:
        """Read what an earlier server wrote; cut off what it could not finish."""
        length = os.fstat(self._descriptor).st_size
        bad: tuple[int, str] | None = None
        for line, place in self._lines(0, length):
            try:
                event = Event.from_line(line)
            except BadLineError as error:
                bad = bad or (place, str(error))
                continue
            follows = event.seq == self.seq + 1 or (event.seq > self.seq and "lost" in event.detail)
            if bad or not follows:
                raise CorruptRecordingError(f"event {self.seq} is followed by event {event.seq} after {bad}")
            self._passed(event, place)
            self.size = place + len(line) + 1
        self.dropped_bytes = length - self.size
        if self.dropped_bytes:
            os.ftruncate(self._descriptor, self.size)

    def _lines(self, place: int, end: int) -> Iterator[tuple[bytes, int]]:
        """Yield each complete line between two bytes, without its line feed, with the byte it starts at."""
        rest = b""
        while place < end:
            chunk = os.pread(self._descriptor, min(CHUNK_BYTES, end - place), place)
            if not chunk:
                return
            place += len(chunk)
            start = place - len(chunk) - len(rest)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line, start
                start += len(line) + 1
