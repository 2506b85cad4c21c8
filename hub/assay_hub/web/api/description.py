"""What the description of the API says about every endpoint, in one place."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

from assay_hub.web.api.gate import SCHEME, Scope
from assay_hub.web.api.versions import IF_MATCH
from assay_hub.web.idempotency import HEADER
from assay_protocol.problem import MEDIA_TYPE

_MEANINGS = {
    401: "No token, or one that JupyterHub does not know (any more).",
    403: "The token lacks a scope, or its account is not in the team.",
    404: "There is no such thing, or you may not know of it; the answer is the same.",
    409: "The interview's state does not allow this, or a request with this key is being worked on.",
    412: "Somebody else changed it meanwhile; the ETag is that of the present representation.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    422: "Something in the request cannot be used; `errors` says what.",
    428: "An If-Match header is needed.",
    502: "JupyterHub does not answer.",
}
_HEADERS = {
    "ETag": "identifies the representation, for If-Match",
    "Link": "the next page, as rel=next",
    "Location": "address of what was made",
}
ETAG, LINK, LOCATION = "ETag", "Link", "Location"

_ID = {"pattern": "^[a-z2-7]{10}$"}
InterviewId = Annotated[str, Path(description="id of an interview", json_schema_extra=_ID)]
QuestionName = Annotated[
    str, Path(description="id of a question", json_schema_extra={"pattern": "^[a-zA-Z0-9_-]{1,100}$"})
]
PositionId = Annotated[str, Path(description="id of a role", json_schema_extra=_ID)]
TemplateId = Annotated[str, Path(description="id of a template", json_schema_extra=_ID)]
LinkId = Annotated[str, Path(description="id of a link", json_schema_extra={"pattern": "^[0-9a-f]{16}$"})]
AccountName = Annotated[str, Path(description="hub account of a member", json_schema_extra={"minLength": 1})]
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "ETag of the representation that is changed; * for whatever is there.",
    "schema": {"type": "string", "pattern": IF_MATCH},
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Names this request: sent again within 24 hours it is answered the same and changes nothing again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def described(
    scope: Scope,
    summary: str,
    good: type[BaseModel] | None,
    *errors: int,
    status: int = 200,
    headers: tuple[str, ...] = (),
    if_match: bool = False,
    may_match: bool = False,
    key: bool = False,
    conflict_with: str = "",
) -> dict[str, Any]:
    """Return the arguments of a route: its status, its scope, its parameters in headers and all of its answers.

    Args:
        scope: what a token needs; the gate reads it from here.
        summary: what it does, in a few words.
        good: what it answers when all is well; ``None`` for no body.
        errors: status codes beyond those that every endpoint has.
        status: HTTP status code when all is well.
        headers: names of the headers of that answer.
        if_match: whether the request names the version that it changes.
        may_match: whether it may do so.
        key: whether it takes an ``Idempotency-Key``.
        conflict_with: what 409 means here, if it means something of its own.
    """
    versioned = if_match or may_match
    parameters = [*([{**_IF_MATCH, "required": if_match}] if versioned else []), *([_KEY] if key else [])]
    expected = {401, 403, 404, 422, 502, *errors, *({412, 428} if versioned else ()), *({409} if key else ())}
    answers: dict[int | str, dict[str, Any]] = {one: _problem(one, conflict_with) for one in sorted(expected)}
    answers[status] = {"description": "All is well.", **({"model": good} if good else {})}
    answers[status]["headers"] = {
        name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in headers
    }
    extra: dict[str, Any] = {"security": [{SCHEME: [scope.value]}]}
    if parameters:
        extra["parameters"] = parameters
    return {"summary": summary, "status_code": status, "responses": answers, "openapi_extra": extra}


def _problem(status: int, conflict_with: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": conflict_with if status == 409 and conflict_with else _MEANINGS[status],  # noqa: PLR2004
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemShown"}}},
    }
    if status == 401:  # noqa: PLR2004
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    return answer
