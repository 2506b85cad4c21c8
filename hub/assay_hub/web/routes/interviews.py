"""The interviewer's pages around an interview: its details, links and result."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.domain.access import Action, TeamAction, gives_card, may
from assay_hub.domain.mail import Invitation
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.outputs import shown_cells
from assay_hub.web.routes.drafts import words_for
from assay_hub.web.session import Session
from assay_hub.web.words import local
from assay_protocol.names import candidate_account

router = APIRouter()


@router.get("/interviews/{interview_id}")
def details(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show an interview with all that this person may know of it and do with it; a new link is shown this once."""
    link = here.sessions.handed_over(request, session)
    new_link = link.removeprefix(f"{interview_id} ") if link.startswith(f"{interview_id} ") else ""
    answer = details_page(request, here, session, interview_id, new_link=new_link)
    if link:
        here.sessions.forget(answer)
    return answer


def details_page(
    request: Request,
    here: Context,
    session: Session,
    interview_id: str,
    *,
    new_link: str = "",
    invitation: Invitation | None = None,
) -> Response:
    """Return the page of an interview, with what is shown this once: a new link, or how an invitation went."""
    person = session.person
    found = here.application.review.details(person, interview_id)
    words, zone = words_for(here, person), found.interview.time_zone
    return here.pages.render(
        request,
        "details.html",
        details=found,
        new_link=new_link,
        invitation=invitation,
        now=here.application.clock.now(),
        can={action.name for action in Action if may(person, action, found.interview)},
        gives_card=gives_card(person, found.interview),
        may_create=person.may(TeamAction.CREATE),
        may_keep_templates=person.may(TeamAction.MANAGE_ROLES),
        words=words,
        history=[words.told(entry, zone) for entry in found.history],
        when=local(found.interview.scheduled_at, zone) if found.interview.scheduled_at else "",
    )


@router.post("/interviews/{interview_id}/links")
def make_link(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Make a link for the candidate; the next page shows it, this once."""
    link = here.application.make_links.for_candidate(session.person, interview_id)
    answer = RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)
    here.sessions.hand_over(answer, session, f"{interview_id} {link}")
    return answer


@router.post("/interviews/{interview_id}/links/{link_id}/revoke")
async def revoke_link(here: InContext, session: Submitting, interview_id: str, link_id: str) -> Response:
    """Take a link back; the candidate's session ends with the last one."""
    ended = await run_in_threadpool(here.application.revoke_link, session.person, interview_id, link_id)
    if ended:
        await here.rooms.dismiss(interview_id, candidate_account(interview_id))
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.post("/interviews/{interview_id}/cancel")
async def cancel(
    here: InContext, session: Submitting, interview_id: str, revision: Annotated[int | None, Form()] = None
) -> Response:
    """Call an interview off; its workspace stops and keeps what is in it."""
    change = here.application.edit_interview.cancel
    interview = await run_in_threadpool(change, session.person, interview_id, revision)
    await here.rooms.tell(interview_id)
    await here.workspaces.let_go(interview_id)
    await run_in_threadpool(here.application.hub.stop_workspace, interview.workspace)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.post("/interviews/{interview_id}/reopen")
async def reopen(
    here: InContext, session: Submitting, interview_id: str, revision: Annotated[int | None, Form()] = None
) -> Response:
    """Let work go on in an interview that was over."""
    await run_in_threadpool(here.application.edit_interview.reopen, session.person, interview_id, revision)
    await here.rooms.tell(interview_id)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.post("/interviews/{interview_id}/template")
def make_template(
    here: InContext, session: Submitting, interview_id: str, name: Annotated[str, Form()] = ""
) -> Response:
    """Keep what an interview is made of for new ones."""
    here.application.positions.make_template(session.person, interview_id, name)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.get("/interviews/{interview_id}/result")
def result(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show points per test cell, and links to the executed notebooks."""
    found = here.application.review.result(session.person, interview_id)
    return here.pages.render(request, "result.html", details=found)


@router.get("/interviews/{interview_id}/result/{question_id}")
def outputs(request: Request, here: InContext, session: SignedIn, interview_id: str, question_id: str) -> Response:
    """Show the executed notebook of one question; what the candidate made is shown as text and pictures only."""
    found, grade = here.application.review.outputs(session.person, interview_id, question_id)
    cells = shown_cells(here.application.artefacts.get(grade.autograded))
    return here.pages.render(request, "outputs.html", details=found, grade=grade, cells=cells)
