"""Cells of a question's source notebook, with nbgrader's metadata and ours."""

import json
from collections.abc import Sequence
from typing import Any

_SCHEMA = 3


def markdown(source: str) -> dict[str, Any]:
    """Return a cell of words."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def locked(grade_id: str, source: str) -> dict[str, Any]:
    """Return a code cell that a candidate cannot change."""
    return _code(source, {"nbgrader": _marks(grade_id, locked=True)})


def solution(grade_id: str, source: str) -> dict[str, Any]:
    """Return a code cell that a candidate fills in; the answer is between nbgrader's markers."""
    return _code(source, {"nbgrader": _marks(grade_id, solution=True)})


def test(grade_id: str, points: float, title: str, about: str, source: str) -> dict[str, Any]:
    """Return a test; its hidden part is between nbgrader's markers."""
    marks = _marks(grade_id, grade=True, locked=True, points=points)
    return _code(source, {"assay": {"about": about, "title": title}, "nbgrader": marks})


def manual(grade_id: str, points: float, title: str, answer: str) -> dict[str, Any]:
    """Return a cell of words that a candidate writes and a person scores.

    Args:
        grade_id: its name.
        points: what a person can give.
        title: a few words for tables.
        answer: a good answer and what earns points, for reviewers alone.
    """
    source = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
    marks = _marks(grade_id, grade=True, solution=True, points=points)
    return {"cell_type": "markdown", "metadata": {"assay": {"title": title}, "nbgrader": marks}, "source": source}


def notebook(name: str, cells: Sequence[dict[str, Any]], kernel: str = "python3", language: str = "python") -> bytes:
    """Return a notebook of format 4.5, with an id for each cell, as a file."""
    whole = {
        "cells": [{**cell, "id": f"{name[:50]}-{place:02}"} for place, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": kernel, "language": language, "name": kernel},
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _code(source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def _marks(grade_id: str, **more: Any) -> dict[str, Any]:
    usual = {"grade": False, "locked": False, "solution": False, "task": False}
    return {**usual, "grade_id": grade_id, "schema_version": _SCHEMA, **more}
