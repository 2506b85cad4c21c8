"""Submissions that have code in common: an observation, on which a person gives a verdict before a report shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay_hub.domain.analysis import AnalysisState
from assay_hub.domain.errors import BadInputError

REASON_CHARACTERS = 1000


class Verdict(StrEnum):
    """What a person says of a pair. A stored name is never renamed."""

    EXPLAINED = "explained"
    CONCERNING = "concerning"
    IGNORE = "ignore"


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions of the same question with code in common.

    Attributes:
        batch: the batch that both belong to; empty for two interviews.
        first: interview, or submission of the batch; comes before ``second`` in the order of ids.
        first_share: part of its code, without what was handed out, that is also in the other, up to 1.
        works: the numbers of both submissions of an interview, which change when it is handed in again.
        verdict: what a person said; ``None`` before that.
    """

    id: str
    batch: str
    question: str
    first: str
    second: str
    first_share: float
    second_share: float
    found_at: datetime
    works: str = ""
    verdict: Verdict | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def share(self) -> float:
        """The larger of both parts."""
        return max(self.first_share, self.second_share)

    def other(self, work: str) -> str:
        """Return the other one."""
        return self.second if work == self.first else self.first

    def share_of(self, work: str) -> float:
        """Return the part of this one that is also in the other."""
        return self.first_share if work == self.first else self.second_share


@dataclass(frozen=True)
class AlikeSearch:
    """Where the search for pairs in a question of a batch stands.

    Attributes:
        works: how many submissions were compared.
    """

    batch: str
    question: str
    state: AnalysisState
    works: int = 0
    message: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """A line of code on a page that shows two submissions beside each other.

    Attributes:
        match: number of what is in both, from 1; 0 for a line that is in one alone.
    """

    number: int
    text: str
    match: int


@dataclass(frozen=True)
class Side:
    """The code of one submission: number of each of its own cells, and its lines."""

    cells: tuple[tuple[int, tuple[Line, ...]], ...]

    @property
    def starts(self) -> dict[tuple[int, int], int]:
        """Where what is in both begins: cell and line, to its number."""
        found: dict[int, tuple[int, int]] = {}
        for cell, lines in self.cells:
            for line in lines:
                if line.match:
                    found.setdefault(line.match, (cell, line.number))
        return {place: match for match, place in found.items()}


@dataclass(frozen=True)
class Beside:
    """Two submissions beside each other."""

    first: Side
    second: Side
    matches: int


def reason_of(verdict: str, reason: str) -> tuple[Verdict, str]:
    """Return what somebody said of a pair.

    Raises:
        BadInputError: it is none of the verdicts, or there is no reason, or a long one.
    """
    found = next((one for one in Verdict if one.value == verdict), None)
    if found is None:
        says = "Choose what you make of it."
        raise BadInputError(says, fields={"verdict": says})
    text = reason.strip()
    if not text or len(text) > REASON_CHARACTERS:
        says = f"Say why, in at most {REASON_CHARACTERS} characters."
        raise BadInputError(says, fields={"reason": says})
    return found, text


def groups_of(pairs: Iterable[SimilarPair]) -> list[tuple[str, ...]]:
    """Return groups of three submissions or more that hang together by pairs, the largest first."""
    group: dict[str, set[str]] = {}
    for pair in pairs:
        joined = group.get(pair.first, {pair.first}) | group.get(pair.second, {pair.second})
        for name in joined:
            group[name] = joined
    whole = {tuple(sorted(members)) for members in group.values()}
    return sorted((one for one in whole if len(one) > 2), key=lambda one: (-len(one), one))  # noqa: PLR2004  # a pair is none
