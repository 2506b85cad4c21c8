"""What every endpoint of the API passes before it is called: a token of the hub with its scope, JSON, and its key.

A session cookie is not looked at, so nothing that a browser sends by itself opens the API.
"""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from tornado.web import HTTPError

from assay_hub.domain.access import Person
from assay_hub.domain.errors import HubRefusedError, NotAllowedError
from assay_hub.web.api.errors import MediaTypeError, ScopeNeededError, TokenNeededError
from assay_hub.web.context import Context, context
from assay_hub.web.idempotency import Repeats
from assay_hub.web.pages import COMMON_HEADERS
from assay_protocol.names import is_machine_account

SCHEME = "hubToken"
"""Name of the way to authenticate, in the API's description."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,500}")
_JSON = {"application/json", "application/merge-patch+json"}


class Scope(StrEnum):
    """What a token is good for; JupyterHub knows these as custom scopes, each including the one before it."""

    READ = "custom:assay:read"
    WRITE = "custom:assay:write"
    ADMIN = "custom:assay:admin"


@dataclass(frozen=True)
class Caller:
    """Who calls, and what the token is good for."""

    person: Person
    scopes: tuple[str, ...]


class GatedRoute(APIRoute):
    """A route that is closed to everybody but a token of a member with the scope that its description names."""

    @property
    def scope(self) -> Scope:
        """The scope that a token needs.

        Raises:
            LookupError: the description names none; such a route must not exist.
        """
        return Scope((self.openapi_extra or {})["security"][0][SCHEME][0])

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint behind the gate."""
        endpoint, scope = super().get_route_handler(), self.scope

        async def gated(request: Request) -> Response:
            request.state.caller = caller = await _caller(request, context(request), scope)
            await _require_json(request)
            if request.method == "POST":
                repeats: Repeats = request.app.state.repeats
                answer = await repeats.once(request, caller.person.account, lambda: endpoint(request))
            else:
                answer = await endpoint(request)
            answer.headers.update(COMMON_HEADERS)
            return answer

        return gated


def _of_request(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


InCaller = Annotated[Caller, Depends(_of_request)]


async def _caller(request: Request, here: Context, needed: Scope) -> Caller:
    """Return who calls.

    Raises:
        TokenNeededError: no token, or none that the hub knows.
        ScopeNeededError: the token is too narrow.
        NotAllowedError: it is the token of a candidate, of a workspace, of a service, or of nobody in the team.
        HubRefusedError: the hub does not answer.
    """
    try:
        model = await here.sessions.auth.user_for_token(_token(request), sync=False)
    except HTTPError as error:
        raise HubRefusedError("JupyterHub does not answer.", "It may be starting again. Wait a moment.") from error
    if model is None:
        raise TokenNeededError
    account, scopes = str(model["name"]), tuple(model.get("scopes", ()))
    if model.get("kind") != "user" or is_machine_account(account):
        raise NotAllowedError("This account has no access to the API.")
    if not here.sessions.auth.check_scopes(here.sessions.auth.access_scopes, model):
        raise ScopeNeededError(" ".join(sorted(here.sessions.auth.access_scopes)))
    if needed.value not in scopes:
        raise ScopeNeededError(needed.value)
    person = await run_in_threadpool(here.application.team.person, account)
    if not person.staff:
        raise NotAllowedError("This account has no access to the API.")
    return Caller(person, tuple(scope.value for scope in Scope if scope.value in scopes))


def _token(request: Request) -> str:
    sent = request.headers.getlist("authorization")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() not in {"bearer", "token"} or not _TOKEN.fullmatch(token):
        raise TokenNeededError
    return token


async def _require_json(request: Request) -> None:
    if request.method in {"GET", "HEAD"} or not await request.body():
        return
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    charset = str(message.get_param("charset", "utf-8")).lower()
    if message["content-type"].partition(";")[0].strip().lower() not in _JSON or charset not in {"utf-8", "utf8"}:
        raise MediaTypeError
