"""Signing in through the hub, signing out of both, and the service's own health."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from assay_hub.domain.errors import NotAllowedError, NotFoundError
from assay_hub.web.context import InContext
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.problems import NEXT_CHARACTERS
from assay_hub.web.session import SignInNeededError

router = APIRouter()

_PATH = re.compile(r"[a-z0-9/_-]{0,200}(\?[A-Za-z0-9%&=+.*_~-]*)?")


@router.get("/sign-in")
async def sign_in(here: InContext, next: Annotated[str, Query()] = "") -> Response:  # noqa: A002  # the query's name
    """Begin a new round through the hub: the hub, not our cookie, says who is here."""
    path = next.removeprefix(here.prefix).lstrip("/")
    if len(path) > NEXT_CHARACTERS or not _PATH.fullmatch(path):
        raise NotFoundError
    response = RedirectResponse("/", 302, headers=COMMON_HEADERS)
    response.headers["Location"] = here.sessions.begin_sign_in(response, here.prefix + path)
    return response


@router.get("/oauth_callback")
async def callback(request: Request, here: InContext, state: str, code: str = "", error: str = "") -> Response:
    """Finish the round."""
    if error or not code:
        raise NotAllowedError("Signing in was refused.", "Open the page again.")
    response = RedirectResponse("/", 302, headers=COMMON_HEADERS)
    response.headers["Location"] = await here.sessions.finish_sign_in(request, response, state, code)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, here: InContext) -> Response:
    """End the session here, and go on to the hub, which ends its own and every token that came from it.

    The browser goes on by itself, because the policy of our pages lets no form lead to another origin. Whoever has no
    session any more goes the same way.
    """
    try:
        await here.sessions.changing_session(request)
    except SignInNeededError:
        here.sessions.check_origin(request)
    onward = f"{here.application.settings.url}/hub/logout"
    response = here.pages.render(request, "leaving.html", onward=onward)
    response.headers["Refresh"] = f"0; url={onward}"
    here.sessions.end(response)
    return response


@router.get("/signed-out")
async def signed_out(request: Request, here: InContext) -> Response:
    """Say that nobody is signed in any more; the hub leads here."""
    return here.pages.render(request, "signed-out.html")


@router.get("/health")
async def health() -> JSONResponse:
    """Say that the service answers; tells nothing else."""
    return JSONResponse({"status": "ok"}, headers=COMMON_HEADERS)
