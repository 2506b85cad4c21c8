"""Puts the author's cells back into a submission: what is tested and how is never taken from what was handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_assignments.grading.notebook import is_locked, marks_of, read_cells


@dataclass(frozen=True)
class Restored:
    """The cells of a notebook that can be run.

    Attributes:
        remarks: what was found odd and mended, for reviewers.
        missing: ``grade_id`` of each cell of the author's that is not there, and was not put back.
    """

    cells: list[dict[str, Any]]
    remarks: tuple[str, ...]
    missing: tuple[str, ...] = ()


def restore(originals: Mapping[str, Any], submitted: bytes | None, notice: str | None) -> Restored:
    """Return the submission with every locked and tested cell as its author wrote it, hidden tests included.

    Of the submission's cells only type, order, source and images are taken. Of a cell that is there more than once the
    last counts, as for nbgrader, and the others run as cells of the submission's own.

    Args:
        originals: the author's cells by ``grade_id``, in order; answers as they were released.
        submitted: the notebook that was handed in.
        notice: what stands above a cell that was missing and is put back behind the one before it; ``None`` when none
            is put back.

    Raises:
        MalformedError: there is no notebook, or it is none.
    """
    found = read_cells(submitted)
    names = [_grade_id(cell) for cell in found]
    last = {name: place for place, name in enumerate(names) if name in originals}
    remarks = [f"the cell {name} was there more than once" for name in last if names.count(name) > 1]
    cells: list[dict[str, Any]] = []
    places: dict[str, int] = {}
    for place, (name, cell) in enumerate(zip(names, found, strict=True)):
        if last.get(name) == place:
            places[name] = len(cells)
            cells.append(_author_s(originals[name], cell, remarks))
        else:
            cells.append(_own(cell))
    if [name for name in originals if name in places] != sorted(places, key=lambda name: places[name]):
        remarks.append("the cells were in another order")
    missing = tuple(name for name in originals if name not in places)
    remarks += [f"the cell {name} was missing" for name in missing]
    if notice is not None and missing:
        cells, missing = _completed(cells, originals, places, notice), ()
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    return Restored(cells, tuple(remarks), missing)


def _completed(
    cells: list[dict[str, Any]], originals: Mapping[str, Any], places: Mapping[str, int], notice: str
) -> list[dict[str, Any]]:
    """Return the cells with those that are missing behind the author's cell before them."""
    behind: dict[int, list[dict[str, Any]]] = {}
    before = -1
    for name, original in originals.items():
        if name in places:
            before = places[name]
        else:
            mark = "# " if original["cell_type"] == "code" and notice else ""
            source = f"{mark}{notice.format(cell_id=name)}{original['source']}"
            behind.setdefault(before, []).append(_made(original["cell_type"], source, original["metadata"]))
    completed = behind.get(-1, [])
    for place, cell in enumerate(cells):
        completed += [cell, *behind.get(place, [])]
    return completed


def _grade_id(cell: Mapping[str, Any]) -> str:
    grade_id = marks_of(cell).get("grade_id", "")
    return grade_id if isinstance(grade_id, str) else ""


def _own(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell that the submission added: without metadata, which say what is graded and how it runs."""
    return _made(cell["cell_type"], cell["source"], {}, cell)


def _author_s(original: Mapping[str, Any], cell: Mapping[str, Any], remarks: list[str]) -> dict[str, Any]:
    """Return the cell to run: the submission's source in an answer, the author's everything otherwise."""
    kind = original["cell_type"]
    if cell["cell_type"] != kind:
        remarks.append(f"the cell {marks_of(original)['grade_id']} was turned into {cell['cell_type']}")
    if is_locked(original):
        return _made(kind, original["source"], original["metadata"])
    return _made(kind, cell["source"], original["metadata"], cell)


def _made(kind: str, source: str, metadata: Mapping[str, Any], cell: Mapping[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    elif kind == "markdown" and cell is not None and "attachments" in cell:
        made["attachments"] = cell["attachments"]
    return made
