"""The conversation with a sandbox: its runner and a job go in, a line for each cell comes out, all of it bounded."""

import base64
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_MAX_RESULT_BYTES = 64 * 1024 * 1024
_MAX_COMPLAINT_BYTES = 100_000
_END_SECONDS = 20.0
_PATIENCE_SECONDS = 2.0
_ENGINE_FAILED = (125, 126, 127)


class SandboxError(Exception):
    """The sandbox itself failed; this says nothing about the submission."""


@dataclass(frozen=True)
class Cell:
    """One cell to run.

    Attributes:
        kind: ``candidate`` (the submission's own) or ``test``.
        objects: whether a test may ask objects of the submission; their word then counts.
    """

    kind: str
    source: str
    objects: bool = False


@dataclass(frozen=True)
class Run:
    """What came out of a sandbox.

    Attributes:
        results: ``status`` and ``outputs`` of each cell that ran, in order.
        refused: paths of files that could not be placed.
        ended: why the cells after those did not run: ``timeout`` or ``killed``; empty when all did.
    """

    results: tuple[dict[str, Any], ...]
    refused: tuple[str, ...]
    ended: str


def converse(
    command: Sequence[str],
    runner: bytes,
    imports: str,
    cells: Sequence[Cell],
    files: Mapping[str, bytes],
    wall_seconds: float,
) -> Run:
    """Run a sandbox's program and return what it found.

    Raises:
        SandboxError: the program did not get ready, or said what cannot be read.
    """
    job = {
        "imports": imports,
        "cells": [vars(cell) for cell in cells],
        "files": [[path, base64.b64encode(content).decode("ascii")] for path, content in files.items()],
    }
    # The environment of the hub has secrets; a program without isolation gets none of them either.
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "DOCKER_HOST") if key in os.environ}
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, "HOME": tempfile.gettempdir(), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    with process:
        return _Conversation(process, wall_seconds).run(runner, json.dumps(job).encode())


class _Conversation:
    def __init__(self, process: subprocess.Popen[bytes], wall_seconds: float) -> None:
        self._process = process
        self._until = time.monotonic() + wall_seconds
        self._over = threading.Event()
        self._late = False
        self._said = 0
        self._complaint = bytearray()

    def run(self, runner: bytes, job: bytes) -> Run:
        watch = threading.Thread(target=self._end_late, daemon=True)
        listen = threading.Thread(target=self._listen, daemon=True)
        threads = [watch, listen]
        for thread in threads:
            thread.start()
        lines: list[dict[str, Any]] = []
        try:
            self._feed(runner, last=False)
            ready = self._line()
            if ready is None or ready.get("ready") is not True:
                raise self._failure(listen)
            # Only now: the process of the submission is there, and cannot have seen a test.
            feed = threading.Thread(target=self._feed, args=(job,), daemon=True)
            feed.start()
            threads.append(feed)
            while (line := self._line()) is not None:
                lines.append(line)
        finally:
            self._over.set()
            self._end()
            for thread in threads:
                thread.join(_END_SECONDS)
        return self._outcome(lines)

    def _outcome(self, lines: list[dict[str, Any]]) -> Run:
        if not lines or "refused" not in lines[0]:
            if self._late:
                return Run((), (), "timeout")
            raise self._failure()
        done = "done" in lines[-1]
        if not done and not self._late and self._process.returncode in _ENGINE_FAILED:
            raise self._failure()
        results = tuple(lines[1:-1] if done else lines[1:])
        return Run(results, tuple(lines[0]["refused"]), "" if done else ("timeout" if self._late else "killed"))

    def _failure(self, listen: threading.Thread | None = None) -> SandboxError:
        if listen is not None:
            self._end()
            listen.join(_END_SECONDS)
        text = bytes(self._complaint).decode(errors="replace").strip()[-2000:]
        return SandboxError(text or ("the sandbox did not get ready in time" if self._late else "it said nothing"))

    def _line(self) -> dict[str, Any] | None:
        """Return the next line, or ``None`` at the end or when there has been too much."""
        assert self._process.stdout is not None  # noqa: S101  # it was opened as a pipe
        text = self._process.stdout.readline(_MAX_RESULT_BYTES - self._said + 1)
        self._said += len(text)
        if not text.endswith(b"\n") or self._said > _MAX_RESULT_BYTES:
            return None
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SandboxError(f"the sandbox said what cannot be read: {type(error).__name__}") from error
        if not isinstance(line, dict):
            raise SandboxError("the sandbox said what is no line of a result")
        return line

    def _feed(self, content: bytes, *, last: bool = True) -> None:
        assert self._process.stdin is not None  # noqa: S101  # it was opened as a pipe
        try:
            self._process.stdin.write(content)
            self._process.stdin.flush()
            if last:
                self._process.stdin.close()
        except (BrokenPipeError, ValueError):
            return

    def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101  # it was opened as a pipe
        while chunk := os.read(self._process.stderr.fileno(), 65536):
            if len(self._complaint) < _MAX_COMPLAINT_BYTES:
                self._complaint += chunk

    def _end_late(self) -> None:
        if not self._over.wait(max(0.0, self._until - time.monotonic())):
            self._late = True
            self._kill()

    def _end(self) -> None:
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()

    def _kill(self) -> None:
        """Ask the program to end what it has started, and end it when it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_SECONDS)
                return
