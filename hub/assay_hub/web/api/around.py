"""What belongs to one interview: the candidate's links, its history, its submission and its result."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from assay_hub.domain.errors import NotFoundError
from assay_hub.representations.models import (
    EntryList,
    LinkList,
    LinkMade,
    ReceiptShown,
    ResultShown,
    SignalList,
)
from assay_hub.representations.render import (
    API_PATH,
    entry,
    link,
    link_made,
    receipt,
    result,
    signal,
)
from assay_hub.web.api.description import LINK, LOCATION, InterviewId, LinkId, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import listed, page_of, rendered
from assay_hub.web.api.queries import PageQuery
from assay_hub.web.context import InContext
from assay_protocol.names import candidate_account

router = APIRouter(route_class=GatedRoute, prefix="/interviews/{interview_id}", tags=["interviews"])


@router.get("/links", **described(Scope.READ, "List the candidate's links", LinkList, headers=(LINK,)))
def links(
    request: Request,
    here: InContext,
    caller: InCaller,
    interview_id: InterviewId,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """List the candidate's links, the newest first, without their secrets."""
    found = here.application.make_links.made(caller.person, interview_id)
    page, after = page_of(found, lambda one: (-one.created_at.timestamp(), one.id), query.limit, query.cursor)
    return listed(request, LinkList(items=[link(one) for one in page], next=after))


@router.post("/links", **described(Scope.WRITE, "Make a link", LinkMade, status=201, headers=(LOCATION,), key=True))
def make_link(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Make a link for the candidate; its address is shown this once."""
    made, address = here.application.make_links.candidate_link(caller.person, interview_id)
    shown = link_made(made, address)
    return rendered(shown, 201, Location=f"{API_PATH}/interviews/{interview_id}/links/{made.id}")


@router.delete("/links/{link_id}", **described(Scope.WRITE, "Revoke a link", None, status=204))
async def revoke_link(here: InContext, caller: InCaller, interview_id: InterviewId, link_id: LinkId) -> Response:
    """Take a link back; with the last one the candidate's session ends and the workspace stops."""
    ended = await run_in_threadpool(here.application.revoke_link, caller.person, interview_id, link_id)
    if ended:
        await here.rooms.dismiss(interview_id, candidate_account(interview_id))
    return Response(status_code=204)


@router.get("/history", **described(Scope.READ, "Read the history", EntryList, headers=(LINK,)))
def history(
    request: Request,
    here: InContext,
    caller: InCaller,
    interview_id: InterviewId,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """Read who changed what, the latest first; the audit log tells of it."""
    found = here.application.review.details(caller.person, interview_id).history
    page, after = page_of(found, lambda one: (-one.id,), query.limit, query.cursor)
    return listed(request, EntryList(items=[entry(one) for one in page], next=after))


@router.get("/signals", **described(Scope.READ, "Read what was observed", SignalList, headers=(LINK,)))
def signals(
    request: Request,
    here: InContext,
    caller: InCaller,
    interview_id: InterviewId,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """Read the signals and what people say of each, as they happened; the audit log tells of it."""
    found = here.application.signals.review(caller.person, interview_id).signals
    page, after = page_of(found, lambda one: (one.signal.at.timestamp(), one.signal.id), query.limit, query.cursor)
    return listed(request, SignalList(items=[signal(interview_id, one) for one in page], next=after))


@router.get("/submission", **described(Scope.READ, "Read the receipt of the submission", ReceiptShown))
def submission(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Read the receipt of what was handed in last; before that there is nothing here."""
    found = here.application.review.submission(caller.person, interview_id)
    if found is None:
        raise NotFoundError
    return rendered(receipt(found))


@router.get("/result", **described(Scope.READ, "Read points and verdicts", ResultShown))
def read_result(here: InContext, caller: InCaller, interview_id: InterviewId) -> Response:
    """Read what grading gave, question by question; the audit log tells of it."""
    found = here.application.review.result(caller.person, interview_id)
    return rendered(result(found.interview, found.submission, found.grades))
