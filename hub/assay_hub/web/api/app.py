"""Puts the API together and describes it."""

from functools import cache
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from assay_config.secrets import secret
from assay_hub.representations.models import ProblemShown
from assay_hub.representations.render import API_PATH
from assay_hub.web.api import around, batches, errors, interviews, questions, report, score_cards, team
from assay_hub.web.api.gate import SCHEME
from assay_hub.web.context import Context
from assay_hub.web.idempotency import Repeats
from assay_hub.web.pages import COMMON_HEADERS

ROUTERS = (
    interviews.router,
    around.router,
    report.router,
    questions.router,
    team.router,
    batches.router,
    score_cards.router,
)

_ABOUT = """Everything that the desk does, for other systems, with the same rules of access.

Tokens come from JupyterHub and carry custom scopes: `custom:assay:read` to read, `custom:assay:write` to change,
`custom:assay:admin` to change the team and read the audit log. What does not exist and what you may not know of are
answered the same. Errors are problem documents (RFC 9457). docs/api.md begins where this ends."""

_SCOPES = "A token of JupyterHub, with access to the service and the custom scope that is named."


def create_api(context: Context) -> FastAPI:
    """Return the API as an application of its own, to be mounted."""
    application = context.application
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.context = context
    api.state.repeats = Repeats(application.database, application.clock, secret(application.settings.folder, "answers"))
    for router in ROUTERS:
        api.include_router(router)
    api.add_api_route("/openapi.json", _openapi, include_in_schema=False)
    errors.install(api, _allowed)
    return api


def _allowed(path: str) -> set[str]:
    """Return the methods that a path answers."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {method for route in routes if route.path_regex.match(path) for method in route.methods or ()} or {"GET"}


def _openapi() -> Response:
    """Return the description; it says nothing of this installation, and needs no token."""
    return JSONResponse(description(), headers=COMMON_HEADERS)


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of the API."""
    routes = [route for router in ROUTERS for route in router.routes]
    described: dict[str, Any] = get_openapi(
        title="Assay", version="1", openapi_version="3.1.0", description=_ABOUT, routes=routes,
        servers=[{"url": API_PATH}],
    )  # fmt: skip
    parts = described.setdefault("components", {})
    parts["schemas"]["ProblemShown"] = ProblemShown.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"].update(parts["schemas"]["ProblemShown"].pop("$defs"))
    parts["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer", "description": _SCOPES}}
    parts["schemas"] = dict(sorted(parts["schemas"].items()))
    return described
