"""Lets the hub answer workspaces on the gateway of each interview's network, and nowhere else."""

from collections.abc import Collection
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.routing import Router
from tornado.web import Application, ErrorHandler


def workspace_paths(hub_prefix: str, account: str) -> frozenset[str]:
    """Return the paths of the hub that the server of a workspace needs: version, login of visitors, activity."""
    api = f"{hub_prefix.rstrip('/')}/api"
    return frozenset({api, f"{api}/", f"{api}/user", f"{api}/oauth2/token", f"{api}/users/{account}/activity"})


class _Narrow(Router):
    """The hub's application, reduced to a few paths."""

    def __init__(self, application: Application, paths: Collection[str]) -> None:
        self._application = application
        self._paths = paths

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        if request.path in self._paths:
            return self._application.find_handler(request, **kwargs)
        return self._application.get_handler_delegate(request, ErrorHandler, {"status_code": 404})


class GatewayListeners:
    """The sockets on which the hub answers workspaces: one per gateway, as long as the interview has its network."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, int], HTTPServer] = {}

    def listen(self, application: Application, address: str, port: int, paths: Collection[str]) -> None:
        """Answer ``paths`` at ``address``; does nothing if that is so already.

        Raises:
            OSError: the address is not on this machine (the network has gone), or the port is taken there.
        """
        if (address, port) in self._servers:
            return
        sockets = bind_sockets(port, address=address)
        server = HTTPServer(_Narrow(application, paths))
        server.add_sockets(sockets)
        self._servers[address, port] = server

    def close(self, address: str, port: int) -> None:
        """Stop answering at ``address``."""
        server = self._servers.pop((address, port), None)
        if server:
            server.stop()
