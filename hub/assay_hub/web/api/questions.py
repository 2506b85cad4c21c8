"""The library: find questions, and read them as a candidate gets them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from assay_hub.representations.models import QuestionList, QuestionShown, VersionList
from assay_hub.representations.render import question, question_shown, version
from assay_hub.web.api.description import LINK, QuestionName, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import listed, page_of, rendered
from assay_hub.web.api.queries import LibraryQuery, PageQuery
from assay_hub.web.context import InContext

router = APIRouter(route_class=GatedRoute, tags=["questions"])


@router.get("/questions", **described(Scope.READ, "List questions", QuestionList, headers=(LINK,)))
def find(request: Request, here: InContext, caller: InCaller, query: Annotated[LibraryQuery, Query()]) -> Response:
    """Find questions that can be asked, by title."""
    found = here.application.browse_library(caller.person, query.search())
    page, after = page_of(found, lambda one: (one.title, one.id), query.limit, query.cursor)
    return listed(request, QuestionList(items=[question(one) for one in page], next=after))


@router.get("/questions/{question_id}", **described(Scope.READ, "Read a question", QuestionShown))
def read(here: InContext, caller: InCaller, question_id: QuestionName) -> Response:
    """Read a question as a candidate gets it, without solutions and hidden tests; the audit log tells of it."""
    return rendered(question_shown(here.application.browse_library.preview(caller.person, question_id)))


@router.get(
    "/questions/{question_id}/versions",
    **described(Scope.READ, "List the versions of a question", VersionList, headers=(LINK,)),
)
def versions(
    request: Request,
    here: InContext,
    caller: InCaller,
    question_id: QuestionName,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """List the versions of one of the team's own questions; an official one has none of its own here."""
    keep = here.application.questions
    found = keep.history(caller.person, question_id)
    page, after = page_of(found, lambda one: (-one.number,), query.limit, query.cursor)
    changes = keep.changes(caller.person, question_id)
    return listed(request, VersionList(items=[version(one, changes.get(one.number, [])) for one in page], next=after))
