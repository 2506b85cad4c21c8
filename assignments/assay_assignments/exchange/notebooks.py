"""A notebook from elsewhere: brought to today's format, and what can be read off it for a manifest."""

import ast
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MAX_BYTES = 20_000_000
_FORMAT, _MINOR = 4, 5
_SCHEMA = 3
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_HEADING = re.compile(r"^#{1,6}\s+(.*\S)", re.MULTILINE)
_KERNEL = re.compile(r"[a-zA-Z0-9._-]{1,100}")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BadNotebookError(ValueError):
    """What is called a notebook is none; the text says why."""


@dataclass(frozen=True)
class Modern:
    """A notebook of format 4.5 with nbgrader's schema 3.

    Attributes:
        content: the same bytes as came in when there was nothing to change.
        remarks: what was changed.
    """

    notebook: dict[str, Any]
    content: bytes
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Described:
    """What can be read off a notebook."""

    title: str
    kernel: str
    packages: tuple[str, ...]


def modern(content: bytes) -> Modern:
    """Read a notebook of any format of Jupyter and nbgrader.

    Raises:
        BadNotebookError: it is none.
    """
    body = _parsed(content)
    cells = body.get("cells")
    new = body.get("nbformat") == _FORMAT and type(body.get("nbformat_minor")) is int
    if new and body["nbformat_minor"] >= _MINOR and isinstance(cells, list) and not _outdated(cells):
        _validated(body)
        return Modern(body, content)
    changed = _converted(body)
    changed["nbformat_minor"] = _MINOR
    _name_cells(changed["cells"])
    _validated(changed)
    text = json.dumps(changed, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return Modern(changed, text.encode(), ("the notebook was brought to format 4.5 and nbgrader's schema 3",))


def describe(content: bytes, files: Sequence[str]) -> Described:
    """Return what a manifest says of a notebook that can be read off it.

    Args:
        content: a notebook that was read by :func:`modern`.
        files: names of the files beside it: a module of its own is no package.
    """
    body = json.loads(content)
    sources = [(cell["cell_type"], _source(cell)) for cell in body["cells"]]
    words = (_HEADING.search(source) for kind, source in sources if kind == "markdown")
    title = next((found[1] for found in words if found), "").strip().strip("#").strip()
    kernel = str(body["metadata"].get("kernelspec", {}).get("name", "python3"))
    own = {PurePosixPath(name).stem for name in files} | set(sys.stdlib_module_names)
    code = [source for kind, source in sources if kind == "code"]
    packages = {name for source in code for name in _imported(source)} - own
    return Described(title, kernel if _KERNEL.fullmatch(kernel) else "python3", tuple(sorted(packages)))


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise BadNotebookError(f"the notebook is larger than {MAX_BYTES} bytes")
    try:
        body = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadNotebookError("this is no notebook: it cannot be read as JSON") from error
    if not isinstance(body, dict) or "nbformat" not in body:
        raise BadNotebookError("this is no notebook of Jupyter")
    return body


def _outdated(cells: list[Any]) -> bool:
    """Whether a cell has nbgrader's metadata of an older schema, or none of the ids that it needs."""
    whole = [cell for cell in cells if isinstance(cell, dict)]
    for cell in whole:
        metadata = cell.get("metadata")
        marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(marks, dict) and marks.get("schema_version") != _SCHEMA:
            return True
    names = [str(cell.get("id", "")) for cell in whole]
    return len(set(names)) < len(names) or not all(map(_ID.fullmatch, names))


def _name_cells(cells: list[Any]) -> None:
    """Give each cell an id that it alone has; those that are fine stay."""
    taken: set[str] = set()
    for place, cell in enumerate(cells):
        name = str(cell.get("id", ""))
        cell["id"] = name if _ID.fullmatch(name) and name not in taken else f"cell-{place:03}-{len(taken)}"
        taken.add(cell["id"])


def _converted(body: dict[str, Any]) -> dict[str, Any]:
    # Slow to import, and notebooks of today need neither.
    import nbformat  # noqa: PLC0415
    from nbgrader.nbgraderformat import MetadataValidator  # noqa: PLC0415

    try:
        if body["nbformat"] == _FORMAT:
            _name_cells(body["cells"])
        notebook = nbformat.reads(json.dumps(body), as_version=_FORMAT)  # type: ignore[no-untyped-call]
        notebook = MetadataValidator().upgrade_notebook_metadata(notebook)
        plain: dict[str, Any] = json.loads(json.dumps(notebook))
    except Exception as error:
        # Readers of old formats raise whatever they happen to raise on hostile content.
        raise BadNotebookError(f"the notebook cannot be brought to format 4.5: {type(error).__name__}") from error
    return plain


def _validated(body: dict[str, Any]) -> None:
    import nbformat  # noqa: PLC0415  # see _converted
    from nbgrader.nbgraderformat import MetadataValidator  # noqa: PLC0415  # see _converted

    try:
        notebook = nbformat.from_dict(body)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except Exception as error:
        # Validators raise what their own libraries raise, RecursionError too.
        reason = str(getattr(error, "message", "") or error).splitlines()
        raise BadNotebookError(f"the notebook is not valid: {(reason or [''])[0][:200]}") from error


def _source(cell: dict[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _imported(source: str) -> Iterator[str]:
    """Yield the modules that a cell imports; lines of shells and magics are passed over."""
    plain = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.splitlines())
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module]
        for module in modules:
            name = module.partition(".")[0]
            if _MODULE.fullmatch(name) and name != "otter":
                yield name
