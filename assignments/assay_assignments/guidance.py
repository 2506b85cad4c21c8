"""What an interviewer has beside a question: its rubric, a ladder of hints, and follow-ups."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_assignments.library import BadQuestionError, Question
from assay_assignments.manifest import FOLLOW_UPS, HINTS, RUBRIC

ANCHORS = ("1", "3", "5")
_STEP = re.compile(r"^\d+\.\s+(.*)$")
_BULLET = re.compile(r"^[-*]\s+(.*)$")


@dataclass(frozen=True)
class Criterion:
    """One thing that people score.

    Attributes:
        weight: how much it counts beside the others.
        anchors: what a score looks like, by the score: ``1``, ``3`` and ``5``.
    """

    id: str
    title: str
    weight: float
    anchors: Mapping[str, str]


@dataclass(frozen=True)
class Rubric:
    """How people score a question.

    Attributes:
        notes: for the interviewer, never for a candidate.
    """

    criteria: tuple[Criterion, ...]
    notes: str = ""


def load_rubric(question: Question) -> Rubric | None:
    """Read the rubric of a question; ``None`` when there is none.

    Raises:
        BadQuestionError: it cannot be read; the text says why.
    """
    path = question.folder / RUBRIC
    if not path.is_file():
        return None
    try:
        body = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadQuestionError(f"{path}: {error}") from error
    if problem := _problem(body):
        raise BadQuestionError(f"{path}: {problem}")
    criteria = tuple(
        Criterion(one["id"], one["title"], float(one["weight"]), dict(one["anchors"])) for one in body["criteria"]
    )
    return Rubric(criteria, body.get("notes", ""))


def hints(question: Question) -> tuple[str, ...]:
    """Return the hints from small to large; none when there is no such file."""
    return _listed(question, HINTS, _STEP)


def follow_ups(question: Question) -> tuple[str, ...]:
    """Return the follow-ups; none when there is no such file."""
    return _listed(question, FOLLOW_UPS, _BULLET)


def _problem(body: Mapping[str, Any]) -> str:
    if unknown := sorted(set(body) - {"criteria", "notes"}):
        return f"{', '.join(unknown)} is no member of a rubric"
    if not isinstance(body.get("notes", ""), str):
        return "notes is a text"
    criteria = body.get("criteria")
    if not isinstance(criteria, list) or not criteria or not all(isinstance(one, dict) for one in criteria):
        return "there are [[criteria]], at least one"
    for place, one in enumerate(criteria, 1):
        if problem := _wrong_criterion(one):
            return f"criterion {place}: {problem}"
    names = [one["id"] for one in criteria]
    return "" if len(set(names)) == len(names) else "the id of a criterion is there more than once"


def _wrong_criterion(one: Mapping[str, Any]) -> str:
    if set(one) != {"id", "title", "weight", "anchors"}:
        return "it has id, title, weight and anchors"
    if not isinstance(one["id"], str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,100}", one["id"]):
        return "id has letters, digits, - and _ only"
    if not isinstance(one["title"], str) or not one["title"].strip():
        return "title is a text"
    if type(one["weight"]) not in {int, float} or not 0 < one["weight"] < float("inf"):
        return "weight is a number above 0"
    anchors = one["anchors"]
    whole = isinstance(anchors, dict) and set(anchors) == set(ANCHORS)
    if not whole or not all(isinstance(text, str) and text.strip() for text in anchors.values()):
        return f"anchors says in words what {', '.join(ANCHORS)} look like"
    return ""


def _listed(question: Question, name: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """Return the items of a list in Markdown; the lines after an item's first belong to it."""
    path = question.folder / name
    if not path.is_file():
        return ()
    found: list[list[str]] = []
    for line in path.read_text("utf-8", "replace").splitlines():
        if begun := form.match(line):
            found.append([begun[1]])
        elif found:
            found[-1].append(line.strip())
    return tuple(" ".join(filter(None, lines)).strip() for lines in found)
