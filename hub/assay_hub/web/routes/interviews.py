"""The interviewer's pages around an interview: the list, a new one, its details, links and result."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.domain.access import Action
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.web.context import Changing, InContext, SignedIn
from assay_hub.web.outputs import shown_cells
from assay_protocol.names import candidate_account

router = APIRouter()


@router.get("/")
def home(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the interviews of this person."""
    if not session.person.staff:
        raise NotFoundError
    interviews = here.application.review.list(session.person)
    return here.pages.render(request, "home.html", interviews=interviews)


@router.get("/new")
def new(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show the form for a new interview."""
    if not session.person.staff:
        raise NotFoundError
    questions = here.application.library.all()
    return here.pages.render(request, "new.html", questions=questions, entered={}, error=None)


@router.post("/new")
async def create(
    request: Request,
    here: InContext,
    session: Changing,
    title: Annotated[str, Form()] = "",
    candidate_name: Annotated[str, Form()] = "",
    minutes: Annotated[int, Form()] = 60,
) -> Response:
    """Create an interview; what was entered stays in the form when something is wrong."""
    if not session.person.staff:
        raise NotFoundError
    chosen = [str(value) for value in (await request.form()).getlist("question")]
    try:
        interview = await run_in_threadpool(
            here.application.create_interview,
            session.person,
            title=title,
            candidate_name=candidate_name,
            minutes=minutes,
            question_ids=chosen,
        )
    except BadInputError as error:
        entered = {"title": title, "candidate_name": candidate_name, "minutes": minutes, "question": chosen}
        questions = await run_in_threadpool(here.application.library.all)
        return here.pages.render(
            request, "new.html", status=error.status, questions=questions, entered=entered, error=error
        )
    return RedirectResponse(f"{here.prefix}interviews/{interview.id}", 303)


@router.get("/interviews/{interview_id}")
def details(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show an interview with its links and its result so far."""
    found = here.application.review.details(session.person, interview_id)
    return here.pages.render(request, "details.html", details=found, new_link=None, now=here.application.clock.now())


@router.post("/interviews/{interview_id}/links")
def make_link(request: Request, here: InContext, session: Changing, interview_id: str) -> Response:
    """Make a link for the candidate and show it, this once."""
    link = here.application.make_links.for_candidate(session.person, interview_id)
    found = here.application.review.details(session.person, interview_id)
    return here.pages.render(request, "details.html", details=found, new_link=link, now=here.application.clock.now())


@router.post("/interviews/{interview_id}/links/{link_id}/revoke")
async def revoke_link(here: InContext, session: Changing, interview_id: str, link_id: str) -> Response:
    """Take a link back; the candidate's session ends with the last one."""
    ended = await run_in_threadpool(here.application.revoke_link, session.person, interview_id, link_id)
    if ended:
        await here.rooms.dismiss(interview_id, candidate_account(interview_id))
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.get("/interviews/{interview_id}/result")
def result(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show points per test cell, and links to the executed notebooks."""
    found = here.application.review.details(session.person, interview_id, Action.SEE_RESULT)
    return here.pages.render(request, "result.html", details=found)


@router.get("/interviews/{interview_id}/result/{question_id}")
def outputs(request: Request, here: InContext, session: SignedIn, interview_id: str, question_id: str) -> Response:
    """Show the executed notebook of one question; what the candidate made is shown as text and pictures only."""
    found = here.application.review.details(session.person, interview_id, Action.SEE_RESULT)
    grade = next((grade for grade in found.grades if grade.question == question_id), None)
    if grade is None or not grade.autograded:
        raise NotFoundError
    cells = shown_cells(here.application.artefacts.get(grade.autograded))
    return here.pages.render(request, "outputs.html", details=found, grade=grade, cells=cells)
