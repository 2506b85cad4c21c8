"""Who may call what in a workspace, as one table, and the gate that leaves every other address closed."""

import re
from dataclasses import dataclass
from typing import Any, Final

from jupyter_server.auth import Authorizer
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from assay_protocol import names, routes

from .workspace import SETTING, Workspace

AGENT_RESOURCE: Final = "assay"
PAGE_RESOURCE: Final = "assay-page"

READER: Final = frozenset(
    {
        ("read", "api"),
        ("read", "contents"),
        ("read", "kernels"),
        ("read", "kernelspecs"),
        ("read", "sessions"),
        ("execute", "kernels"),  # opening the websocket; what goes through it is decided message by message
    }
)
"""Somebody who watches: no request of theirs changes anything, and what their page claims is no evidence."""
EDITOR: Final = READER | {
    ("write", PAGE_RESOURCE),
    ("write", "contents"),
    ("write", "kernels"),
    ("write", "sessions"),
}
AGENT: Final = frozenset({("read", AGENT_RESOURCE), ("write", AGENT_RESOURCE)})


class WorkspaceAuthorizer(Authorizer):
    """Admits the service's agent to its own routes, participants to the rest, and nobody else anywhere."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Look the account up in the table. Without the extension nobody is admitted."""
        workspace = handler.settings.get(SETTING)
        if not isinstance(workspace, Workspace):
            return False
        allowed = (action, resource) in rights(workspace, user.username)
        if not allowed and handler.request.method not in _READ.split():
            _note_attempt(workspace, user.username, action, resource)
        return allowed


def _note_attempt(workspace: Workspace, account: str, action: str, resource: str) -> None:
    watches = workspace.people.find(account) is not None
    if watches and (action, resource) in EDITOR - READER and resource != PAGE_RESOURCE:
        workspace.refused(account, "files" if resource == "contents" else "kernel")


def rights(workspace: Workspace, account: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of action and resource that an account may use now."""
    if account == names.AGENT:
        return AGENT
    person = workspace.people.find(account)
    if person is None:
        return frozenset()
    return EDITOR if person.may_edit else READER


@dataclass(frozen=True)
class Opening:
    """Addresses that exist.

    Attributes:
        pattern: regular expression for the whole path below the base URL.
        methods: the HTTP methods that they answer.
        why: what needs them.
    """

    pattern: str
    methods: str
    why: str


_READ: Final = "GET HEAD"
OPENINGS: Final = (
    Opening(r"/", _READ, "the address of the server itself, which leads to the default page"),
    Opening(r"/(tree|notebooks|edit)(/.*)?", _READ, "pages of Notebook 7; they hold nothing of the interview"),
    Opening(r"/lab(/(tree|workspaces)(/.*)?)?", _READ, "pages of JupyterLab; they hold nothing of the interview"),
    Opening(r"/static/.*|/lab/extensions/.*|/lab/api/themes/.*", _READ, "programs and styles of the pages"),
    Opening(r"/favicon\.ico|/logo|/kernelspecs/.*", _READ, "images of the pages"),
    Opening(r"/lab/api/(settings|translations)(/.*)?", _READ, "settings and languages of the pages"),
    Opening(r"/oauth_callback|/logout", _READ, "logging in and out through the hub"),
    Opening(r"/api/?|/api/status|/api/me|/api/nbconvert", _READ, "the hub's and the pages' checks"),
    Opening(r"/api/contents(?!.*/(checkpoints/|trust$)).*", "GET HEAD POST PUT PATCH DELETE", "the files"),
    Opening(r"/files/.*", _READ, "downloads and images in notebooks"),
    Opening(r"/api/kernelspecs(/.*)?", _READ, "the languages on offer"),
    Opening(r"/api/(kernels|sessions)(/.*)?", "GET HEAD POST PATCH DELETE", "running cells"),
    Opening(r"/api/events/subscribe", "GET", "a websocket that pages insist on"),
    Opening(r"/api/collaboration/(room|session)/.*", "GET PUT", "editing together"),
    Opening(
        "|".join(
            f"/{route}"
            for route in (routes.STATUS, routes.MANIFEST, routes.RECORDING, routes.SNAPSHOT, routes.DISCONNECT)
        ),
        "GET PUT POST",
        "the service's agent",
    ),
    Opening(f"/{routes.BROWSER_EVENTS}", "POST", "what only a participant's page can see"),
)


class Closed(Matcher):
    """Matches every request that none of the openings admits.

    Args:
        base_url: the server's base URL, with a slash at both ends.
    """

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._openings = [(re.compile(opening.pattern), opening.methods.split()) for opening in OPENINGS]

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return None for an admitted request, so that the server's own routes are tried."""
        path = request.path
        if not path.startswith(self._base + "/"):
            return {}
        below = path[len(self._base) :]
        admitted = any(pattern.fullmatch(below) and request.method in methods for pattern, methods in self._openings)
        return None if admitted else {}
