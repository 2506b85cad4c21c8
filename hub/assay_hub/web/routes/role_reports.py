"""The summary of a role, what is usually shared with its candidates, and its adverse-impact table."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from assay_hub.domain.access import TeamAction
from assay_hub.domain.feedback import Part
from assay_hub.representations.reports import COLUMNS, summary_rows
from assay_hub.web import charts, sheets
from assay_hub.web.context import InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.routes.sharing import PARTS, parts_of

router = APIRouter(prefix="/roles/{position_id}")


@router.get("/summary")
def summary(
    request: Request,
    here: InContext,
    session: SignedIn,
    position_id: str,
    tags: Annotated[tuple[str, ...], Query(alias="tag", max_length=20)] = (),
) -> Response:
    """Show a role at a glance."""
    person, application = session.person, here.application
    found = application.cohort.summary(person, position_id, tags)
    may_keep = person.may(TeamAction.MANAGE_ROLES)
    usual: tuple[Part, ...] = application.share_reports.usual(person, position_id) if may_keep else ()
    return here.pages.render(
        request,
        "report/summary.html",
        summarised=found,
        charts=charts,
        narrowed="?" + urlencode([("tag", tag) for tag in tags]) if tags else "",
        may_keep=may_keep,
        may_see_impact=person.may(TeamAction.SEE_IMPACT),
        usual=usual,
        part_words=PARTS,
    )


@router.get("/summary.csv")
def summary_sheet(
    here: InContext,
    session: SignedIn,
    position_id: str,
    tags: Annotated[tuple[str, ...], Query(alias="tag", max_length=20)] = (),
) -> Response:
    """Take the summary away as a sheet."""
    found = here.application.cohort.export(session.person, position_id, tags).summary
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="role-{position_id}.csv"'}
    content = sheets.sheet(COLUMNS, [summary_rows(found)])
    return StreamingResponse(content, media_type=sheets.MEDIA_TYPE, headers=headers)


@router.post("/sharing")
def save_usual(
    here: InContext, session: Submitting, position_id: str, part: Annotated[tuple[str, ...], Form()] = ()
) -> Response:
    """Keep what is usually shared with the candidates of a role."""
    here.application.share_reports.save_usual(session.person, position_id, parts_of(part))
    return RedirectResponse(f"{here.prefix}roles/{position_id}/summary#sharing-heading", 303)


@router.get("/impact")
def impact(request: Request, here: InContext, session: SignedIn, position_id: str) -> Response:
    """Show the adverse-impact tables of a role."""
    asked = here.application.demographics
    position, tables = asked.tables(session.person, position_id)
    items = {item.id: item for item in asked.items}
    return here.pages.render(request, "report/impact.html", position=position, tables=tables, items=items)
