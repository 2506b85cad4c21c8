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
from assay_hub.domain.access import Action, Role
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import AssayError, HubRefusedError
from assay_hub.web import problems
from assay_hub.web.background.grading import GradingQueue
from assay_hub.web.background.news import NewsDelivery, PartnerNews
from assay_hub.web.background.workspaces import WorkspaceKeeper
from assay_hub.web.bounds import BodyLimit
from assay_hub.web.context import Context
from assay_hub.web.live import Rooms, Visit
from assay_hub.web.pages import STATIC, Pages
from assay_hub.web.routes import calendars, interviews, invitations, partners, room, sign_in, webhooks
from assay_hub.web.session import Sessions, SignInNeededError

IDENTITY_SECONDS = 2
"""How long the hub's answer to who somebody is may be used again; a revoked session ends within this time."""


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
    for part in (sign_in, interviews, room, webhooks, calendars, invitations, partners):
        app.include_router(part.router, prefix=PREFIX.rstrip("/"))
    app.mount(PREFIX + "static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    app.add_middleware(BodyLimit, max_bytes=settings.limits.body_bytes)
    problems.install(app, pages, PREFIX + "sign-in")

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
    keeper: WorkspaceKeeper
    telling: set[asyncio.Task[None]] = set()

    def changed(interview_id: str) -> None:
        task = asyncio.create_task(rooms.tell(interview_id))
        telling.add(task)
        task.add_done_callback(telling.discard)

    async def state_of(interview_id: str) -> dict[str, Any]:
        return await asyncio.to_thread(_state, application, keeper, rooms, interview_id)

    async def still_allowed(visit: Visit) -> bool:
        try:
            session = await sessions.session(visit.socket)
            await asyncio.to_thread(application.review.find, session.person, Action.ENTER_ROOM, visit.interview)
        except HubRefusedError:
            return True  # nobody loses their room because the hub is starting again; it is asked again in a second
        except (AssayError, SignInNeededError):
            return False
        return session.person == visit.person

    rooms = Rooms(state_of, still_allowed)
    keeper = WorkspaceKeeper(
        application.hub,
        application.start_workspace,
        application.store_recording,
        application.workspaces,
        rooms.occupied,
        changed,
    )
    grading = GradingQueue(application.grade_submissions)
    news = NewsDelivery(application.deliver, application.post)
    partner_news = PartnerNews(application.partners, application.teller.tell)
    return Context(application, sessions, pages, rooms, keeper, grading, news, partner_news)


def _state(application: Application, keeper: WorkspaceKeeper, rooms: Rooms, interview_id: str) -> dict[str, Any]:
    """Return what the people in a room are told; nothing here is for interviewers only."""
    with application.database.read() as records:
        interview = records.interview(interview_id)
        head = records.head(interview_id)
        gaps = len(records.gaps(interview_id))
        staff = (*interview.interviewers, *interview.observers) if interview else ()
        names = records.names(staff)
    if interview is None:
        return {"type": "gone"}
    here = rooms.people(interview_id)
    people = [(interview.candidate, interview.candidate_name, Role.CANDIDATE)]
    people += [(account, names[account], Role.INTERVIEWER) for account in interview.interviewers]
    people += [(account, names[account], Role.OBSERVER) for account in interview.observers]
    workspace = keeper.state(interview_id)
    now = application.clock.now()
    return {
        "type": "state",
        "state": interview.state,
        "now": now.isoformat(),
        "elapsed_seconds": interview.elapsed(now).total_seconds(),
        "duration_seconds": interview.duration.total_seconds(),
        "running": interview.started_at is not None and interview.ended_at is None,
        "people": [
            {"account": account, "name": name, "role": role, "colour": colour_of(account), "here": account in here}
            for account, name, role in people
        ],
        "workspace": {"status": workspace.status, "message": workspace.message},
        "recording": {"events": head.seq, "gaps": gaps},
    }


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    here: Context = app.state.context
    here.rooms.start()
    here.workspaces.start()
    here.grading.start()
    here.news.start()
    here.partner_news.start()
    try:
        yield
    finally:
        await here.partner_news.stop()
        await here.news.stop()
        await here.grading.stop()
        await here.workspaces.stop()
        await here.rooms.stop()
