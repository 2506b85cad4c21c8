"""A process of its own that reads code: parsers of hostile text may crash, and take nothing else along.

It is given one notebook or more as JSON, says which cell it is about to look at, and what came of each notebook.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assay_assignments.analysis.code import MAX_CHARACTERS, NotPlain, as_python
from assay_assignments.analysis.findings import RuffFailedError, find
from assay_assignments.analysis.structure import Structure, look_at, look_for_repetition

CELL_SECONDS = 5
_MEMORY_BYTES = 2 * 2**30


def read(cells: Sequence[Mapping[str, Any]], left_out: Sequence[int], number: int) -> dict[str, Any]:
    """Return what there is to say about a notebook.

    Args:
        cells: number, source, and whether it is somebody's own.
        left_out: cells on which this process died before.
        number: of the notebook, for what is said along the way.
    """
    structure = Structure()
    plain: list[tuple[int, bool, str]] = []
    unread: list[dict[str, Any]] = []
    room = MAX_CHARACTERS
    for cell in cells:
        place, source = int(cell["number"]), str(cell["source"])
        _begin([number, place])
        why = "it is longer than what is analysed" if len(source) > room else ""
        room -= 0 if why else len(source)
        why = "reading it ended the analysis, so it was left out" if place in left_out else why
        taken = NotPlain(why) if why else as_python(source)
        if isinstance(taken, NotPlain):
            unread.append({"cell": place, "why": taken.why, "own": bool(cell["own"])})
            continue
        try:
            if cell["own"]:
                look_at(structure, place, taken.source)
        except (RecursionError, MemoryError, ValueError) as error:
            unread.append(
                {"cell": place, "why": f"it cannot be read: {type(error).__name__}", "own": bool(cell["own"])}
            )
            continue
        plain.append((place, bool(cell["own"]), taken.source))
    structure.repeated = look_for_repetition([(place, source) for place, own, source in plain if own])
    _begin([number, 0])
    try:
        names = [str(cell["source"]) for cell in cells if any(one["cell"] == cell["number"] for one in unread)]
        found = [asdict(one) for one in find(plain, names)] if any(own for _, own, _ in plain) else []
        failed = ""
    except RuffFailedError as error:
        found, failed = [], str(error)
    return {**asdict(structure), "findings": found, "findings_failed": failed, "unread": unread}


def _begin(place: list[int]) -> None:
    """Say what comes next, and die of it when it takes too long."""
    signal.setitimer(signal.ITIMER_REAL, 3 * CELL_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, CELL_SECONDS)
    _say({"at": place})


def _say(body: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(body) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read what comes in, and end."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    job = json.load(sys.stdin)
    for number, cells in enumerate(job["notebooks"]):
        if number >= job["first"]:
            left_out = [place for one, place in job["left_out"] if one == number]
            _say({"number": number, "read": read(cells, left_out, number)})


if __name__ == "__main__":
    main()
