"""The trusted process: has the tests, asks the candidate's process, and says what came out.

It is root in its container with no more than the right to become somebody else and to end processes; the candidate's
process is another user, so it can neither read the tests here nor end this process.
"""

import ast
import base64
import builtins
import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from .handles import value_of
from .process import Candidate, CandidateGoneError

MAX_CELL_OUTPUT_BYTES = 4 * 1024 * 1024
_MAX_OUTPUTS = 500
_MAX_TEXT = 20_000


class Names(dict[str, Any]):
    """The global names of the tests: what they and their author bound, then what the submission has under a name.

    So a submission can rebind neither what a test imported nor what it defined, and is asked for no more names than
    it has to be.
    """

    def __init__(self, candidate: Candidate) -> None:
        super().__init__({"__builtins__": builtins, "__name__": "__main__"})
        self._candidate = candidate
        self._borrowed: dict[str, Any] = {}
        self.opened = False

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        value = value_of(self._candidate, {"name": name}, opened=self.opened)
        self[name] = self._borrowed[name] = value
        return value

    def give_back(self) -> None:
        """Forget what was the submission's: its cells may bind it anew."""
        for name, value in self._borrowed.items():
            if self.get(name) is value:
                del self[name]
        self._borrowed.clear()


def settle(folder: str, files: list[Any]) -> None:
    """Let the tests work in a folder with the author's files, whose modules they can import.

    Nobody else can look into it, and the files are written once: a test that changed one would be in doubt itself.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103  # nothing to gain from a Path
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    for path, content in files:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(content))
        target.chmod(0o400)


class NoKernelError(Exception):
    """There is no such kernel here, or it does not start; before any cell ran."""


class Session:
    """Runs the cells of one notebook in order.

    Args:
        candidate: has the submission's cells.
        imports: what the question's author imports for the tests.
        kernel: which of its kernels the candidate's process is to start for all cells; empty for none, then it runs
            its cells itself, and tests run here.

    Raises:
        NoKernelError: it cannot start that kernel.
    """

    def __init__(self, candidate: Candidate, imports: str, kernel: str) -> None:
        self._candidate = candidate
        self._kernel = kernel
        if kernel:
            self._start(kernel)
        self._names = Names(candidate)
        # Those of another language run where its tests do, in the kernel.
        exec(compile("" if kernel else imports, "<imports>", "exec"), self._names)  # noqa: S102  # the author's imports

    def _start(self, kernel: str) -> None:
        self._candidate.begin()
        try:
            answer = self._candidate.ask({"kernel": kernel})
        except CandidateGoneError as error:
            raise NoKernelError(f"the kernel {kernel} did not start: {error}") from error
        if answer.get("started") is not True:
            raise NoKernelError(f"the kernel {kernel} did not start: {answer.get('raised')}")

    def place(self, files: list[Any]) -> list[str]:
        """Put files into the working folder and return the paths of those that cannot be there."""
        self._candidate.begin()
        try:
            refused = self._candidate.ask({"place": files}).get("refused")
        except CandidateGoneError:
            return []
        return [str(path) for path in refused] if isinstance(refused, list) else []

    def run(self, cell: dict[str, Any]) -> dict[str, Any]:
        """Run one cell and return its outputs and how it ended."""
        self._candidate.begin()
        if cell["kind"] == "test" and not self._kernel:
            return self._test(cell)
        try:
            answer = self._candidate.ask({"run": cell["source"]})
        except CandidateGoneError as error:
            return {"status": str(error), "outputs": []}
        raised = answer.get("raised")
        failed = str(answer.get("error") or (raised[0] if isinstance(raised, list) and raised else ""))
        status = self._status_of(failed, "failed" if cell["kind"] == "test" else "error")
        return {"status": status, "outputs": _bounded(answer.get("outputs"))}

    def _status_of(self, failed: str, word: str) -> str:
        if self._candidate.stopped:
            return "timeout"
        return "out-of-memory" if failed == "MemoryError" else (word if failed else "ok")

    def _test(self, cell: dict[str, Any]) -> dict[str, Any]:
        printed, warned = io.StringIO(), io.StringIO()
        outputs: list[dict[str, Any]] = []
        status = "ok"
        self._names.opened = cell.get("objects") is True
        try:
            with redirect_stdout(printed), redirect_stderr(warned):
                value = self._execute(ast.parse(cell["source"]))
            if value is not None:
                text = {"text/plain": _shown(value)}
                outputs.append({"output_type": "execute_result", "data": text, "metadata": {}, "execution_count": None})
        except BaseException as error:  # noqa: BLE001  # whatever a test raises is its result
            status = _status(error, self._candidate)
            lines = traceback.format_exception(error, limit=-4)
            trace = "".join(lines)[-_MAX_TEXT:].splitlines()
            name, message = type(error).__name__, str(error)[:2000]
            outputs.append({"output_type": "error", "ename": name, "evalue": message, "traceback": trace})
        finally:
            self._names.give_back()
        streams = [("stdout", printed), ("stderr", warned)]
        texts = [{"output_type": "stream", "name": name, "text": one.getvalue()[:_MAX_TEXT]} for name, one in streams]
        return {"status": status, "outputs": [*(one for one in texts if one["text"]), *outputs]}

    def _execute(self, tree: ast.Module) -> Any:
        end = tree.body[-1] if tree.body else None
        last = end.value if isinstance(end, ast.Expr) else None
        if last is not None:
            tree.body.pop()
        exec(compile(tree, "<test>", "exec"), self._names)  # noqa: S102  # the author's test
        if last is None:
            return None
        return eval(compile(ast.Expression(last), "<test>", "eval"), self._names)  # noqa: S307


def _shown(value: Any) -> str:
    """Return what a notebook shows of a value; a number of numpy as a number, so that it counts as points."""
    return repr(value.item() if isinstance(value, np.generic) else value)[:_MAX_TEXT]


def _status(error: BaseException, candidate: Candidate) -> str:
    if isinstance(error, CandidateGoneError):
        return str(error)
    if candidate.stopped:
        return "timeout"
    if isinstance(error, MemoryError):
        return "out-of-memory"
    return "failed" if isinstance(error, AssertionError) else "error"


def _bounded(outputs: Any) -> list[Any]:
    """Return the outputs that the candidate's process claims, or a word about them when they are out of proportion."""
    if not isinstance(outputs, list):
        return []
    if len(outputs) > _MAX_OUTPUTS or len(json.dumps(outputs)) > MAX_CELL_OUTPUT_BYTES:
        return too_large()
    return outputs


def too_large() -> list[Any]:
    """Return what stands for outputs that are not kept; no points come from it."""
    return [{"output_type": "stream", "name": "stderr", "text": "The outputs of this cell were too large to keep."}]
