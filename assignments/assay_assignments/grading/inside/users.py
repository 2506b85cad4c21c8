"""The user of one submission: becoming it, ending whatever it runs, and clearing away what it left."""

import os
import resource
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NOBODY = 99_999
_MAX_PROCESSES = 100
_END_SECONDS = 10.0
_LEFT_BEHIND = ("/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg")
_QUEUES = "/dev/mqueue"


def become(uid: int, memory_bytes: int) -> None:
    """Become another user for good, with limits of its own."""
    # Before, since the file is root's afterwards: when memory runs out this process goes, and not a trusted one.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    resource.setrlimit(resource.RLIMIT_NPROC, (_MAX_PROCESSES, _MAX_PROCESSES))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


@contextmanager
def _acting_as(uid: int) -> Iterator[None]:
    """Have no more rights than a user, out of reach of its signals."""
    os.setresuid(_NOBODY, uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def end_processes(uid: int | None) -> bool:
    """End every process of a user, or without one everything that was started from here; whether there was any.

    One signal for all: there is no moment in which one of them could start another.
    """
    if uid is None:
        return _end_descendants()
    with _acting_as(uid), suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
        return True
    return False


def wait_for_end(uid: int | None) -> bool:
    """End every process of a user and wait until there is none; whether that came about."""
    until = time.monotonic() + _END_SECONDS
    while end_processes(uid):
        reap()
        if time.monotonic() > until:
            return False
        time.sleep(0.001)
    return True


def reap() -> None:
    """Collect children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def clear(uid: int | None, folders: Iterable[str]) -> bool:
    """Remove what a user left in folders; whether there is nothing left of it, in memory that is shared neither."""
    if uid is None:
        return all(_cleared(folder) for folder in folders)
    with _acting_as(uid):
        cleared = [_cleared(folder) for folder in folders]
    return all(cleared) and not any(map(_holds, _LEFT_BEHIND)) and not _listed(_QUEUES)


def descendants() -> list[int]:
    """Return every process that comes from this one."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        folder = f"/proc/{waiting.pop()}/task"
        with suppress(OSError):
            for thread in os.listdir(folder):  # noqa: PTH208  # twenty times a second
                children = [int(pid) for pid in Path(folder, thread, "children").read_text().split()]
                found += children
                waiting += children
    return found


def _end_descendants() -> bool:
    # A process that is being ended may start another one until it is.
    for _ in range(20):
        pids = [pid for pid in descendants() if not _is_zombie(pid)]
        if not pids:
            return False
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    return True


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def _cleared(folder: str) -> bool:
    for path in _listed(folder):
        with suppress(OSError):
            if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114  # for every file of a slot
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)  # noqa: PTH108
    return not _listed(folder)


def _listed(folder: str) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder)]
    except OSError:
        return []


def _holds(table: str) -> bool:
    """Whether one of the kernel's tables has more than its heading."""
    try:
        return len(Path(table).read_text().splitlines()) > 1
    except OSError:
        return False
