"""Starts kernels as the kernels' own user, on request of the server, and ends each with everything that it started.

One keeper process per kernel: it reads the request, forks the kernel, adopts whatever the kernel leaves behind, and
answers with the exit code. A closed connection means that the server gave the kernel up.

Request: a line of JSON ``{"connection": content of the connection file, "module": name of the kernel's, "cwd": path,
"environment": {name: value}}``.
Answer: a line of JSON ``{"code": exit code, negative for a signal, "error": text or ""}``.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

LAUNCHER_FD: Final = 3
HOME: Final = "/srv/interview/home"
RUNTIME: Final = Path("/run/kernel")
PYTHON: Final = "/opt/venv/bin/python"
MAX_REQUEST: Final = 1 << 20
KERNEL_OOM_SCORE: Final = "1000"
"""When memory runs out the kernel goes first, so that the server and its recording stay."""

PR_SET_CHILD_SUBREAPER: Final = 36

_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kernel_environment(asked: dict[str, str]) -> dict[str, str]:
    """Return everything that a kernel finds in its environment; nothing of the hub is in it."""
    threads = os.environ.get("ASSAY_KERNEL_THREADS", "1")
    environment = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV", "LANG", "TZ") if name in os.environ}
    environment |= {name: str(value) for name, value in asked.items()}
    return environment | {
        "HOME": HOME,
        "USER": "candidate",
        "LOGNAME": "candidate",
        "SHELL": "/bin/sh",
        "JUPYTER_RUNTIME_DIR": str(RUNTIME),
        # A numerical library would start a thread for each processor of the machine, whatever the limit here.
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_NUM_THREADS": threads,
    }


def become_kernel(request: dict[str, Any]) -> NoReturn:
    """Turn this process into a kernel."""
    connection_file = RUNTIME / f"kernel-{os.getpid()}.json"
    os.setsid()
    os.umask(0o002)
    Path("/proc/self/oom_score_adj").write_text(KERNEL_OOM_SCORE, "ascii")
    descriptor = os.open(connection_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(request["connection"]).encode())
    try:
        os.chdir(request["cwd"])
    except OSError:
        os.chdir(HOME)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    argv = [PYTHON, "-m", str(request["module"]), "-f", str(connection_file)]
    os.execve(PYTHON, argv, kernel_environment(request["environment"]))  # noqa: S606 - there is no shell to start


def start_kernel(request: dict[str, Any]) -> int:
    """Fork a kernel and return its process id."""
    kernel = os.fork()
    if kernel:
        return kernel
    try:
        become_kernel(request)
    finally:
        os._exit(126)


def end_descendants() -> None:
    """Kill every process below this one, however fast they multiply, and wait for the last."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        for child in children.read_text("ascii").split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        try:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.002)
        except ChildProcessError:
            return


def keep(connection: socket.socket) -> None:
    """Serve one request from its first byte to the end of its kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    adopt_orphans()
    line = connection.makefile("rb").readline(MAX_REQUEST)
    try:
        kernel = start_kernel(json.loads(line))
        alive = os.pidfd_open(kernel)
    except (OSError, ValueError) as error:
        end_descendants()
        answer(connection, 1, str(error))
        return
    poller = select.poll()
    poller.register(connection, select.POLLIN | select.POLLHUP)
    poller.register(alive, select.POLLIN)
    ready = {descriptor for descriptor, _ in poller.poll()}
    if alive in ready:
        _, status = os.waitpid(kernel, 0)
        end_descendants()
        answer(connection, os.waitstatus_to_exitcode(status), "")
        return
    with suppress(ProcessLookupError):
        os.killpg(kernel, signal.SIGKILL)
    end_descendants()


def answer(connection: socket.socket, code: int, error: str) -> None:
    """Tell the client how it ended, if it is still there."""
    with suppress(OSError):
        connection.sendall(json.dumps({"code": code, "error": error}).encode() + b"\n")


def reap(*_: object) -> None:
    """Collect keepers that ended, and orphans of keepers that were killed."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def serve(listener: socket.socket) -> NoReturn:
    """Start a keeper for each connection, for ever."""
    while True:
        connection, _ = listener.accept()
        try:
            keeper = os.fork()
        except OSError as error:
            answer(connection, 1, str(error))
            connection.close()
            continue
        if keeper:
            connection.close()
            continue
        try:
            listener.close()
            keep(connection)
        finally:
            os._exit(0)


def main() -> None:
    """Limit what all kernels of this workspace may have together, then serve."""
    processes = int(os.environ["ASSAY_KERNEL_PROCESSES"])
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    adopt_orphans()
    signal.signal(signal.SIGCHLD, reap)
    serve(socket.socket(fileno=LAUNCHER_FD))


if __name__ == "__main__":
    main()
