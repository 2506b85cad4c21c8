"""Turns errors into problem documents for programs and into plain pages for people."""

import logging
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from assay_hub.domain.errors import AssayError, NotAllowedError, NotFoundError
from assay_hub.web.pages import Pages
from assay_hub.web.session import Session, Sessions, SignInNeededError, StaleTokenError
from assay_protocol.problem import MEDIA_TYPE, Problem

NEXT_CHARACTERS = 2_000
"""How long the address may be that somebody is sent to after signing in."""

_log = logging.getLogger(__name__)


def install(app: FastAPI, pages: Pages, sessions: Sessions, sign_in_path: str) -> None:  # noqa: C901  # one handler after the other
    """Register the handlers of all errors.

    Args:
        app: the service.
        pages: renders the page of an error.
        sessions: says whether a request comes from our own pages.
        sign_in_path: where a person who is not signed in is sent; the page asked for is added as ``next``.
    """

    def answer(request: Request, problem: Problem) -> Response:
        if _wants_page(request):
            return pages.render(request, "problem.html", status=problem.status, problem=problem)
        return JSONResponse(problem.to_dict(), problem.status, media_type=MEDIA_TYPE)

    async def again(request: Request, status: int, session: Session | None) -> Response:
        """Answer a form that cannot be taken now with the same form, for the person to send once more.

        Nothing of another origin gets here, and nothing is sent without a click.
        """
        sessions.check_origin(request)
        sent = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
        return pages.render(
            request,
            "again.html",
            status=status,
            session=session,
            action=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            sent=[(name, value) for name, value in sent if name != "csrf"],
            sign_in=sign_in_path,
        )

    @app.exception_handler(StaleTokenError)
    async def _stale(request: Request, error: StaleTokenError) -> Response:
        if _keeps_form(request):
            return await again(request, error.status, error.session)
        return answer(request, error.problem())

    @app.exception_handler(AssayError)
    async def _known(request: Request, error: AssayError) -> Response:
        return answer(request, error.problem())

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        fields = "; ".join(f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in error.errors()[:10])
        return answer(request, Problem(422, "bad-input", "Something in this request cannot be used.", fields))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == NotFoundError.status:
            return answer(request, NotFoundError().problem())
        return answer(request, Problem(error.status_code, "http", str(error.detail)))

    @app.exception_handler(SignInNeededError)
    async def _sign_in(request: Request, _error: SignInNeededError) -> Response:
        if _wants_page(request) and request.method == "GET":
            return RedirectResponse(f"{sign_in_path}?{urlencode({'next': _asked_for(request)})}", 302)
        if _keeps_form(request):
            try:
                return await again(request, 401, None)
            except NotAllowedError as error:
                return answer(request, error.problem())
        return answer(request, Problem(401, "sign-in-needed", "You are not signed in.", "Reload the page to sign in."))

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> Response:
        _log.error("Unhandled error at %s", request.url.path, exc_info=error)
        return answer(
            request, Problem(500, "internal", "Something went wrong on our side.", "Nothing was lost. Try again.")
        )


def _asked_for(request: Request) -> str:
    """Return the path and, if it is of a length that a sign-in carries along, the query."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query and len(query) <= NEXT_CHARACTERS // 2 else "")


def _keeps_form(request: Request) -> bool:
    """Whether this is a form of the desk, sent by a browser and not by a script."""
    return _wants_page(request) and bool(getattr(request.state, "keeps_form", False))


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"
