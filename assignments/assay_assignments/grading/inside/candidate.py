"""The candidate's process: runs the submission's own cells and answers questions about the names they left.

It never receives the source of a test, points, or another submission. Everything it says is taken as a claim.
"""

import base64
import io
import os
import signal
import socket
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .codec import CannotCrossError, decode, encode
from .frames import BadFrameError, GoneError, receive, send

MAX_OUTPUT_CHARACTERS = 1_000_000
_outputs: list[dict[str, Any]] = []
_room = MAX_OUTPUT_CHARACTERS


def _add(output: dict[str, Any], size: int) -> None:
    global _room  # noqa: PLW0603  # one shell a process
    if _room >= 0:
        _room -= size
        _outputs.append(output)


class _Stream(io.TextIOBase):
    def __init__(self, name: str) -> None:
        self._name = name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("write() argument must be str")
        kept = text[: max(_room, 0)]
        if kept:
            if _outputs and _outputs[-1].get("name") == self._name:
                _outputs[-1]["parts"].append(kept)
                _add_size(len(kept))
            else:
                _add({"output_type": "stream", "name": self._name, "parts": [kept]}, len(kept))
        return len(text)

    def writable(self) -> bool:
        return True


def _add_size(size: int) -> None:
    global _room  # noqa: PLW0603
    _room -= size


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:  # noqa: ARG002
        """Keep what a cell displays."""
        bundle = _bundle(data)
        _add({"output_type": "display_data", "data": bundle, "metadata": metadata or {}}, len(str(bundle)))

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002  # IPython's signature
        """Forget what the cell displayed."""
        _outputs.clear()


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        """Print no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep a cell's value."""
        count = self.prompt_count
        output = {"output_type": "execute_result", "data": _bundle(format_dict), "metadata": md_dict or {}}
        _add({**output, "execution_count": count}, len(str(output)))


class _Shell(InteractiveShell):
    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        output = {"output_type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        _add(output, len(str(output)))

    def enable_gui(self, gui: Any = None) -> None:
        """Open no window."""


def _bundle(data: Any) -> dict[str, Any]:
    return {
        str(kind): base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in dict(data).items()
    }


def make_shell() -> InteractiveShell:
    """Return a shell as a notebook has it, without history and start-up files."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: InteractiveShell = _Shell.instance(config=config, displayhook_class=_Hook, display_pub_class=_Publisher)
    return shell


class Answers:
    """Answers the messages of the trusted process."""

    def __init__(self, shell: InteractiveShell, stream: socket.socket) -> None:
        self._shell = shell
        self._stream = stream
        self._held: list[Any] = []

    def serve(self) -> None:
        """Answer until the other side ends."""
        while True:
            try:
                message = receive(self._stream)
                send(self._stream, self._answer(message))
            except (GoneError, BadFrameError):
                return

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            if "run" in message:
                return self._run(message["run"])
            if "name" in message:
                names = self._shell.user_ns
                return (
                    {"value": self._encoded(names[message["name"]])} if message["name"] in names else {"absent": True}
                )
            return {"value": self._encoded(self._apply(message))}
        except BaseException as error:  # noqa: BLE001  # whatever the submission raises is an answer
            return {"raised": [type(error).__name__, _text(error)]}

    def _run(self, source: str) -> dict[str, Any]:
        global _room  # noqa: PLW0603
        _outputs.clear()
        _room = MAX_OUTPUT_CHARACTERS
        sys.stdout, sys.stderr = _Stream("stdout"), _Stream("stderr")
        result = self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        outputs = [{**output, "text": "".join(output["parts"])} if "parts" in output else output for output in _outputs]
        for output in outputs:
            output.pop("parts", None)
        return {
            "outputs": outputs,
            "error": type(error).__name__ if error else "",
            "count": self._shell.execution_count - 1,
        }

    def _apply(self, message: dict[str, Any]) -> Any:
        target = self._held[message["of"]]
        if "call" in message:
            positional = [decode(one, self._own) for one in message["call"]]
            named = {name: decode(one, self._own) for name, one in message["named"].items()}
            return target(*positional, **named)
        if "attribute" in message:
            return getattr(target, message["attribute"])
        if "item" in message:
            return target[decode(message["item"], self._own)]
        return len(target) if message["do"] == "len" else list(target)

    def _own(self, message: dict[str, Any]) -> Any:
        return self._held[message["of"]]

    def _encoded(self, value: Any) -> dict[str, Any]:
        return encode(value, self._hold)

    def _hold(self, value: object) -> dict[str, Any]:
        if isinstance(value, ModuleType):
            return {"t": "module", "v": value.__name__}
        self._held.append(value)
        kind = "function" if callable(value) else "object"
        return {
            "t": kind,
            "of": len(self._held) - 1,
            "name": str(getattr(value, "__name__", type(value).__name__))[:80],
        }


def _text(error: BaseException) -> str:
    with suppress(Exception):
        return str(error)[:2000]
    return ""


def serve(shell: InteractiveShell, stream: socket.socket, folder: str) -> None:
    """Become the candidate's process: own session, no descriptor but the stream."""
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    os.chdir(folder)
    sys.path.insert(0, "")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Answers(shell, stream).serve()


__all__ = ["CannotCrossError", "make_shell", "serve"]
