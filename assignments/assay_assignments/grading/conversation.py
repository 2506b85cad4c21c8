"""The conversation with a warm program in a sandbox: jobs go in, a line for each cell comes out, all of it bounded."""

import base64
import json
import os
import selectors
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

_MAX_RESULT_BYTES = 64 * 1024 * 1024
_MAX_COMPLAINT_BYTES = 100_000
_CHUNK = 1 << 18
_START_SECONDS = 120.0
_FREE_SECONDS = 30.0
_PATIENCE_SECONDS = 2.0


class SandboxError(Exception):
    """The sandbox itself failed; this says nothing about the submission."""


class EndedError(Exception):
    """The program has ended, or was ended because it was late or said too much."""

    def __init__(self, reason: str, lines: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lines = lines


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


def job_of(
    imports: str, cells: Sequence[Cell], files: Mapping[str, bytes], kernel: str, own: Collection[str] = ()
) -> bytes:
    """Return what a program is given of one notebook."""
    job = {
        "imports": imports,
        "kernel": kernel,
        "cells": [vars(cell) for cell in cells],
        "own": sorted(own),
        "files": [[path, base64.b64encode(content).decode("ascii")] for path, content in files.items()],
    }
    return json.dumps(job).encode()


class Program:
    """A program that gets warm and then grades one notebook after another.

    It is started at once and gets warm on its own; ``ready`` waits for that.

    Args:
        command: starts it.
        runner: what it reads first.
        after: is called when it has ended, with whether it did so by itself.
        late_seconds: how long after its time it may say that it is over.

    Raises:
        SandboxError: it cannot be started.
    """

    def __init__(
        self, command: Sequence[str], runner: bytes, after: Callable[[bool], None], late_seconds: float = 15.0
    ) -> None:
        # The environment of the hub has secrets; a program without isolation gets none of them either.
        environment = {key: os.environ[key] for key in ("PATH", "LANG", "DOCKER_HOST") if key in os.environ}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, "HOME": tempfile.gettempdir(), "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(str(error)) from error
        self._after = after
        self._late_seconds = late_seconds
        self._input, self._output, self._errors = map(_unblocked, _pipes(self._process))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self._selector.register(self._errors, selectors.EVENT_READ)
        self._to_say = memoryview(b"")
        self._heard = bytearray()
        self._searched = 0
        self._room = _MAX_RESULT_BYTES
        self._complaint = bytearray()
        self._busy = "warm"
        self._say(runner)

    @property
    def fresh(self) -> bool:
        """Whether it was never seen warm."""
        return self._busy == "warm"

    @property
    def complaint(self) -> str:
        """The end of what the program wrote to its standard error."""
        return bytes(self._complaint).decode(errors="replace").strip()[-2000:]

    def ready(self) -> bool:
        """Wait until the program is warm, or has cleared up after the last notebook; whether it can grade."""
        if not self._busy:
            return self._process.poll() is None
        seconds = _START_SECONDS if self._busy == "warm" else _FREE_SECONDS
        with suppress(EndedError):
            if self._line(time.monotonic() + seconds).get(self._busy) is True:
                self._busy = ""
        return not self._busy

    def grade(self, uid: int, job: bytes, wall_seconds: float) -> Run:
        """Grade one notebook.

        Args:
            uid: the user that the candidate's process becomes; 0 for none.
            job: of ``job_of``.
            wall_seconds: after which the program should have ended by itself.

        Raises:
            EndedError: it did not get to the end.
            SandboxError: it cannot grade such a notebook.
        """
        self._room, self._busy = _MAX_RESULT_BYTES, "free"
        until = time.monotonic() + wall_seconds + self._late_seconds
        lines: list[dict[str, Any]] = []
        try:
            self._say(struct.pack(">Q", uid))
            self._line(until)
            # Only now: the process of the submission is there, and cannot have seen a test.
            self._say(struct.pack(">Q", len(job)), job)
            while "done" not in (line := self._line(until)):
                lines.append(line)
        except EndedError as error:
            raise EndedError(error.reason, lines) from error
        if "failed" in line:
            raise SandboxError(str(line["failed"]))
        return run_of(lines, str(line.get("ended", "")))

    def leave(self) -> None:
        """Tell the program that nothing more comes."""
        if self._input >= 0:
            self._watch_input(watch=False)
            os.close(self._input)
            self._input = -1

    def end(self) -> None:
        """End the program."""
        self.leave()
        try:
            with suppress(EndedError):
                while True:
                    self._line(time.monotonic() + _PATIENCE_SECONDS)
            self._process.wait(_PATIENCE_SECONDS)
            left = True
        except subprocess.TimeoutExpired:
            self._kill()
            left = False
        with suppress(BlockingIOError):
            self._read_errors()
        self._selector.close()
        for pipe in (self._output, self._errors):
            os.close(pipe)
        self._after(left and self._process.returncode >= 0)

    def _kill(self) -> None:
        """Ask the program to end what it has started, and end it when it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_SECONDS)
                return
        self._process.wait()

    def _line(self, until: float) -> dict[str, Any]:
        """Return the next line.

        Raises:
            EndedError: there is none, it cannot be read, or there has been too much.
        """
        while (end := self._heard.find(b"\n", self._searched)) < 0:
            self._searched = len(self._heard)
            self._exchange(until)
        text = bytes(self._heard[:end])
        del self._heard[: end + 1]
        self._searched = 0
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise EndedError("killed") from error
        if not isinstance(line, dict):
            raise EndedError("killed")
        return line

    def _exchange(self, until: float) -> None:
        """Wait, then read what there is and write what fits."""
        ready = self._selector.select(max(0.0, until - time.monotonic()))
        if not ready:
            raise EndedError("timeout")
        for key, _ in ready:
            if key.fd == self._input:
                self._write()
            elif key.fd == self._errors:
                self._read_errors()
            else:
                chunk = os.read(self._output, _CHUNK)
                self._room -= len(chunk)
                if not chunk or self._room < 0:
                    raise EndedError("killed")
                self._heard += chunk

    def _say(self, *parts: bytes) -> None:
        self._to_say = memoryview(b"".join([self._to_say, *parts]))
        self._write()

    def _write(self) -> None:
        try:
            while self._to_say:
                self._to_say = self._to_say[os.write(self._input, self._to_say) :]
        except BlockingIOError:
            self._watch_input(watch=True)
        except OSError:
            # It is gone; reading finds that out.
            self._to_say = memoryview(b"")
        if not self._to_say:
            self._watch_input(watch=False)

    def _watch_input(self, *, watch: bool) -> None:
        with suppress(KeyError):
            self._selector.unregister(self._input)
        if watch:
            self._selector.register(self._input, selectors.EVENT_WRITE)

    def _read_errors(self) -> None:
        chunk = os.read(self._errors, _CHUNK)
        if not chunk:
            with suppress(KeyError):
                self._selector.unregister(self._errors)
        elif len(self._complaint) < _MAX_COMPLAINT_BYTES:
            self._complaint += chunk


def run_of(lines: Sequence[dict[str, Any]], ended: str) -> Run:
    """Return the run that lines tell of."""
    refused = lines[0].get("refused") if lines else []
    return Run(tuple(lines[1:]), tuple(map(str, refused)) if isinstance(refused, list) else (), ended)


def _pipes(process: subprocess.Popen[bytes]) -> list[IO[bytes]]:
    return [pipe for pipe in (process.stdin, process.stdout, process.stderr) if pipe is not None]


def _unblocked(pipe: IO[bytes]) -> int:
    """Return a descriptor of a pipe that never blocks; the pipe itself is closed."""
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    os.set_blocking(descriptor, False)
    return descriptor
