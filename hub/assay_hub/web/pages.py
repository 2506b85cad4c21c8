"""Renders the service's pages; every one leaves with a strict Content-Security-Policy."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from assay_hub.domain.access import TeamAction
from assay_hub.web.analysis import DRAWN
from assay_hub.web.navigation import places

_HERE = Path(__file__).parent

STATIC = _HERE / "static"

COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send no Origin with our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def content_security_policy(frames: str = "'none'") -> str:
    """Return the policy of a page: our own files only, and at most the named origins in frames."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src {frames}"
    )


class Pages:
    """The templates.

    Args:
        prefix: path of the service, with a final slash.
        isolated: whether containers hold the workspaces; if not, every page says so.
        mails: whether candidates can be invited by e-mail.
    """

    def __init__(self, prefix: str, *, isolated: bool, mails: bool = False) -> None:
        self._environment = Environment(
            loader=PackageLoader("assay_hub.web", "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._prefix = prefix
        self._environment.globals.update(prefix=prefix, isolated=isolated, mails=mails, TeamAction=TeamAction, **DRAWN)
        self._environment.filters.update(clock=_clock, kind=_kind, moment=_moment, points=_points)

    def render(
        self, request: Request, name: str, *, status: int = 200, frames: str = "'none'", **context: Any
    ) -> HTMLResponse:
        """Return a page.

        Args:
            request: what was asked for; its session, if there is one, is shown in the header.
            name: file name of the template.
            status: HTTP status code.
            frames: origins that the page may frame.
            context: what the template shows.
        """
        session = context.setdefault("session", getattr(request.state, "session", None))
        path = request.url.path.removeprefix(self._prefix)
        context["places"] = places(session.person, path) if session else []
        body = self._environment.get_template(name).render(**context)
        return HTMLResponse(
            body, status, headers={**COMMON_HEADERS, "Content-Security-Policy": content_security_policy(frames)}
        )

    def text(self, name: str, **context: Any) -> str:
        """Return a page as text, for a file that somebody takes away."""
        return self._environment.get_template(name).render(**context)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _kind(value: str) -> str:
    return "SQL" if value == "sql" else value.capitalize()


def _moment(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M UTC") if value else "–"


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
