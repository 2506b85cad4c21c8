"""Interviews: find, create, read, change, call off, reopen and copy them."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from assay_hub.domain.access import Action
from assay_hub.domain.errors import HubRefusedError
from assay_hub.representations.models import (
    InterviewList,
    InterviewShown,
)
from assay_hub.representations.received import (
    PlanInput,
    PlanPatch,
    QuestionInput,
)
from assay_hub.representations.render import (
    API_PATH,
    summary,
)
from assay_hub.web.api.description import ETAG, LINK, LOCATION, InterviewId, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import listed
from assay_hub.web.api.queries import InterviewQuery
from assay_hub.web.api.versions import changed, versioned
from assay_hub.web.context import InContext

router = APIRouter(route_class=GatedRoute, tags=["interviews"])


@router.get("/interviews", **described(Scope.READ, "List interviews", InterviewList, headers=(LINK,)))
def find(request: Request, here: InContext, caller: InCaller, query: Annotated[InterviewQuery, Query()]) -> Response:
    """Find interviews that you may see: a page of them, sorted."""
    page = here.application.find_interviews(caller.person, query.search())
    return listed(request, InterviewList(items=[summary(one) for one in page.interviews], next=page.next or None))


@router.post(
    "/interviews",
    **described(
        Scope.WRITE, "Create an interview", InterviewShown, 413, 415, status=201, headers=(ETAG, LOCATION), key=True
    ),
)
def create(here: InContext, caller: InCaller, body: PlanInput) -> Response:
    """Create an interview from its plan; its questions are pinned as they are now."""
    interview = here.application.create_interview(caller.person, body.plan())
    return versioned(interview, caller.person, 201, Location=f"{API_PATH}/interviews/{interview.id}")


@router.get("/interviews/{interview_id}", **described(Scope.READ, "Read an interview", InterviewShown, headers=(ETAG,)))
def read(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Read an interview with its whole plan; the audit log tells of it."""
    details = here.application.review.details(caller.person, interview_id)
    return versioned(details.interview, caller.person)


@router.put(
    "/interviews/{interview_id}",
    **described(
        Scope.WRITE, "Replace the plan of an interview", InterviewShown, 409, 413, 415, headers=(ETAG,), if_match=True
    ),
)
def replace(
    request: Request, here: InContext, caller: InCaller, interview_id: InterviewId, body: PlanInput
) -> Response:
    """Give an interview another plan; what is left out takes its default."""
    edit, review = here.application.edit_interview, here.application.review
    after = changed(
        request,
        review,
        caller.person,
        Action.EDIT,
        interview_id,
        lambda before: edit(caller.person, interview_id, body.plan(), before.revision),
    )
    return versioned(after, caller.person)


@router.patch(
    "/interviews/{interview_id}",
    **described(
        Scope.WRITE, "Change the plan of an interview", InterviewShown, 409, 413, 415, headers=(ETAG,), if_match=True
    ),
)
def patch(request: Request, here: InContext, caller: InCaller, interview_id: InterviewId, body: PlanPatch) -> Response:
    """Change some of an interview's plan by a JSON merge patch (RFC 7396)."""
    edit, review = here.application.edit_interview, here.application.review
    after = changed(
        request,
        review,
        caller.person,
        Action.EDIT,
        interview_id,
        lambda before: edit(caller.person, interview_id, body.onto(before.plan), before.revision),
    )
    return versioned(after, caller.person)


@router.post(
    "/interviews/{interview_id}/questions",
    **described(
        Scope.WRITE,
        "Ask one more question",
        InterviewShown,
        *(409, 413, 415),
        headers=(ETAG,),
        if_match=True,
        key=True,
    ),
)
def add_question(
    request: Request, here: InContext, caller: InCaller, interview_id: InterviewId, body: QuestionInput
) -> Response:
    """Put a question at the end, also while the interview is live."""
    edit, review = here.application.edit_interview, here.application.review
    after = changed(
        request,
        review,
        caller.person,
        Action.EDIT,
        interview_id,
        lambda _: edit.add_question(caller.person, interview_id, body.question),
    )
    return versioned(after, caller.person)


@router.post(
    "/interviews/{interview_id}/cancel",
    **described(Scope.WRITE, "Call an interview off", InterviewShown, 409, headers=(ETAG,), if_match=True, key=True),
)
async def cancel(request: Request, here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Call an interview off; its workspace stops, and what is in it stays."""
    edit, review = here.application.edit_interview, here.application.review
    after = await run_in_threadpool(
        changed,
        request,
        review,
        caller.person,
        Action.CANCEL,
        interview_id,
        lambda before: edit.cancel(caller.person, interview_id, before.revision),
    )
    await here.workspaces.let_go(interview_id)
    with suppress(HubRefusedError):
        await run_in_threadpool(here.application.hub.stop_workspace, after.workspace)
    return versioned(after, caller.person)


@router.post(
    "/interviews/{interview_id}/reopen",
    **described(Scope.WRITE, "Reopen an interview", InterviewShown, 409, headers=(ETAG,), if_match=True, key=True),
)
def reopen(request: Request, here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Let work go on in an interview that was submitted, ended or called off."""
    edit, review = here.application.edit_interview, here.application.review
    after = changed(
        request,
        review,
        caller.person,
        Action.CANCEL,
        interview_id,
        lambda before: edit.reopen(caller.person, interview_id, before.revision),
    )
    return versioned(after, caller.person)


@router.post(
    "/interviews/{interview_id}/copy",
    **described(Scope.WRITE, "Copy an interview", InterviewShown, status=201, headers=(ETAG, LOCATION), key=True),
)
def copy(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Create an interview like this one, with nothing of how it went and no date."""
    interview = here.application.create_interview.copy(caller.person, interview_id)
    return versioned(interview, caller.person, 201, Location=f"{API_PATH}/interviews/{interview.id}")
