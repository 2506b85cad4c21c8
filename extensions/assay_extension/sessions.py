"""One kernel a notebook: two people who open it at the same moment get the same one."""

from typing import Any

from jupyter_server.services.sessions.sessionmanager import SessionManager


class SharedSessions(SessionManager):
    """Gives a page the kernel that another page already has for the same notebook.

    JupyterLab makes a session under a name of its own and says a moment later which notebook it is for. Two pages
    that open a notebook within that moment would keep a kernel each, and neither would see the other's variables or
    widgets. The stock handler shuts down the kernel that is given up here.
    """

    async def update_session(self, session_id: str, **changes: Any) -> None:
        """Change a session; one that comes to a notebook which has a kernel takes that kernel."""
        path = changes.get("path")
        if path is not None:
            self.cursor.execute("SELECT kernel_id FROM session WHERE path=? AND session_id<>?", (path, session_id))
            running = [row[0] for row in self.cursor.fetchall() if row[0] in self.kernel_manager]
            if running:
                changes["kernel_id"] = running[0]
        await super().update_session(session_id, **changes)
