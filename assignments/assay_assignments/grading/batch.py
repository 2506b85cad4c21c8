"""Warm programs for a batch: one for each worker, started again when it ends in the middle."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from queue import LifoQueue

from assay_assignments.grading.conversation import Cell, EndedError, Program, Run, SandboxError, job_of, run_of

_UIDS = range(100_000, 2_000_000_000)


class Place:
    """Where one worker's notebooks are graded, one at a time.

    Args:
        start: starts a program.
        isolated: whether the candidate's process becomes another user.
        wall_seconds: seconds of a whole notebook.
    """

    def __init__(self, start: Callable[[], Program], *, isolated: bool, wall_seconds: float) -> None:
        self._start = start
        self._isolated = isolated
        self._wall_seconds = wall_seconds
        self._program: Program | None = None

    def begin(self) -> None:
        """Start a program, which then gets warm on its own.

        Raises:
            SandboxError: it cannot be started.
        """
        self._program = self._start()

    def run(self, job: bytes) -> Run:
        """Grade a notebook; once more when everything ended in the middle, which need not have been its doing.

        Raises:
            SandboxError: there is no program to be had, or twice none of the submission's cells could be begun: not for
                want of a kernel, nor of what the author imports.
        """
        last = EndedError("killed")
        for again in (False, True):
            program = self.ready()
            # A user for each run: limits on a user's processes count across containers.
            uid = _UIDS.start + secrets.randbelow(len(_UIDS)) if self._isolated else 0
            try:
                return program.grade(uid, job, self._wall_seconds)
            except EndedError as error:
                last = error
                self._drop(program)
            except SandboxError:
                if again:
                    raise
                continue
            if last.reason == "timeout":
                break
        return run_of(last.lines, last.reason)

    def ready(self) -> Program:
        """Return a program that waits for a notebook.

        Raises:
            SandboxError: there is none to be had.
        """
        if self._program is not None:
            fresh = self._program.fresh
            if self._program.ready():
                return self._program
            complaint = self._drop(self._program)
            if fresh:
                raise SandboxError(complaint)
        self.begin()
        return self.ready()

    def leave(self) -> None:
        """Say that nothing more comes."""
        if self._program is not None:
            self._program.leave()

    def close(self) -> None:
        """End the program."""
        if self._program is not None:
            self._drop(self._program)

    def _drop(self, program: Program) -> str:
        self._program = None
        program.end()
        return program.complaint or "it said nothing"


class Batch:
    """Runs notebooks in as many places as there are workers; may be called from as many threads.

    Args:
        places: one for each worker.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._idle: LifoQueue[Place] = LifoQueue()
        for place in reversed(places):
            self._idle.put(place)

    def get_ready(self) -> None:
        """Start all programs and wait for the first; the others get warm meanwhile.

        Raises:
            SandboxError: there is none to be had.
        """
        for place in self._places:
            place.begin()
        self._places[0].ready()

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        """Run the cells in a place that is idle."""
        place = self._idle.get()
        try:
            return place.run(job_of(imports, cells, files, kernel, own))
        finally:
            self._idle.put(place)

    def close(self) -> None:
        """End all programs."""
        for place in self._places:
            place.leave()
        for place in self._places:
            place.close()
