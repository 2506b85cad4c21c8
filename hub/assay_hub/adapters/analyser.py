"""Analyses code with the questions' own engine: read in a process of its own, measured in the grading sandbox."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from assay_assignments import grading
from assay_assignments.analysis import similarity, whole
from assay_assignments.analysis.code import cells_of
from assay_assignments.grading.notebook import MalformedError
from assay_assignments.grading.prepared import Prepared
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.analysis import Code, Frame
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.similarity import Beside, Line, Side
from assay_hub.ports.analysis import Alike

CELL_SECONDS = 10.0
WALL_SECONDS = 180.0
_KEPT = 32


class SandboxAnalyser:
    """Analyses submissions of pinned questions.

    Args:
        library: knows the pinned questions.
        sandbox: where code runs that is measured, with less time than for grading.
    """

    def __init__(self, library: FolderLibrary, sandbox: grading.ContainerSandbox | grading.ProcessSandbox) -> None:
        self._library = library
        self._sandbox = replace(
            sandbox,
            cell_seconds=min(CELL_SECONDS, sandbox.cell_seconds),
            wall_seconds=min(WALL_SECONDS, sandbox.wall_seconds),
        )
        self._prepared: Callable[[QuestionRef], Prepared] = lru_cache(maxsize=_KEPT)(
            lambda ref: grading.prepare(library.question(ref))
        )

    def analyse(self, ref: QuestionRef, files: Mapping[str, bytes], frames: Sequence[Frame]) -> dict[str, Any]:
        """Return what there is to say about a question of a submission, as JSON."""
        moments = [whole.Frame(frame.at, frame.run, frame.cells) for frame in frames]
        return whole.analyse(self._library.question(ref), self._prepared(ref), files, moments, self._sandbox)

    def code(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Code, ...]:
        """Return the code of a submission; none when its notebook cannot be read."""
        prepared = self._prepared(ref)
        try:
            cells = cells_of(prepared, files.get(prepared.notebook))
        except MalformedError:
            return ()
        return tuple(Code(cell.number, cell.source, cell.own) for cell in cells)

    def prints(self, ref: QuestionRef, code: Sequence[Code]) -> bytes:
        """Return the fingerprints of a submission, as they are kept."""
        found = self._prints(ref, code)
        body = {"own": found.own, "prints": {str(one): places for one, places in found.prints.items()}}
        return zlib.compress(json.dumps(body, separators=(",", ":")).encode())

    def alike(self, works: Mapping[str, bytes], only: str = "") -> Sequence[Alike]:
        """Return the pairs that have much in common, from fingerprints by name; of one work, or all of them."""
        read = {name: _read(prints) for name, prints in works.items()}
        found = similarity.pairs_of(read, only)
        return [Alike(one.first, one.second, one.first_share, one.second_share) for one in found]

    def beside(self, ref: QuestionRef, first: Sequence[Code], second: Sequence[Code]) -> Beside:
        """Return two submissions beside each other."""
        matches = similarity.matches_of(self._prints(ref, first), self._prints(ref, second))
        one = _side(first, [match.first for match in matches])
        return Beside(one, _side(second, [match.second for match in matches]), len(matches))

    def _prints(self, ref: QuestionRef, code: Sequence[Code]) -> similarity.Prints:
        originals = self._prepared(ref).originals.values()
        starter = [cell["source"] for cell in originals if cell["cell_type"] == "code"]
        return similarity.prints_of([(cell.number, cell.source) for cell in code if cell.own], starter)


def _read(kept: bytes) -> similarity.Prints:
    body = json.loads(zlib.decompress(kept))
    return similarity.Prints((), {int(one): tuple(places) for one, places in body["prints"].items()}, body["own"])


def _side(code: Sequence[Code], spans: Sequence[tuple[int, int, int, int]]) -> Side:
    marked: dict[tuple[int, int], int] = {}
    for number, (cell, line, last_cell, last_line) in enumerate(spans, 1):
        for one in code:
            if cell <= one.number <= last_cell:
                first = line if one.number == cell else 1
                last = last_line if one.number == last_cell else one.source.count("\n") + 1
                for place in range(first, last + 1):
                    # The longest matches come first, and keep their lines.
                    marked.setdefault((one.number, place), number)
    return Side(
        tuple(
            (
                cell.number,
                tuple(
                    Line(place, text, marked.get((cell.number, place), 0))
                    for place, text in enumerate(cell.source.split("\n"), 1)
                ),
            )
            for cell in code
            if cell.own
        )
    )
