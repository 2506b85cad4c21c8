"""The candidate's process: runs the submission's own cells and answers questions about the names they left.

It never receives the source of a test, points, or another submission. Everything it says is taken as a claim.
"""

import base64
import os
import resource
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from .codec import CannotCrossError, decode, encode
from .frames import BadFrameError, GoneError, receive, send
from .kernel import Kernel
from .shell import Screen, make_shell

_MAX_FILE_BYTES = 512 * 1024 * 1024
_MAX_SPOKEN = 20_000


class Answers:
    """Answers the messages of the trusted process."""

    def __init__(self, shell: InteractiveShell, screen: Screen, stream: socket.socket) -> None:
        self._shell = shell
        self._screen = screen
        self._stream = stream
        self._held: list[Any] = []
        self._busy = False
        self._kernel: Kernel | None = None

    def serve(self) -> None:
        """Answer until the other side ends."""
        signal.signal(signal.SIGINT, self._interrupt)
        while True:
            try:
                message = receive(self._stream)
                answer = self._answer(message)
                self._send(answer)
            except GoneError:
                return

    def _send(self, answer: dict[str, Any]) -> None:
        try:
            send(self._stream, answer)
        except BadFrameError as error:
            send(self._stream, {"raised": ["CannotCrossError", str(error)], "outputs": []})

    def _interrupt(self, _signal: int, _frame: object) -> None:
        # Between two answers there is nothing to interrupt, and half a message would be lost.
        if self._busy and self._kernel is None:
            raise KeyboardInterrupt
        if self._kernel is not None:
            self._kernel.stop()

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        self._busy = True
        try:
            answer = self._done(message)
            self._busy = False
        except BaseException as error:  # noqa: BLE001  # whatever the submission raises is an answer
            self._busy = False
            answer = {"raised": [type(error).__name__, _text(error)]}
        if "run" not in message:
            answer["spoken"] = self._screen.spoken()[:_MAX_SPOKEN]
        return answer

    def _done(self, message: dict[str, Any]) -> dict[str, Any]:
        if "place" in message:
            return {"refused": [path for path, content in message["place"] if not _place(path, content)]}
        if "kernel" in message:
            self._kernel = Kernel(message["kernel"], self._screen)
            return {"started": True}
        if "run" in message:
            return self._run(message["run"])
        self._screen.clear()
        if "name" in message:
            names = self._shell.user_ns
            return {"value": self._encoded(names[message["name"]])} if message["name"] in names else {"absent": True}
        if "call" in message:
            return self._call(message)
        return {"value": self._encoded(self._part(message))}

    def _run(self, source: str) -> dict[str, Any]:
        self._screen.clear()
        if self._kernel is not None:
            failed = self._kernel.run(source)
            return {"outputs": self._screen.outputs(), "error": failed}
        result = self._shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        return {"outputs": self._screen.outputs(), "error": type(error).__name__ if error else ""}

    def _call(self, message: dict[str, Any]) -> dict[str, Any]:
        positional = [decode(one, self._own) for one in message["call"]]
        named = {name: decode(one, self._own) for name, one in message["named"].items()}
        value = self._encoded(self._held[message["of"]](*positional, **named))
        # A test can see that a function changed the list that it was given, as it can in one process.
        changed = {}
        for place, (argument, sent) in enumerate(zip(positional, message["call"], strict=True)):
            if type(argument) in (list, dict, set, np.ndarray) and (now := self._encoded(argument)) != sent:
                changed[str(place)] = now
        return {"value": value, "changed": changed}

    def _part(self, message: dict[str, Any]) -> Any:
        target = self._held[message["of"]]
        if "attribute" in message:
            return getattr(target, message["attribute"])
        if "item" in message:
            return target[decode(message["item"], self._own)]
        return len(target) if message["do"] == "len" else list(target)

    def _own(self, message: dict[str, Any]) -> Any:
        return self._held[message["of"]]

    def _encoded(self, value: Any) -> Any:
        return encode(value, self._hold)

    def _hold(self, value: object) -> dict[str, Any]:
        self._held.append(value)
        kind = "function" if callable(value) else "object"
        name = str(getattr(value, "__name__", type(value).__name__))[:80]
        return {"t": kind, "of": len(self._held) - 1, "name": name}


def _place(path: str, content: str) -> bool:
    """Write a file of the working folder; ``False`` when that cannot be."""
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(base64.b64decode(content))
    except (OSError, ValueError):
        return False
    return True


def _text(error: BaseException) -> str:
    with suppress(Exception):
        return str(error)[:2000]
    return ""


def serve(shell: InteractiveShell, screen: Screen, stream: socket.socket, folder: str) -> None:
    """Become the candidate's process: own session and folder, no descriptor but the stream."""
    os.setsid()
    for ending in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ending, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE_BYTES, _MAX_FILE_BYTES))
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    # Whatever else the parent had open, its own way to report results above all, is not for this process.
    kept = stream.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103  # nothing to gain from a Path
    os.chdir(folder)
    os.environ["HOME"] = tempfile.tempdir = folder
    # These are the parent's; what is started here keeps its own below its home.
    for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
        os.environ.pop(name, None)
    # Every process of the batch would draw the same numbers; Python's own generator sees to that itself.
    np.random.seed()  # noqa: NPY002  # the generator that everybody shares
    sys.path.insert(0, "")
    sys.stdout, sys.stderr = screen.stream("stdout"), screen.stream("stderr")
    Answers(shell, screen, stream).serve()


__all__ = ["CannotCrossError", "make_shell", "serve"]
