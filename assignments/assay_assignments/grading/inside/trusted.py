"""The trusted process: has the tests, asks the candidate's process, and says what came out.

It is root in its container with no more than the right to become somebody else and to end processes; the candidate's
process is another user, so it can neither read the tests here nor end this process.
"""

import ast
import builtins
import importlib
import io
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .codec import CannotCrossError, decode, encode
from .frames import BadFrameError, GoneError, receive, send

CANDIDATE_UID = 65_533
_GRACE_SECONDS = 2.0
_TICKS = os.sysconf("SC_CLK_TCK")
_MAX_TEXT = 20_000


class CandidateGoneError(Exception):
    """The candidate's process has ended or was ended; the text says why."""


class CandidateError(Exception):
    """The submission raised an exception of a class that is not a builtin one."""


@dataclass
class Candidate:
    """The candidate's process as seen from here.

    Attributes:
        pid: its first process.
        uid: its user, whose processes are all its own; ``None`` without isolation.
        stream: connection to it.
        cell_seconds: processor seconds that one message may take.
    """

    pid: int
    uid: int | None
    stream: socket.socket
    cell_seconds: float
    gone: str = ""
    stopped: bool = False
    _began: tuple[float, float] = field(default=(0.0, 0.0))
    _interrupted: float = 0.0

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a message.

        Raises:
            CandidateGoneError: there is nobody to answer.
        """
        if self.gone:
            raise CandidateGoneError(self.gone)
        self._began = (self._cpu(), time.monotonic())
        self._interrupted, self.stopped = 0.0, False
        try:
            send(self.stream, message)
            return receive(self.stream, self._watch)
        except (GoneError, BadFrameError) as error:
            self.end(self.gone or _cause(self.pid, error))
            raise CandidateGoneError(self.gone) from error

    def end(self, reason: str) -> None:
        """End everything the candidate started."""
        self.gone = self.gone or reason
        for pid in [self.pid, *self._processes()]:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _watch(self) -> None:
        """Interrupt what takes too much processor time, and end what does not stop then."""
        cpu, wall = self._cpu() - self._began[0], time.monotonic() - self._began[1]
        if not self._interrupted:
            if cpu > self.cell_seconds or wall > 5 * self.cell_seconds + 10:
                self._interrupted, self.stopped = time.monotonic(), True
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGINT)
        elif time.monotonic() - self._interrupted > _GRACE_SECONDS:
            self.gone = "timeout"
            self.end("timeout")

    def _cpu(self) -> float:
        ticks = 0
        for pid in self._processes() or [self.pid]:
            with suppress(OSError, IndexError, ValueError):
                parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, parts[11:15]))
        return ticks / _TICKS

    def _processes(self) -> list[int]:
        if self.uid is None:
            return []
        found = []
        for entry in os.scandir("/proc"):
            with suppress(OSError):
                # The folder belongs to root when a process asked not to be looked at; its status tells the truth.
                if entry.name.isdigit() and f"\nUid:\t{self.uid}\t" in Path(entry.path, "status").read_text():
                    found.append(int(entry.name))
        return found


def _cause(pid: int, error: Exception) -> str:
    """Say why a process is gone: out of memory, or just ended."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    for path in ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"):
        with suppress(OSError):
            counts = dict(line.split() for line in Path(path).read_text().splitlines())
            if int(counts.get("oom_kill", 0)) > 0:
                return "out-of-memory"
    return "killed" if isinstance(error, GoneError) else "killed: what it sent was no message"


# What stands here for the candidate's functions and objects


class Handle:
    """An object of the submission: its parts can be asked for, its equality is identity and decided here."""

    def __init__(self, candidate: Candidate, number: int, name: str) -> None:
        object.__setattr__(self, "_parts", (candidate, number, name))

    def __getattr__(self, name: str) -> Any:
        """Ask for an attribute; names with two underscores are Python's own business."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _value(self._parts[0], {"of": self._parts[1], "attribute": name})

    def __getitem__(self, key: Any) -> Any:
        return _value(self._parts[0], {"of": self._parts[1], "item": encode(key, _sent)})

    def __len__(self) -> int:
        return _whole(_value(self._parts[0], {"of": self._parts[1], "do": "len"}))

    def __iter__(self) -> Iterator[Any]:
        listed = _value(self._parts[0], {"of": self._parts[1], "do": "list"})
        return iter(listed if type(listed) is list else [])

    def __repr__(self) -> str:
        return f"<{self._parts[2]} of the submission>"


class CallableHandle(Handle):
    """A function, method or class of the submission."""

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Call it over there."""
        candidate, number, _ = self._parts
        arguments = [encode(one, _sent) for one in positional]
        return _value(
            candidate,
            {"of": number, "call": arguments, "named": {key: encode(one, _sent) for key, one in named.items()}},
        )


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise CannotCrossError("no length")
    return value


def _sent(value: Any) -> dict[str, Any]:
    if isinstance(value, Handle):
        return {"t": "own", "of": value._parts[1]}  # noqa: SLF001  # our own class
    raise CannotCrossError(f"a test cannot hand a {type(value).__name__} to the submission")


