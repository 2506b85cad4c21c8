"""One kernel a notebook: two people who open it at the same moment get the same one."""

import asyncio
from collections import defaultdict
from typing import Any

from jupyter_server.services.sessions.sessionmanager import SessionManager


class SharedSessions(SessionManager):
    """Answers a second request for a notebook's session with the first one's, also while that is starting.

    The stock manager looks whether there is a session and then takes a second to make one; two pages that ask in
    that second get a kernel each, and neither sees the other's variables or widgets.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._creating: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create_session(self, path: str | None = None, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the notebook's session, making it if there is none."""
        async with self._creating[path or ""]:
            if path and await self.session_exists(path=path):
                found: dict[str, Any] = await self.get_session(path=path)
                return found
            made: dict[str, Any] = await super().create_session(path, *args, **kwargs)
            return made
