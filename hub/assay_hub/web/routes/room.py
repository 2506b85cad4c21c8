"""The room: the page around the workspace, for the candidate and for interviewers."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, WebSocket
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.bootstrap import Application
from assay_hub.domain.access import ALLOWED, Action, Person, Role, may, role_of
from assay_hub.domain.errors import AssayError, HubRefusedError, NotFoundError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.signals import OF_LEVEL, TOLD
from assay_hub.web.context import Changing, InContext, SignedIn, Submitting, context
from assay_hub.web.live import CLOSED_BY_US, TRY_AGAIN, Visit
from assay_hub.web.session import SignInNeededError

router = APIRouter()


@router.get("/room/{interview_id}")
def room(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show the room; before it starts the candidate reads what is recorded, and after it ends gets the receipt."""
    review = here.application.review
    interview = review.find(session.person, Action.ENTER_ROOM, interview_id)
    role = role_of(session.person, interview)
    if role is Role.CANDIDATE and interview.state is State.CREATED:
        return here.pages.render(
            request, "welcome.html", interview=interview, **_around(here.application, interview, role)
        )
    if not interview.is_open:
        after = f"room/{interview.id}/receipt" if role is Role.CANDIDATE else f"interviews/{interview.id}"
        return RedirectResponse(here.prefix + after, 303)
    settings = here.application.settings
    origin = settings.origin(interview.workspace)
    return here.pages.render(
        request,
        "room.html",
        frames=f"{origin} {settings.url}",
        interview=interview,
        role=role,
        **_around(here.application, interview, role),
        may={action.name.lower() for action in Action if may(session.person, action, interview)},
        tasks=here.tasks.of(interview),
        library=_not_asked(here.application, session.person, interview),
        note=review.note(session.person, interview.id) if may(session.person, Action.WRITE_NOTES, interview) else "",
    )


def _around(application: Application, interview: Interview, role: Role | None) -> dict[str, Any]:
    """Return what is observed, and the time that somebody reads: those who manage it and the candidate know it all."""
    with application.database.read() as records:
        accommodation = records.accommodation(interview.id)
    knows = role in {Role.CANDIDATE, *ALLOWED[Action.ACCOMMODATE]}
    kinds = accommodation.observed(interview.signals) if knows else OF_LEVEL[interview.signals]
    return {
        "observed": {kind.value: words for kind, words in TOLD.items() if kind in kinds},
        "duration": accommodation.time(interview.duration) if knows else interview.duration,
    }


def _not_asked(application: Application, person: Person, interview: Interview) -> list[QuestionRef]:
    if not may(person, Action.EDIT, interview):
        return []
    asked = {ref.id for ref in interview.questions}
    return [ref for ref in application.library.all() if ref.id not in asked]


@router.post("/room/{interview_id}/enter")
async def enter(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Go in, having read what is recorded."""
    await run_in_threadpool(here.application.enter_room, session.person, interview_id)
    here.workspaces.ensure(interview_id)
    return RedirectResponse(f"{here.prefix}room/{interview_id}", 303)


@router.post("/room/{interview_id}/notes")
def save_note(here: InContext, session: Changing, interview_id: str, text: Annotated[str, Form()] = "") -> Response:
    """Keep the interviewer's private note."""
    here.application.review.save_note(session.person, interview_id, text)
    return Response(status_code=204)


@router.post("/room/{interview_id}/questions")
async def add_question(
    here: InContext, session: Submitting, interview_id: str, question: Annotated[str, Form()] = ""
) -> Response:
    """Ask one more question; its notebook appears for everybody in the room."""
    await run_in_threadpool(here.application.edit_interview.add_question, session.person, interview_id, question)
    await here.workspaces.refresh(interview_id)
    await here.rooms.tell(interview_id)
    return RedirectResponse(f"{here.prefix}room/{interview_id}", 303)


@router.post("/room/{interview_id}/restart")
async def restart(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Start the workspace again."""
    await run_in_threadpool(here.application.review.find, session.person, Action.RESTART_WORKSPACE, interview_id)
    here.workspaces.ensure(interview_id)
    return RedirectResponse(f"{here.prefix}room/{interview_id}", 303)


@router.post("/room/{interview_id}/submit")
async def submit(here: InContext, session: Submitting, interview_id: str) -> Response:
    """Hand in what is in the workspace."""
    await run_in_threadpool(here.application.submit_interview.by_candidate, session.person, interview_id)
    here.grading.wake()
    await here.workspaces.refresh(interview_id)
    await here.rooms.tell(interview_id)
    return RedirectResponse(f"{here.prefix}room/{interview_id}/receipt", 303)


@router.post("/room/{interview_id}/end")
async def end(here: InContext, session: Submitting, interview_id: str) -> Response:
    """End the interview; what the candidate has done is handed in first."""
    interview = await run_in_threadpool(here.application.submit_interview.end, session.person, interview_id)
    here.grading.wake()
    await here.rooms.tell(interview_id)
    await here.workspaces.let_go(interview_id)
    await run_in_threadpool(here.application.hub.stop_workspace, interview.workspace)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.get("/room/{interview_id}/receipt")
def receipt(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show the receipt."""
    application, person = here.application, session.person
    return here.pages.render(
        request,
        "receipt.html",
        interview_id=interview_id,
        submission=application.review.submission(person, interview_id),
        may_read_feedback=person.candidate and application.share_reports.feedback(person, interview_id) is not None,
        may_answer_survey=person.candidate and bool(application.demographics.asks(person, interview_id)),
    )


@router.get("/room/{interview_id}/signals")
def signals(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show the log of what was observed, in the words that everybody reads, without what people say of it."""
    log = here.application.signals.log(session.person, interview_id)
    return here.pages.render(request, "signals_own.html", log=log)


@router.get("/room/{interview_id}/receipt.json")
def receipt_file(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Download the receipt."""
    submission = here.application.review.submission(session.person, interview_id)
    if submission is None:
        raise NotFoundError
    headers = {"Content-Disposition": f'attachment; filename="assay-receipt-{interview_id}.json"'}
    return Response(submission.receipt.to_json(), media_type="application/json", headers=headers)


@router.websocket("/room/{interview_id}/live")
async def live(socket: WebSocket, interview_id: str) -> None:
    """Tell a page how its room stands, until it goes or its person loses access."""
    here = context(socket)
    await socket.accept()
    try:
        here.sessions.check_origin(socket)
        session = await here.sessions.session(socket)
        find = here.application.review.find
        interview = await asyncio.to_thread(find, session.person, Action.ENTER_ROOM, interview_id)
    except HubRefusedError:
        await socket.close(TRY_AGAIN, "try again")
        return
    except (AssayError, SignInNeededError):
        await socket.close(CLOSED_BY_US, "no access")
        return
    role = role_of(session.person, interview) or Role.CANDIDATE
    if interview.is_open:
        here.workspaces.ensure(interview_id)
    await here.rooms.serve(Visit(socket, interview_id, session.person, role))
