"""Puts the service together: use cases, pages, endpoints and what runs in the background."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from jupyterhub.services.auth import HubOAuth

from assay_config.secrets import secret
from assay_hub.bootstrap import PREFIX, Application
from assay_hub.domain.access import Action
from assay_hub.domain.errors import AssayError, HubRefusedError
from assay_hub.web import problems
from assay_hub.web.api import create_api
from assay_hub.web.attempts import Attempts
from assay_hub.web.background.analysis import AnalysisQueue
from assay_hub.web.background.authoring import QuestionWorkspaces
from assay_hub.web.background.batches import BatchQueue
from assay_hub.web.background.checks import CheckQueue
from assay_hub.web.background.grading import GradingQueue
from assay_hub.web.background.measuring import Measuring
from assay_hub.web.background.news import NewsDelivery, PartnerNews
from assay_hub.web.background.observing import RoomObserver
from assay_hub.web.background.printing import Prints
from assay_hub.web.background.workspaces import WorkspaceKeeper
from assay_hub.web.bounds import BodyLimit
from assay_hub.web.context import Context
from assay_hub.web.live import Rooms, Visit
from assay_hub.web.pages import STATIC, Pages
from assay_hub.web.room_state import RoomStates
from assay_hub.web.routes import (
    analysis,
    audit,
    batches,
    calendars,
    drafts,
    interviews,
    invitations,
    library,
    lists,
    marking,
    partners,
    people,
    positions,
    questions,
    replay,
    report,
    role_reports,
    room,
    score_cards,
    sharing,
    sign_in,
    signals,
    webhooks,
)
from assay_hub.web.session import Sessions, SignInNeededError
from assay_hub.web.tasks import Tasks

IDENTITY_SECONDS = 2
"""How long the hub's answer to who somebody is may be used again; a revoked session ends within this time."""


MATCH_BYTES = 10_000_000
"""Largest form that puts the match of an upload with people right."""


def create_app(application: Application) -> FastAPI:
    """Return the service as an ASGI application."""
    settings = application.settings
    sessions = Sessions(
        HubOAuth(cache_max_age=IDENTITY_SECONDS),
        secret(settings.folder, "sessions"),
        origin=settings.origin("desk"),
        person_of=application.team.person,
        secure=settings.secure_cookies,
    )
    pages = Pages(PREFIX, isolated=settings.isolated, mails=bool(settings.mail.host))
    app = FastAPI(title="Assay", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = _context(application, sessions, pages)
    desk = (
        lists,
        interviews,
        drafts,
        questions,
        replay,
        report,
        role_reports,
        signals,
        score_cards,
        library,
        people,
        positions,
        audit,
        webhooks,
        calendars,
        invitations,
        partners,
        batches,
        marking,
        analysis,
        sharing,
    )
    for part in (sign_in, *desk, room):
        app.include_router(part.router, prefix=PREFIX.rstrip("/"))
    app.mount(PREFIX + "api/v1", create_api(app.state.context), name="api")
    app.mount(PREFIX + "static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    larger = {PREFIX + "questions/import": questions.UPLOAD_BYTES}
    larger |= {PREFIX + "batches/new/": MATCH_BYTES, PREFIX + "batches/new": settings.limits.upload_bytes}
    app.add_middleware(BodyLimit, max_bytes=settings.limits.body_bytes, larger=larger)
    problems.install(app, pages, sessions, PREFIX + "sign-in")

    @app.middleware("http")
    async def _one_host(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer on our own host only: on a workspace's host our pages would be of its origin."""
        if request.headers.get("host") != urlsplit(settings.origin("desk")).netloc and not _is_health(request):
            return Response(status_code=404)
        return await call_next(request)

    return app


def _is_health(request: Request) -> bool:
    """Whether the hub asks if the service is up, which it does by address and not by name."""
    return request.url.path in {PREFIX, PREFIX + "health"} and request.method in {"GET", "HEAD"}


def _context(application: Application, sessions: Sessions, pages: Pages) -> Context:
    rooms: Rooms
    states: RoomStates
    telling: set[asyncio.Task[None]] = set()

    def changed(interview_id: str) -> None:
        task = asyncio.create_task(rooms.tell(interview_id))
        telling.add(task)
        task.add_done_callback(telling.discard)

    async def state_of(interview_id: str) -> dict[str, Any]:
        return await asyncio.to_thread(states, interview_id)

    async def still_allowed(visit: Visit) -> bool:
        try:
            session = await sessions.session(visit.socket)
            await asyncio.to_thread(application.review.find, session.person, Action.ENTER_ROOM, visit.interview)
        except HubRefusedError:
            return True  # nobody loses their room because the hub is starting again; it is asked again in a second
        except (AssayError, SignInNeededError):
            return False
        return session.person == visit.person

    observer = RoomObserver(application.observe_room)
    rooms = Rooms(state_of, still_allowed, observer)
    keeper = WorkspaceKeeper(
        application.hub,
        application.start_workspace,
        application.store_recording,
        application.workspaces,
        rooms.occupied,
        rooms.visitors,
        changed,
    )
    tasks = Tasks(application.library, application.settings)
    states = RoomStates(application, tasks, keeper, rooms)
    grading = GradingQueue(application.grade_submissions)
    news = NewsDelivery(application.deliver, application.post)
    partner_news = PartnerNews(application.partners, application.teller.tell)
    authoring = QuestionWorkspaces(application.hub, application.author_questions)
    checks = CheckQueue(application.check_questions)
    return Context(
        application=application,
        sessions=sessions,
        pages=pages,
        rooms=rooms,
        observer=observer,
        workspaces=keeper,
        grading=grading,
        tasks=tasks,
        news=news,
        partner_news=partner_news,
        attempts=Attempts(),
        question_workspaces=authoring,
        checks=checks,
        batches=BatchQueue(application.grade_batches),
        analysis=AnalysisQueue(application.analyse, application.compare_submissions),
        prints=Prints(application.printer),
        measuring=Measuring(application.measure),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    here: Context = app.state.context
    here.rooms.start()
    here.observer.start()
    here.workspaces.start()
    here.grading.start()
    here.batches.start()
    here.news.start()
    here.partner_news.start()
    here.question_workspaces.start()
    here.checks.start()
    here.analysis.start()
    here.prints.start()
    here.measuring.start()
    try:
        yield
    finally:
        await here.measuring.stop()
        await here.prints.stop()
        await here.analysis.stop()
        await here.checks.stop()
        await here.question_workspaces.stop()
        await here.partner_news.stop()
        await here.news.stop()
        await here.batches.stop()
        await here.grading.stop()
        await here.workspaces.stop()
        await here.observer.stop()
        await here.rooms.stop()
