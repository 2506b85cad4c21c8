"""Score cards: what one reviewer gave in one interview, and what they changed after they had seen the others'."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assay_hub.domain.errors import BadInputError, ConflictError, WrongStateError
from assay_hub.domain.plan import is_broken
from assay_hub.domain.result import Grade, GradingState
from assay_hub.domain.rubric import LEVELS, RECOMMENDATION, Rubric

COMMENT_CHARACTERS = 5_000
WHY_CHARACTERS = 2_000
MAX_MOMENTS = 20
_MOMENTS_CHARACTERS = 300
RECOMMENDATIONS = {1: "Strong no", 2: "No", 3: "Yes", 4: "Strong yes"}

_CLOCK = re.compile(r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)")


@dataclass(frozen=True)
class Score:
    """What somebody gave for one criterion.

    Attributes:
        level: ``None`` while nothing was chosen, and for what was not observed.
        observed: ``False`` where the reviewer says that there was nothing to see of it.
        moments: places in the replay, as ``12:34`` or ``1:02:03``, with commas between them; as it was entered.
    """

    level: int | None = None
    observed: bool = True
    comment: str = ""
    moments: str = ""

    @property
    def given(self) -> bool:
        """Whether there is a level, or the word that there was nothing to see."""
        return self.level is not None or not self.observed

    @property
    def places(self) -> list[tuple[str, int]]:
        """The moments that can be read, each with its milliseconds since the recording's start."""
        return [(one, place) for one in _moments(self.moments) if (place := _milliseconds(one)) is not None]

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"level": self.level, "observed": self.observed, "comment": self.comment, "moments": self.moments}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Score":
        """Return what ``to_json`` gave."""
        return cls(kept["level"], kept["observed"], kept["comment"], kept["moments"])


NOTHING = Score()


@dataclass(frozen=True)
class ScoreChange:
    """What a reviewer changed after they had locked their card; the first score stays beside it."""

    account: str
    criterion: str
    before: Score
    after: Score
    at: datetime
    why: str


@dataclass(frozen=True)
class ScoreCard:
    """The card of one reviewer in one interview.

    Attributes:
        scores: by the key of the criterion; one that is not there was not touched yet.
        revision: counts how often it was saved; 0 for one that never was.
        page: the open page that saved it last, which may go on without asking.
        locked_at: when it was locked; it never changes after that.
    """

    interview: str
    account: str
    scores: Mapping[str, Score] = field(default_factory=dict)
    revision: int = 0
    page: str = ""
    saved_at: datetime | None = None
    locked_at: datetime | None = None

    def of(self, key: str) -> Score:
        """Return what was given for a criterion."""
        return self.scores.get(key, NOTHING)

    def save(self, scores: Mapping[str, Score], rubric: Rubric, now: datetime, page: str = "") -> "ScoreCard":
        """Return the card with other scores: half of them may be missing.

        Raises:
            WrongStateError: it is locked.
            BadInputError: there is no such criterion or level, or a comment is too long.
        """
        if self.locked_at is not None:
            raise WrongStateError("This score card is locked.", "Change a score on the page of the debrief.")
        wrong = {key: reason for key, score in scores.items() if (reason := _complaint(key, score, rubric))}
        if wrong:
            raise BadInputError("Some of this cannot be used.", " ".join(dict.fromkeys(wrong.values())), fields=wrong)
        kept = {key: score for key, score in scores.items() if score != NOTHING}
        return replace(self, scores=kept, revision=self.revision + 1, page=page, saved_at=now)

    def lock(self, rubric: Rubric, now: datetime) -> "ScoreCard":
        """Return the card as it stays from now on.

        Raises:
            WrongStateError: it is locked already.
            BadInputError: a criterion has neither a level nor the word that it was not observed, or a moment is none.
        """
        if self.locked_at is not None:
            raise WrongStateError("This score card is locked already.")
        wrong = {key: reason for key in keys_of(rubric) if (reason := unfinished(self.of(key)))}
        if wrong:
            raise BadInputError(
                "This score card is not complete.", " ".join(dict.fromkeys(wrong.values())), fields=wrong
            )
        return replace(self, revision=self.revision + 1, locked_at=now)

    def require_same(self, revision: int | None, page: str = "") -> None:
        """Refuse a change that was made from another version of the card; a page may go on from its own.

        Raises:
            ConflictError: another window saved it meanwhile.
        """
        if revision not in (None, self.revision) and not (page and page == self.page):
            raise ConflictError

    def after(self, changes: Sequence[ScoreChange]) -> dict[str, Score]:
        """Return the scores as they are now, after the changes that were made to them."""
        return dict(self.scores) | {change.criterion: change.after for change in changes}

    def mean(self, rubric: Rubric) -> float | None:
        """Return the weighted mean of what was observed; ``None`` for nothing. The recommendation is no part of it."""
        return mean_of(self.scores, rubric)


