"""Grades one notebook: says that it is ready, reads a job, and writes a line for each cell that ran; all of it JSON.

Job: ``{"imports": source, "cells": [{"kind": "candidate" | "test", "source", "objects"}], "files": [[path, base64]]}``.
Lines: ``{"ready": true}``, ``{"refused": [path]}``, ``{"status", "outputs"}`` for each cell, ``{"done": true}``.

The job is sent only after ``ready``: by then the candidate's process has been forked, without a byte of a test. A line
for each cell keeps what was found out when everything ends in the middle.
"""

import argparse
import ctypes
import gc
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import matplotlib.pyplot as plt  # noqa: F401  # what questions import is imported once, and counts for no cell
import pandas.testing  # noqa: F401

from . import candidate, process, trusted
from .shell import Screen

_SUBREAPER = 36
_MAX_OUTPUT_BYTES = 32 * 1024 * 1024


def main(options: argparse.Namespace) -> None:
    """Run the job."""
    _adopt()
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    screen = Screen()
    shell = candidate.make_shell(screen)
    gc.collect()
    gc.freeze()
    started = process.start_candidate(
        lambda stream: candidate.serve(shell, screen, stream, options.folder),
        options.uid or None,
        options.cell_seconds,
        options.memory_bytes,
    )

    def end(_signal: int, _frame: object) -> None:
        started.end("timeout")
        os._exit(1)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    signal.alarm(options.wall_seconds)
    try:
        _say(output, {"ready": True})
        job: dict[str, Any] = json.load(sys.stdin.buffer)
        session = trusted.Session(started, job["imports"])
        _say(output, {"refused": session.place(job["files"])})
        room = _MAX_OUTPUT_BYTES
        for cell in job["cells"]:
            result = session.run(cell)
            # The outputs of a test decide its points, and are small.
            if room <= 0 and cell["kind"] != "test":
                result["outputs"] = trusted.too_large()
            room -= _say(output, result)
        _say(output, {"done": True})
    finally:
        started.end("done")


def _say(output: Any, line: dict[str, Any]) -> int:
    text = json.dumps(line).encode() + b"\n"
    output.write(text)
    output.flush()
    return len(text)


def _adopt() -> None:
    """Become the parent of whatever a child leaves behind, to be able to end it; Linux only."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--uid", type=int, default=0)
    parser.add_argument("--cell-seconds", type=float, required=True)
    parser.add_argument("--wall-seconds", type=int, required=True)
    parser.add_argument("--memory-bytes", type=int, required=True)
    main(parser.parse_args())
