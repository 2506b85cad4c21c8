"""Mistakes that a question's tests have to find, as its author wrote them down: ``mutants.toml``."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_assignments.library import BadQuestionError, Question
from assay_assignments.manifest import MUTANTS

_MEMBERS = {"breaks", "cell", "find", "replace", "why"}
_REGION = re.compile(r"^[^\n]*### BEGIN SOLUTION[^\n]*\n(.*?)^[^\n]*### END SOLUTION", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """The reference solution with one mistake.

    Attributes:
        breaks: ``grade_id`` of each test that finds it.
        cell: ``grade_id`` of the solution that has the mistake.
        find: a text that is there once.
        replace: what stands in its place.
        why: the mistake in plain words.
    """

    breaks: tuple[str, ...]
    cell: str
    find: str
    replace: str
    why: str

    def apply(self, source: str) -> str:
        """Return a cell's source with the mistake.

        Raises:
            ValueError: the text to find is not there exactly once; the message says how often.
        """
        places = list(_places(source, self.find))
        if len(places) != 1:
            often = "not there" if not places else f"there {len(places)} times"
            raise ValueError(f"the text to find is {often} in {self.cell}: {self.find!r}")
        return source[: places[0]] + self.replace + source[places[0] + len(self.find) :]


def load_mutants(question: Question) -> tuple[Mutant, ...]:
    """Read the mutants of a question; none when there is no such file.

    Raises:
        BadQuestionError: they cannot be read; the text says why.
    """
    path = question.folder / MUTANTS
    if not path.is_file():
        return ()
    try:
        body = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadQuestionError(f"{path}: {error}") from error
    listed = body.get("mutant", [])
    if set(body) - {"mutant"} or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadQuestionError(f"{path}: there are [[mutant]] and nothing else")
    for place, one in enumerate(listed, 1):
        if problem := _problem(one):
            raise BadQuestionError(f"{path}: mutant {place}: {problem}")
    return tuple(Mutant(**{**one, "breaks": tuple(_breaks(one))}) for one in listed)


def _breaks(one: Mapping[str, Any]) -> list[Any]:
    return one["breaks"] if isinstance(one["breaks"], list) else [one["breaks"]]


def _problem(one: Mapping[str, Any]) -> str:
    if set(one) != _MEMBERS:
        return f"it has {', '.join(sorted(_MEMBERS))}"
    if not all(isinstance(text, str) for text in (*_breaks(one), one["cell"], one["find"], one["replace"], one["why"])):
        return "its members are texts"
    if not _breaks(one) or not one["find"] or not one["why"].strip() or one["find"] == one["replace"]:
        return "it breaks a test, finds a text, puts another in its place, and says why"
    return ""


def _places(source: str, text: str) -> Iterator[int]:
    """Yield where a text begins in the solutions of a cell; in the whole cell when it is in none of them."""
    regions = [match.span(1) for match in _REGION.finditer(source)]
    inside = [place for start, end in regions for place in _occurrences(source, text, start, end)]
    yield from inside or _occurrences(source, text, 0, len(source))


def _occurrences(source: str, text: str, start: int, end: int) -> Iterator[int]:
    place = source.find(text, start, end)
    while place >= 0:
        yield place
        place = source.find(text, place + 1, end)
