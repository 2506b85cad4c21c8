"""First program of a workspace: starts the Jupyter server and the kernel launcher, each as its own user.

It runs as root with four capabilities (SETUID, SETGID and SETPCAP to give everything up in each child, KILL to end
them) and reads no input but its environment. The server ends: the workspace ends, and the container engine starts it
again. The launcher runs as the kernels' user, so code of a candidate can end it: it is started again.
"""

import ctypes
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

SERVER_UID: Final = 1000
SERVER_GID: Final = 1000
WORKSPACE_GID: Final = 1001
"""Group of the files that server and kernels share."""

LOWEST_KERNEL_UID: Final = 100_000
VOLUME: Final = Path("/srv/interview")
SOCKET: Final = "/run/assay/launcher.sock"
LAUNCHER: Final = ["/opt/venv/bin/python", "-S", "-I", "/opt/assay/launcher.py"]
EXTENSION_CONFIG: Final = "assay_extension/jupyter_server_config.py"
LAUNCHER_FD: Final = 3

PR_SET_PDEATHSIG: Final = 1
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int) -> bool:
    """Set an attribute of this process; false when the system refused."""
    return bool(_libc.prctl(option, argument, 0, 0, 0) == 0)


def give_up_privileges(uid: int, gid: int, groups: Sequence[int]) -> None:
    """Become ``uid`` for good: no capability left, none to be gained, and gone when the parent goes."""
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability):
        capability += 1
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if not prctl(PR_SET_NO_NEW_PRIVS, 1) or not prctl(PR_SET_PDEATHSIG, signal.SIGKILL):
        raise OSError(ctypes.get_errno(), "prctl")


def start(become: Callable[[], None], argv: list[str], environment: dict[str, str]) -> int:
    """Run ``argv`` in a child after ``become`` and return its process id."""
    child = os.fork()
    if child:
        return child
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        become()
        os.execve(argv[0], argv, environment)  # noqa: S606 - there is no shell to start
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error}\n")
    finally:
        os._exit(126)


def listen() -> socket.socket:
    """Return the socket of the launcher, on which only the server's group may connect."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    Path(SOCKET).unlink(missing_ok=True)
    os.setegid(SERVER_GID)
    before = os.umask(0o117)
    listener.bind(SOCKET)
    os.umask(before)
    os.setegid(0)
    listener.listen(16)
    return listener


class Workspace:
    """The two children of a workspace and what happens when one of them ends."""

    def __init__(self, environment: dict[str, str], server_argv: list[str]) -> None:
        self.kernel_uid = int(environment["ASSAY_KERNEL_UID"])
        if self.kernel_uid < LOWEST_KERNEL_UID:
            raise ValueError(f"ASSAY_KERNEL_UID must be at least {LOWEST_KERNEL_UID}")
        self.environment = environment
        self.server_argv = server_argv
        self.grace = int(environment.get("ASSAY_STOP_SECONDS", "3"))
        self.listener = listen()
        self.launcher = 0
        self.server = 0
        self.stopping = False

    def start_launcher(self) -> None:
        """Start the launcher, which takes its socket over as file descriptor 3."""

        def become() -> None:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            os.dup2(self.listener.fileno(), LAUNCHER_FD)
            fcntl.fcntl(LAUNCHER_FD, fcntl.F_SETFD, 0)  # dup2 onto itself leaves it to be closed
            os.setpriority(os.PRIO_PROCESS, 0, 5)
            give_up_privileges(self.kernel_uid, WORKSPACE_GID, [])

        names = ("PATH", "VIRTUAL_ENV", "LANG", "TZ")
        environment = {name: self.environment[name] for name in names if name in self.environment}
        environment |= {name: value for name, value in self.environment.items() if name.startswith("ASSAY_KERNEL_")}
        self.launcher = start(become, LAUNCHER, environment)

    def start_server(self) -> None:
        """Start the Jupyter server."""

        def become() -> None:
            os.umask(0o027)
            give_up_privileges(SERVER_UID, SERVER_GID, [WORKSPACE_GID])
            # Not the notebooks: what a kernel leaves in a working directory must not become the server's configuration.
            os.chdir("/run/server")

        environment = {name: value for name, value in self.environment.items() if not name.startswith("ASSAY_KERNEL_")}
        environment |= {
            "HOME": str(VOLUME / "server"),
            "USER": "server",
            "TMPDIR": "/run/server",
            "JUPYTER_RUNTIME_DIR": "/run/server/jupyter",
        }
        self.server = start(become, self.server_argv, environment)

    def stop(self, *_: object) -> None:
        """Ask the server to end, and end it when the time of grace is over."""
        self.stopping = True
        signal.alarm(self.grace)
        self.signal_server(signal.SIGTERM)

    def signal_server(self, number: int) -> None:
        """Send the server a signal."""
        if self.server:
            os.kill(self.server, number)

    def watch(self) -> int:
        """Wait until the server has ended and return the exit status of the workspace."""
        started = time.monotonic()
        while True:
            child, status = os.wait()
            if child == self.server:
                break
            if child == self.launcher and not self.stopping:
                # A launcher that cannot live must not keep a processor busy.
                if time.monotonic() - started < 1:
                    time.sleep(1)
                started = time.monotonic()
                self.start_launcher()
        self.server = 0
        if self.stopping:
            return 0
        # A server that was not asked to end is started again by the engine, whatever it says.
        return max(os.waitstatus_to_exitcode(status), 0) or 1


def server_argv(arguments: Sequence[str]) -> list[str]:
    """Return the server's command line: the command given, found on PATH, with our configuration if it is installed."""
    path = os.environ["PATH"].split(":")
    program = next(
        (f"{folder}/{arguments[0]}" for folder in path if Path(folder, arguments[0]).is_file()), arguments[0]
    )
    configs = sorted(Path("/opt/venv/lib").glob(f"python3.*/site-packages/{EXTENSION_CONFIG}"))
    return [program, *(f"--config={path}" for path in configs), *arguments[1:]]


def main() -> NoReturn:
    """Run a workspace until its server ends."""
    workspace = Workspace(dict(os.environ), server_argv(sys.argv[1:]))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, workspace.stop)
    signal.signal(signal.SIGALRM, lambda *_: workspace.signal_server(signal.SIGKILL))
    workspace.start_server()
    workspace.start_launcher()
    sys.exit(workspace.watch())


if __name__ == "__main__":
    main()
