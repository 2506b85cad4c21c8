"""NativeAuthenticator's pages and sign-up, mended where they let a stranger act as an administrator."""

import re
from typing import Any
from urllib.parse import urlsplit

from tornado import web

_NAME = re.compile(r"[\w.@+-]{1,64}")
_CHANGES_BY_LINK = frozenset({"ToggleAuthorizationHandler", "DiscardHandler"})


def is_plain_name(name: str) -> bool:
    """Whether a name may be signed up: 1.3.0 puts it unquoted into the page where administrators approve accounts."""
    return _NAME.fullmatch(name) is not None


def mended(handler: type) -> type:
    """Return a handler of an authenticator, mended when it is one of NativeAuthenticator's."""
    if not handler.__module__.startswith("nativeauthenticator"):
        return handler
    bases = (_FromItsPage, handler) if handler.__name__ in _CHANGES_BY_LINK else (handler,)
    return type(handler.__name__, bases, {"statsd": _NoStatistics()})


class _FromItsPage:
    """Refuses a change that was not chosen on the page of accounts.

    Approving an account is a mere link, so any page could send an administrator's browser there: an output of a
    notebook that holds the link, or a form that logs in and goes on to it.
    """

    request: Any
    hub: Any

    async def prepare(self) -> None:
        """Look where the request comes from before anything else is done."""
        preparing: Any = super().prepare()  # type: ignore[misc]
        await preparing
        page = urlsplit(self.request.headers.get("Referer", ""))
        if (page.netloc, page.path) != (self.request.headers.get("Host"), f"{self.hub.base_url}authorize"):
            raise web.HTTPError(403, "Open the page of accounts and choose there.")


class _NoStatistics:
    """Stands in for the statistics client that JupyterHub 6 took away: every call returns it again and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return self

    def __call__(self, *_positional: Any, **_named: Any) -> Any:
        return self
