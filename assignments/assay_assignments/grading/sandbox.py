"""Where a notebook is graded: a one-shot container without network or secrets, or a plain process to try out."""

import io
import re
import secrets
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from assay_assignments.grading.conversation import Cell, Run, SandboxError, converse

__all__ = ["Cell", "ContainerSandbox", "ProcessSandbox", "Run", "Runner", "Sandbox", "SandboxError"]

_INSIDE = Path(__file__).parent / "inside"
# The runner comes through standard input: an engine on another machine, or a hub in a container, has no path to mount.
_START = """
import os, runpy, sys
left, path = int(sys.argv.pop(1)), sys.argv.pop(1)
file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
while left:
    left -= os.write(file, os.read(0, left))
os.close(file)
sys.path.insert(0, path)
runpy.run_module("inside", run_name="__main__", alter_sys=True)
"""
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_CANDIDATE_SHARE = 0.8
_ALARM_SECONDS = 30
_UIDS = range(100_000, 2_000_000_000)


class Runner(Protocol):
    """Runs the cells of one notebook, tests and submission in different processes."""

    def run(self, imports: str, cells: Sequence[Cell], files: Mapping[str, bytes]) -> Run:
        """Return status and outputs of each cell that ran, and how the run ended.

        Args:
            imports: what the question's author imports for the tests.
            cells: in the order of the notebook.
            files: content by path, for the working folder; of two that clash the first wins.

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


@dataclass(frozen=True)
class ContainerSandbox:
    """One container for one notebook, removed afterwards whatever happens.

    Args:
        image: the image of a workspace.
        memory: with its unit, for example ``1G``; swap included.
        cell_seconds: processor seconds of one cell.
        wall_seconds: seconds of the whole run, only a backstop.
        seccomp: a profile's file for the engine's client; the engine's own profile without.
    """

    image: str
    memory: str = "1G"
    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    seccomp: Path | None = None
    isolated: bool = True

    def run(self, imports: str, cells: Sequence[Cell], files: Mapping[str, bytes]) -> Run:
        """Run the cells in a container of their own."""
        name = f"assay-grading-{secrets.token_hex(8)}"
        try:
            return converse(self._command(name), _runner(), imports, cells, files, self.wall_seconds)
        finally:
            subprocess.run(["docker", "rm", "--force", name], check=False, capture_output=True, timeout=60)

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[Runner]:  # noqa: ARG002  # a container each
        """Run each notebook in a container of its own."""
        yield self

    def _command(self, name: str) -> list[str]:
        options = {
            "name": name,
            "label": "assay.grading=1",
            "user": "0:0",
            "network": "none",
            "cap-drop": "ALL",
            "security-opt": "no-new-privileges",
            "pids-limit": "160",
            "memory": self.memory,
            "memory-swap": self.memory,
            "cpus": "1",
            "tmpfs": "/tmp:rw,nosuid,nodev,size=256m,mode=1777",  # noqa: S108  # inside the container
            "workdir": "/",
            "entrypoint": "/opt/venv/bin/python",
            "log-driver": "none",
            "pull": "never",
        }
        flags = [f"--{option}={value}" for option, value in options.items()]
        flags += ["--ulimit=core=0", "--ulimit=nofile=1024", "--rm", "--interactive", "--init", "--read-only"]
        # To make the candidate's process another user, and to end it: nothing else is needed of root.
        flags += [f"--cap-add={capability}" for capability in ("SETUID", "SETGID", "KILL")]
        flags += ["--env=HOME=/tmp", "--env=MPLCONFIGDIR=/tmp/matplotlib", "--env=IPYTHONDIR=/tmp/ipython"]
        if self.seccomp is not None:
            flags.append(f"--security-opt=seccomp={self.seccomp}")
        # A user for each run: limits on a user's processes count across containers.
        limits = {
            "folder": "/tmp/work",  # noqa: S108  # inside the container
            "uid": str(_UIDS.start + secrets.randbelow(len(_UIDS))),
            **_limits(self.cell_seconds, self.wall_seconds, int(_bytes(self.memory) * _CANDIDATE_SHARE)),
        }
        return ["docker", "run", *flags, self.image, "-I", *_program("/tmp/runner.zip", limits)]  # noqa: S108


@dataclass(frozen=True)
class ProcessSandbox:
    """A plain process, for machines without a container engine: the split holds, nothing else does."""

    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    isolated: bool = False

    def run(self, imports: str, cells: Sequence[Cell], files: Mapping[str, bytes]) -> Run:
        """Run the cells in a process of their own."""
        with tempfile.TemporaryDirectory(prefix="assay-grading-", ignore_cleanup_errors=True) as folder:
            limits = {"folder": f"{folder}/work", **_limits(self.cell_seconds, self.wall_seconds, 0)}
            command = [sys.executable, "-I", *_program(f"{folder}/runner.zip", limits)]
            return converse(command, _runner(), imports, cells, files, self.wall_seconds)

    @contextmanager
    def open(self, packages: Sequence[str], workers: int) -> Iterator[Runner]:  # noqa: ARG002  # a process each
        """Run each notebook in a process of its own."""
        yield self


def _program(archive: str, limits: Mapping[str, str]) -> list[str]:
    arguments = [part for name, value in limits.items() for part in (f"--{name}", value)]
    return ["-c", _START, str(len(_runner())), archive, *arguments]


def _limits(cell_seconds: float, wall_seconds: float, memory_bytes: int) -> dict[str, str]:
    alarm = str(int(wall_seconds) + _ALARM_SECONDS)
    return {"cell-seconds": str(cell_seconds), "wall-seconds": alarm, "memory-bytes": str(memory_bytes)}


def _bytes(size: str) -> int:
    found = re.fullmatch(r"(\d+)([bkmg]?)b?", size.strip().lower())
    if not found:
        raise ValueError(f"no size of memory: {size!r}")
    return int(found[1]) * _UNITS[found[2]]


@lru_cache(maxsize=1)
def _runner() -> bytes:
    """Return what runs inside, as a zip file that Python imports from."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(_INSIDE.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"inside/{path.name}"), path.read_bytes())
    return packed.getvalue()
