"""Score cards: one's own, the debrief in which they lie side by side, and how far reviewers agree."""

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assay_hub.domain.access import Action, TeamAction, is_blind_to
from assay_hub.domain.debrief import OwnCard, ScoreCards, Withheld
from assay_hub.domain.errors import AssayError, BadInputError, ConflictError, OtherWindowError, WrongStateError
from assay_hub.domain.rubric import LEVELS, Criterion
from assay_hub.domain.score_card import RECOMMENDATIONS, Score, ScoreCard
from assay_hub.web import sheets
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.session import Session

router = APIRouter()

_HEAD = ("reviewer", "section", "criterion", "first", "now", "comment", "moments", "locked_at", "changes")


@router.get("/interviews/{interview_id}/card")
def card(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show the person's own score card, to be filled in; a locked one stands in the debrief."""
    own = here.application.score_cards.open(session.person, interview_id)
    if own.card.locked_at:
        return RedirectResponse(f"{here.prefix}interviews/{interview_id}/debrief", 303)
    done = "Your draft is saved." if request.query_params.get("done") == "saved" else ""
    return _card(request, here, session, own, done=done)


@router.post("/interviews/{interview_id}/card")
async def fill_in(request: Request, here: InContext, session: Submitting, interview_id: str) -> Response:
    """Keep what was entered, and lock the card if that was asked for."""
    return await run_in_threadpool(_fill_in, request, here, session, interview_id, await request.form())


def _fill_in(request: Request, here: Context, session: Session, interview_id: str, form: FormData) -> Response:
    cards, person, action = here.application.score_cards, session.person, form.get("action")
    page, revision = str(form.get("page", ""))[:32], _number(form.get("revision"))
    try:
        saved = cards.save(person, interview_id, _entered(form), revision, page)
        if action == "keep":
            return Response(status_code=204)
        if action == "lock":
            cards.lock(person, interview_id, saved.revision)
            return RedirectResponse(f"{here.prefix}interviews/{interview_id}/debrief", 303)
    except (BadInputError, ConflictError) as error:
        refusal: AssayError = OtherWindowError() if isinstance(error, ConflictError) else error
        if action == "keep":
            raise refusal from error
        own = cards.open(person, interview_id)
        elsewhere = own.card if isinstance(error, ConflictError) else None
        mine = ScoreCard(interview_id, person.account, _entered(form))
        return _card(request, here, session, own, entered=mine, elsewhere=elsewhere, error=refusal)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/card?done=saved", 303)


def _card(
    request: Request,
    here: Context,
    session: Session,
    own: OwnCard,
    *,
    entered: ScoreCard | None = None,
    elsewhere: ScoreCard | None = None,
    error: AssayError | None = None,
    done: str = "",
) -> Response:
    return here.pages.render(
        request,
        "score_cards/card.html",
        status=error.status if error else 200,
        own=own,
        blind=is_blind_to(session.person, own.interview),
        entered=entered or own.card,
        elsewhere=elsewhere,
        error=error,
        done=done,
        page=secrets.token_hex(8),
        **card_words(),
    )


def card_words() -> dict[str, Any]:
    """Return what the page of a card needs to put levels into words."""
    return {"levels_of": _levels_of, "recommendations": list(RECOMMENDATIONS.items())}


def _levels_of(criterion: Criterion) -> list[tuple[int, str]]:
    return [
        (level, f"{level}: {words}" if words else f"{level}: between {level - 1} and {level + 1}")
        for level, words in zip(LEVELS, criterion.anchors, strict=True)
    ]


@router.get("/interviews/{interview_id}/debrief")
def debrief(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show all locked score cards side by side, or that one's own has to be locked first."""
    return _debrief(request, here, session, interview_id)


@router.post("/interviews/{interview_id}/debrief")
async def change(request: Request, here: InContext, session: Submitting, interview_id: str) -> Response:
    """Change a score of one's own locked card; the first one stays beside it."""
    return await run_in_threadpool(_change, request, here, session, interview_id, await request.form())


def _change(request: Request, here: Context, session: Session, interview_id: str, form: FormData) -> Response:
    sent = {name: str(form.get(name, "")) for name in ("criterion", "level", "comment", "why", "known")}
    score = Score(**_level(sent["level"]), comment=_lines(sent["comment"]))
    cards = here.application.score_cards
    try:
        cards.change(session.person, interview_id, sent["criterion"], score, sent["why"], _number(sent["known"]))
    except (BadInputError, ConflictError) as error:
        return _debrief(request, here, session, interview_id, entered=sent, error=error)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/debrief", 303)


def _debrief(
    request: Request,
    here: Context,
    session: Session,
    interview_id: str,
    *,
    entered: Mapping[str, str] | None = None,
    error: AssayError | None = None,
) -> Response:
    person = session.person
    interview = here.application.review.find(person, Action.SEE_SCORES, interview_id)
    found = here.application.score_cards.of(person, interview_id)
    locked = found.cards if isinstance(found, ScoreCards) else ()
    return here.pages.render(
        request,
        "score_cards/debrief.html",
        status=error.status if error else 200,
        interview=interview,
        cards=found,
        mine=next((one for one in locked if one.card.account == person.account), None),
        entered=entered or {},
        error=error,
        recommendations=RECOMMENDATIONS,
        position=interview.position,
        may_see_agreement=person.may(TeamAction.SEE_AGREEMENT),
    )


@router.get("/interviews/{interview_id}/debrief.csv")
def export(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Give the score cards as a file."""
    found = here.application.score_cards.of(session.person, interview_id)
    if isinstance(found, Withheld):
        raise WrongStateError(found.reason)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="score-cards-{interview_id}.csv"'}
    content = b"".join(sheets.sheet(_HEAD, [_rows(found)]))
    return Response(content, media_type=sheets.MEDIA_TYPE, headers=headers)


def _rows(found: ScoreCards) -> list[list[object]]:
    return [
        [
            one.name,
            section,
            title,
            found.said(key, one.card.of(key)),
            found.said(key, one.score_of(key)),
            one.score_of(key).comment,
            one.score_of(key).moments,
            one.card.locked_at,
            "; ".join(f"{change.at.isoformat()}: {change.why}" for change in one.changes_of(key)),
        ]
        for one in found.cards
        for section, key, title in found.rows
    ]


@router.get("/roles/{position_id}/agreement")
def agreement(request: Request, here: InContext, session: SignedIn, position_id: str) -> Response:
    """Show how far reviewers agree, and to admins how severe each is."""
    found = here.application.score_cards.agreement(session.person, position_id)
    may_keep_roles = session.person.may(TeamAction.MANAGE_ROLES)
    return here.pages.render(request, "score_cards/agreement.html", found=found, may_keep_roles=may_keep_roles)


def _entered(form: FormData) -> dict[str, Score]:
    """Return what a form holds, by key of the criterion."""
    names = dict.fromkeys(name.partition(":")[2] for name in form if ":" in name)
    return {
        key: Score(
            **_level(str(form.get(f"level:{key}", ""))),
            comment=_lines(str(form.get(f"comment:{key}", ""))),
            moments=str(form.get(f"moments:{key}", "")).strip(),
        )
        for key in names
    }


def _level(sent: str) -> dict[str, Any]:
    """Return a level as a form sends it: empty for none yet, 0 for not observed, and what is no number as no level."""
    number = _number(sent)
    return {"level": number or None, "observed": number != 0}


def _number(sent: object) -> int | None:
    text = str(sent if sent is not None else "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
