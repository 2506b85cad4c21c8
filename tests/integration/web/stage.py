"""A server that plays the service for the browser: real pages, real policy, a script in place of the hub."""

import asyncio
import json
import socket
import threading
import time
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.websockets import WebSocketDisconnect
from unit.web import samples

from assay_hub.domain.access import Role
from assay_hub.web.pages import STATIC
from assay_protocol.problem import MEDIA_TYPE, Problem

ROOM = f"{samples.PREFIX}room/{samples.ID}"
NOTEBOOK = """<!doctype html><html lang="en"><title>Notebook</title><main><h1>A notebook</h1>
<label>Cell <textarea id="cell"></textarea></label></main>
<script>
  const hint = (state, source = "assay-workspace") => parent.postMessage({ source, state }, "*");
</script></html>"""


class Stage:
    """The server, and the strings that a test pulls.

    Attributes:
        state: what the websocket tells; change it with ``tell``.
        refusals: problems with which the next posts are answered, by the last part of their path.
        received: the posts that came, by the last part of their path.
        refusal: what the room's page answers while its websocket is refused.
    """

    def __init__(
        self, role: Role = Role.CANDIDATE, text: str = "Data analyst, second round", questions: int = 2
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.role, self.text, self.questions = role, text, questions
        self.origin = f"http://desk.assay.localhost:{self.port}"
        self.workspace = f"http://iv-{samples.ID}.assay.localhost:{self.port}"
        self.refusals: dict[str, list[Problem]] = {}
        self.received: dict[str, list[dict[str, str]]] = {}
        self.loads: list[str] = []
        self.refusal: Response | None = None
        self.opened = self.refused = 0
        self.grading = "result-waiting"
        self.state: dict[str, Any] = _state(role)
        self._arrived = threading.Condition()
        self._sockets: set[WebSocket] = set()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def room(self) -> str:
        return self.origin + ROOM

    def start(self) -> None:
        """Serve, again on the same port after ``stop``."""
        config = uvicorn.Config(
            self._app(), port=self.port, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
        )
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(server,))
        self._thread.start()
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            self._thread.join(0.01)
        assert server.started

    def stop(self) -> None:
        """Go away, open connections included."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
            assert not self._thread.is_alive()

    def tell(self, **changes: Any) -> None:
        """Change the state and tell every open page."""
        self.state.update(changes)
        self._do(self._tell())

    def close_sockets(self, code: int) -> None:
        """Close every open page's websocket with a code."""
        self._do(self._close(code))

    def await_post(self, action: str) -> dict[str, str]:
        """Return the last post to a path, waiting up to ten seconds for the first."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: action in self.received, 30)
            return self.received[action][-1]

    def _do(self, what: Any) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    def _run(self, server: uvicorn.Server) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve()

        asyncio.run(serve())

    async def _tell(self) -> None:
        for one in list(self._sockets):
            await one.send_text(json.dumps(self.state))

    async def _close(self, code: int) -> None:
        for one in list(self._sockets):
            await one.close(code)

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.mount(f"{samples.PREFIX}static", StaticFiles(directory=STATIC))
        app.get("/page/{name}")(self._page)
        app.get("/user/{account}/notebooks/{name}")(self._notebook)
        app.get(ROOM)(self._room)
        app.get(ROOM + "/receipt")(lambda: samples.page("receipt", self.text))
        app.get(f"{samples.PREFIX}interviews/{samples.ID}")(lambda: samples.page("details-closed", self.text))
        app.post(ROOM + "/{action}")(self._post)
        app.websocket(ROOM + "/live")(self._live)
        return app

    def _page(self, name: str, isolated: bool = True) -> Any:  # noqa: FBT001, FBT002  # a query parameter
        shown = self.grading if name == "grading" else name
        return samples.page(shown, self.text, isolated=isolated, frames=samples.WORKSPACE)

    def _notebook(self, name: str) -> Response:
        self.loads.append(name)
        return HTMLResponse(NOTEBOOK)

    def _room(self, request: Request) -> Any:
        if "text/html" not in request.headers["accept"] and self.refusal is not None:
            return self.refusal
        context = samples.room(self.role, self.text, self.questions, self.workspace)
        return samples.render("room.html", context, frames=self.workspace)

    async def _post(self, request: Request, action: str) -> Response:
        fields = {key: str(value) for key, value in (await request.form()).items()}
        session = samples.CANDIDATE if self.role is Role.CANDIDATE else samples.STAFF
        token = request.headers.get("x-csrf-token") or fields.get("csrf")
        if token != session.csrf:
            return Response(status_code=403)
        with self._arrived:
            self.received.setdefault(action, []).append(fields)
            self._arrived.notify_all()
        refusals = self.refusals.get(action)
        if refusals:
            problem = refusals.pop(0)
            return document(problem)
        if action == "notes":
            return Response(status_code=204)
        after = {"submit": ROOM + "/receipt", "end": f"{samples.PREFIX}interviews/{samples.ID}"}.get(action, ROOM)
        return RedirectResponse(after, 303)

    async def _live(self, opened: WebSocket) -> None:
        if self.refusal is not None:  # before it opens, as the service does
            self.refused += 1
            await opened.close()
            return
        await opened.accept()
        self.opened += 1
        self._sockets.add(opened)
        try:
            await opened.send_text(json.dumps(self.state))
            while True:
                await opened.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.discard(opened)


def document(problem: Problem) -> Response:
    return JSONResponse(problem.to_dict(), problem.status, media_type=MEDIA_TYPE)


def _state(role: Role) -> dict[str, Any]:
    account = f"cand-{samples.ID}"
    person = {"role": "interviewer", "here": True, "colour": "#9c4a1a"}
    return {
        "type": "state",
        "state": "live",
        "now": samples.NOW.isoformat(),
        "elapsed_seconds": 745.0,
        "duration_seconds": 3600.0,
        "running": True,
        "people": [
            {"account": account, "name": "Mia Brandt", "role": "candidate", "colour": "#1f6f8b", "here": True},
            {**person, "account": "ada", "name": "Ada"},
            {**person, "account": "grace", "name": "Grace", "colour": "#5b3f9e", "here": False},
        ],
        "workspace": {"status": "ready", "message": ""},
        "recording": {"events": 1204, "gaps": 0},
        "you": account if role is Role.CANDIDATE else "ada",
    }
