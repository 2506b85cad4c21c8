"""An ordinary Jupyter kernel of any language, started and asked by the candidate's process and as its user."""

import os
import queue
from pathlib import Path
from typing import Any

from .shell import Screen

_START_SECONDS = 60
_LOOK_SECONDS = 0.1
_REPLY_SECONDS = 5


class Kernel:
    """A kernel whose outputs show on a screen.

    Args:
        name: of its specification.
        screen: for its outputs.

    Raises:
        NoSuchKernel: there is no specification of that name.
        RuntimeError: it did not get ready.
    """

    def __init__(self, name: str, screen: Screen) -> None:
        from jupyter_client.manager import KernelManager  # noqa: PLC0415  # only where there is such a kernel

        self._screen = screen
        self._stopping = False
        folder = Path.cwd()
        self._manager = KernelManager(kernel_name=name, connection_file=str(folder / ".kernel.json"))
        self._manager.start_kernel(cwd=str(folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=_START_SECONDS)

    def stop(self) -> None:
        """Interrupt what runs, soon."""
        self._stopping = True

    def run(self, source: str) -> str:
        """Run a cell and return the name of its error, or nothing."""
        self._stopping = False
        asked = self._client.execute(source, allow_stdin=False, stop_on_error=False)
        failed = ""
        while (message := self._next(asked)) is not None:
            kind, content = message["msg_type"], message["content"]
            if kind == "error":
                failed = self._fail(content)
            elif kind == "stream":
                self._screen.write("stderr" if content["name"] == "stderr" else "stdout", str(content["text"]))
            elif kind in ("display_data", "execute_result"):
                shown = {"output_type": kind, "data": content["data"], "metadata": content.get("metadata") or {}}
                self._screen.show(shown, len(str(shown)))
            elif kind == "clear_output":
                self._screen.clear(room=False)
        reply = self._reply(asked)
        return failed or (self._fail(reply) if reply.get("status") == "error" else "")

    def _next(self, asked: str) -> dict[str, Any] | None:
        """Return the next message about a cell, or ``None`` when the kernel is done with it."""
        while True:
            if self._stopping:
                self._stopping = False
                self._manager.interrupt_kernel()
            try:
                message: dict[str, Any] = self._client.get_iopub_msg(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if not self._manager.is_alive():
                    # As with a notebook's own process that ends: nobody is there to answer.
                    os._exit(1)
                continue
            if message["parent_header"].get("msg_id") == asked:
                done = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
                return None if done else message

    def _reply(self, asked: str) -> dict[str, Any]:
        try:
            while (reply := self._client.get_shell_msg(timeout=_REPLY_SECONDS))["parent_header"]["msg_id"] != asked:
                pass
        except queue.Empty:
            return {}
        content: dict[str, Any] = reply["content"]
        return content

    def _fail(self, content: dict[str, Any]) -> str:
        """Show an error and return its name; a shell's has none, only its exit code for a value."""
        name = str(content.get("ename") or "ExitCode")
        trace = [str(line) for line in content.get("traceback") or []]
        error = {"output_type": "error", "ename": name, "evalue": str(content.get("evalue", "")), "traceback": trace}
        self._screen.show(error, len(str(error)))
        return name
