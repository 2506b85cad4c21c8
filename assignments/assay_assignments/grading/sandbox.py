"""Where a notebook is graded: a one-shot container without network or secrets, or a plain process to try out."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

_INSIDE = Path(__file__).parent / "inside"
_START = "import runpy, sys; sys.path.insert(0, '{folder}'); runpy.run_module('inside', run_name='__main__')"
_MAX_RESULT_BYTES = 64 * 1024 * 1024
_END_SECONDS = 20


class SandboxError(Exception):
    """The sandbox itself failed; this says nothing about the submission."""


@dataclass(frozen=True)
class Cell:
    """One cell to run.

    Attributes:
        kind: ``candidate`` (the submission's own) or ``test``.
    """

    kind: str
    source: str


class Sandbox(Protocol):
    """Runs the cells of one notebook, tests and submission in different processes."""

    @property
    def isolated(self) -> bool:
        """Whether hostile code is held."""

    def run(self, cells: Sequence[Cell], files: Mapping[str, bytes]) -> list[dict[str, Any]]:
        """Return status and outputs of each cell that ran; a whole run that had to be ended returns none.

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
    """

    image: str
    memory: str = "1G"
    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    isolated: bool = True

    def run(self, cells: Sequence[Cell], files: Mapping[str, bytes]) -> list[dict[str, Any]]:
        """Run the cells in a container of their own."""
        name = f"assay-grading-{secrets.token_hex(8)}"
        try:
            return _run([*self._command(name)], cells, files, self.wall_seconds)
        finally:
            subprocess.run(["docker", "rm", "--force", name], check=False, capture_output=True, timeout=60)

    def _command(self, name: str) -> list[str]:
        options = {
            "name": name,
            "user": "0:0",
            "network": "none",
            "cap-drop": "ALL",
            "security-opt": "no-new-privileges",
            "pids-limit": "160",
            "memory": self.memory,
            "memory-swap": self.memory,
            "cpus": "1",
            "tmpfs": "/tmp:rw,nosuid,nodev,size=256m,mode=1777",  # noqa: S108  # inside the container
            "workdir": "/tmp",  # noqa: S108
            "volume": f"{_INSIDE}:/opt/grading/inside:ro",
            "env": "HOME=/tmp",
            "entrypoint": "/opt/venv/bin/python",
            "log-driver": "none",
            "pull": "never",
        }
        flags = [f"--{option}={value}" for option, value in options.items()]
        grants = [f"--cap-add={capability}" for capability in ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE")]
        writable = [
            "--env=MPLCONFIGDIR=/tmp/matplotlib",
            "--env=IPYTHONDIR=/tmp/ipython",
            "--env=PYTHONDONTWRITEBYTECODE=1",
        ]
        program = ["-c", _START.format(folder="/opt/grading"), "/tmp/work", str(self.cell_seconds), "isolated"]  # noqa: S108
        return [
            *(
                "docker",
                "run",
                "--rm",
                "--interactive",
                "--init",
                "--read-only",
                "--ulimit=core=0",
                "--ulimit=nofile=1024",
            ),
            *(*flags, *grants, *writable, self.image, "-I", *program),
        ]


@dataclass(frozen=True)
class ProcessSandbox:
    """A plain process, for machines without a container engine: the split holds, nothing else does."""

    cell_seconds: float = 30.0
    wall_seconds: float = 600.0
    isolated: bool = False

    def run(self, cells: Sequence[Cell], files: Mapping[str, bytes]) -> list[dict[str, Any]]:
        """Run the cells in a process of their own."""
        with tempfile.TemporaryDirectory(prefix="assay-grading-", ignore_cleanup_errors=True) as folder:
            program = ["-c", _START.format(folder=_INSIDE.parent), f"{folder}/work", str(self.cell_seconds), "open"]
            return _run([sys.executable, "-I", *program], cells, files, self.wall_seconds)


def _run(
    command: Sequence[str], cells: Sequence[Cell], files: Mapping[str, bytes], wall_seconds: float
) -> list[dict[str, Any]]:
    job = {
        "cells": [{"kind": cell.kind, "source": cell.source} for cell in cells],
        "files": {path: base64.b64encode(content).decode("ascii") for path, content in files.items()},
    }
    # The environment of the hub has secrets; a program without isolation gets none of them either.
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "DOCKER_HOST") if key in os.environ}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, "HOME": tempfile.gettempdir()},
        start_new_session=True,
    ) as process:
        ended = threading.Event()
        watch = threading.Thread(target=_end_late, args=(process, ended, wall_seconds), daemon=True)
        watch.start()
        feed = threading.Thread(target=_feed, args=(process, json.dumps(job).encode()), daemon=True)
        feed.start()
        complaint: list[bytes] = []
        listen = threading.Thread(target=lambda: complaint.append(_read(process.stderr, 100_000)), daemon=True)
        listen.start()
        try:
            result = _read(process.stdout, _MAX_RESULT_BYTES)
        finally:
            ended.set()
            _kill(process)
            listen.join(_END_SECONDS)
    return _cells(result, b"".join(complaint), late=process.returncode == -signal.SIGKILL)


def _cells(result: bytes, complaint: bytes, *, late: bool) -> list[dict[str, Any]]:
    if not result:
        if late and not complaint:
            return []
        raise SandboxError(complaint.decode(errors="replace")[-2000:] or "the sandbox said nothing")
    try:
        found = json.loads(result)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SandboxError(f"the sandbox said what cannot be read: {type(error).__name__}") from error
    return list(found)


def _feed(process: subprocess.Popen[bytes], job: bytes) -> None:
    if process.stdin is not None:
        try:
            process.stdin.write(job)
            process.stdin.close()
        except BrokenPipeError:
            return


def _read(stream: Any, bound: int) -> bytes:
    """Read to the end of a stream, or to the bound."""
    body = bytearray()
    while len(body) < bound and (chunk := stream.read1(65536)):
        body += chunk
    return bytes(body)


def _end_late(process: subprocess.Popen[bytes], ended: threading.Event, seconds: float) -> None:
    if not ended.wait(seconds):
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
