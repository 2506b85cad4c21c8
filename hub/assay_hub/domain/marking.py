"""What people give for a cell: points, a rubric's items, extra credit and a comment; and how that is taken back."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from assay_hub.domain.batch import needs_review
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import is_broken, one_line

MOST_POINTS = 1_000.0
COMMENT_CHARACTERS = 10_000
ITEM_CHARACTERS = 300
MAX_ITEMS = 50
REASON_CHARACTERS = 2_000


@dataclass(frozen=True)
class RubricItem:
    """One sentence of a rubric with its points; it counts wherever it is applied.

    Attributes:
        points: added to a cell's points; may be negative.
        removed: it counts nowhere any more, but removing it can be undone.
    """

    id: str
    batch: str
    question: str
    grade_id: str
    text: str
    points: float
    place: int = 0
    removed: bool = False

    def checked(self) -> "RubricItem":
        """Return the item with its text tidied.

        Raises:
            BadInputError: text or points cannot be used.
        """
        tidy = replace(self, text=one_line(self.text))
        if not 0 < len(tidy.text) <= ITEM_CHARACTERS or is_broken(tidy.text):
            raise BadInputError(f"An item of a rubric needs 1 to {ITEM_CHARACTERS} characters.")
        if not is_points(tidy.points):
            raise BadInputError(f"Points lie between -{MOST_POINTS:g} and {MOST_POINTS:g}.")
        return tidy


@dataclass(frozen=True)
class Mark:
    """What people gave for a cell.

    Attributes:
        manual: points in place of those that the tests gave; ``None`` leaves those.
        extra: extra credit, on top of everything and beyond what the cell is worth.
        items: ids of the rubric's items that apply.
    """

    manual: float | None = None
    extra: float = 0.0
    comment: str = ""
    items: tuple[str, ...] = ()

    def checked(self, max_points: float) -> "Mark":
        """Return the mark with its comment tidied.

        Raises:
            BadInputError: points or comment cannot be used.
        """
        comment = self.comment.replace("\r\n", "\n").strip()
        if self.manual is not None and not (is_points(self.manual) and 0 <= self.manual <= max_points):
            raise BadInputError(f"Points for this cell lie between 0 and {max_points:g}; what is more is extra credit.")
        if not (is_points(self.extra) and self.extra >= 0):
            raise BadInputError(f"Extra credit lies between 0 and {MOST_POINTS:g}.")
        if len(comment) > COMMENT_CHARACTERS or is_broken(comment):
            raise BadInputError(f"A comment has at most {COMMENT_CHARACTERS} characters.")
        return replace(self, comment=comment, items=tuple(sorted(set(self.items))))

    def to_json(self) -> dict[str, Any]:
        """Return it as the log of changes keeps it."""
        return {"manual": self.manual, "extra": self.extra, "comment": self.comment, "items": list(self.items)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Mark":
        """Return what ``to_json`` gave."""
        return cls(kept["manual"], kept["extra"], kept["comment"], tuple(kept["items"]))


@dataclass(frozen=True)
class MarkedCell:
    """A graded cell: what the tests said, and what people gave.

    Attributes:
        auto: points of the tests; ``None`` when a person has to give them.
    """

    grade_id: str
    place: int
    title: str
    auto: float | None
    max_points: float
    verdict: str
    message: str
    mark: Mark = field(default_factory=Mark)

    def points(self, rubric: Mapping[str, RubricItem]) -> float | None:
        """Return the points of the cell; ``None`` while a person has to give them.

        Given by hand or else by tests, plus what the rubric's items say, but not below 0 or above what the cell is
        worth, plus extra credit. Where nothing else is given, the items alone give the points.
        """
        given = self.by_hand(rubric)
        given = self.auto if given is None else given
        return None if given is None else min(max(given, 0.0), self.max_points) + self.mark.extra

    def by_hand(self, rubric: Mapping[str, RubricItem]) -> float | None:
        """Return the points as people have them, without extra credit; ``None`` when those of the tests hold."""
        items = [item.points for item in self.items(rubric)]
        if self.mark.manual is None and not items:
            return None
        given = self.auto if self.mark.manual is None else self.mark.manual
        return min(max((given or 0.0) + math.fsum(items), 0.0), self.max_points)

    def items(self, rubric: Mapping[str, RubricItem]) -> list[RubricItem]:
        """Return the rubric's items that count."""
        return [rubric[one] for one in self.mark.items if one in rubric and not rubric[one].removed]


@dataclass(frozen=True)
class Totals:
    """What the cells of a notebook come to."""

    points: float
    max_points: float
    waiting: int
    review: bool


def totals(cells: Iterable[MarkedCell], rubric: Mapping[str, RubricItem], outcome: str, *, reviewed: bool) -> Totals:
    """Return what the cells of a notebook come to."""
    cells = list(cells)
    given = [cell.points(rubric) for cell in cells]
    waiting = sum(1 for one in given if one is None)
    points = math.fsum(one for one in given if one is not None)
    most = math.fsum(cell.max_points for cell in cells)
    return Totals(points, most, waiting, needs_review(outcome, waiting, reviewed=reviewed))


class ChangeKind(StrEnum):
    """What was changed. A stored name is never renamed."""

    WORK = "work"
    RUBRIC = "rubric"


@dataclass(frozen=True)
class Change:
    """One thing that somebody did and may take back.

    Attributes:
        submission: whose work, for the kind that is about one.
        item: which item of the rubric, for the kind that is about one.
        before: as it was, as JSON.
        after: as it became; it can be taken back only while it is still so.
    """

    id: int
    batch: str
    account: str
    at: datetime
    kind: ChangeKind
    submission: str
    question: str
    item: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def is_points(value: float) -> bool:
    """Whether a number can be points."""
    return math.isfinite(value) and abs(value) <= MOST_POINTS


def state_of(cells: Iterable[MarkedCell], *, reviewed: bool) -> str:
    """Return a text that changes when somebody gives something else for one of these cells."""
    kept = {cell.grade_id: cell.mark.to_json() for cell in cells}
    return hashlib.sha256(json.dumps([kept, reviewed], sort_keys=True).encode()).hexdigest()[:16]
