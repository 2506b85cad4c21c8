"""Notebooks as plain JSON: whatever was handed in is read, in any of Jupyter's formats; the newest is written."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

MAX_NOTEBOOK_BYTES = 50_000_000
_MAX_CELLS = 2_000
_MAX_SOURCE = 1_000_000
_FORMAT, _MINOR = 4, 5
_KINDS = ("code", "markdown", "raw")
_SURROGATE = re.compile("[\ud800-\udfff]")


class MalformedError(ValueError):
    """What was handed in is not the notebook that was released."""


def read_cells(content: bytes | None) -> list[dict[str, Any]]:
    """Return the cells of a notebook: ``cell_type``, ``source`` as one text, ``metadata``, ``attachments`` if any.

    Nothing else of a cell is looked at, so that nothing else can be wrong with it.

    Raises:
        MalformedError: there is no notebook, or it is none.
    """
    notebook = _parsed(content)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise MalformedError("the notebook has no cells")
    if len(cells) > _MAX_CELLS:
        raise MalformedError(f"the notebook has more than {_MAX_CELLS} cells")
    return [_cell(cell) for cell in cells]


def write(cells: list[dict[str, Any]], metadata: Mapping[str, Any]) -> bytes:
    """Return a notebook as nbformat writes it."""
    body = {"cells": cells, "metadata": metadata, "nbformat": _FORMAT, "nbformat_minor": _MINOR}
    return (json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def scrubbed(text: str) -> str:
    """Return a text without halves of characters, which cannot be stored."""
    return text if text.isascii() else _SURROGATE.sub("�", text)


def joined(text: Any) -> str | None:
    """Return a text of a notebook, which may be a list of lines; ``None`` when it is no text."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    return text if isinstance(text, str) else None


def marks_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell, empty when it has none."""
    marks = cell["metadata"].get("nbgrader")
    return marks if isinstance(marks, dict) else {}


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Whether the source of an author's cell is the author's, by nbgrader's rule."""
    marks = marks_of(cell)
    return not marks.get("solution") and bool(marks.get("grade") or marks.get("locked"))


def checksum(cell: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of an author's cell: that of ``nbgrader.utils.compute_checksum``."""
    marks = marks_of(cell)
    grade, solution = marks.get("grade", False), marks.get("solution", False)
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(is_locked(cell)), marks["grade_id"]]
    if grade:
        parts.append(str(float(marks["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _parsed(content: bytes | None) -> dict[str, Any]:
    if content is None:
        raise MalformedError("the notebook was not handed in")
    if len(content) > MAX_NOTEBOOK_BYTES:
        raise MalformedError(f"the notebook is larger than {MAX_NOTEBOOK_BYTES} bytes")
    try:
        text = content.decode("utf-8")
        notebook = json.loads(text)
    except UnicodeDecodeError as error:
        raise MalformedError("the notebook is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the notebook cannot be read: {type(error).__name__}") from error
    version = notebook.get("nbformat", 1) if isinstance(notebook, dict) else None
    if type(version) is not int or not 1 <= version <= _FORMAT:
        raise MalformedError("this is no notebook, or one of a format to come")
    return notebook if version == _FORMAT else _converted(text)


def _converted(text: str) -> dict[str, Any]:
    import nbformat  # noqa: PLC0415  # slow to import, and old formats are rare

    try:
        found: dict[str, Any] = nbformat.reads(text, as_version=_FORMAT)  # type: ignore[no-untyped-call]
    except Exception as error:
        # nbformat raises whatever its readers of old versions happen to raise on hostile content.
        raise MalformedError(f"the notebook cannot be read: {type(error).__name__}") from error
    return found


def _cell(cell: Any) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in _KINDS:
        raise MalformedError("the notebook has a cell that is none")
    source = joined(cell.get("source"))
    if source is None:
        raise MalformedError("the notebook has a cell without a source")
    if len(source) > _MAX_SOURCE:
        raise MalformedError(f"a cell is longer than {_MAX_SOURCE} characters")
    metadata = cell.get("metadata")
    found = {
        "cell_type": cell["cell_type"],
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": scrubbed(source),
    }
    if cell["cell_type"] == "markdown" and (attachments := _attachments(cell.get("attachments"))):
        found["attachments"] = attachments
    return found


def _attachments(found: Any) -> dict[str, dict[str, str]]:
    """Return the images that are part of an answer in Markdown."""
    bundles = found.items() if isinstance(found, dict) else ()
    return {scrubbed(name): _texts(bundle) for name, bundle in bundles if isinstance(bundle, dict)}


def _texts(bundle: dict[str, Any]) -> dict[str, str]:
    found = {kind: joined(text) for kind, text in bundle.items()}
    return {scrubbed(kind): scrubbed(text) for kind, text in found.items() if text is not None}
