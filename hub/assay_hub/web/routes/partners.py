"""What applicant tracking systems call, and the admin's page of connections.

Greenhouse (https://developers.greenhouse.io/assessment.html; its source is grnhse/greenhouse-api-docs): ``list_tests``,
``send_test``, ``test_status`` and ``response_error``, with our key as the user name of HTTP Basic.

Ashby (https://developers.ashbyhq.com/docs/creating-an-assessments-integration and, for the fields,
https://developers.ashbyhq.com/reference/assessmentstart): ``assessment.list``, ``assessment.start`` and
``assessment.cancel``. That Ashby shows our key as the user name of HTTP Basic too is an assumption: its pages say so
only of calls in the other direction.
"""

import base64
import binascii
import logging
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from assay_hub.domain.access import Person
from assay_hub.domain.errors import AssayError, BadInputError, KeyRefusedError
from assay_hub.domain.partner import Connection, Standing, System, offered_id
from assay_hub.domain.partner import Request as Wish
from assay_hub.web.attempts import address_of
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.session import Session

router = APIRouter()

_log = logging.getLogger(__name__)
_Text = Annotated[str, Field(max_length=2_000)]


class _Body(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class _Candidate(_Body):
    first_name: _Text
    last_name: _Text
    email: _Text


class _SendTest(_Body):
    partner_test_id: _Text
    candidate: _Candidate
    url: _Text = ""


class _ResponseError(_Body):
    api_call: _Text = ""
    errors: list[Any] = []


class _Application(_Body):
    ashby_id: _Text


class _Start(_Body):
    assessment_type_id: _Text
    candidate: _Candidate
    application: _Application


class _Cancel(_Body):
    assessment_id: _Text


def _key(request: Request) -> str:
    """Return the user name of HTTP Basic."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        name = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        name = ""
    if scheme.lower() != "basic" or not name:
        raise KeyRefusedError
    return name


def _caller(request: Request, here: Context, system: System) -> tuple[Connection, Person]:
    """Return whose key the request shows; too many wrong ones from one address are not looked at."""
    address = address_of(request)
    try:
        key = _key(request)
        here.attempts.check(address, key)
        found = here.application.partners.connection(system, key)
    except KeyRefusedError:
        here.attempts.failed(address)
        raise
    here.attempts.succeeded(key)
    return found


def _greenhouse(request: Request, here: InContext) -> tuple[Connection, Person]:
    return _caller(request, here, System.GREENHOUSE)


def _ashby(request: Request, here: InContext) -> tuple[Connection, Person]:
    return _caller(request, here, System.ASHBY)


_Greenhouse = Annotated[tuple[Connection, Person], Depends(_greenhouse)]
_Ashby = Annotated[tuple[Connection, Person], Depends(_ashby)]


@router.get("/partners/greenhouse/list_tests")
def list_tests(here: InContext, _caller: _Greenhouse) -> Response:
    """List what Greenhouse can order."""
    tests = here.application.partners.tests()
    return _json([{"partner_test_id": offered_id(one.id), "partner_test_name": one.name} for one in tests])


@router.post("/partners/greenhouse/send_test")
def send_test(here: InContext, caller: _Greenhouse, body: _SendTest) -> Response:
    """Create an interview for a candidate, or name the one that there is."""
    person = body.candidate
    same = person.email.lower()
    wish = Wish(body.partner_test_id, person.first_name, person.last_name, person.email, same, body.url)
    return _json({"partner_interview_id": here.application.partners.order(*caller, wish).id})


@router.get("/partners/greenhouse/test_status")
def test_status(here: InContext, caller: _Greenhouse, partner_interview_id: str) -> Response:
    """Say how an order stands; with its score once it is complete."""
    status = here.application.partners.status(*caller, partner_interview_id)
    answer: dict[str, Any] = {"partner_status": status.standing.value}
    if status.standing is Standing.COMPLETE:
        answer["partner_profile_url"] = status.url
        if status.score is not None:
            answer["partner_score"] = status.score
        answer["metadata"] = {
            "Started At": _moment(status.started_at),
            "Completed At": _moment(status.ended_at),
            "Cells that a person grades": status.open_cells,
        }
    return _json(answer)


@router.post("/partners/greenhouse/response_error")
def response_error(caller: _Greenhouse, body: _ResponseError) -> Response:
    """Keep in the log what Greenhouse did not understand of an answer."""
    told = "; ".join(str(one) for one in body.errors[:10])[:500]
    _log.warning("Greenhouse (%s) understood no answer to %r: %r", caller[0].id, body.api_call[:50], told)
    return _json({})


@router.post("/partners/ashby/assessment.list")
def assessment_list(here: InContext, _caller: _Ashby) -> Response:
    """List what Ashby can order."""
    tests = here.application.partners.tests()
    results = [{"assessment_type_id": offered_id(one.id), "name": one.name, "description": one.title} for one in tests]
    return _json({"success": True, "results": results})


@router.post("/partners/ashby/assessment.start")
def assessment_start(here: InContext, caller: _Ashby, body: _Start) -> Response:
    """Create an interview for an application, or name the one that there is; Ashby shows ``message`` to its user."""
    person = body.candidate
    same = body.application.ashby_id
    wish = Wish(body.assessment_type_id, person.first_name, person.last_name, person.email, same)
    try:
        order = here.application.partners.order(*caller, wish)
    except AssayError as error:
        return _json({"message": f"{error.title} {error.detail}".strip()}, BadInputError.status)
    return _json({"success": True, "results": {"assessment_id": order.id}})


@router.post("/partners/ashby/assessment.cancel")
def assessment_cancel(here: InContext, caller: _Ashby, body: _Cancel) -> Response:
    """Call an interview off."""
    order = here.application.partners.call_off(*caller, body.assessment_id)
    return _json({"success": True, "results": {"assessment_id": order.id}})


@router.get("/connections")
def connections(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the connections, with the form for a new one."""
    return _list(request, here, session)


@router.post("/connections")
async def connect(
    request: Request,
    here: InContext,
    session: Submitting,
    system: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    account: Annotated[str, Form()] = "",
    callback_key: Annotated[str, Form()] = "",
) -> Response:
    """Make a connection and show its key, this once."""
    values = (system, name, account, callback_key)
    try:
        _, key = await run_in_threadpool(here.application.connections.create, session.person, *values)
    except BadInputError as error:
        return await run_in_threadpool(_list, request, here, session, error=error)
    return await run_in_threadpool(_list, request, here, session, key=key)


@router.post("/connections/{connection_id}/revoke")
def revoke(here: InContext, session: Submitting, connection_id: str) -> Response:
    """Accept a key no more."""
    here.application.connections.revoke(session.person, connection_id)
    return RedirectResponse(f"{here.prefix}connections", 303)


def _list(
    request: Request, here: Context, session: Session, *, key: str = "", error: BadInputError | None = None
) -> Response:
    found, members = here.application.connections.all(session.person)
    return here.pages.render(
        request,
        "connections.html",
        status=error.status if error else 200,
        connections=found,
        members=members,
        systems=list(System),
        address=here.application.settings.desk_url + "partners/",
        key=key,
        error=error,
    )


def _json(content: Any, status: int = 200) -> Response:
    return JSONResponse(content, status, headers=COMMON_HEADERS)


def _moment(value: datetime | None) -> str:
    return value.isoformat(timespec="seconds") if value else ""
