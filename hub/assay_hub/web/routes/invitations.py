"""Inviting a candidate by e-mail, from an interview's page."""

from fastapi import APIRouter, Request, Response

from assay_hub.web.context import InContext, Submitting
from assay_hub.web.routes.interviews import details_page

router = APIRouter()


@router.post("/interviews/{interview_id}/invitation")
def invite(request: Request, here: InContext, session: Submitting, interview_id: str) -> Response:
    """Send the invitation, or show it with what went wrong and everything that is needed to send it by hand."""
    invitation = here.application.invite_by_mail(session.person, interview_id)
    return details_page(request, here, session, interview_id, invitation=invitation)
