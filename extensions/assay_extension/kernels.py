"""Kernels: who ran what, and what is passed on to them."""

import asyncio
import json
import struct
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
)
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from assay_protocol.recording import Kind

from .workspace import DISCONNECTED_CODE, SETTING, Workspace, workspace_of

READER_MESSAGES: Final = frozenset({"kernel_info_request", "comm_info_request"})
"""What a person who only watches may send: nothing that runs. See also ``Request.asks_for_widgets``."""
EDITOR_MESSAGES: Final = READER_MESSAGES | {
    "execute_request",
    "complete_request",
    "inspect_request",
    "is_complete_request",
    "history_request",
    "interrupt_request",
    "input_reply",
    "comm_open",
    "comm_msg",
    "comm_close",
}
"""What a person who edits may send. The debugger is not among it: it runs code that no event would show."""
ATTEMPTS: Final = frozenset({"execute_request", "input_reply", "interrupt_request", "debug_request"})
"""What no page of somebody who watches sends by itself."""
_WIDGET_CONTROL: Final = "jupyter.widget.control"
_WIDGET_QUESTIONS: Final = ({"method": "request_states"}, {"method": "request_state"})
MESSAGE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """A message of a page to a kernel, as far as the recording needs it.

    Attributes:
        asks_for_widgets: whether it only asks how the widgets stand that there are, as a page must that comes later.
    """

    kind: str
    message_id: str
    cell: str
    code_bytes: int
    asks_for_widgets: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A message of a page that is no kernel message."""


def read_request(message: bytes | str, subprotocol: str | None) -> Request | Unreadable:
    """Read a message of a page in either websocket subprotocol."""
    try:
        if subprotocol == "v1.kernel.websocket.jupyter.org":
            _, parts = deserialize_msg_from_ws_v1(message)
            header, metadata, content = (json.loads(parts[place]) for place in (0, 2, 3))
        else:
            body = deserialize_binary_message(message) if isinstance(message, bytes) else json.loads(message)
            header, metadata, content = body["header"], body.get("metadata", {}), body.get("content", {})
        code = content.get("code", "") if header["msg_type"] == "execute_request" else ""
        expressions = content.get("user_expressions") or {}
        sizes = [len(str(text).encode("utf-8", "replace")) for text in (code, *expressions.values())]
        cell = str(metadata.get("cellId", ""))
        widgets = _asks_for_widgets(header["msg_type"], content)
        return Request(str(header["msg_type"]), str(header["msg_id"]), cell, sum(sizes), widgets)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError, struct.error):
        return Unreadable()


def _asks_for_widgets(kind: str, content: dict[str, Any]) -> bool:
    if kind == "comm_open":
        return content.get("target_name") == _WIDGET_CONTROL and not content.get("data")
    return kind == "comm_msg" and content.get("data") in _WIDGET_QUESTIONS


class RecordedConnection(ZMQChannelsWebsocketConnection):
    """A page's websocket to a kernel; records every execution under the account that asked for it."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._workspace: Workspace = workspace_of(self.websocket_handler)
        self._account: str = self.websocket_handler.current_user.username

    async def _register_session(self) -> None:
        # The page names its session, and two of one name push each other out and get each other's replies.
        self.session.session = f"{self._account}:{self.session.session}"
        registering: Any = super()._register_session()
        await registering

    def connect(self) -> Any:
        """Begin."""
        self._workspace.consoles.add(self._account, self.websocket_handler)
        if self._workspace.people.find(self._account) is None:  # let out since the request was authorised
            self.websocket_handler.close(DISCONNECTED_CODE, "disconnected")
        return super().connect()

    def disconnect(self) -> Any:
        """End."""
        self._workspace.consoles.remove(self._account, self.websocket_handler)
        return super().disconnect()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a message on to the kernel when its sender may send it; an execution is recorded first."""
        person = self._workspace.people.find(self._account)
        request = read_request(incoming_msg, self.subprotocol)
        if person is None or isinstance(request, Unreadable) or not _may_send(request, may_edit=person.may_edit):
            self.log.warning("Not passed on to the kernel: %s of %s", request, self._account)
            if person and not person.may_edit and getattr(request, "kind", "") in ATTEMPTS:
                self._workspace.refused(self._account, "kernel")
            return
        if request.kind == "execute_request":
            self.multi_kernel_manager.run_started(self.kernel_id, self._account, request)
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a message on to the page; the reply to an execution, or the kernel's idling after it, is recorded."""
        try:
            parts: list[Any] = self.session.feed_identities(outgoing_msg)[1]
            header, parent = (json.loads(bytes(part)) for part in parts[1:3])
            self._look_at(header, parent, parts[4])
        except (ValueError, KeyError, IndexError, TypeError):
            self.log.warning("A message of the kernel cannot be read")
        super().handle_outgoing_message(stream, outgoing_msg)

    def _look_at(self, header: dict[str, Any], parent: dict[str, Any], content: Any) -> None:
        kind, run = header["msg_type"], parent.get("msg_id", "")
        kernels = self.multi_kernel_manager
        if kind == "execute_reply":
            reply = json.loads(bytes(content))
            kernels.run_finished(run, str(reply.get("status", "")), str(reply.get("ename", "")))
        elif kind == "error":
            kernels.run_failed(run, str(json.loads(bytes(content)).get("ename", "")))
        elif kind == "status" and json.loads(bytes(content)).get("execution_state") == "idle":
            kernels.run_idle(run)