def mean_of(scores: Mapping[str, Score], rubric: Rubric) -> float | None:
    """Return the weighted mean of the levels, each counting with the weight of its criterion."""
    observed = [(one.weight, scores.get(key, NOTHING).level) for key, one in rubric.keyed.items()]
    total = sum(weight for weight, level in observed if level is not None)
    return sum(weight * level for weight, level in observed if level is not None) / total if total else None


def keys_of(rubric: Rubric) -> tuple[str, ...]:
    """Return everything that a card of this rubric gives a score for, the recommendation last."""
    return (*rubric.keyed, RECOMMENDATION)


def levels_of(key: str) -> tuple[int, ...]:
    """Return the levels that can be given for a criterion."""
    return tuple(RECOMMENDATIONS) if key == RECOMMENDATION else LEVELS


def unfinished(score: Score) -> str:
    """Return what a score needs before the card can be locked; empty for nothing."""
    if not score.given:
        return "Choose a level, or say that it was not observed."
    if len(_moments(score.moments)) != len(score.places):
        return "A moment is written as 12:34, with commas between several."
    return ""


def change_score(
    card: ScoreCard,
    changes: Sequence[ScoreChange],
    criterion: str,
    after: Score,
    rubric: Rubric,
    now: datetime,
    why: str,
) -> ScoreChange:
    """Return the change of a locked card.

    Raises:
        WrongStateError: it is not locked: then it is simply saved.
        BadInputError: nothing changes, no reason is given, or the score cannot be used.
    """
    if card.locked_at is None:
        raise WrongStateError("This score card is not locked yet.", "Change it, and lock it when you are done.")
    why = why.replace("\r\n", "\n").strip()
    fields = {criterion: reason} if (reason := _complaint(criterion, after, rubric) or unfinished(after)) else {}
    if not 0 < len(why) <= WHY_CHARACTERS or is_broken(why):
        fields["why"] = f"Say why, in 1 to {WHY_CHARACTERS} characters: the first score stays beside the new one."
    before = card.after(changes).get(criterion, NOTHING)
    if not fields and after == before:
        fields[criterion] = "Nothing would change."
    if fields:
        raise BadInputError("This change cannot be kept.", " ".join(fields.values()), fields=fields)
    return ScoreChange(card.account, criterion, before, after, now, why)


def suggested_level(grade: Grade) -> int | None:
    """Return the level that the tests' points alone would suggest for a question, as a machine's word and no more.

    The share of the points on the scale from 1 to 5, rounded; ``None`` while there is no complete grading.
    """
    if grade.state is not GradingState.DONE or grade.max_points <= 0:
        return None
    share = min(max(grade.points / grade.max_points, 0.0), 1.0)
    return 1 + round(share * (len(LEVELS) - 1))


def _complaint(key: str, score: Score, rubric: Rubric) -> str:
    if key not in keys_of(rubric):
        return "There is no such criterion."
    if score.level is not None and (not score.observed or score.level not in levels_of(key)):
        return "There is no such level."
    if len(score.comment) > COMMENT_CHARACTERS or is_broken(score.comment):
        return f"A comment has at most {COMMENT_CHARACTERS} characters."
    if (
        len(score.moments) > _MOMENTS_CHARACTERS
        or is_broken(score.moments)
        or len(_moments(score.moments)) > MAX_MOMENTS
    ):
        return f"At most {MAX_MOMENTS} moments."
    return ""


def _moments(text: str) -> list[str]:
    return [one for one in (part.strip() for part in text.split(",")) if one]


def _milliseconds(moment: str) -> int | None:
    found = _CLOCK.fullmatch(moment)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000
