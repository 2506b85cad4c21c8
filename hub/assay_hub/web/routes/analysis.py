"""The analysis of what was handed in, and submissions that have code in common."""

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.domain.analysis import Finding
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.web.context import Changing, Context, InContext, SignedIn, Submitting
from assay_hub.web.session import Session

router = APIRouter()


@router.get("/interviews/{interview_id}/analysis")
def page(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show what was read, counted and measured of a submission."""
    found = here.application.analyse.of(session.person, interview_id)
    return here.pages.render(request, "analysis.html", analysis=found)


@router.post("/interviews/{interview_id}/analysis/again")
def again(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Ask for the analysis again."""
    here.application.analyse.again(session.person, interview_id)
    here.analysis.wake()
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/analysis", 303)


@router.get("/interviews/{interview_id}/analysis/{question_id}/code")
def code(request: Request, here: InContext, session: SignedIn, interview_id: str, question_id: str) -> Response:
    """Show the code of one question with what was found beside its lines."""
    view = here.application.analyse.of(session.person, interview_id)
    one = next((one for one in view.questions if one.question.id == question_id), None)
    if one is None or one.found is None:
        raise NotFoundError
    beside: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for finding in one.found.reading.findings if one.found.reading else ():
        beside[finding.cell, finding.line].append(finding)
    return here.pages.render(request, "analysis/code.html", analysis=view, one=one, beside=beside)


@router.get("/similar/{pair_id}")
def pair(request: Request, here: InContext, session: SignedIn, pair_id: str) -> Response:
    """Show two submissions beside each other."""
    return _pair(request, here, session, pair_id, None)


@router.post("/similar/{pair_id}")
async def decide(
    request: Request,
    here: InContext,
    session: Submitting,
    pair_id: str,
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Keep what somebody makes of a pair."""
    compare = here.application.compare_submissions
    try:
        await run_in_threadpool(compare.decide, session.person, pair_id, verdict, reason)
    except BadInputError as error:
        return await run_in_threadpool(_pair, request, here, session, pair_id, error, verdict, reason)
    return RedirectResponse(f"{here.prefix}similar/{pair_id}", 303)


@router.get("/batches/{batch_id}/similar/{question_id}")
def in_batch(request: Request, here: InContext, session: SignedIn, batch_id: str, question_id: str) -> Response:
    """Show what is alike in a question of a batch."""
    found = here.application.compare_submissions.in_batch(session.person, batch_id, question_id)
    return here.pages.render(request, "analysis/batch.html", found=found)


@router.post("/batches/{batch_id}/similar/{question_id}")
def search(here: InContext, session: Changing, batch_id: str, question_id: str) -> Response:
    """Ask for a search in a question of a batch."""
    here.application.compare_submissions.search(session.person, batch_id, question_id)
    here.analysis.wake()
    return RedirectResponse(f"{here.prefix}batches/{batch_id}/similar/{question_id}", 303)


def _pair(
    request: Request,
    here: Context,
    session: Session,
    pair_id: str,
    error: BadInputError | None,
    verdict: str = "",
    reason: str = "",
) -> Response:
    found = here.application.compare_submissions.look(session.person, pair_id)
    return here.pages.render(
        request,
        "analysis/pair.html",
        status=error.status if error else 200,
        found=found,
        wrong=error.fields if error else {},
        verdict=verdict or (found.pair.verdict or ""),
        reason=reason or found.pair.reason,
    )