def _may_send(request: Request, *, may_edit: bool) -> bool:
    return request.kind in (EDITOR_MESSAGES if may_edit else READER_MESSAGES) or request.asks_for_widgets


@dataclass
class _Run:
    kernel: str
    account: str
    cell: str
    error: str = ""


class RecordedKernels(AsyncMappingKernelManager):
    """The kernels of a workspace; records their starts, stops, restarts and deaths, and what ran in them."""

    reply_grace = 2.0
    """Seconds between a kernel's idling and the end of a run whose reply nobody received."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._runs: dict[str, _Run] = {}

    @property
    def _workspace(self) -> Workspace:
        server: Any = self.parent
        workspace: Workspace = server.web_app.settings[SETTING]
        return workspace

    async def start_kernel(self, **arguments: Any) -> str:  # type: ignore[override]
        """Start a kernel; return its id."""
        starting: Any = super().start_kernel(**arguments)
        kernel_id: str = await starting
        self._note("started")
        for name, action in (("restart", "restarted"), ("dead", "died")):
            self.add_restart_callback(kernel_id, partial(self._turned, kernel_id, action), name)
        return kernel_id

    async def shutdown_kernel(self, kernel_id: str, **options: Any) -> None:  # type: ignore[override]
        """Stop a kernel."""
        stopping: Any = super().shutdown_kernel(kernel_id, **options)
        await stopping
        if not options.get("restart"):
            self._turned(kernel_id, "stopped")

    async def restart_kernel(self, kernel_id: str, **options: Any) -> None:  # type: ignore[override]
        """Restart a kernel."""
        restarting: Any = super().restart_kernel(kernel_id, **options)
        await restarting
        self._turned(kernel_id, "restarted")

    def run_started(self, kernel_id: str, account: str, request: Request) -> None:
        """Record that somebody asked for an execution."""
        self._runs[request.message_id] = _Run(kernel_id, account, request.cell)
        detail = {"cell": request.cell, "run": request.message_id, "bytes": request.code_bytes}
        self._workspace.recorder.append(Kind.RUN_STARTED, account=account, detail=detail)

    def run_failed(self, message_id: str, error: str) -> None:
        """Note the exception that an execution ended with."""
        if message_id in self._runs:
            self._runs[message_id].error = error

    def run_finished(self, message_id: str, status: str, error: str) -> None:
        """Record the end of an execution, once."""
        run = self._runs.pop(message_id, None)
        if run is None or self._workspace.recorder.closed:
            return
        known = status if status in {"ok", "error", "aborted"} else "aborted"
        detail = {"cell": run.cell, "run": message_id, "status": known, "error": error}
        self._workspace.recorder.append(Kind.RUN_FINISHED, account=run.account, detail=detail)

    def run_idle(self, message_id: str) -> None:
        """Record the end of an execution whose reply went to a page that has been closed."""
        run = self._runs.get(message_id)
        if run is not None:
            finish = partial(self.run_finished, message_id, "error" if run.error else "ok", run.error)
            asyncio.get_running_loop().call_later(self.reply_grace, finish)

    def _turned(self, kernel_id: str, action: str) -> None:
        for message_id in [key for key, run in self._runs.items() if run.kernel == kernel_id]:
            self.run_finished(message_id, "aborted", "")
        self._note(action)

    def _note(self, action: str) -> None:
        if not self._workspace.recorder.closed:
            self._workspace.recorder.append(Kind.KERNEL, detail={"action": action})
