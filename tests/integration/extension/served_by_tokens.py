"""Configuration of a test's workspace: the real one, with tokens instead of a hub."""

import os
from pathlib import Path
from typing import Any

from jupyter_server.auth import IdentityProvider, User

from assay_extension import policy


class TokensAreNames(IdentityProvider):
    """Takes ``Authorization: token NAME`` or ``?as=NAME`` or the cookie ``as`` for the account NAME."""

    async def get_user(self, handler: Any) -> User | None:
        words = handler.request.headers.get("Authorization", "").split()
        cookie = handler.get_cookie("as")
        name = words[1] if len(words) == 2 else handler.get_argument("as", cookie)
        if not name:
            return None
        if words:
            handler._token_authenticated = True
        elif not cookie:
            handler.set_cookie("as", name)
        return User(username=name)


load_subconfig(str(Path(policy.__file__).parent / "jupyter_server_config.py"))  # noqa: F821 - put there by traitlets
c = get_config()  # noqa: F821 - put there by traitlets
c.ServerApp.identity_provider_class = TokensAreNames
c.IdentityProvider.token = ""
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["TEST_PORT"])
c.ServerApp.port_retries = 0
c.ServerApp.allow_root = True
c.ServerApp.base_url = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
