"""The report of an interview."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from assay_hub.representations.reports import ReportShown, report_shown
from assay_hub.web.api.description import InterviewId, described
from assay_hub.web.api.gate import GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import rendered
from assay_hub.web.context import InContext
from assay_hub.web.parts import beside

Tags = Annotated[
    tuple[str, ...], Query(max_length=20, description="the cohort is narrowed to interviews with these tags")
]

router = APIRouter(route_class=GatedRoute, prefix="/interviews/{interview_id}", tags=["interviews"])


@router.get("/report", **described(Scope.READ, "Read the report", ReportShown))
def read(
    here: InContext,
    caller: InCaller,
    interview_id: InterviewId,
    tag: Tags = (),
) -> Response:
    """Read points, time, decisions, others of the role, and what people and machines say; the audit log tells of it."""
    found = here.application.report(caller.person, interview_id, tag)
    return rendered(report_shown(found, beside(here.application, caller.person, interview_id)))
