"""Every endpoint of the service asks who is there, except a short list."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from assay_config.settings import Settings
from assay_hub.adapters.database import migrate
from assay_hub.bootstrap import PREFIX, Application
from assay_hub.web.app import create_app
from assay_hub.web.live import CLOSED_BY_US

OPEN = {"/sign-in", "/sign-out", "/signed-out", "/oauth_callback", "/health"}
"""Signing in and out itself, and the hub's question whether the service answers."""

FEED = "/calendar/{secret}.ics"
"""Calendars cannot sign in: the address itself is the secret, and a wrong one leads nowhere."""


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTERHUB_API_TOKEN", "token")
        patch.setenv("JUPYTERHUB_CLIENT_ID", "service-assay")
        settings = Settings(data=tmp_path_factory.mktemp("data"))
        migrate(settings.database_url)
        yield create_app(Application(settings, "token"))


def endpoints(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield every route, those of included routers as well."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from endpoints(included.routes)


def address(route) -> str:
    """Return an address that a route answers."""
    names = dict.fromkeys(route.param_convertors, "aaaaaaaaaa")
    return PREFIX.rstrip("/") + route.path.format(**names)


def ask(service: FastAPI, method: str, path: str) -> httpx.Response:
    """Make a request from one of our own pages, with no session."""
    origin = service.state.context.application.settings.origin("desk")

    async def asked() -> httpx.Response:
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(service), base_url=origin, headers=headers
        ) as client:
            return await client.request(method, path)

    return asyncio.run(asked())


def connect(service: FastAPI, path: str) -> list[dict[str, Any]]:
    """Open a websocket from one of our own pages, with no session, and return what is sent to it."""
    origin = service.state.context.application.settings.origin("desk")
    headers = [(b"host", origin.partition("://")[2].encode()), (b"origin", origin.encode())]
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(service(scope, receive, send))
    return sent


def test_nobody_gets_anywhere_without_a_session(service):
    closed = [route for route in endpoints(service.routes) if not isinstance(route, Mount) and route.path not in OPEN]

    for route in closed:
        if isinstance(route, WebSocketRoute):
            accepted, ended = connect(service, address(route))
            assert (accepted["type"], ended["type"], ended["code"]) == (
                "websocket.accept",
                "websocket.close",
                CLOSED_BY_US,
            )
        else:
            for method in route.methods:
                status = 404 if route.path == FEED else 401
                assert ask(service, method, address(route)).status_code == status, (method, route.path)

    assert len(closed) > 15
    assert "/room/{interview_id}/live" in {route.path for route in closed}


def test_what_is_open_is_a_short_list_and_files_of_our_own(service):
    """The API is an application of its own, whose endpoints are walked by its own tests."""
    found = list(endpoints(service.routes))

    assert {route.path for route in found} >= OPEN
    assert {route.path for route in found if isinstance(route, Mount)} == {PREFIX + "static", PREFIX + "api/v1"}


def test_what_is_open_tells_a_stranger_nothing(service):
    answers = {path: ask(service, "GET", PREFIX + path[1:]) for path in OPEN}

    assert answers["/health"].json() == {"status": "ok"}
    assert answers["/sign-in"].status_code == 302
    assert answers["/oauth_callback"].status_code == 422
    assert answers["/sign-out"].status_code == 405
    assert "You are signed out" in answers["/signed-out"].text
