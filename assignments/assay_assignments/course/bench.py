"""A sandbox that stays open for a batch, and is opened anew when a submission has taken it along."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

from assay_assignments.grading.sandbox import Cell, Run, Runner, Sandbox, SandboxError

_PROBE = (Cell("candidate", "1"),)


class Bench:
    """Runs notebooks in an open sandbox, from as many threads as there are workers.

    When a run breaks the sandbox it is done again in a new one with nobody else in it. If it breaks that one too, while
    the next works, it is the submission's doing; otherwise there is no sandbox to be had.

    Args:
        sandbox: is opened.
        packages: what the notebooks import.
        workers: how many notebooks run at the same time.
    """

    def __init__(self, sandbox: Sandbox, packages: Sequence[str], workers: int) -> None:
        self._sandbox = sandbox
        self._packages = packages
        self._workers = workers
        self._open = ExitStack()
        self._runner: Runner | None = None
        self._inside = 0
        self._lonely = 0
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        with self._changed:
            self._renew(None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._runner = None
            self._open.close()

    def run(self, imports: str, cells: Sequence[Cell], files: Mapping[str, bytes], kernel: str = "python3") -> Run:
        """Run a notebook.

        Raises:
            SandboxError: there is no sandbox to be had.
        """
        for alone in (False, True):
            try:
                with self._turn(alone=alone) as runner:
                    return runner.run(imports, cells, files, kernel)
            except SandboxError:
                if alone:
                    break
        with self._turn(alone=True) as runner:
            runner.run("", _PROBE, {}, kernel)
        return Run((), (), "killed")

    @contextmanager
    def _turn(self, *, alone: bool) -> Iterator[Runner]:
        with self._changed:
            # Who wants to be alone goes first, or would wait for the end of the batch.
            self._lonely += alone
            self._changed.wait_for(lambda: self._inside == 0 if alone else self._inside >= 0 and not self._lonely)
            self._lonely -= alone
            if self._runner is None:
                self._renew(None)
            runner = self._runner
            self._inside = -1 if alone else self._inside + 1
        assert runner is not None  # noqa: S101  # it has just been opened
        try:
            yield runner
        except SandboxError:
            with self._changed:
                self._renew(runner, later=True)
            raise
        finally:
            with self._changed:
                self._inside = 0 if alone else self._inside - 1
                self._changed.notify_all()

    def _renew(self, broken: Runner | None, *, later: bool = False) -> None:
        """Open the sandbox anew, unless somebody has already done so."""
        if broken is not None and self._runner is not broken:
            return
        self._runner = None
        if not later:
            self._open.close()
            self._open = ExitStack()
            self._runner = self._open.enter_context(self._sandbox.open(self._packages, self._workers))
