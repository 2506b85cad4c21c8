"""Interviews as calendar files, and the feed that a calendar program subscribes to."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from assay_hub.web.context import InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS

router = APIRouter()

_MEDIA_TYPE = "text/calendar; charset=utf-8"


@router.get("/calendar")
def calendar(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show whether the member has a feed."""
    has_feed = here.application.calendars.has_feed(session.person)
    return here.pages.render(request, "calendar.html", has_feed=has_feed, address="")


@router.post("/calendar")
def make_feed(request: Request, here: InContext, session: Submitting) -> Response:
    """Make a feed, or a new address for it, and show that this once."""
    address = here.application.calendars.make_feed(session.person)
    return here.pages.render(request, "calendar.html", has_feed=True, address=address)


@router.post("/calendar/end")
def end_feed(here: InContext, session: Submitting) -> Response:
    """End the feed."""
    here.application.calendars.end_feed(session.person)
    return RedirectResponse(f"{here.prefix}calendar", 303)


@router.get("/calendar/{secret}.ics")
def feed(here: InContext, secret: str) -> Response:
    """Return a feed to whoever knows its address: calendar programs cannot sign in."""
    return _file(here.application.calendars.feed(secret), "interviews")


@router.get("/interviews/{interview_id}/calendar.ics")
def invitation(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Return an interview as a calendar file for the team."""
    return _file(here.application.calendars.invitation(session.person, interview_id), interview_id)


@router.get("/interviews/{interview_id}/candidate.ics")
def for_candidate(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Return an interview as a calendar file for its candidate."""
    return _file(here.application.calendars.for_candidate(session.person, interview_id), interview_id)


@router.get("/interviews/{interview_id}/google-calendar")
def google(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Open Google Calendar with the interview filled in."""
    address = here.application.calendars.google_link(session.person, interview_id)
    return RedirectResponse(address, 303, headers={**COMMON_HEADERS, "Referrer-Policy": "no-referrer"})


def _file(content: bytes, name: str) -> Response:
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="{name}.ics"'}
    return Response(content, media_type=_MEDIA_TYPE, headers=headers)
