"""Batches: how far their grading is, and what it gave."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from assay_hub.domain.batch import GridOrder, GridSearch, Show
from assay_hub.domain.errors import BadInputError
from assay_hub.representations.batches import (
    BatchExport,
    BatchList,
    BatchPeople,
    BatchShown,
    batch_shown,
    people_shown,
)
from assay_hub.web.api.description import LINK, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import listed, page_of, rendered
from assay_hub.web.api.queries import PageQuery, Words
from assay_hub.web.context import InContext

router = APIRouter(route_class=GatedRoute, tags=["batches"])

BatchId = Annotated[str, Path(description="id of a batch", json_schema_extra={"pattern": "^[a-z2-7]{10}$"})]


class PeopleQuery(PageQuery):
    """Conditions on the people of a batch; all must hold."""

    q: Words = Field("", description="words in name, id or e-mail; the pseudonym's number in an anonymous batch")
    show: Show = Field(Show.ALL, description="only people with a grading of this kind")
    question: Words = Field("", description="the question that `show` is about; empty for any")
    sort: GridOrder = Field(GridOrder.NAME, description="a leading minus turns it round")


@router.get("/batches", **described(Scope.READ, "List batches", BatchList, headers=(LINK,)))
def find(request: Request, here: InContext, caller: InCaller, query: Annotated[PageQuery, Query()]) -> Response:
    """List batches, the latest first, each with how far its grading is."""
    found = [pair for pair in here.application.find_batches.all(caller.person) if pair[0].kept]
    page, after = page_of(found, lambda pair: (-pair[0].created_at.timestamp(), pair[0].id), query.limit, query.cursor)
    return listed(request, BatchList(items=[batch_shown(*pair) for pair in page], next=after))


@router.get("/batches/{batch_id}", **described(Scope.READ, "Read a batch", BatchShown))
def read(here: InContext, caller: InCaller, batch_id: BatchId) -> Response:
    """Read how far the grading of a batch is."""
    return rendered(batch_shown(*here.application.find_batches.one(caller.person, batch_id)))


@router.get(
    "/batches/{batch_id}/people", **described(Scope.READ, "List the people of a batch", BatchPeople, headers=(LINK,))
)
def people(
    request: Request, here: InContext, caller: InCaller, batch_id: BatchId, query: Annotated[PeopleQuery, Query()]
) -> Response:
    """List people with a grade for each question; the audit log tells of it."""
    find_batches = here.application.find_batches
    batch, _ = find_batches.one(caller.person, batch_id)
    if query.question and batch.question(query.question) is None:
        reason = "The batch has no such question."
        raise BadInputError("This search cannot be done.", reason, fields={"question": reason})
    search = GridSearch(query.q, query.show, query.question, query.sort, query.limit, query.cursor)
    batch, _, page = find_batches.grid(caller.person, batch_id, search)
    return listed(request, BatchPeople(items=people_shown(batch, page), next=page.next or None))


@router.get("/batches/{batch_id}/export", **described(Scope.READ, "Export a batch", BatchExport))
def export(here: InContext, caller: InCaller, batch_id: BatchId) -> Response:
    """Read a batch with all of its people; the audit log tells of it."""
    find_batches = here.application.find_batches
    batch, pages = find_batches.export(caller.person, batch_id)
    everybody = [one for page in pages for one in people_shown(batch, page)]
    shown = batch_shown(*find_batches.one(caller.person, batch_id))
    return rendered(BatchExport(batch=shown, people=everybody))
