"""Outputs as the candidate's process claims them, made into valid ones of nbformat or left out."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay_assignments.grading.notebook import joined, scrubbed

_MAX_DEPTH = 30
_JSON = re.compile(r"application/(.*\+)?json")
_STREAMS = frozenset({"stdout", "stderr"})
_TRUNCATED = "... Output truncated ..."
_TRACEBACK_TRUNCATED = "... Traceback truncated ..."


@dataclass(frozen=True)
class Trim:
    """What nbgrader's ``IgnorePattern`` and ``LimitOutput`` take away before it scores.

    Attributes:
        ignored: regular expression of what stderr may say without a loss of points; empty for nothing.
        lines: of streams in a cell; -1 for all.
        traceback: lines of a traceback; -1 for all.
    """

    ignored: str = ""
    lines: int = -1
    traceback: int = -1


def output_of(found: Any) -> dict[str, Any] | None:
    """Return a valid output, or ``None`` when what is claimed is none."""
    try:
        kind = found["output_type"]
        if kind == "stream" and found["name"] in _STREAMS:
            return {"output_type": kind, "name": found["name"], "text": scrubbed(_text(found["text"]))}
        if kind == "error":
            lines = [scrubbed(_text(line)) for line in found["traceback"]]
            name, value = (scrubbed(_text(found[part])) for part in ("ename", "evalue"))
            return {"output_type": kind, "ename": name, "evalue": value, "traceback": lines}
        if kind in ("execute_result", "display_data"):
            metadata = found.get("metadata")
            metadata = _clean(metadata) if isinstance(metadata, dict) else {}
            output = {"output_type": kind, "data": _mime(found["data"]), "metadata": metadata}
            return output | ({"execution_count": None} if kind == "execute_result" else {})
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError):
        pass
    return None


def trimmed(outputs: Sequence[dict[str, Any]], trim: Trim) -> list[dict[str, Any]]:
    """Return the outputs of a cell without what nbgrader takes away."""
    kept: list[dict[str, Any]] = []
    length = 0
    for output in outputs:
        kind = output["output_type"]
        if trim.ignored and output.get("name") == "stderr" and re.search(trim.ignored, output["text"]):
            continue
        if kind == "stream" and trim.lines != -1:
            if length == trim.lines:
                continue
            lines = output["text"].split("\n")
            if len(lines) + length > trim.lines:
                lines = [*lines[: trim.lines - length - 1], _TRUNCATED]
            length += len(lines)
            kept.append({**output, "text": "\n".join(lines)})
        elif kind == "error" and trim.traceback != -1 and len(output["traceback"]) > trim.traceback:
            lines, start = output["traceback"], trim.traceback // 2
            end = lines[len(lines) - (trim.traceback - start - 1) :]
            kept.append({**output, "traceback": [*lines[:start], _TRACEBACK_TRUNCATED, *end]})
        else:
            kept.append(output)
    return kept


def _text(found: Any) -> str:
    text = joined(found)
    if text is None:
        raise TypeError("no text")
    return text


def _clean(value: Any, depth: int = 0) -> Any:
    """Return plain JSON: no half characters, no numbers that JSON does not have, nothing deep."""
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict):
        return {scrubbed(str(key)): _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError("no JSON")


def _mime(bundle: Any) -> dict[str, Any]:
    found = {}
    for kind, value in bundle.items():
        if isinstance(kind, str) and _JSON.fullmatch(kind):
            found[scrubbed(kind)] = _clean(value)
        elif (text := joined(value)) is not None:
            found[scrubbed(str(kind))] = scrubbed(text)
    return found
