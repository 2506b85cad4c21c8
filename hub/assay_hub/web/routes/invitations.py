"""Inviting a candidate by e-mail, from an interview's page."""

from fastapi import APIRouter, Request, Response

from assay_hub.web.context import Changing, InContext

router = APIRouter()


@router.post("/interviews/{interview_id}/invitation")
def invite(request: Request, here: InContext, session: Changing, interview_id: str) -> Response:
    """Send the invitation, or show it with what went wrong and everything that is needed to send it by hand."""
    invitation = here.application.invite_by_mail(session.person, interview_id)
    found = here.application.review.details(session.person, interview_id)
    return here.pages.render(
        request,
        "details.html",
        details=found,
        new_link=None,
        invitation=invitation,
        now=here.application.clock.now(),
    )
