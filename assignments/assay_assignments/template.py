"""A new question: a small one of its type that works, with a mark wherever its author has to write something else."""

import re
from collections.abc import Mapping
from typing import Any

from assay_assignments.cells import markdown, notebook
from assay_assignments.manifest import FOLLOW_UPS, HINTS, MANIFEST, MUTANTS, NOTEBOOK, RUBRIC, problems, written
from assay_assignments.template_parts import PARTS

_HINTS = """# Hints, from small to large

1. TODO(author): a nudge: what to look at, without saying what is there.
2. TODO(author): where the difficulty is.
3. TODO(author): nearly the answer.
"""
_FOLLOW_UPS = """# Follow-ups

- TODO(author): one change of the task that shows whether it was understood.
- TODO(author): ten thousand times the data, or the users.
- TODO(author): what they would test, log or ask before it goes live.
"""
_CRITERION = """[[criteria]]
id = "{name}"
title = "{title}"
weight = 1

[criteria.anchors]
1 = "TODO(author): what you see when it is missing."
3 = "TODO(author): what you see when it is good."
5 = "TODO(author): what you see when it is as good as it gets in this time."
"""
_CRITERIA = {"understanding": "Understanding", "solution": "Solution", "explanation": "Explanation"}


class BadNameError(ValueError):
    """A question cannot be made like this; the text says why."""


def new_question(name: str, kind: str, title: str = "", author: str = "") -> dict[str, bytes]:
    """Return the files of a new question.

    Args:
        name: its id, and the name of its folder.
        kind: one of the manifest's ``TYPES``.
        title: what people call it; made of its id without.
        author: who writes it.

    Raises:
        BadNameError: id, type or title cannot be those of a question.
    """
    title = title or re.sub(r"[-_]+", " ", name).strip().capitalize()
    if kind not in PARTS:
        raise BadNameError(f"There is no type {kind!r}: it is one of {', '.join(PARTS)}.")
    part = PARTS[kind]
    body: dict[str, Any] = {
        "id": name,
        "version": "0.1.0",
        "type": kind,
        "title": title,
        "difficulty": "medium",
        "minutes": part.minutes,
        "topics": ["TODO(author): what it is about"],
        "skills": ["TODO(author): what it shows of a candidate"],
        "packages": list(part.packages),
        "author": author or "TODO(author): who wrote it",
        "licence": "LicenseRef-Internal",
        "official": False,
        "files": sorted(part.files),
    }
    if part.stub:
        body["stub"] = part.stub
    if wrong := problems(body):
        raise BadNameError(f"A question cannot be called so: {'; '.join(wrong)}.")
    cells = [markdown(f"# {title}\n\n{part.statement}"), *part.cells]
    texts = {
        MANIFEST: written(body),
        HINTS: _HINTS,
        FOLLOW_UPS: _FOLLOW_UPS,
        RUBRIC: "\n".join(_CRITERION.format(name=one, title=_CRITERIA[one]) for one in _CRITERIA),
        MUTANTS: _mutants(part.mutants),
        **part.files,
        **part.programs,
    }
    return {NOTEBOOK: notebook(name, cells), **{path: text.encode() for path, text in texts.items()}}


def _mutants(listed: tuple[Mapping[str, str], ...]) -> str:
    head = "# Realistic mistakes; each test has to find one, and one of them in its hidden part alone.\n"
    parts = ["[[mutant]]\n" + "".join(f"{name} = '''{text}'''\n" for name, text in one.items()) for one in listed]
    return "\n".join([head, *parts])
