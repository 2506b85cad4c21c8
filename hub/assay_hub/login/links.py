"""Signing in by link, added to whatever authenticator the staff uses."""

import asyncio
from html import escape
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from tornado import web

from assay_hub.bootstrap import Application
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import LinkRefusedError
from assay_hub.domain.link import Link
from assay_hub.login.native import is_plain_name, mended
from assay_protocol.names import is_machine_account

_OPENED = "assay_link"


class LinkHandler(BaseHandler):
    """Opens a link: ends somebody else's session in this browser, signs in the link's account and goes to its room.

    Anybody can bring a browser to a link; a notebook's output can hold one. So a member of staff is asked before their
    session ends, and so is whoever comes from a sibling origin, where the code of candidates is at home.
    """

    async def get(self) -> None:
        """Sign in, ask first, or show a plain page that tells nothing."""
        try:
            link = await asyncio.to_thread(self._application.open_link.look, self._token())
            if self._must_ask(link):
                self._ask(link)
            else:
                await self._sign_in()
        except LinkRefusedError as error:
            self._refuse(error)

    async def post(self) -> None:
        """Sign in whoever was asked; the base class has checked the token of the form."""
        if self.request.headers.get("Origin") != self._application.settings.url:
            raise web.HTTPError(403)
        try:
            await self._sign_in()
        except LinkRefusedError as error:
            self._refuse(error)

    async def head(self) -> None:
        """Answer those who only look whether a link is there, without using it up."""
        self.set_header("Cache-Control", "no-store")

    @property
    def _application(self) -> Application:
        application: Application = self.authenticator.application
        return application

    def _token(self) -> str:
        try:
            return str(self.get_query_argument("token", ""))
        except web.HTTPError:  # not UTF-8
            return ""

    def _must_ask(self, link: Link) -> bool:
        account = self.current_user.name if self.current_user else link.account
        staffs = account != link.account and not is_machine_account(account)
        return staffs or self.request.headers.get("Sec-Fetch-Site") == "same-site"

    async def _sign_in(self) -> None:
        link = await asyncio.to_thread(self._application.open_link, self._token())
        before = self.get_current_user_cookie()
        if before is not None and before.name != link.account:  # the hub sets no cookie for whoever comes with theirs
            self.clear_login_cookie()
            self.set_session_cookie()
        if await self.login_user({_OPENED: link}) is None:
            raise web.HTTPError(403)
        target = f"room/{link.interview}" if link.interview else ""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.redirect(f"{self._application.settings.desk_url}sign-in?next={target}")

    def _ask(self, link: Link) -> None:
        name = escape(link.display_name)
        form = _FORM.format(name=name, token=escape(self.xsrf_token.decode("ascii")))
        self._show(f"Go on as {name}?", "Whoever is signed in in this browser is signed out first.", form)

    def _refuse(self, error: LinkRefusedError) -> None:
        self.set_status(error.status)
        self._show(error.title, error.detail)

    def _show(self, title: str, detail: str, form: str = "") -> None:
        ours = f"'self' {self._application.settings.origin('desk')}"  # a form's redirects follow this rule too
        policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action {ours}; frame-ancestors 'none'"
        self.set_header("Content-Security-Policy", policy)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")  # with no-referrer, browsers send no Origin with the form
        self.finish(_PAGE.format(title=title, detail=detail, form=form))


class SignOutHandler(LogoutHandler):
    """Ends the hub's session, with every token that came from it, and leads to a page that asks for no password."""

    async def render_logout_page(self) -> None:
        """Lead to the service, for whom a candidate's account is none that signs in here."""
        application: Application = self.authenticator.application
        self.redirect(f"{application.settings.desk_url}signed-out")


class LinkLogin(Authenticator):
    """Mix-in: links sign in, machine accounts have no password, everything else is the other authenticator's."""

    application: Application

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        """Add the address of links, and of signing out unless the other authenticator has its own."""
        theirs = [(path, mended(handler)) for path, handler in super().get_handlers(app)]
        sign_out = [] if "/logout" in dict(theirs) else [("/logout", SignOutHandler)]
        return [*theirs, *sign_out, ("/invite", LinkHandler)]

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
        """Refuse the sign-up form of an authenticator that has one for names that mean power, or are no plain names.

        NativeAuthenticator approves an administrator's name at once, whoever signs it up first.
        """
        name = self.normalize_username(username)
        if is_machine_account(name) or name in self.admin_users or not is_plain_name(name):
            return None
        return super().create_user(username, password, **details)


async def _maybe(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) or asyncio.isfuture(value) else value


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;color:#1d2733}}
h1{{font-size:1.5rem}}button{{font:inherit;padding:.4rem 1rem}}</style></head>
<body><main><h1>{title}</h1><p>{detail}</p>{form}</main></body></html>
"""

_FORM = """
<form method="post">
<input type="hidden" name="_xsrf" value="{token}"><button type="submit">Go on as {name}</button>
</form>
<p>If you did not expect this page, close it: nothing has changed.</p>
"""
