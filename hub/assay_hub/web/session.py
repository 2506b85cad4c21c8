"""Who is asking: a session cookie that nobody else can set, and proof that a change was asked for on our own pages.

Code in a workspace runs on a sibling origin. It can neither read our pages nor our cookie, but it is same-site: it can
post blindly and set cookies on the parent domain. So the cookie carries the ``__Host-`` prefix, which browsers accept
from this very host only; a request that carries it twice is refused; and a change needs our own origin and a token.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Request, Response, WebSocket
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from assay_hub.domain.access import Person
from assay_hub.domain.errors import HubRefusedError, NotAllowedError

SESSION_SECONDS = 12 * 3600
_STATE_SECONDS = 600
_ONCE_SECONDS = 120
_MOST_FIELDS = 400_000
"""Of a form: the match of a batch has some for each person and file; how long it is is bounded elsewhere."""


class SignInNeededError(Exception):
    """Nobody is signed in."""


class StaleTokenError(NotAllowedError):
    """The person and the origin are right, but the form was made in an earlier session, or its token made up."""

    def __init__(self, session: "Session") -> None:
        super().__init__("This request did not come from a page of Assay.", "Reload the page and try again.")
        self.session = session


@dataclass(frozen=True)
class Session:
    """A person with the token that proves to the pages that a form is ours."""

    person: Person
    csrf: str


class Sessions:
    """Reads and writes the session cookie.

    Args:
        auth: the hub's OAuth client for this service.
        key: 32 bytes; encrypts the cookie.
        origin: the origin of the service's pages.
        person_of: returns who an account is.
        secure: whether cookies are marked ``Secure`` and carry the ``__Host-`` prefix.
    """

    def __init__(
        self, auth: HubOAuth, key: bytes, *, origin: str, person_of: Callable[[str], Person], secure: bool
    ) -> None:
        self.auth = auth
        self._key = key
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._origin = origin
        self._person_of = person_of
        self._secure = secure
        self._prefix = "__Host-" if secure else ""

    @property
    def _cookie(self) -> str:
        return f"{self._prefix}assay-session"

    async def session(self, request: Request | WebSocket) -> Session:
        """Return the session of a request.

        Raises:
            SignInNeededError: there is none, or the hub has ended it.
            NotAllowedError: two session cookies came at once, or the account has no access to the service.
            HubRefusedError: the hub does not answer, so nobody can say who this is.
        """
        value = self._only_cookie(request, self._cookie)
        try:
            content: dict[str, str] = json.loads(self._fernet.decrypt(value, ttl=SESSION_SECONDS))
        except (InvalidToken, ValueError):
            raise SignInNeededError from None
        try:
            model = await self.auth.user_for_token(content["token"], sync=False)
        except HTTPError as error:
            raise HubRefusedError("JupyterHub does not answer.", "It may be starting again. Wait a moment.") from error
        if model is None:
            raise SignInNeededError
        account = self._account(model)
        return Session(await asyncio.to_thread(self._person_of, account), self._csrf(content["id"]))

    async def changing_session(self, request: Request) -> Session:
        """Return the session of a request that changes something.

        Raises:
            NotAllowedError: the request was not made on our own pages.
            StaleTokenError: it was made on our own pages, but its token is not of this session.
        """
        session = await self.session(request)
        self.check_origin(request)
        sent = request.headers.get("x-csrf-token")
        if not sent:
            # Whoever asks for the form again gets this one.
            sent = str((await request.form(max_fields=_MOST_FIELDS)).get("csrf", ""))
        if not hmac.compare_digest(sent.encode(errors="replace"), session.csrf.encode()):
            raise StaleTokenError(session)
        return session

    def check_origin(self, request: Request | WebSocket) -> None:
        """Refuse what another origin asks for, a sibling subdomain included."""
        fetch_site = request.headers.get("sec-fetch-site", "same-origin")
        if request.headers.get("origin") != self._origin or fetch_site != "same-origin":
            raise NotAllowedError("This request did not come from a page of Assay.", "Reload the page and try again.")

    def begin_sign_in(self, response: Response, next_path: str) -> str:
        """Prepare the OAuth round through the hub and return the address to send the browser to."""
        verifier, challenge, method = self.auth.generate_pkce_code_challenge()
        state = self.auth.generate_state(next_path, code_verifier=verifier)
        self._set(response, self._state_cookie(state), state, _STATE_SECONDS)
        query = {"state": state, "code_challenge": challenge, "code_challenge_method": method}
        return f"{self.auth.login_url}&{urlencode(query)}"

    async def finish_sign_in(self, request: Request, response: Response, state: str, code: str) -> str:
        """Exchange the hub's code for a session and return the path to go to.

        Raises:
            NotAllowedError: the round was not begun by this browser, or the account has no access.
        """
        if self._only_cookie(request, self._state_cookie(state)) != state:
            raise NotAllowedError("Signing in went wrong.", "Open the page again.")
        next_path = self.auth.get_next_url(state)
        verifier = self.auth.get_code_verifier(state)
        self.auth.clear_oauth_state(state)
        token = await self.auth.token_for_code(code, code_verifier=verifier, sync=False)
        model = await self.auth.user_for_token(token, use_cache=False, sync=False)
        if model is None:
            raise NotAllowedError("Signing in went wrong.", "Open the page again.")
        self._account(model)
        content = json.dumps({"token": token, "id": secrets.token_urlsafe(16)}).encode()
        response.delete_cookie(self._state_cookie(state), path="/", secure=self._secure, httponly=True)
        self._set(response, self._cookie, self._fernet.encrypt(content).decode("ascii"), SESSION_SECONDS)
        return str(next_path)

    def end(self, response: Response) -> None:
        """Forget the session in this browser."""
        for name in (self._cookie, self._once):
            response.delete_cookie(name, path="/", secure=self._secure, httponly=True)

    def hand_over(self, response: Response, session: Session, words: str) -> None:
        """Give a text that is shown once to the next page of this session, without keeping it on the server."""
        sealed = self._fernet.encrypt(json.dumps({"to": session.csrf, "words": words}).encode()).decode("ascii")
        self._set(response, self._once, sealed, _ONCE_SECONDS)

    def handed_over(self, request: Request, session: Session) -> str:
        """Return the text that the page before gave to this one, empty without one."""
        try:
            content: dict[str, str] = json.loads(
                self._fernet.decrypt(self._only_cookie(request, self._once), ttl=_ONCE_SECONDS)
            )
        except (InvalidToken, ValueError):
            return ""
        return content["words"] if content.get("to") == session.csrf else ""

    def forget(self, response: Response) -> None:
        """Forget the text that was handed over."""
        response.delete_cookie(self._once, path="/", secure=self._secure, httponly=True)

    @property
    def _once(self) -> str:
        return f"{self._prefix}assay-once"

    def _account(self, model: dict[str, Any]) -> str:
        if model.get("kind") != "user" or not self.auth.check_scopes(self.auth.access_scopes, model):
            raise NotAllowedError("This account has no access to Assay.")
        return str(model["name"])

    def _csrf(self, session_id: str) -> str:
        return hmac.new(self._key, b"csrf:" + session_id.encode(), hashlib.sha256).hexdigest()

    def _state_cookie(self, state: str) -> str:
        return f"{self._prefix}assay-state-{hashlib.sha256(state.encode()).hexdigest()[:8]}"

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _only_cookie(self, request: Request | WebSocket, name: str) -> str:
        """Return a cookie's value, empty without one; the same name twice means that somebody planted one."""
        pairs = ";".join(request.headers.getlist("cookie")).split(";")
        values = [value.strip() for key, _, value in (pair.partition("=") for pair in pairs) if key.strip() == name]
        if len(values) > 1:
            raise NotAllowedError("This browser sent two sessions at once.", "Close the other pages and try again.")
        return values[0] if values else ""
