"""Puts the author's cells back into a submission: what is tested and how is never taken from what was handed in."""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat

MAX_NOTEBOOK_BYTES = 50_000_000
_MAX_CELLS = 2_000
_MAX_SOURCE = 1_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")


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


def restore(source: Any, submitted: bytes | None, released: Mapping[str, str]) -> Restored:
    """Return the submission with every locked and tested cell as its author wrote it, hidden tests included.

    Of the submission's cells only type, order and source are taken. A cell that is missing comes at the end, and one
    that is there twice counts once.

    Args:
        source: the author's notebook.
        submitted: the notebook that was handed in.
        released: the checksum of each released cell, by ``grade_id``: nbgrader knows by it an answer that was left
            as it was.

    Raises:
        MalformedError: there is no notebook, or it is none.
    """
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    cells: list[Any] = []
    seen: list[str] = []
    remarks: list[str] = []
    for place, cell in enumerate(_read(submitted)):
        grade_id = _grade_id(cell)
        if grade_id in originals:
            if grade_id in seen:
                remarks.append(f"the cell {grade_id} was there more than once")
                continue
            seen.append(grade_id)
            restored = _author_s(originals[grade_id], cell, remarks)
        else:
            restored = _own(cell)
        restored["id"] = f"cell-{place}"
        cells.append(restored)
    order = [grade_id for grade_id in originals if grade_id in seen]
    if order != seen:
        remarks.append("the cells were in another order")
    for place, grade_id in enumerate(name for name in originals if name not in seen):
        remarks.append(f"the cell {grade_id} was missing")
        cells.append(_blank(originals[grade_id], f"missing-{place}"))
    _checked(cells, released)
    restored = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(source.metadata))  # type: ignore[no-untyped-call]
    return Restored(restored, tuple(remarks))


def scrubbed(text: str) -> str:
    """Return a text without halves of characters, which cannot be stored."""
    return _SURROGATE.sub("�", text)


def _checked(cells: Iterable[Any], released: Mapping[str, str]) -> None:
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks:
            marks.pop("checksum", None)
            if checksum := released.get(marks.grade_id):
                marks["checksum"] = checksum
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _read(submitted: bytes | None) -> list[Any]:
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
    if any(len(cell.source) > _MAX_SOURCE for cell in notebook.cells):
        raise MalformedError(f"a cell is longer than {_MAX_SOURCE} characters")
    return list(notebook.cells)


def _grade_id(cell: Any) -> str:
    marks = cell.metadata.get("nbgrader")
    grade_id = marks.get("grade_id", "") if isinstance(marks, dict) else ""
    return grade_id if isinstance(grade_id, str) else ""


def _own(cell: Any) -> Any:
    """Return a cell that the submission added: without metadata, which say what is graded and how it runs."""
    source = scrubbed(cell.source)
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    if cell.cell_type == "markdown":
        return nbformat.v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]
    return nbformat.v4.new_raw_cell(source)  # type: ignore[no-untyped-call]


def _author_s(original: Any, cell: Any, remarks: list[str]) -> Any:
    """Return the cell to run: the submission's source in an answer, the author's everything otherwise."""
    marks = original.metadata.nbgrader
    if cell.cell_type != original.cell_type:
        remarks.append(f"the cell {marks.grade_id} was turned into {cell.cell_type}")
        return _blank(original, "")
    restored = copy.deepcopy(original)
    if marks.get("solution") or marks.get("task"):
        restored.source = scrubbed(cell.source)
    return restored


def _blank(original: Any, name: str) -> Any:
    """Return an author's cell without the author's answer."""
    blank = copy.deepcopy(original)
    blank["id"] = name
    if blank.metadata.nbgrader.get("solution") or blank.metadata.nbgrader.get("task"):
        blank.source = ""
    return blank
