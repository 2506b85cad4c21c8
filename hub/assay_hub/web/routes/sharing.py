"""What candidates get of their reports, the pages on which staff choose it, and the questions about fairness."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.domain.errors import AssayError, BadInputError, ConflictError, NotFoundError
from assay_hub.domain.feedback import Feedback, Part
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.session import Session

router = APIRouter()

PARTS = {
    Part.POINTS: "Points of each question",
    Part.TESTS: "Whether each test passed, in words",
    Part.TIME: "Their own time at work",
    Part.COMMENTS: "Comments of the locked score cards, without names",
}
"""Parts that can be chosen, with their words."""

Chosen = Annotated[tuple[str, ...], Form(alias="part")]
Message = Annotated[str, Form()]


def parts_of(values: Iterable[str]) -> tuple[Part, ...]:
    """Return the parts that a form names; others are left out."""
    named = set(values)
    return tuple(part for part in PARTS if part.value in named)


@router.get("/interviews/{interview_id}/report/share")
def choose(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show what can be shared, and what is."""
    return _page(request, here, session, interview_id)


@router.post("/interviews/{interview_id}/report/share/preview")
def preview(
    request: Request,
    here: InContext,
    session: Submitting,
    interview_id: str,
    chosen: Chosen = (),
    message: Message = "",
) -> Response:
    """Show what the candidate would get."""
    return _page(request, here, session, interview_id, (parts_of(chosen), message))


@router.post("/interviews/{interview_id}/report/share")
def share(
    request: Request,
    here: InContext,
    session: Submitting,
    interview_id: str,
    chosen: Chosen = (),
    message: Message = "",
    digest: Annotated[str, Form()] = "",
) -> Response:
    """Share what was looked at; if it is no longer that, show what it is now."""
    entered = (parts_of(chosen), message)
    try:
        here.application.share_reports.share(session.person, interview_id, *entered, digest)
    except (BadInputError, ConflictError) as error:
        return _page(request, here, session, interview_id, entered, error)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/report/share", 303)


@router.post("/interviews/{interview_id}/report/share/revoke")
def revoke(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Take back what was shared."""
    here.application.share_reports.revoke(session.person, interview_id)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/report/share", 303)


def _page(
    request: Request,
    here: Context,
    session: Session,
    interview_id: str,
    entered: tuple[tuple[Part, ...], str] | None = None,
    error: AssayError | None = None,
) -> Response:
    sharing, person = here.application.share_reports, session.person
    offer = sharing.offered(person, interview_id)
    found: Feedback | None = None
    if entered is not None:
        try:
            found = sharing.preview(person, interview_id, *entered)
        except BadInputError as refused:
            error = refused
    return here.pages.render(
        request,
        "report/share.html",
        status=error.status if error else 200,
        report=offer.report,
        sharings=offer.sharings,
        names=offer.names,
        part_words=PARTS,
        chosen=entered[0] if entered else offer.usual,
        message=entered[1] if entered else "",
        preview=found,
        error=error,
    )


@router.get("/room/{interview_id}/feedback")
def feedback(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show a candidate what the team shares with them."""
    found = here.application.share_reports.feedback(session.person, interview_id)
    return here.pages.render(request, "report/feedback.html", interview_id=interview_id, feedback=found)


@router.get("/room/{interview_id}/survey")
def survey(request: Request, here: InContext, session: SignedIn, interview_id: str, kept: int = 0) -> Response:
    """Ask a candidate about fairness; what they answered is never shown."""
    items = here.application.demographics.asks(session.person, interview_id)
    if not items:
        raise NotFoundError
    return here.pages.render(request, "report/survey.html", interview_id=interview_id, items=items, kept=bool(kept))


@router.post("/room/{interview_id}/survey")
async def answer(request: Request, here: InContext, session: Submitting, interview_id: str) -> Response:
    """Keep a candidate's answers."""
    form = await request.form()
    given = {name.removeprefix("item-"): str(value) for name, value in form.items() if name.startswith("item-")}
    await run_in_threadpool(here.application.demographics.answer, session.person, interview_id, given)
    return RedirectResponse(f"{here.prefix}room/{interview_id}/survey?kept=1", 303)


@router.post("/room/{interview_id}/survey/withdraw")
def withdraw(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Forget a candidate's answers."""
    here.application.demographics.withdraw(session.person, interview_id)
    return RedirectResponse(f"{here.prefix}room/{interview_id}/survey?kept=1", 303)
