"""Grades one notebook: a job on standard input, the result on standard output, both JSON.

Job: ``{"cells": [{"kind": "candidate" | "test", "source"}], "files": {path: base64}}``. Result: ``{"cells": [{"status",
"outputs"}]}``. Arguments: the folder to work in, the processor seconds of a cell, and ``isolated`` or ``open``.
"""

import base64
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import matplotlib.pyplot as plt  # noqa: F401  # what questions import is imported once, and counts for no cell
import pandas.testing  # noqa: F401

from . import candidate, trusted


def main(folder: str, cell_seconds: float, isolated: bool) -> None:  # noqa: FBT001
    """Run the job."""
    uid = trusted.CANDIDATE_UID if isolated else None
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    shell = candidate.make_shell()
    gc.collect()
    gc.freeze()
    # The folder is filled by the trusted process, and the candidate starts in it, before any test has been read.
    here = Path(folder)
    here.mkdir(mode=0o700, exist_ok=True)
    if uid is not None:
        os.chown(here, uid, uid)
    process = trusted.start_candidate(lambda stream: candidate.serve(shell, stream, folder), uid, cell_seconds)
    try:
        job: dict[str, Any] = json.load(sys.stdin.buffer)
        for path, content in job["files"].items():
            _place(here / path, base64.b64decode(content), uid)
        session = trusted.Session(process)
        result = {"cells": [session.run(cell) for cell in job["cells"]]}
    finally:
        process.end("done")
    output.write(json.dumps(result).encode())
    output.close()


def _place(path: Path, content: bytes, uid: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if uid is not None:
        os.chown(path.parent, uid, uid)
        os.chown(path, uid, uid)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3] == "isolated")
