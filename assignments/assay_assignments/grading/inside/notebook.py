"""One notebook, from the fork of the candidate's process to the last cell, in a trusted process of its own.

Job: ``{"imports": source, "kernel": name, "cells": [{"kind": "candidate" | "test", "source", "objects"}],
"files": [[path, base64]], "own": [path]}``, after eight bytes of its length; ``own`` are the author's among the files.
Answers are lines of JSON: ``{"ready": true}``, ``{"refused": [path]}``, ``{"status", "outputs"}`` for each cell,
``{"done": true, "ended": ""}``; in their place ``{"done": true, "failed": reason}`` when there is no such kernel, or
the author's imports fail.

The job is sent only after ``ready``: by then the candidate's process has been forked, without a byte of a test. A line
for each cell keeps what was found out when everything ends in the middle.
"""

import json
import os
import signal
import struct
from dataclasses import dataclass
from typing import Any, NoReturn

from IPython.core.interactiveshell import InteractiveShell

from . import candidate, trusted
from .process import start_candidate
from .shell import Screen

_MAX_OUTPUT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one notebook may take.

    Attributes:
        folder: where it works.
        own: where the tests work, with the author's files, out of reach of the submission.
        cell_seconds: processor seconds of a cell.
        wall_seconds: whole seconds of all cells, by the clock.
        memory_bytes: of each process of the candidate.
    """

    folder: str
    own: str
    cell_seconds: float
    wall_seconds: int
    memory_bytes: int


class Report:
    """What is said to the engine, a line at a time."""

    def __init__(self, output: int) -> None:
        self._output = output
        self._speaking = False
        self._late = False

    def say(self, line: dict[str, Any]) -> int:
        """Say a line and return its length."""
        self._speaking = True
        text = json.dumps(line).encode() + b"\n"
        left = memoryview(text)
        while left:
            left = left[os.write(self._output, left) :]
        self._speaking = False
        if self._late:
            self.stop()
        return len(text)

    def stop(self, *_: object) -> None:
        """Say that the time is over and end this process, but finish the line that is being said."""
        self._late = True
        if not self._speaking:
            self._late = False
            self.say({"done": True, "ended": "timeout"})
            os._exit(0)


def grade(shell: InteractiveShell, screen: Screen, uid: int | None, limits: Limits, report: Report) -> NoReturn:
    """Grade the notebook that comes in, then end this process."""
    started = start_candidate(
        lambda stream: candidate.serve(shell, screen, stream, limits.folder),
        uid,
        limits.cell_seconds,
        limits.memory_bytes,
    )
    signal.signal(signal.SIGALRM, report.stop)
    report.say({"ready": True})
    size = struct.unpack(">Q", read(8))[0]
    job: dict[str, Any] = json.loads(read(size))
    signal.alarm(limits.wall_seconds)
    try:
        trusted.settle(limits.own, [file for file in job["files"] if file[0] in job["own"]])
        session = trusted.Session(started, job["imports"], "" if job["kernel"] == "python3" else job["kernel"])
    except Exception as error:  # noqa: BLE001  # the kernel or the author's imports; nothing of a submission has run
        report.say({"done": True, "failed": f"{type(error).__name__}: {error}"})
        os._exit(0)
    report.say({"refused": session.place(job["files"])})
    room = _MAX_OUTPUT_BYTES
    for cell in job["cells"]:
        result = session.run(cell)
        # The outputs of a test decide its points, and are small.
        if room <= 0 and cell["kind"] != "test":
            result["outputs"] = trusted.too_large()
        room -= report.say(result)
    report.say({"done": True, "ended": ""})
    os._exit(0)


def read(size: int) -> bytes:
    """Return exactly so many bytes of what the engine says; fewer only when it is gone."""
    content = bytearray()
    while len(content) < size and (chunk := os.read(0, min(size - len(content), 1 << 20))):
        content += chunk
    return bytes(content)
