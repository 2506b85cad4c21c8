"""What the routes of score cards hand to their templates."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from assay_hub.domain.agreement import Agreement
from assay_hub.domain.debrief import Agreed, OwnCard, RoleAgreement, ScoreCards, Severity, ShownCard, Withheld
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview
from assay_hub.domain.position import Position
from assay_hub.domain.rubric import LIVE, RECOMMENDATION, Criterion, Rubric, Section
from assay_hub.domain.score_card import RECOMMENDATIONS, Score, ScoreCard, ScoreChange, keys_of
from assay_hub.web.routes.score_cards import card_words


def contexts(
    text: str, now: datetime, staff: dict[str, Any], interview: Interview
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
    own = Criterion("own", text, (text, "", text, "", text), 2)
    rubric = Rubric((Section("role", text, (*LIVE[:2], own)), Section("busiest", text, (own,))))
    keys = keys_of(rubric)
    scores = {key: Score(4, comment=text, moments="0:05, 1:02:03") for key in keys} | {keys[1]: Score(observed=False)}
    card = ScoreCard(interview.id, "ada", scores, 3, "page", now, now)
    draft = replace(card, locked_at=None, scores=dict(list(scores.items())[:2]))
    change = ScoreChange("ada", keys[0], Score(2, comment=text), Score(4), now, text)
    shown = ShownCard(card, text, (change, replace(change, criterion=RECOMMENDATION)), scores, 3.25)
    other = ShownCard(replace(card, account="grace"), "Grace", (), {}, None)
    cards = ScoreCards(interview.id, rubric, (shown, other, replace(other, name=text)), 2, {"busiest": 4, text: 1})
    error = BadInputError(text, text, fields=dict.fromkeys(keys, text))
    page: dict[str, Any] = {
        **staff,
        "own": OwnCard(interview, rubric, draft, replay=True),
        "blind": True,
        "entered": draft,
        "elsewhere": None,
        "error": None,
        "done": text,
        "page": "0" * 16,
        **card_words(),
    }
    debrief: dict[str, Any] = {
        **staff,
        "interview": interview,
        "cards": cards,
        "mine": shown,
        "entered": {},
        "error": None,
        "recommendations": RECOMMENDATIONS,
        "position": "rolerolero",
        "may_see_agreement": True,
    }
    empty = {**debrief, "mine": None}
    agreed = [
        Agreed(text, (text,) * 5, Agreement("kappa", 0.61, 0.2, 0.9, 7), 7, 2, text),
        Agreed("Testing", (), None, 2, 2, "Too few to say."),
    ]
    severities = (Severity("ada", 0.5, 12), Severity(text, None, 0))
    found = RoleAgreement(Position("rolerolero", text), 7, tuple(agreed), severities, {"ada": text, text: text})
    told = {**staff, "found": found, "may_keep_roles": True}
    blind = OwnCard(replace(interview, blind=True, candidate_email=""), rubric, ScoreCard(interview.id, "ada"), False)  # noqa: FBT003
    return {
        "card": ("score_cards/card.html", page),
        "card-new": ("score_cards/card.html", {**page, "own": blind, "entered": blind.card, "done": ""}),
        "card-error": ("score_cards/card.html", {**page, "error": error, "elsewhere": card}),
        "debrief": ("score_cards/debrief.html", debrief),
        "debrief-error": ("score_cards/debrief.html", {**debrief, "error": error, "entered": {"why": text}}),
        "debrief-withheld": ("score_cards/debrief.html", {**empty, "cards": Withheld(text, 1)}),
        "debrief-empty": ("score_cards/debrief.html", {**empty, "cards": replace(cards, cards=())}),
        "agreement": ("score_cards/agreement.html", told),
        "agreement-empty": (
            "score_cards/agreement.html",
            {**told, "found": replace(found, criteria=(), severities=()), "may_keep_roles": False},
        ),
    }
