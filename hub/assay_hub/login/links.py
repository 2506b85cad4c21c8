"""Signing in by link, added to whatever authenticator the staff uses."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from tornado import web

from assay_hub.bootstrap import Application
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import LinkRefusedError
from assay_hub.domain.link import Link
from assay_protocol.names import is_machine_account

_OPENED = "assay_link"


class LinkHandler(BaseHandler):
    """Opens a link: ends somebody else's session in this browser, signs in the link's account and goes to its room."""

    async def get(self) -> None:
        """Sign in, or show a plain page that tells nothing."""
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        application: Application = self.authenticator.application
        try:
            link = await asyncio.to_thread(application.open_link, self._token())
        except LinkRefusedError as error:
            self.set_status(error.status)
            self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.finish(_PAGE.format(title=error.title, detail=error.detail))
            return
        before = self.get_current_user_cookie()
        if before is not None and before.name != link.account:  # the hub sets no cookie for whoever comes with theirs
            self.clear_login_cookie()
            self.set_session_cookie()
        if await self.login_user({_OPENED: link}) is None:
            raise web.HTTPError(403)
        target = f"room/{link.interview}" if link.interview else ""
        self.redirect(f"{application.settings.desk_url}sign-in?next={target}")

    def _token(self) -> str:
        try:
            return str(self.get_query_argument("token", ""))
        except web.HTTPError:  # not UTF-8
            return ""

    async def head(self) -> None:
        """Answer those who only look whether a link is there, without using it up."""
        self.set_header("Cache-Control", "no-store")


class LinkLogin(Authenticator):
    """Mix-in: links sign in, machine accounts have no password, everything else is the other authenticator's."""

    application: Application

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        """Add the address of links."""
        return [*((path, _mended(handler)) for path, handler in super().get_handlers(app)), ("/invite", LinkHandler)]

    async def authenticate(self, handler: Any, data: dict[str, Any]) -> Any:
        """Accept an opened link from our own handler, and refuse passwords for machine accounts."""
        if isinstance(handler, LinkHandler):
            link: Link = data[_OPENED]
            info = {"display_name": link.display_name, "color": colour_of(link.account)}
            return {"name": link.account, "user_info": info, "assay_link": True}
        found = await _maybe(super().authenticate(handler, data))
        name = found.get("name", "") if isinstance(found, dict) else found
        if name is None or is_machine_account(self.normalize_username(name)):
            return None
        model = found if isinstance(found, dict) else {"name": name}
        account = self.normalize_username(name)
        shown = {"display_name": account.capitalize(), "color": colour_of(account)}
        return {**model, "user_info": {**shown, **(model.get("user_info") or {})}}

    async def check_allowed(self, username: str, authentication: dict[str, Any] | None = None) -> bool:
        """Let in whom a link names; the rest is the other authenticator's."""
        if authentication is not None and authentication.get("assay_link"):
            return True
        return bool(await _maybe(super().check_allowed(username, authentication)))

    async def refresh_user(self, user: Any, handler: Any = None, **details: Any) -> Any:
        """Leave candidates alone: the other authenticator cannot renew a session that it never gave."""
        if is_machine_account(user.name):
            return True
        return await _maybe(super().refresh_user(user, handler, **details))

    def create_user(self, username: str, password: str, **details: Any) -> Any:
        """Refuse the sign-up form of an authenticator that has one for names that mean power.

        NativeAuthenticator approves an administrator's name at once, whoever signs it up first.
        """
        name = self.normalize_username(username)
        if is_machine_account(name) or name in self.admin_users:
            return None
        return super().create_user(username, password, **details)


class _NoStatistics:
    """Stands in for a statistics client: every call returns it again and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return self

    def __call__(self, *_positional: Any, **_named: Any) -> Any:
        return self


def _mended(handler: type) -> type:
    """Give NativeAuthenticator's pages what JupyterHub 6 took from its handlers; 1.3.0 times each login with it."""
    if not handler.__module__.startswith("nativeauthenticator"):
        return handler
    return type(handler.__name__, (handler,), {"statsd": _NoStatistics()})


async def _maybe(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) or asyncio.isfuture(value) else value


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;color:#1d2733}}
h1{{font-size:1.5rem}}</style></head>
<body><main><h1>{title}</h1><p>{detail}</p></main></body></html>
"""
