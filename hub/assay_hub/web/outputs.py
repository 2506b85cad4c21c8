"""An executed notebook as plain text and pictures: nothing in it can run, load or look like one of our controls."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import nbformat

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TEXT_CHARACTERS = 20_000
_PICTURE_BYTES = 2_000_000


@dataclass(frozen=True)
class ShownCell:
    """One cell.

    Attributes:
        texts: what it printed, returned or raised, without terminal codes.
        pictures: PNG images as ``data:`` addresses.
    """

    kind: str
    source: str
    grade_id: str
    texts: tuple[str, ...]
    pictures: tuple[str, ...]


def shown_cells(notebook: bytes) -> list[ShownCell]:
    """Return the cells of a notebook for a page of ours."""
    read = nbformat.reads(notebook.decode(), as_version=4)  # type: ignore[no-untyped-call]
    return [_shown(cell) for cell in read.cells]


def _shown(cell: Any) -> ShownCell:
    texts: list[str] = []
    pictures: list[str] = []
    for output in cell.get("outputs", []):
        bundle = output.get("data", {})
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
        elif "image/png" in bundle:
            pictures.extend(_picture(bundle["image/png"]))
        elif "text/plain" in bundle:
            texts.append(bundle["text/plain"])
    clean = tuple(_ANSI.sub("", text)[:_TEXT_CHARACTERS] for text in texts)
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    return ShownCell(cell.cell_type, cell.source, grade_id, clean, tuple(pictures))


def _picture(encoded: Any) -> list[str]:
    try:
        picture = base64.b64decode("".join(str(encoded).split()), validate=True)
    except (binascii.Error, ValueError):
        return []
    if not picture.startswith(b"\x89PNG\r\n") or len(picture) > _PICTURE_BYTES:
        return []
    return ["data:image/png;base64," + base64.b64encode(picture).decode("ascii")]
