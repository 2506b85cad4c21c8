"""JupyterHub's REST API, called with the service's own token, which never leaves for anywhere else."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx

from assay_hub.domain.errors import HubRefusedError
from assay_protocol.names import AGENT, WORKSPACE_PREFIX, is_workspace_account

TOKEN_SECONDS = 3600
STOP_SECONDS = 30.0


class JupyterHubApi:
    """The hub, called over loopback.

    Args:
        url: the API's address, for example ``http://127.0.0.1:8001/hub/api``.
        token: the service's own token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"token {token}"}, timeout=30)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def ensure_account(self, account: str) -> None:
        """Create an account if it is not there."""
        self._call("POST", f"/users/{account}", accept={201, 409})

    def delete_account(self, account: str) -> None:
        """Delete an account with all its tokens and sessions; nothing happens if it is not there."""
        self._call("DELETE", f"/users/{account}", accept={204, 404})

    def start_workspace(self, account: str) -> None:
        """Ask for the workspace to be started; nothing happens if it runs or is on its way.

        Raises:
            HubRefusedError: the hub could not start it.
        """
        if self._server(account):
            return
        # A start that takes over ten seconds, or a second request meanwhile, is answered 400 or 500 though all is well.
        answer = self._call("POST", f"/users/{account}/server", json={}, accept={201, 202, 400, 500})
        if not answer.is_success and not self._server(account):
            raise HubRefusedError("The workspace could not be started.", answer.json().get("message", ""))

    def is_ready(self, account: str) -> bool:
        """Whether the workspace answers."""
        server = self._server(account)
        return bool(server and server.get("ready"))

    def stop_workspace(self, account: str) -> None:
        """Stop the workspace and wait until it is gone; one that was started since is another.

        Raises:
            HubRefusedError: it is still there after 30 seconds.
        """
        self._tokens.pop(account, None)
        stopped = self._server(account)
        self._call("DELETE", f"/users/{account}/server", accept={202, 204, 400, 404})
        deadline = time.monotonic() + STOP_SECONDS
        while stopped and (server := self._server(account)) and server["started"] == stopped["started"]:
            if time.monotonic() > deadline:
                raise HubRefusedError("The workspace does not stop.", "Look at the hub's log.")
            time.sleep(0.1)

    def running_workspaces(self, prefix: str = WORKSPACE_PREFIX) -> list[str]:
        """Return the accounts of interviews, or of questions, whose workspace is ready."""
        users = self._call("GET", "/users", params={"state": "ready", "limit": 10_000}).json()
        names = [user["name"] for user in users]
        return [name for name in names if name.startswith(prefix) and is_workspace_account(name)]

    def share(self, account: str, people: Sequence[str]) -> None:
        """Let exactly these people into a started workspace."""
        shares = self._call("GET", f"/shares/{account}/").json()["items"]
        present = {share["user"]["name"] for share in shares if share.get("user")}
        for person in present - set(people):
            self._call("PATCH", f"/shares/{account}/", json={"user": person})
        for person in set(people) - present:
            self._call("POST", f"/shares/{account}/", json={"user": person})

    def agent_token(self, account: str) -> str:
        """Return a token that is good for this one workspace and nothing else, for a quarter of an hour at least."""
        with self._lock:
            token, expires = self._tokens.get(account, ("", 0.0))
            if expires - time.monotonic() < TOKEN_SECONDS / 4:
                request = {
                    "note": f"calls to {account}",
                    "expires_in": TOKEN_SECONDS,
                    "scopes": [f"access:servers!server={account}/"],
                }
                token = self._call("POST", f"/users/{AGENT}/tokens", json=request, accept={201}).json()["token"]
                self._tokens[account] = (token, time.monotonic() + TOKEN_SECONDS)
            return token

    def _server(self, account: str) -> dict[str, Any] | None:
        user = self._call("GET", f"/users/{account}", accept={200, 404})
        servers: dict[str, Any] = user.json().get("servers", {}) if user.is_success else {}
        server: dict[str, Any] | None = servers.get("")
        return server

    def _call(self, method: str, path: str, *, accept: set[int] | None = None, **request: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise HubRefusedError("JupyterHub does not answer.", type(error).__name__) from error
        if answer.status_code not in (accept or {200, 201, 204}):
            raise HubRefusedError(f"JupyterHub refused {method} {path}.", f"{answer.status_code} {answer.text[:200]}")
        return answer
