"""Where notebooks are graded: containers without network or secrets, or plain processes to try out."""

import io
import math
import re
import secrets
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

from assay_assignments.grading.batch import Batch, Place
from assay_assignments.grading.conversation import Cell, Program, Run, SandboxError

__all__ = ["Cell", "ContainerSandbox", "ProcessSandbox", "Run", "Runner", "Sandbox", "SandboxError"]

_INSIDE = Path(__file__).parent / "inside"
# The runner comes through standard input: an engine on another machine, or a hub in a container, has no path to mount.
_START = """
import gc, os, runpy, sys
gc.disable()  # until all is imported: to look through it again and again takes a fifth of the time
left, path = int(sys.argv.pop(1)), sys.argv.pop(1)
file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
while left:
    part = os.read(0, left)
    if not part:
        sys.exit()  # nobody wants it any more
    left -= os.write(file, part)
os.close(file)
sys.path.insert(0, path)
runpy.run_module("inside", run_name="__main__", alter_sys=True)
"""
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_CANDIDATE_SHARE = 0.8
_USUAL = ("matplotlib",)
# What a submission can write to; cleared after each.
_SLOTS = {"/tmp": "size=256m,nr_inodes=20k", "/dev/shm": "size=64m,nr_inodes=2k"}  # noqa: S108  # inside the container


class Runner(Protocol):
    """Runs the cells of one notebook, tests and submission in different processes."""

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        """Return status and outputs of each cell that ran, and how the run ended.

        Args:
            imports: what the question's author imports for the tests.
            cells: in the order of the notebook.
            files: content by path, for the working folder; of two that clash the first wins.
            kernel: name of the kernel; with any but ``python3`` tests run in the submission's own process, too.
            own: paths of the author's files, which the tests also find in a copy that the submission cannot reach.

        Raises:
            SandboxError: the sandbox itself failed.
        """


class Sandbox(Runner, Protocol):
    """Runs one notebook, or is opened to run a batch of them."""

    @property
    def isolated(self) -> bool:
        """Whether hostile code is held."""

    def open(self, packages: Sequence[str], workers: int) -> AbstractContextManager[Runner]:
        """Get ready for many notebooks.

        Args:
            packages: what the questions import; it is imported once, before any notebook comes in.
            workers: how many notebooks run at the same time; the runner may be called from as many threads.

        Raises:
            SandboxError: the sandbox itself failed.
        """


class _OneShot:
    """Runs one notebook as a batch of one."""

    def open(self, packages: Sequence[str], workers: int) -> AbstractContextManager[Runner]:
        """Get ready for many notebooks."""
        raise NotImplementedError

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        """Run the cells of one notebook."""
        with self.open(_USUAL, 1) as runner:
            return runner.run(imports, cells, files, kernel, own)


