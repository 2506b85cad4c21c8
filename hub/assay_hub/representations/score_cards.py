"""Rubrics and score cards, as other programs read and write them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assay_config.settings import SERVICE_PREFIX
from assay_hub.domain.debrief import OwnCard, RoleAgreement, ScoreCards, ShownCard
from assay_hub.domain.rubric import ANCHOR_CHARACTERS, LEVELS, MOST_WEIGHT, Criterion, Rubric
from assay_hub.domain.score_card import (
    COMMENT_CHARACTERS,
    MAX_MOMENTS,
    WHY_CHARACTERS,
    Score,
    ScoreCard,
    keys_of,
)

_API = f"{SERVICE_PREFIX}api/v1"
_NO_ZERO = r"^[^\u0000]*$"

Level = Annotated[int, Field(ge=1, le=len(LEVELS))]
Anchor = Annotated[str, Field(max_length=ANCHOR_CHARACTERS, pattern=_NO_ZERO)]
Moment = Annotated[str, Field(pattern=r"^([0-9]{1,3}:)?[0-5]?[0-9]:[0-5][0-9]$")]
Key = Annotated[str, Field(min_length=1, max_length=210, pattern=r"^[a-zA-Z0-9_/-]+$")]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CriterionModel(_Model):
    """One thing that people score, with what each level from 1 to 5 looks like; 2 and 4 may be empty."""

    id: str = Field("", pattern=r"^([a-zA-Z0-9_-]{1,100})?$", description="stable; empty for a new one")
    title: str = Field(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]*$")
    anchors: list[Anchor] = Field(min_length=len(LEVELS), max_length=len(LEVELS))
    weight: float = Field(1.0, gt=0, le=MOST_WEIGHT)

    @classmethod
    def of(cls, one: Criterion) -> "CriterionModel":
        """Return a criterion as JSON has it."""
        return cls(id=one.id, title=one.title, anchors=list(one.anchors), weight=one.weight)

    def criterion(self) -> Criterion:
        """Return the criterion."""
        return Criterion(self.id, self.title, tuple(self.anchors), self.weight)


class ScoreModel(_Model):
    """What somebody gave for one criterion: a level, or that there was nothing to see of it, or nothing yet."""

    level: Level | None = Field(None, description="1 to 5; of the recommendation 1 (strong no) to 4 (strong yes)")
    observed: bool = True
    comment: str = Field("", max_length=COMMENT_CHARACTERS, pattern=_NO_ZERO)
    moments: list[Moment] = Field([], max_length=MAX_MOMENTS, description="places in the replay, as 12:34 or 1:02:03")

    @classmethod
    def of(cls, score: Score) -> "ScoreModel":
        """Return a score as JSON has it; a moment that cannot be read is left out."""
        moments = [words for words, _ in score.places]
        return cls(level=score.level, observed=score.observed, comment=score.comment, moments=moments)

    def score(self) -> Score:
        """Return the score."""
        return Score(self.level, self.observed, self.comment, ", ".join(self.moments))


class KeyedCriterion(CriterionModel):
    """A criterion of an interview's rubric."""

    key: str = Field(description="under which it is scored")
    section: str = Field(description="the role, or the title of the question that it belongs to")


class OwnCardShown(_Model):
    """Your own score card."""

    interview: str
    candidate: str
    criteria: list[KeyedCriterion]
    keys: list[str] = Field(description="everything to be scored, `recommendation` last")
    scores: dict[str, ScoreModel]
    revision: int
    saved_at: datetime | None
    locked_at: datetime | None
    links: dict[str, str]


class CardInput(_Model):
    """All scores of a card so far, by key; what is left out is not scored."""

    scores: dict[Key, ScoreModel] = Field(max_length=500)

    def all(self) -> dict[str, Score]:
        """Return the scores."""
        return {key: one.score() for key, one in self.scores.items()}


class ScoreChangeInput(ScoreModel):
    """A score that is changed after the debrief; the first one stays beside it."""

    criterion: Key
    why: str = Field(min_length=1, max_length=WHY_CHARACTERS, pattern=_NO_ZERO)


class ScoreChangeShown(_Model):
    """A change of a locked card."""

    criterion: str
    before: ScoreModel
    after: ScoreModel
    account: str
    at: datetime
    why: str


class LockedCardShown(_Model):
    """A locked card: what was given first, and what it is now."""

    account: str
    name: str
    locked_at: datetime | None
    first: dict[str, ScoreModel]
    now: dict[str, ScoreModel]
    mean: float | None = Field(description="weighted mean of the first levels; the recommendation is no part of it")
    changes: list[ScoreChangeShown]