def _value(candidate: Candidate, message: dict[str, Any]) -> Any:
    answer = candidate.ask(message)
    if candidate.stopped:
        raise TimeoutError("this took too much processor time")
    if "raised" in answer:
        _raise(answer["raised"])
    return decode(answer.get("value"), lambda found: _stand_in(candidate, found))


def _raise(raised: Any) -> None:
    name, text = (str(part)[:2000] for part in raised) if isinstance(raised, list) and len(raised) == 2 else ("?", "")  # noqa: PLR2004
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and kind not in (OSError, UnicodeDecodeError):
        try:
            raise kind(text)
        except TypeError:
            if kind is TypeError:
                raise
    raise CandidateError(f"{name}: {text}")


def _stand_in(candidate: Candidate, message: dict[str, Any]) -> Any:
    if message["t"] == "module":
        return _own_module(str(message["v"]))
    if message["t"] in ("function", "object") and type(message["of"]) is int:
        kind = CallableHandle if message["t"] == "function" else Handle
        return kind(candidate, message["of"], str(message.get("name", ""))[:80])
    raise CannotCrossError("no value")


def _own_module(name: str) -> Any:
    """Import the module that the submission has under a name, from where it cannot have put one."""
    if name.split(".", maxsplit=1)[0] not in sys.stdlib_module_names and name not in sys.modules:
        raise CannotCrossError(f"the module {name:.80} is not here")
    return importlib.import_module(name)


# Running cells


class Session:
    """Runs the cells of one notebook in order."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._names: dict[str, Any] = {"__builtins__": builtins, "__name__": "__main__"}

    def run(self, cell: dict[str, Any]) -> dict[str, Any]:
        """Run one cell and return its outputs and how it ended."""
        if cell["kind"] == "test":
            return self._test(cell["source"])
        try:
            answer = self._candidate.ask({"run": cell["source"]})
        except CandidateGoneError as error:
            return {"status": str(error), "outputs": []}
        outputs = answer.get("outputs")
        status = "timeout" if self._candidate.stopped else ("error" if answer.get("error") else "ok")
        return {"status": status, "outputs": outputs if isinstance(outputs, list) else [], "count": answer.get("count")}

    def _test(self, source: str) -> dict[str, Any]:
        printed, warned = io.StringIO(), io.StringIO()
        outputs: list[dict[str, Any]] = []
        status = "ok"
        try:
            tree = ast.parse(source)
            self._fetch(tree)
            with redirect_stdout(printed), redirect_stderr(warned):
                value = self._execute(tree)
            if value is not None:
                text = {"text/plain": repr(value)[:_MAX_TEXT]}
                outputs.append({"output_type": "execute_result", "data": text, "metadata": {}, "execution_count": None})
        except BaseException as error:  # noqa: BLE001  # whatever a test raises is its result
            status = _status(error, self._candidate)
            lines = traceback.format_exception(error, limit=-4)
            trace = "".join(lines)[-_MAX_TEXT:].splitlines()
            name, message = type(error).__name__, str(error)[:2000]
            outputs.append({"output_type": "error", "ename": name, "evalue": message, "traceback": trace})
        streams = [("stdout", printed), ("stderr", warned)]
        texts = [{"output_type": "stream", "name": name, "text": one.getvalue()[:_MAX_TEXT]} for name, one in streams]
        return {"status": status, "outputs": [*(one for one in texts if one["text"]), *outputs]}

    def _fetch(self, tree: ast.Module) -> None:
        """Take the names that a test mentions from the submission: anew each time, since they may have been rebound."""
        mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for name in sorted(mentioned - set(dir(builtins))):
            answer = self._candidate.ask({"name": name})
            if "value" in answer:
                self._names[name] = decode(answer["value"], lambda found: _stand_in(self._candidate, found))

    def _execute(self, tree: ast.Module) -> Any:
        end = tree.body[-1] if tree.body else None
        last = end.value if isinstance(end, ast.Expr) else None
        if last is not None:
            tree.body.pop()
        exec(compile(tree, "<test>", "exec"), self._names)  # noqa: S102  # the author's test
        if last is None:
            return None
        return eval(compile(ast.Expression(last), "<test>", "eval"), self._names)  # noqa: S307


def _status(error: BaseException, candidate: Candidate) -> str:
    if isinstance(error, CandidateGoneError):
        return str(error)
    if isinstance(error, TimeoutError) or candidate.stopped:
        return "timeout"
    return "failed" if isinstance(error, AssertionError) else "error"


def become(uid: int) -> None:
    """Become another user for good, with limits of its own."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    resource.setrlimit(resource.RLIMIT_NPROC, (128, 128))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def start_candidate(serve: Callable[[socket.socket], None], uid: int | None, cell_seconds: float) -> Candidate:
    """Fork the candidate's process; called before the tests are read, so that they are not in its memory."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            if uid is not None:
                become(uid)
            serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return Candidate(pid, uid, ours, cell_seconds)
