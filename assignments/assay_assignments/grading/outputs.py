"""Outputs as the candidate's process claims them, made into valid ones of nbformat or left out."""

import math
from typing import Any

import nbformat

from assay_assignments.grading.restore import scrubbed

_MAX_DEPTH = 30


def output_of(found: Any) -> Any:
    """Return a valid output, or ``None`` when what is claimed is none."""
    try:
        content = _clean(found)
        kind = content["output_type"]
        if kind in ("execute_result", "display_data"):
            content = {"output_type": kind, "data": _mime(content["data"]), "metadata": content.get("metadata") or {}}
        if kind == "execute_result":
            content["execution_count"] = None
        output = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
        nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_around(output)]})
    except (AttributeError, TypeError, KeyError, ValueError, RecursionError, nbformat.ValidationError):
        return None
    return output


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
    return value


def _mime(bundle: Any) -> dict[str, Any]:
    return {kind: value for kind, value in bundle.items() if isinstance(value, str | dict | list)}


def _around(output: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": "x", "metadata": {}, "source": "", "execution_count": None, "outputs": [output]}
