"""Signing in through the hub, and the service's own health."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from assay_hub.domain.errors import NotAllowedError, NotFoundError
from assay_hub.web.context import InContext
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.problems import NEXT_CHARACTERS

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


@router.get("/health")
async def health() -> JSONResponse:
    """Say that the service answers; tells nothing else."""
    return JSONResponse({"status": "ok"}, headers=COMMON_HEADERS)
