"""Rubrics: what reviewers score, and what a level looks like; of a role, of a question, and an interview's copy."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import TEXT_CHARACTERS, fits, is_broken, one_line

LEVELS = (1, 2, 3, 4, 5)
NEEDED = (1, 3, 5)
"""Levels that need words; the two between them may have some."""

ANCHOR_CHARACTERS = 1_000
MAX_CRITERIA = 20
MOST_WEIGHT = 100.0
RECOMMENDATION = "recommendation"
"""Key of the overall recommendation: a criterion of its own, which nobody computes from the others."""

ROLE = "role"
"""Section of the criteria that belong to the role, beside one for each question."""

_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}")


@dataclass(frozen=True)
class Criterion:
    """One thing that people score.

    Attributes:
        id: stable, so that scores of several interviews can be compared.
        anchors: what each level from 1 to 5 looks like; those of 2 and 4 may be empty.
        weight: how much it counts beside the others.
    """

    id: str
    title: str
    anchors: tuple[str, ...]
    weight: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"id": self.id, "title": self.title, "anchors": list(self.anchors), "weight": self.weight}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Criterion":
        """Return what ``to_json`` gave."""
        return cls(kept["id"], kept["title"], tuple(kept["anchors"]), kept["weight"])


@dataclass(frozen=True)
class Section:
    """The criteria of one origin.

    Attributes:
        id: ``role``, or the id of a question.
    """

    id: str
    title: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Rubric:
    """What an interview is scored by: a copy, which no later edit of a role or a question reaches."""

    sections: tuple[Section, ...]

    @property
    def keyed(self) -> dict[str, Criterion]:
        """The criteria by their keys, in order: unique in the rubric, the same for the same criterion elsewhere."""
        return {key_of(section, one): one for section in self.sections for one in section.criteria}

    def to_json(self) -> list[dict[str, Any]]:
        """Return it as it is stored."""
        return [
            {"id": one.id, "title": one.title, "criteria": [each.to_json() for each in one.criteria]}
            for one in self.sections
        ]

    @classmethod
    def from_json(cls, kept: Sequence[Mapping[str, Any]]) -> "Rubric":
        """Return what ``to_json`` gave."""
        return cls(
            tuple(
                Section(one["id"], one["title"], tuple(Criterion.from_json(each) for each in one["criteria"]))
                for one in kept
            )
        )


def key_of(section: Section, criterion: Criterion) -> str:
    """Return the key under which a criterion of a section is scored."""
    return f"{section.id}/{criterion.id}"


def checked(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Return the criteria of a role with their texts tidied; one without an id gets one from its title.

    Raises:
        BadInputError: something cannot be used; ``fields`` says what, under ``rubric-<place>-<part>``.
    """
    tidy = [
        replace(
            one, title=one_line(one.title), anchors=tuple(text.replace("\r\n", "\n").strip() for text in one.anchors)
        )
        for one in criteria
    ]
    wrong = {f"rubric-{place}-{part}": reason for place, one in enumerate(tidy) for part, reason in _complaints(one)}
    if len(tidy) > MAX_CRITERIA:
        wrong["rubric"] = f"At most {MAX_CRITERIA} criteria."
    named: list[Criterion] = []
    for one in tidy:
        taken = {other.id for other in (*named, *tidy) if other is not one}
        named.append(replace(one, id=one.id or _free_id(one.title, taken)))
    for place, one in enumerate(named):
        if one.id in {other.id for other in named[:place]}:
            wrong[f"rubric-{place}-title"] = "This criterion is there twice."
    if wrong:
        raise BadInputError("Some of the rubric cannot be used.", " ".join(dict.fromkeys(wrong.values())), fields=wrong)
    return tuple(named)


def _complaints(one: Criterion) -> list[tuple[str, str]]:
    found = []
    if not fits(one.title):
        found.append(("title", f"A criterion needs a title of 1 to {TEXT_CHARACTERS} characters."))
    if one.id and not _ID.fullmatch(one.id):
        found.append(("title", "The id of a criterion has letters, digits, - and _ only."))
    if not (math.isfinite(one.weight) and 0 < one.weight <= MOST_WEIGHT):
        found.append(("weight", f"A weight is a number above 0, and at most {MOST_WEIGHT:g}."))
    if len(one.anchors) != len(LEVELS):
        return [*found, ("title", f"A criterion has words for each of {len(LEVELS)} levels.")]
    for level, text in zip(LEVELS, one.anchors, strict=True):
        if level in NEEDED and not text:
            found.append((str(level), f"Say what a {level} looks like."))
        if len(text) > ANCHOR_CHARACTERS or is_broken(text):
            found.append((str(level), f"At most {ANCHOR_CHARACTERS} characters say what a level looks like."))
    return found


def _free_id(title: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80] or "criterion"
    return next(
        name for number in range(1, 1_000) if (name := plain if number == 1 else f"{plain}-{number}") not in taken
    )


def _shipped(name: str, title: str, first: str, third: str, fifth: str) -> Criterion:
    return Criterion(name, title, (first, "", third, "", fifth))


LIVE = (
    _shipped(
        "communication",
        "Communication",
        "Works in silence, or answers something else than was asked; others cannot follow why the next step is taken.",
        "Says what they are about to do and asks when the task is unclear; explains a decision when somebody asks.",
        "Keeps everybody with them unasked: names assumptions, checks them, and takes a hint up and goes on from it.",
    ),
    _shipped(
        "problem-solving",
        "Problem solving",
        "Tries things until something fits; does not notice when it does not.",
        "Breaks the task down, gets to a working solution, and mends it when an example shows a fault.",
        "Finds the hard part before writing, weighs two ways against each other, and knows where the chosen one ends.",
    ),
    _shipped(
        "code-quality",
        "Code quality",
        "Runs at best for the example; names and structure do not say what is meant.",
        "Readable functions with names that fit; some repetition, or a case that is handled in an odd place.",
        "Somebody else could go on with it tomorrow: small parts, clear names, errors handled where they belong.",
    ),
    _shipped(
        "testing",
        "Testing",
        "Takes it for right because it ran once.",
        "Tries examples of their own, among them one that could go wrong.",
        "Chooses cases by what could break, empty and extreme ones too, and keeps them as checks.",
    ),
)
"""What a live interview is scored by where its role says nothing else."""

WRITTEN = (
    _shipped(
        "trade-offs",
        "Trade-offs explained",
        "Says what was done, and nothing of what else could have been.",
        "Names the important choices and one reason for each.",
        "For each choice that is hard to undo: what was given up, for what, and what would make them choose again.",
    ),
    _shipped(
        "skipped",
        "What was skipped, and why",
        "Something is missing and is not mentioned.",
        "Lists what is missing.",
        "Says what was left out on purpose, what it would take, and which of it they would do first.",
    ),
    _shipped(
        "readability",
        "Readability for someone who was not there",
        "Makes sense only to its author: no order, no words around the code.",
        "Can be followed from top to bottom with some effort; results are labelled.",
        "A colleague who knows nothing of it finds the answer first, then how it came about, and can run it again.",
    ),
)
"""The same for written work, such as a take-home."""

DEFAULTS = {"live": LIVE, "written": WRITTEN}