class ScoreCardsShown(_Model):
    """The locked cards of an interview side by side."""

    interview: str
    criteria: list[KeyedCriterion]
    cards: list[LockedCardShown]
    drafts: int = Field(description="how many cards are begun and not locked")
    machine_suggestions: dict[str, int] = Field(description="by question, the level that its tests' points suggest")
    links: dict[str, str]


class AgreementShown(_Model):
    """How far reviewers agree on one criterion."""

    criterion: str
    anchors: list[str]
    method: str | None = Field(
        description="kappa (two reviewers, quadratic weights) or alpha (ordinal); null for too few"
    )
    value: float | None
    low: float | None = Field(description="lower end of the 95 % interval")
    high: float | None
    interviews: int
    reviewers: int
    words: str


class SeverityShown(_Model):
    """How far a reviewer scores above or below the others, in levels."""

    account: str
    value: float | None
    scores: int


class RoleAgreementShown(_Model):
    """How far reviewers agree, over the interviews of a role whose cards you may see."""

    position: str
    interviews: int
    criteria: list[AgreementShown]
    severity: list[SeverityShown] = Field(description="for admins; empty for everybody else")
    links: dict[str, str]


def own_card(own: OwnCard) -> OwnCardShown:
    """Return somebody's own card."""
    here = f"{_API}/interviews/{own.interview.id}"
    return OwnCardShown(
        interview=own.interview.id,
        candidate=own.interview.candidate_name,
        criteria=_criteria(own.rubric),
        keys=list(keys_of(own.rubric)),
        scores=_scores(own.card.scores),
        revision=own.card.revision,
        saved_at=own.card.saved_at,
        locked_at=own.card.locked_at,
        links={"self": f"{here}/score-card", "all": f"{here}/score-cards", "interview": here},
    )


def saved_card(own: OwnCard, card: ScoreCard) -> OwnCardShown:
    """Return somebody's own card after it was saved or locked."""
    return own_card(OwnCard(own.interview, own.rubric, card, own.replay))


def score_cards(found: ScoreCards) -> ScoreCardsShown:
    """Return all locked cards of an interview."""
    here = f"{_API}/interviews/{found.interview}"
    return ScoreCardsShown(
        interview=found.interview,
        criteria=_criteria(found.rubric),
        cards=[_locked(one) for one in found.cards],
        drafts=found.drafts,
        machine_suggestions=dict(found.suggestions),
        links={"self": f"{here}/score-cards", "interview": here},
    )


def agreement(found: RoleAgreement) -> RoleAgreementShown:
    """Return how far reviewers agree."""
    here = f"{_API}/positions/{found.position.id}"
    return RoleAgreementShown(
        position=found.position.id,
        interviews=found.interviews,
        criteria=[
            AgreementShown(
                criterion=one.title,
                anchors=list(one.anchors),
                method=one.agreement.method if one.agreement else None,
                value=one.agreement.value if one.agreement else None,
                low=one.agreement.low if one.agreement else None,
                high=one.agreement.high if one.agreement else None,
                interviews=one.units,
                reviewers=one.reviewers,
                words=one.words,
            )
            for one in found.criteria
        ],
        severity=[SeverityShown(account=one.account, value=one.value, scores=one.units) for one in found.severities],
        links={"self": f"{here}/agreement", "position": here},
    )


def _criteria(rubric: Rubric) -> list[KeyedCriterion]:
    return [
        KeyedCriterion(**CriterionModel.of(one).model_dump(), key=f"{section.id}/{one.id}", section=section.title)
        for section in rubric.sections
        for one in section.criteria
    ]


def _scores(scores: Mapping[str, Score]) -> dict[str, ScoreModel]:
    return {key: ScoreModel.of(one) for key, one in scores.items()}


def _locked(one: ShownCard) -> LockedCardShown:
    return LockedCardShown(
        account=one.card.account,
        name=one.name,
        locked_at=one.card.locked_at,
        first=_scores(one.card.scores),
        now=_scores(one.now),
        mean=one.mean,
        changes=[
            ScoreChangeShown(
                criterion=change.criterion,
                before=ScoreModel.of(change.before),
                after=ScoreModel.of(change.after),
                account=change.account,
                at=change.at,
                why=change.why,
            )
            for change in one.changes
        ],
    )
