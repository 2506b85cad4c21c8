"""Score cards: one's own, all of them once that is locked, and how far reviewers agree."""

from fastapi import APIRouter, Request, Response

from assay_hub.domain.debrief import Withheld
from assay_hub.domain.errors import WrongStateError
from assay_hub.representations.score_cards import (
    CardInput,
    OwnCardShown,
    RoleAgreementShown,
    ScoreCardsShown,
    ScoreChangeInput,
    agreement,
    own_card,
    saved_card,
    score_cards,
)
from assay_hub.web.api.description import ETAG, InterviewId, PositionId, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import rendered
from assay_hub.web.api.versions import replaced, tag_of, tagged
from assay_hub.web.context import InContext

router = APIRouter(route_class=GatedRoute, tags=["score cards"])

_STATE = "The interview has not begun or was cancelled, or the card is locked already (or not yet)."


@router.get(
    "/interviews/{interview_id}/score-card",
    **described(Scope.READ, "Read your score card", OwnCardShown, 409, headers=(ETAG,), conflict_with=_STATE),
)
def read(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Read your own score card and its rubric, which stays from now on; the audit log tells of it."""
    return tagged(own_card(here.application.score_cards.open(caller.person, interview_id)))


@router.put(
    "/interviews/{interview_id}/score-card",
    **described(
        Scope.WRITE,
        "Save your score card",
        OwnCardShown,
        *(409, 413, 415),
        headers=(ETAG,),
        if_match=True,
        conflict_with=_STATE,
    ),
)
def save(request: Request, here: InContext, caller: InCaller, interview_id: InterviewId, body: CardInput) -> Response:
    """Save your score card as a draft, which nobody else can read."""
    cards = here.application.score_cards
    saved = replaced(
        request,
        lambda: cards.open(caller.person, interview_id),
        lambda own: tag_of(own_card(own)),
        lambda own: saved_card(own, cards.save(caller.person, interview_id, body.all(), own.card.revision)),
    )
    return tagged(saved)


@router.post(
    "/interviews/{interview_id}/score-card/lock",
    **described(
        Scope.WRITE,
        "Lock your score card",
        OwnCardShown,
        409,
        headers=(ETAG,),
        if_match=True,
        key=True,
        conflict_with=_STATE,
    ),
)
def lock(request: Request, here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Lock your score card as it was saved last; it must be complete, and the others' can be read from then on."""
    cards = here.application.score_cards
    locked = replaced(
        request,
        lambda: cards.open(caller.person, interview_id),
        lambda own: tag_of(own_card(own)),
        lambda own: saved_card(own, cards.lock(caller.person, interview_id, own.card.revision)),
    )
    return tagged(locked)


@router.post(
    "/interviews/{interview_id}/score-card/changes",
    **described(
        Scope.WRITE,
        "Change a score after the debrief",
        ScoreCardsShown,
        *(409, 413, 415),
        status=201,
        key=True,
        conflict_with=_STATE,
    ),
)
def change(here: InContext, caller: InCaller, interview_id: InterviewId, body: ScoreChangeInput) -> Response:
    """Change a score of your locked card; the first one stays beside it, with the time and the reason."""
    cards = here.application.score_cards
    cards.change(caller.person, interview_id, body.criterion, body.score(), body.why)
    return _all(here, caller, interview_id, 201)


@router.get(
    "/interviews/{interview_id}/score-cards",
    **described(
        Scope.READ, "Read all locked score cards", ScoreCardsShown, 409, conflict_with="Your own is not locked yet."
    ),
)
def read_all(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Read the locked score cards side by side; whoever gives one reads them once theirs is locked (409 before)."""
    return _all(here, caller, interview_id)


@router.get(
    "/positions/{position_id}/agreement",
    **described(Scope.READ, "Read how far reviewers agree", RoleAgreementShown),
)
def read_agreement(here: InContext, caller: InCaller, position_id: PositionId) -> Response:
    """Read the agreement for each criterion, over the interviews of a role whose score cards you may see."""
    return rendered(agreement(here.application.score_cards.agreement(caller.person, position_id)))


def _all(here: InContext, caller: InCaller, interview_id: str, status: int = 200) -> Response:
    found = here.application.score_cards.of(caller.person, interview_id)
    if isinstance(found, Withheld):
        raise WrongStateError(found.reason)
    return rendered(score_cards(found), status)
