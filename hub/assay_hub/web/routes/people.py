"""The team: who is in it and as what."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from assay_hub.domain.access import TEAM_ALLOWED, TeamAction, TeamRole
from assay_hub.domain.errors import BadInputError
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.session import Session

router = APIRouter()


@router.get("/people")
def people(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the members, former ones apart."""
    return _people(request, here, session, {}, None)


@router.post("/people")
async def add(
    request: Request,
    here: InContext,
    session: Submitting,
    account: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = TeamRole.INTERVIEWER.value,
) -> Response:
    """Add a member before they first sign in."""
    try:
        await run_in_threadpool(here.application.team.add, session.person, account, name, email, _role(role))
    except BadInputError as error:
        entered = {"account": account, "name": name, "email": email, "role": role}
        return await run_in_threadpool(_people, request, here, session, entered, error)
    return RedirectResponse(f"{here.prefix}people", 303)


@router.get("/people/{account}")
def member(request: Request, here: InContext, session: SignedIn, account: str) -> Response:
    """Show the form that changes a member."""
    found = here.application.team.member(session.person, account)
    return here.pages.render(request, "member.html", member=found, error=None, roles=list(TeamRole))


@router.post("/people/{account}")
async def change(
    request: Request,
    here: InContext,
    session: Submitting,
    account: str,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    active: Annotated[str, Form()] = "",
) -> Response:
    """Change a member; a former member loses open rooms at once."""
    found = await run_in_threadpool(here.application.team.member, session.person, account)
    wanted = replace(found, name=name, email=email, active=bool(active))
    try:
        wanted = replace(wanted, role=_role(role))
        await run_in_threadpool(here.application.team.change, session.person, wanted)
    except BadInputError as error:
        return here.pages.render(
            request, "member.html", status=error.status, member=wanted, error=error, roles=list(TeamRole)
        )
    return RedirectResponse(f"{here.prefix}people", 303)


def _people(
    request: Request, here: Context, session: Session, entered: dict[str, str], error: BadInputError | None
) -> Response:
    rights = {role: [action.value for action in TeamAction if role in TEAM_ALLOWED[action]] for role in TeamRole}
    return here.pages.render(
        request,
        "people.html",
        status=error.status if error else 200,
        members=here.application.team.members(session.person),
        entered=entered,
        error=error,
        rights=rights,
        roles=list(TeamRole),
    )


def _role(text: str) -> TeamRole:
    try:
        return TeamRole(text)
    except ValueError as error:
        reason = f"There is no such role; there are {', '.join(TeamRole)}."
        raise BadInputError("This cannot be saved.", reason, fields={"role": reason}) from error
