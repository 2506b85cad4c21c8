"""The candidate's process as the trusted one sees it: asked, measured, interrupted and ended."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .frames import BadFrameError, GoneError, receive, send
from .users import become, descendants, end_processes, reap

_GRACE_SECONDS = 2.0
_BUFFER = 1 << 20
"""What is sent may lie there until the other process has the processor; the system may give less."""
_PROCESSORS = os.cpu_count() or 1
_TICKS = os.sysconf("SC_CLK_TCK")
_OOM_COUNTERS = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")


class CandidateGoneError(Exception):
    """The candidate's process has ended or was ended; the text is the status of what was asked of it."""


def out_of_memory_kills() -> int:
    """Return how many processes of this container the system has ended for want of memory."""
    for path in _OOM_COUNTERS:
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in Path(path).read_text().splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


@dataclass
class Candidate:
    """The candidate's process.

    Attributes:
        pid: its first process.
        uid: its user, whose processes are all its own; ``None`` without isolation.
        stream: connection to it.
        cell_seconds: processor seconds that one cell may take; five times as long by the clock, and ten seconds.
        gone: why it ended; empty as long as it lives.
        stopped: whether the cell has used up its time.
    """

    pid: int
    uid: int | None
    stream: socket.socket
    cell_seconds: float
    gone: str = ""
    stopped: bool = False
    _began: tuple[float, float] = field(default=(0.0, 0.0))
    _interrupted: float = 0.0
    _kills: int = field(default_factory=out_of_memory_kills)

    def begin(self) -> None:
        """Start the clock of a cell."""
        self._began = (self._cpu(), time.monotonic())
        self._interrupted, self.stopped = 0.0, False

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a message.

        Raises:
            CandidateGoneError: there is nobody to answer.
        """
        if self.gone:
            raise CandidateGoneError(self.gone)
        try:
            send(self.stream, message)
            return receive(self.stream, self._watch)
        except (GoneError, BadFrameError) as error:
            self.end(self._cause(error))
            raise CandidateGoneError(self.gone) from error

    def end(self, reason: str) -> None:
        """End everything the candidate started."""
        if not self.gone:
            self.gone = reason
            self.stream.close()
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        end_processes(self.uid)
        reap()

    def _watch(self) -> None:
        """Interrupt what takes too much time, and end what does not stop then."""
        if self._interrupted:
            if time.monotonic() - self._interrupted > _GRACE_SECONDS:
                self.end("timeout")
            return
        wall = time.monotonic() - self._began[1]
        if wall * _PROCESSORS < self.cell_seconds:
            return
        if wall > 5 * self.cell_seconds + 10 or self._cpu() - self._began[0] > self.cell_seconds:
            self._interrupted, self.stopped = time.monotonic(), True
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)

    def _cpu(self) -> float:
        """Return the processor seconds of all its processes; those that ended count until somebody asks for them."""
        ticks = 0
        for pid in descendants() or [self.pid]:
            with suppress(OSError, IndexError, ValueError):
                parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, parts[11:15]))
        return ticks / _TICKS

    def _cause(self, error: Exception) -> str:
        """Say why a process is gone: out of memory, or just ended."""
        if out_of_memory_kills() > self._kills:
            return "out-of-memory"
        return "killed" if isinstance(error, GoneError) else "killed: what it sent was no message"


def start_candidate(
    serve: Callable[[socket.socket], None], uid: int | None, cell_seconds: float, memory_bytes: int
) -> Candidate:
    """Fork the candidate's process; called before the tests have come in, so that they are not in its memory."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            if uid is not None:
                become(uid, memory_bytes)
            serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return Candidate(pid, uid, ours, cell_seconds)
