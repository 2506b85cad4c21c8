"""The parent of all processes of a batch: gets warm, then forks a trusted process for each notebook, one at a time.

It never reads a test: it is told eight bytes, the user of the next notebook, and the process that it forks then reads
the job from the same input. What the notebook left behind is cleared before it says that it is free; when anything is
left it ends instead, and the engine starts another one.
"""

import argparse
import ctypes
import gc
import os
import signal
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

from . import candidate, users
from .notebook import Limits, Report, grade, read
from .shell import Screen
from .warm import warm

_SUBREAPER = 36


def main(options: argparse.Namespace) -> None:
    """Grade notebooks until the engine is gone."""
    _adopt()
    report = Report(os.dup(1))
    os.dup2(2, 1)
    screen = Screen()
    shell = candidate.make_shell(screen)
    warm(options.package, shell, screen)
    limits = Limits(options.folder, options.own, options.cell_seconds, options.wall_seconds, options.memory_bytes)
    gc.freeze()
    gc.enable()
    report.say({"warm": True})
    while len(told := read(8)) == 8:  # noqa: PLR2004
        uid = struct.unpack(">Q", told)[0] or None
        signal.signal(signal.SIGTERM, _giving_up(uid))
        trusted = os.fork()
        if not trusted:
            try:
                grade(shell, screen, uid, limits, report)
            except Exception:  # noqa: BLE001  # the end of this process; the engine hears what it was
                traceback.print_exc()
            finally:
                os._exit(1)
        status = os.waitpid(trusted, 0)[1]
        if status or not users.wait_for_end(uid) or not users.clear(uid, [limits.folder, *options.shared]):
            break
        if not users.clear(None, [limits.own]):
            break
        report.say({"free": True})


def _giving_up(uid: int | None) -> Callable[[int, object], None]:
    def give_up(_signal: int, _frame: object) -> None:
        users.end_processes(uid)
        os._exit(1)

    return give_up


def _adopt() -> None:
    """Become the parent of whatever a child leaves behind, to be able to end it; Linux only."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--own", required=True)
    parser.add_argument("--shared", action="append", default=[])
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--cell-seconds", type=float, required=True)
    parser.add_argument("--wall-seconds", type=int, required=True)
    parser.add_argument("--memory-bytes", type=int, required=True)
    main(parser.parse_args())
