"""The code of a notebook: which cells are somebody's own, and what of them is Python."""

import ast
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay_assignments.grading.notebook import is_locked, marks_of
from assay_assignments.grading.prepared import Prepared
from assay_assignments.grading.restore import restore
from assay_assignments.grading.scoring import is_test

MAX_CHARACTERS = 200_000
"""How much code of one notebook is analysed."""

_TRANSPARENT = frozenset({"time", "timeit", "capture", "prun"})
_MAGIC = re.compile(r"(?P<indent>\s*)(?:(?P<name>[A-Za-z_][\w.]*)\s*=\s*)?[%!?]")
_ASKED = re.compile(r"(?P<indent>\s*)[A-Za-z_%][\w.*]*\?{1,2}\s*")


@dataclass(frozen=True)
class CodeCell:
    """A cell of code.

    Attributes:
        number: place among all cells of the notebook, from 1.
        own: whether it is somebody's own rather than as the author handed it out.
    """

    number: int
    source: str
    own: bool


@dataclass(frozen=True)
class Plain:
    """A cell as plain Python with the same lines; magics and commands of the shell are left out."""

    source: str


@dataclass(frozen=True)
class NotPlain:
    """A cell that is no Python, and why."""

    why: str


def cells_of(prepared: Prepared, notebook: bytes | None) -> list[CodeCell]:
    """Return the code of a submission without the author's tests.

    Raises:
        MalformedError: there is no notebook, or it is none.
    """
    restored = restore(prepared.originals, notebook, prepared.notice)
    found = []
    for number, cell in enumerate(restored.cells, 1):
        if cell["cell_type"] == "code" and not is_test(cell):
            found.append(CodeCell(number, cell["source"], _is_own(prepared, cell)))
    return found


def _is_own(prepared: Prepared, cell: Mapping[str, Any]) -> bool:
    marks = marks_of(cell)
    if not marks:
        return True
    original = prepared.originals.get(str(marks.get("grade_id")), {})
    return not is_locked(cell) and cell["source"] != original.get("source")


@dataclass(frozen=True)
class HandedOut:
    """The cells of a notebook as it was handed out, to know them again in a recording.

    Attributes:
        locked: ids of cells that nobody but the author can change.
        sources: the source of each other cell, by its id.
    """

    locked: frozenset[str]
    sources: Mapping[str, str]

    @classmethod
    def read(cls, notebook: bytes) -> "HandedOut":
        """Return the cells of a released notebook."""
        cells = [cell for cell in json.loads(notebook)["cells"] if "id" in cell]
        locked = {cell["id"] for cell in cells if is_locked(cell)}
        sources = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["id"] not in locked}
        return cls(frozenset(locked), sources)

    def cells(self, frame: Sequence[Sequence[Any]]) -> list[CodeCell]:
        """Return the code of a notebook of a recording: id, type and text of each cell."""
        return [
            CodeCell(number, text, cell_id not in self.locked and self.sources.get(cell_id) != text)
            for number, (cell_id, kind, text) in enumerate(frame, 1)
            if kind == "code"
        ]


def as_python(source: str) -> Plain | NotPlain:
    """Return a cell as plain Python, line by line; nothing of it runs.

    A cell that starts with ``%%time``, ``%%timeit``, ``%%capture`` or ``%%prun`` is the Python below that line; one
    with any other ``%%`` is none.
    """
    first = next((line for line in source.split("\n") if line.strip()), "")
    if first.startswith("%%"):
        name = first[2:].split()[0] if first[2:].split() else ""
        if name not in _TRANSPARENT:
            return NotPlain(f"a cell of %%{name[:20]}, which is not Python")
        source = source.replace(first, "", 1)
    problem = _problem(source)
    if problem:
        tamed = "\n".join(map(_tamed, source.split("\n")))
        if tamed == source or _problem(tamed):
            return NotPlain(problem)
        source = tamed
    return Plain(source)


def _tamed(line: str) -> str:
    """Return a line without a magic or a command of the shell; a name that it binds stays bound."""
    if found := _MAGIC.match(line):
        return f"{found['indent']}{found['name']} = None" if found["name"] else f"{found['indent']}pass"
    if found := _ASKED.fullmatch(line):
        return f"{found['indent']}pass"
    return line


def _problem(source: str) -> str:
    """Return why a text is no Python; empty when it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        return (f"line {error.lineno}: " if error.lineno else "")[:20] + str(error.msg)[:200]
    except (ValueError, RecursionError, MemoryError) as error:
        return f"it cannot be read: {type(error).__name__}"
    return ""
