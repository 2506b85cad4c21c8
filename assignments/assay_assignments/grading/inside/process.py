"""The candidate's process as the trusted one sees it: asked, measured, interrupted and ended."""

import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .frames import BadFrameError, GoneError, receive, send

_GRACE_SECONDS = 2.0
_TICKS = os.sysconf("SC_CLK_TCK")
_MAX_PROCESSES = 100
_OOM_COUNTERS = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")


class CandidateGoneError(Exception):
    """The candidate's process has ended or was ended; the text is the status of what was asked of it."""


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
            self.end(_cause(error))
            raise CandidateGoneError(self.gone) from error

    def end(self, reason: str) -> None:
        """End everything the candidate started."""
        self.gone = self.gone or reason
        with suppress(OSError):
            self.stream.close()
        # A process that is being ended may start another one until it is.
        for _ in range(20):
            pids = [pid for pid in self._processes() if not _is_zombie(pid)]
            if not pids:
                break
            for pid in pids:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _watch(self) -> None:
        """Interrupt what takes too much time, and end what does not stop then."""
        if self._interrupted:
            if time.monotonic() - self._interrupted > _GRACE_SECONDS:
                self.end("timeout")
            return
        cpu, wall = self._cpu() - self._began[0], time.monotonic() - self._began[1]
        if cpu > self.cell_seconds or wall > 5 * self.cell_seconds + 10:
            self._interrupted, self.stopped = time.monotonic(), True
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)

    def _cpu(self) -> float:
        ticks = 0
        for pid in self._processes():
            with suppress(OSError, IndexError, ValueError):
                parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, parts[11:15]))
        return ticks / _TICKS

    def _processes(self) -> list[int]:
        """Return every process of the candidate: those of its user, or without isolation all that come from here."""
        if not Path("/proc/self").exists():
            return [self.pid]
        parents: dict[int, int] = {}
        owned = []
        for entry in os.scandir("/proc"):
            with suppress(OSError, IndexError, ValueError):
                if entry.name.isdigit():
                    pid = int(entry.name)
                    # The folder belongs to root when a process asked not to be looked at; its status tells the truth.
                    status = Path(entry.path, "status").read_text()
                    if f"\nUid:\t{self.uid}\t" in status:
                        owned.append(pid)
                    parents[pid] = int(status.partition("\nPPid:")[2].split(maxsplit=1)[0])
        return owned if self.uid is not None else [pid for pid in parents if _descends(pid, parents)]


def _descends(pid: int, parents: dict[int, int]) -> bool:
    here = os.getpid()
    for _ in range(len(parents)):
        pid = parents.get(pid, 0)
        if pid == here:
            return True
        if not pid:
            break
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return not Path("/proc/self").exists()


def _cause(error: Exception) -> str:
    """Say why a process is gone: out of memory, or just ended."""
    for path in _OOM_COUNTERS:
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in Path(path).read_text().splitlines())
            if int(counts.get("oom_kill", 0)) > 0:
                return "out-of-memory"
    return "killed" if isinstance(error, GoneError) else "killed: what it sent was no message"


def become(uid: int, memory_bytes: int) -> None:
    """Become another user for good, with limits of its own."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    resource.setrlimit(resource.RLIMIT_NPROC, (_MAX_PROCESSES, _MAX_PROCESSES))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def start_candidate(
    serve: Callable[[socket.socket], None], uid: int | None, cell_seconds: float, memory_bytes: int
) -> Candidate:
    """Fork the candidate's process; called before the tests have come in, so that they are not in its memory."""
    ours, theirs = socket.socketpair()
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
