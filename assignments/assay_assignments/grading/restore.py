"""Puts the author's cells back into a submission: what is tested and how is never taken from what was handed in."""

import copy
from dataclasses import dataclass
from typing import Any

import nbformat

MAX_NOTEBOOK_BYTES = 50_000_000
_MAX_CELLS = 2_000


class MalformedError(ValueError):
    """What was handed in is not the notebook that was released."""


@dataclass(frozen=True)
class Restored:
    """A notebook that can be run.

    Attributes:
        remarks: what was found odd and mended, for reviewers.
    """

    notebook: Any
    remarks: tuple[str, ...]


def restore(source: Any, submitted: bytes | None) -> Restored:
    """Return the submission with every locked and tested cell as its author wrote it, hidden tests included.

    The order is the submission's. A cell that is missing comes at the end, one that is there twice counts once, and
    tags that steer execution are gone.

    Raises:
        MalformedError: there is no notebook, or it is none.
    """
    notebook = _read(submitted)
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    cells: list[Any] = []
    seen: set[str] = set()
    remarks: list[str] = []
    for place, cell in enumerate(notebook.cells):
        grade_id = _grade_id(cell)
        if grade_id in originals:
            if grade_id in seen:
                remarks.append(f"the cell {grade_id} was there more than once")
                continue
            seen.add(grade_id)
            cell = _author_s(originals[grade_id], cell, remarks)  # noqa: PLW2901
        elif grade_id:
            cell.metadata.pop("nbgrader", None)
        cell["id"] = f"cell-{place}"
        cell.metadata.pop("tags", None)
        cells.append(cell)
    remarks += [f"the cell {grade_id} was missing" for grade_id in sorted(originals.keys() - seen)]
    missing = [cell for cell in source.cells if "nbgrader" in cell.metadata and _grade_id(cell) not in seen]
    for place, original in enumerate(missing):
        cell = _blank(original)
        cell["id"] = f"missing-{place}"
        cells.append(cell)
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    restored = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(source.metadata))  # type: ignore[no-untyped-call]
    return Restored(restored, tuple(remarks))


def _read(submitted: bytes | None) -> Any:
    if submitted is None:
        raise MalformedError("the notebook was not handed in")
    if len(submitted) > MAX_NOTEBOOK_BYTES:
        raise MalformedError(f"the notebook is larger than {MAX_NOTEBOOK_BYTES} bytes")
    try:
        notebook = nbformat.reads(submitted.decode("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except UnicodeDecodeError as error:
        raise MalformedError("the notebook is not UTF-8") from error
    except Exception as error:
        # nbformat raises whatever its readers of old versions happen to raise on hostile content.
        raise MalformedError(f"the notebook cannot be read: {type(error).__name__}") from error
    if len(notebook.cells) > _MAX_CELLS:
        raise MalformedError(f"the notebook has more than {_MAX_CELLS} cells")
    return notebook


def _grade_id(cell: Any) -> str:
    marks = cell.metadata.get("nbgrader")
    grade_id = marks.get("grade_id", "") if isinstance(marks, dict) else ""
    return grade_id if isinstance(grade_id, str) else ""


def _author_s(original: Any, cell: Any, remarks: list[str]) -> Any:
    """Return the cell to run: the submission's source in an answer, the author's everything otherwise."""
    restored = copy.deepcopy(original)
    marks = original.metadata.nbgrader
    if cell.cell_type != original.cell_type:
        remarks.append(f"the cell {marks.grade_id} was turned into {cell.cell_type}")
        return _blank(original) if marks.get("solution") else restored
    if marks.get("solution") or marks.get("task"):
        restored.source = cell.source
        checksum = cell.metadata.nbgrader.get("checksum")
        if isinstance(checksum, str):
            restored.metadata.nbgrader["checksum"] = checksum
    return restored


def _blank(original: Any) -> Any:
    """Return an author's cell without the author's answer."""
    blank = copy.deepcopy(original)
    if blank.metadata.nbgrader.get("solution") or blank.metadata.nbgrader.get("task"):
        blank.source = ""
    return blank
