"""What every endpoint needs: the use cases, the pages, and who is asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from assay_hub.bootstrap import PREFIX, Application
from assay_hub.domain.access import TeamAction, require_team
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
from assay_hub.web.live import Rooms
from assay_hub.web.pages import Pages
from assay_hub.web.session import Session, Sessions
from assay_hub.web.tasks import Tasks


@dataclass(frozen=True)
class Context:
    """Everything that lives as long as the service."""

    application: Application
    sessions: Sessions
    pages: Pages
    rooms: Rooms
    observer: RoomObserver
    workspaces: WorkspaceKeeper
    grading: GradingQueue
    tasks: Tasks
    news: NewsDelivery
    partner_news: PartnerNews
    attempts: Attempts
    question_workspaces: QuestionWorkspaces
    checks: CheckQueue
    batches: BatchQueue
    analysis: AnalysisQueue
    prints: Prints
    measuring: Measuring

    @property
    def prefix(self) -> str:
        """Path of the service, with a final slash."""
        return PREFIX


def context(connection: HTTPConnection) -> Context:
    """Return the context of the running service."""
    found: Context = connection.app.state.context
    return found


InContext = Annotated[Context, Depends(context)]


async def _session(request: Request, here: InContext) -> Session:
    session = await here.sessions.session(request)
    request.state.session = session
    return session


async def _changing(request: Request, here: InContext) -> Session:
    session = await here.sessions.changing_session(request)
    request.state.session = session
    return session


async def _submitting(request: Request, here: InContext) -> Session:
    request.state.keeps_form = True
    return await _changing(request, here)


async def _uploading(request: Request, here: InContext) -> Session:
    """Let nobody send a large file who may not: the form is read only after that has been asked."""
    session = await here.sessions.session(request)
    require_team(session.person, TeamAction.MANAGE_BATCHES)
    here.sessions.check_origin(request)
    return await _changing(request, here)


SignedIn = Annotated[Session, Depends(_session)]
"""A person who reads."""

Changing = Annotated[Session, Depends(_changing)]
"""A person who changes something by a script of our own pages, which keeps what it could not send."""

Uploading = Annotated[Session, Depends(_uploading)]
"""The same, sending a file that only those may send who upload batches."""

Submitting = Annotated[Session, Depends(_submitting)]
"""The same, sending a form: if the session has ended, what was entered comes back instead of being lost."""
