"""Errors of the API as problem documents (RFC 9457); no page, whatever a request accepts."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assay_hub.domain.errors import AssayError, BadInputError, ConflictError, NotFoundError
from assay_hub.representations.models import FieldError
from assay_hub.representations.render import API_PATH, wrong_fields
from assay_hub.web.pages import COMMON_HEADERS
from assay_protocol.problem import MEDIA_TYPE, Problem

_log = logging.getLogger(__name__)
_MOST_ERRORS = 20
_UNUSABLE = "Something in this request cannot be used."


class TokenNeededError(AssayError):
    """The request carries no token that the hub knows."""

    code = "token-needed"
    status = 401

    def __init__(self) -> None:
        super().__init__("A token is needed.", "Send a token of JupyterHub: Authorization: Bearer <token>.")


class ScopeNeededError(AssayError):
    """The token is good, but not for this."""

    code = "scope-needed"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__("This token is not good for this.", f"It needs the scope {scope}.")
        self.scope = scope


class MediaTypeError(AssayError):
    """The body is no JSON."""

    code = "media-type"
    status = 415

    def __init__(self) -> None:
        super().__init__("This is not JSON.", "Send a body as application/json in UTF-8.")


class PreconditionNeededError(AssayError):
    """A change without the version that it was made from."""

    code = "precondition-needed"
    status = 428

    def __init__(self) -> None:
        detail = "Send the ETag of the representation that you changed as If-Match, or * to change whatever is there."
        super().__init__("This change needs an If-Match header.", detail)


class StaleError(ConflictError):
    """The representation that was changed is not the present one.

    Args:
        etag: of the present one.
    """

    def __init__(self, etag: str) -> None:
        super().__init__()
        self.etag = etag


def install(app: FastAPI, allowed: Callable[[str], set[str]]) -> None:
    """Register the handlers of all errors.

    Args:
        app: the API.
        allowed: returns the methods that a path answers; the framework names those of its first route only.
    """

    async def failed(request: Request, error: HTTPException) -> JSONResponse:
        answer = await _http(request, error)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = ", ".join(sorted(allowed(request.url.path.removeprefix(API_PATH))))
        return answer

    app.exception_handler(AssayError)(_known)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(failed)
    app.exception_handler(Exception)(_unknown)


async def _known(_request: Request, error: AssayError) -> JSONResponse:
    headers = {}
    if isinstance(error, TokenNeededError):
        headers["WWW-Authenticate"] = 'Bearer realm="assay"'
    if isinstance(error, ScopeNeededError):
        headers["WWW-Authenticate"] = f'Bearer realm="assay", error="insufficient_scope", scope="{error.scope}"'
    if isinstance(error, StaleError):
        headers["ETag"] = error.etag
    return _answer(error.problem(), wrong_fields(error.fields), headers)


async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    wrong = [FieldError(field=_field(item["loc"]), detail=_sentence(item["msg"])) for item in error.errors()]
    return _answer(Problem(422, BadInputError.code, _UNUSABLE), wrong[:_MOST_ERRORS])


async def _http(_request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _answer(NotFoundError().problem())
    if error.status_code == HTTPStatus.BAD_REQUEST:  # the framework's word for a body that it cannot read
        wrong = [FieldError(field="body", detail="This is not JSON in UTF-8.")]
        return _answer(Problem(422, BadInputError.code, _UNUSABLE), wrong)
    return _answer(Problem(error.status_code, "http", str(error.detail)), headers=error.headers)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("Unhandled error at %s", request.url.path, exc_info=error)
    return _answer(Problem(500, "internal", "Something went wrong on our side.", "Try again."))


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".") + "."


def _answer(
    problem: Problem, wrong: list[FieldError] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = {**problem.to_dict(), **({"errors": [one.model_dump() for one in wrong]} if wrong else {})}
    return JSONResponse(body, problem.status, {**COMMON_HEADERS, **(headers or {})}, MEDIA_TYPE)


def _field(place: tuple[int | str, ...]) -> str:
    """Return the name of what is wrong: without where it stood, a name that any part of a request could have."""
    return ".".join(map(str, place[1:])) or str(place[0])
