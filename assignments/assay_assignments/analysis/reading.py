"""Has code read by a process that may die of it, and says which cell that was."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assay_assignments.analysis.code import CodeCell

SECONDS = 120.0
_ATTEMPTS = 6
_MAX_BYTES = 50_000_000

Reading = Mapping[str, Any]
"""What came of one notebook, see ``structure.Structure`` and ``reader.read``."""


def read(notebooks: Sequence[Sequence[CodeCell]]) -> list[Reading | None]:
    """Return what there is to say about each notebook; ``None`` for one that could not be read at all.

    A cell that ends the process is left out, and the others are read again; at most five times.
    """
    found: list[Reading | None] = [None] * len(notebooks)
    left_out: list[list[int]] = []
    first = 0
    cells = [[asdict(cell) for cell in one] for one in notebooks]
    for _ in range(_ATTEMPTS):
        at = [first, 0]
        for said in _said({"notebooks": cells, "left_out": left_out, "first": first}):
            if "read" in said:
                found[said["number"]], first = said["read"], said["number"] + 1
                at = [first, 0]
            else:
                at = said["at"]
        if first >= len(notebooks):
            break
        if at[1]:
            left_out.append(at)
        else:
            # Not a cell of its own, but all of them together.
            first = at[0] + 1
    return found


def _said(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines that the process says until its end, whatever that is."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "assay_assignments.analysis.reader"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "HOME": tempfile.gettempdir(), "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(job).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        out.seek(0)
        lines = out.read(_MAX_BYTES).split(b"\n")
    return [json.loads(line) for line in lines[:-1]]
