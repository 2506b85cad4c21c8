"""What several score cards say together: side by side for a debrief, and how far their reviewers agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from assay_hub.domain.agreement import Agreement, agreement, severity
from assay_hub.domain.interview import Interview
from assay_hub.domain.position import Position
from assay_hub.domain.rubric import RECOMMENDATION, Criterion, Rubric, key_of
from assay_hub.domain.score_card import NOTHING, RECOMMENDATIONS, Score, ScoreCard, ScoreChange

FEWEST_UNITS = 5
"""How many interviews two people must have scored before agreement, or severity, is a figure at all."""

FEW_UNITS = 20
"""Below so many the figure is shown with the warning that it may well be chance."""

_SEED = 20_261_121


@dataclass(frozen=True)
class OwnCard:
    """Somebody's own card with what it is filled in from.

    Attributes:
        card: one that was never saved has revision 0.
        replay: whether there is a recording to point into.
    """

    interview: Interview
    rubric: Rubric
    card: ScoreCard
    replay: bool


@dataclass(frozen=True)
class ShownCard:
    """A locked card as others read it.

    Attributes:
        name: of the reviewer.
        now: the scores after all changes.
        mean: weighted mean of the first scores.
    """

    card: ScoreCard
    name: str
    changes: tuple[ScoreChange, ...]
    now: Mapping[str, Score]
    mean: float | None

    def score_of(self, key: str) -> Score:
        """Return the score of a criterion as it is now."""
        return self.now.get(key, NOTHING)

    def changes_of(self, key: str) -> list[ScoreChange]:
        """Return the changes of one criterion, the first one first."""
        return [change for change in self.changes if change.criterion == key]


@dataclass(frozen=True)
class Withheld:
    """Why somebody does not see the score cards of an interview.

    Attributes:
        locked: how many are locked.
    """

    reason: str
    locked: int


@dataclass(frozen=True)
class ScoreCards:
    """The locked cards of an interview side by side, for its debrief and its report.

    Attributes:
        drafts: how many cards are begun and not locked; nobody learns more of those.
        suggestions: by question, the level that the points of its tests alone would suggest: a machine's word.
    """

    interview: str
    rubric: Rubric
    cards: tuple[ShownCard, ...]
    drafts: int
    suggestions: Mapping[str, int]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """For each criterion its section's title, its key and its title; the recommendation comes last."""
        sections = [(one.title, key_of(one, each), each.title) for one in self.rubric.sections for each in one.criteria]
        return [*sections, ("Overall", RECOMMENDATION, "Recommendation")]

    def title_of(self, question: str) -> str:
        """Return the title of a question, as far as the rubric knows it."""
        return next((one.title for one in self.rubric.sections if one.id == question), question)

    @staticmethod
    def said(key: str, score: Score) -> str:
        """Return a score in words."""
        if score.level is None:
            return "–" if score.observed else "Not observed"
        return RECOMMENDATIONS[score.level] if key == RECOMMENDATION else str(score.level)


@dataclass(frozen=True)
class Agreed:
    """How far reviewers agree on one criterion, over the interviews of a role.

    Attributes:
        reviewers: how many people's scores went in.
        words: what can be said of the figure, and that is little where there are few interviews.
    """

    title: str
    anchors: tuple[str, ...]
    agreement: Agreement | None
    units: int
    reviewers: int
    words: str


@dataclass(frozen=True)
class Severity:
    """How far one reviewer scores above or below the others, in levels, on what both scored.

    Attributes:
        value: ``None`` for too little in common with others.
        units: how many scores they share with somebody.
    """

    account: str
    value: float | None
    units: int


@dataclass(frozen=True)
class RoleAgreement:
    """How far reviewers agree, over the interviews of a role whose cards somebody may see.

    Attributes:
        interviews: how many went in.
        severities: empty for everybody but admins.
        names: account to name, of the reviewers in ``severities``.
    """

    position: Position
    interviews: int
    criteria: tuple[Agreed, ...]
    severities: tuple[Severity, ...]
    names: Mapping[str, str]


Given = Sequence[tuple[Rubric, Sequence[ScoreCard]]]
"""For each interview its rubric and its locked cards: the first scores, which were given alone."""


def agreed(given: Given) -> list[Agreed]:
    """Return the agreement for each criterion with the same title and anchors; other words make another criterion."""
    criteria: dict[tuple[str, Criterion | None], str] = {}
    for rubric, _ in given:
        for key, one in rubric.keyed.items():
            criteria.setdefault((key, replace(one, weight=1.0)), one.title)
    found = [_agreed(given, key, one, title) for (key, one), title in criteria.items()]
    return [*found, _agreed(given, RECOMMENDATION, None, "Overall recommendation")] if given else []


def _agreed(given: Given, key: str, criterion: Criterion | None, title: str) -> Agreed:
    fitting = [
        {card.account: card.of(key).level for card in cards}
        for rubric, cards in given
        if criterion is None or _same(rubric.keyed.get(key), criterion)
    ]
    units = [one for one in fitting if sum(level is not None for level in one.values()) > 1]
    accounts = sorted({account for one in units for account, level in one.items() if level is not None})
    anchors = criterion.anchors if criterion else ()
    if len(units) < FEWEST_UNITS:
        words = f"Too few to say: two people scored this in {_interviews(len(units))}; a figure needs {FEWEST_UNITS}."
        return Agreed(title, anchors, None, len(units), len(accounts), words)
    sheet = [[one.get(account) for one in units] for account in accounts]
    figure = agreement(sheet, Random(_SEED))  # noqa: S311  # no secret: the same scores give the same interval
    if figure.value is None:
        words = "Everybody gave the same level everywhere, so chance cannot be told from agreement."
    elif len(units) < FEW_UNITS:
        words = f"From {len(units)} interviews only: read the interval, not the figure."
    else:
        words = f"From {len(units)} interviews."
    return Agreed(title, anchors, figure, len(units), len(accounts), words)


def _same(here: Criterion | None, there: Criterion) -> bool:
    return here is not None and replace(here, weight=1.0) == there


def severities(given: Given) -> list[Severity]:
    """Return for each reviewer how severe they are, by account: below 0 they give less than the others."""
    accounts = sorted({card.account for _, cards in given for card in cards})
    sheet: list[list[int | None]] = [[] for _ in accounts]
    for rubric, cards in given:
        here = {card.account: card for card in cards}
        for key in rubric.keyed:
            for row, account in zip(sheet, accounts, strict=True):
                row.append(here[account].of(key).level if account in here else None)
    shared = [_shared(sheet, place) for place in range(len(accounts))]
    return [
        Severity(account, value if units >= FEWEST_UNITS else None, units)
        for account, value, units in zip(accounts, severity(sheet), shared, strict=True)
    ]


def _shared(sheet: Sequence[Sequence[int | None]], place: int) -> int:
    return sum(
        1
        for unit, score in enumerate(sheet[place])
        if score is not None and any(row[unit] is not None for other, row in enumerate(sheet) if other != place)
    )


def _interviews(number: int) -> str:
    return f"{number} interview{'' if number == 1 else 's'}"
