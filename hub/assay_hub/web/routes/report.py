"""The report of an interview: its page, the decision, and files to take away."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse

from assay_hub.domain.access import Action, Person, TeamAction, may
from assay_hub.domain.decision import Choice
from assay_hub.domain.errors import AssayError, BadInputError, ConflictError, NotFoundError
from assay_hub.domain.report import Report
from assay_hub.representations.reports import COLUMNS, report_shown, rows
from assay_hub.web import charts, sheets
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS, STATIC, Pages
from assay_hub.web.parts import PARTS, beside, parts_for

router = APIRouter(prefix="/interviews/{interview_id}")

Tags = Annotated[tuple[str, ...], Query(alias="tag", max_length=20)]

CHOICES = {Choice.ADVANCE: "Advance", Choice.HOLD: "Hold", Choice.REJECT: "Reject"}
LANDMARKS = {
    "first-edit": "First edit",
    "first-run": "First run",
    "first-success": "First run without an error",
    "last-edit": "Last edit",
}


@dataclass(frozen=True)
class Entered:
    """A decision as it was entered: it may be wrong, and is shown again as it is."""

    choice: str = ""
    reason: str = ""


@router.get("/report")
def page(request: Request, here: InContext, session: SignedIn, interview_id: str, tags: Tags = ()) -> Response:
    """Show the report."""
    report = here.application.report(session.person, interview_id, tags)
    return _page(request, here, report, session.person)


def _page(
    request: Request,
    here: Context,
    report: Report,
    person: Person,
    error: AssayError | None = None,
    entered: Entered = Entered(),  # frozen
) -> Response:
    tags = report.cohort.tags if report.cohort else ()
    return here.pages.render(
        request,
        "report/report.html",
        status=error.status if error else 200,
        **{**shown(report), **parts_for(here.application, person, report.interview.id)},
        tags=tags,
        narrowed="?" + urlencode([("tag", tag) for tag in tags]) if tags else "",
        may_decide=may(person, Action.DECIDE, report.interview),
        may_share=may(person, Action.SHARE_REPORT, report.interview),
        may_summarise=person.may(TeamAction.SEE_SUMMARIES),
        error=error,
        entered=entered,
    )


def shown(report: Report) -> dict[str, Any]:
    """Return what the templates of a report need, on the page and on paper."""
    return {"report": report, "charts": charts, "choices": CHOICES, "landmarks": LANDMARKS, **dict.fromkeys(PARTS)}


@router.post("/report/decision")
def decide(
    request: Request,
    here: InContext,
    session: Submitting,
    interview_id: str,
    choice: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
) -> Response:
    """Keep a decision; what cannot be kept comes back with what was entered."""
    try:
        here.application.report.decide(session.person, interview_id, _choice(choice), reason, seen)
    except (BadInputError, ConflictError) as error:
        report = here.application.report(session.person, interview_id)
        return _page(request, here, report, session.person, error, Entered(choice, reason))
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/report#decision", 303)


def _choice(entered: str) -> Choice:
    try:
        return Choice(entered)
    except ValueError as error:
        raise BadInputError("Choose what was decided.") from error


@router.get("/report.json")
def as_json(here: InContext, session: SignedIn, interview_id: str, tags: Tags = ()) -> Response:
    """Take the report away as JSON."""
    report = here.application.report.export(session.person, interview_id, "json", tags)
    content = report_shown(report, beside(here.application, session.person, interview_id)).model_dump_json(indent=2)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="report-{interview_id}.json"'}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/report.csv")
def as_csv(here: InContext, session: SignedIn, interview_id: str, tags: Tags = ()) -> Response:
    """Take the report away as a sheet."""
    report = here.application.report.export(session.person, interview_id, "csv", tags)
    said = beside(here.application, session.person, interview_id)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="report-{interview_id}.csv"'}
    return StreamingResponse(sheets.sheet(COLUMNS, [rows(report, said)]), media_type=sheets.MEDIA_TYPE, headers=headers)


@router.post("/report/pdf")
async def make_pdf(
    here: InContext, session: Submitting, interview_id: str, tags: Annotated[tuple[str, ...], Form(alias="tag")] = ()
) -> Response:
    """Have the report printed; the next page shows when it is there."""
    export, person = here.application.report.export, session.person
    report = await run_in_threadpool(export, person, interview_id, "pdf", tags)
    parts = await run_in_threadpool(parts_for, here.application, person, interview_id)
    base = here.application.settings.desk_url
    paper = await run_in_threadpool(paper_of, here.pages, report, person.name, base, parts)
    here.prints.ask(person.account, interview_id, paper)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/report/pdf", 303)


@router.get("/report/pdf")
async def pdf(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show whether the PDF is there."""
    find = here.application.review.find
    interview = await run_in_threadpool(find, session.person, Action.SEE_REPORT, interview_id)
    made = here.prints.of(session.person.account, interview_id)
    return here.pages.render(request, "report/pdf.html", interview=interview, print=made)


@router.get("/report/pdf/file")
async def pdf_file(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Download the PDF."""
    await run_in_threadpool(here.application.review.find, session.person, Action.SEE_REPORT, interview_id)
    made = here.prints.of(session.person.account, interview_id)
    if made is None or not made.content:
        raise NotFoundError
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="report-{interview_id}.pdf"'}
    return Response(made.content, media_type="application/pdf", headers=headers)


def paper_of(pages: Pages, report: Report, reader: str, base: str, parts: Mapping[str, Any]) -> str:
    """Return a report as one page that needs nothing else, for a printer.

    Args:
        pages: the templates.
        report: the report.
        reader: name of the person for whom it is made.
        base: where its links lead.
        parts: see ``parts_for``.
    """
    style = "".join((STATIC / "dist" / name).read_text("utf-8") for name in ("bootstrap.css", "assay.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    paper = {"style": style, "policy": policy, "reader": reader, "base": base, "prefix": base}
    return pages.text("report/print.html", **{**paper, **shown(report), **parts})