@dataclass(frozen=True)
class ContainerSandbox(_OneShot):
    """A container for each worker, kept for a batch and removed afterwards whatever happens.

    Args:
        image: the image of a workspace.
        memory: of one container, with its unit, for example ``1G``; swap included.
        cell_seconds: processor seconds of one cell.
        wall_seconds: seconds of a whole notebook, only a backstop.
        seccomp: a profile's file for the engine's client; the engine's own profile without.
    """

    image: str
    memory: str = "1G"
    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    seccomp: Path | None = None
    isolated: bool = True

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[Runner]:
        """Start a container for each worker; notebooks that run at the same time never share one."""
        start = partial(self._start, packages)
        with _batch([Place(start, isolated=True, wall_seconds=self.wall_seconds) for _ in range(workers)]) as batch:
            yield batch

    def _start(self, packages: Sequence[str]) -> Program:
        name = f"assay-grading-{secrets.token_hex(8)}"
        return Program([*self._command(name), *_packages(packages)], _runner(), partial(_remove, name))

    def _command(self, name: str) -> list[str]:
        options = {
            "name": name,
            "label": "assay.grading=1",
            "user": "0:0",
            "network": "none",
            "ipc": "private",
            "cap-drop": "ALL",
            "security-opt": "no-new-privileges",
            "pids-limit": "160",
            "memory": self.memory,
            "memory-swap": self.memory,
            "cpus": "1",
            "workdir": "/",
            "entrypoint": "/opt/venv/bin/python",
            "log-driver": "none",
            "pull": "never",
        }
        flags = [f"--{option}={value}" for option, value in options.items()]
        flags += ["--ulimit=core=0", "--ulimit=nofile=1024", "--rm", "--interactive", "--init", "--read-only"]
        flags += [f"--tmpfs={path}:rw,nosuid,nodev,{size},mode=1777" for path, size in _SLOTS.items()]
        # What only the parent of the processes can write to.
        flags += ["--tmpfs=/run:rw,nosuid,nodev,size=128m,mode=0755"]
        # To make the candidate's process another user, and to end it: nothing else is needed of root.
        flags += [f"--cap-add={capability}" for capability in ("SETUID", "SETGID", "KILL")]
        flags += ["--env=HOME=/run", "--env=MPLCONFIGDIR=/run/matplotlib", "--env=IPYTHONDIR=/run/ipython"]
        flags.append("--env=JUPYTER_PATH=/opt/assay/grading")
        if self.seccomp is not None:
            flags.append(f"--security-opt=seccomp={self.seccomp}")
        memory = int(_bytes(self.memory) * _CANDIDATE_SHARE)
        limits = _limits("/tmp/work", "/run/own", self.cell_seconds, self.wall_seconds, memory)  # noqa: S108  # inside
        shared = [f"--shared={path}" for path in _SLOTS]
        return ["docker", "run", *flags, self.image, "-I", *_program("/run/runner.zip"), *limits, *shared]


@dataclass(frozen=True)
class ProcessSandbox(_OneShot):
    """Plain processes, for machines without a container engine: the split holds, nothing else does."""

    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    isolated: bool = False

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[Runner]:
        """Start a process for each worker."""
        start = partial(self._start, packages)
        with _batch([Place(start, isolated=False, wall_seconds=self.wall_seconds) for _ in range(workers)]) as batch:
            yield batch

    def _start(self, packages: Sequence[str]) -> Program:
        folder = tempfile.TemporaryDirectory(prefix="assay-grading-", ignore_cleanup_errors=True)
        limits = _limits(f"{folder.name}/work", f"{folder.name}/own", self.cell_seconds, self.wall_seconds, 0)
        command = [sys.executable, "-I", *_program(f"{folder.name}/runner.zip"), *limits, *_packages(packages)]
        return Program(command, _runner(), lambda _ended: folder.cleanup())


@contextmanager
def _batch(places: Sequence[Place]) -> Iterator[Batch]:
    batch = Batch(places)
    try:
        batch.get_ready()
        yield batch
    finally:
        batch.close()


def _remove(name: str, ended: bool) -> None:  # noqa: FBT001  # what a program is told
    """Remove a container that may not have removed itself."""
    if not ended:
        subprocess.run(["docker", "rm", "--force", name], check=False, capture_output=True, timeout=60)


def _program(archive: str) -> list[str]:
    return ["-c", _START, str(len(_runner())), archive]


def _packages(names: Sequence[str]) -> list[str]:
    return [f"--package={name}" for name in names]


def _limits(folder: str, own: str, cell_seconds: float, wall_seconds: float, memory_bytes: int) -> list[str]:
    limits = {
        "folder": folder,
        "own": own,
        "cell-seconds": cell_seconds,
        "wall-seconds": math.ceil(wall_seconds),
        "memory-bytes": memory_bytes,
    }
    return [f"--{name}={value}" for name, value in limits.items()]


def _bytes(size: str) -> int:
    found = re.fullmatch(r"(\d+)([bkmg]?)b?", size.strip().lower())
    if not found:
        raise ValueError(f"no size of memory: {size!r}")
    return int(found[1]) * _UNITS[found[2]]


@lru_cache(maxsize=1)
def _runner() -> bytes:
    """Return what runs inside, as a zip file that Python imports from."""
    # Small enough to wait in a pipe, so that every program gets warm at once and on its own.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(_INSIDE.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"inside/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
