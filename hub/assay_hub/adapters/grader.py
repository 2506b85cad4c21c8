"""Grades with the questions' own engine, in a container where there is an engine and in a plain process elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from assay_assignments import grading
from assay_assignments.grading.sandbox import Runner
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.ports.batches import GraderGoneError


class SandboxGrader:
    """Runs the hidden tests of pinned questions.

    Args:
        library: knows the pinned questions.
        sandbox: where submissions run.
    """

    def __init__(self, library: FolderLibrary, sandbox: grading.Sandbox) -> None:
        self._library = library
        self._sandbox = sandbox

    def grade(self, interview_id: str, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error."""
        return _graded(interview_id, self._library, ref, files, self._sandbox, isolated=self._sandbox.isolated)

    @contextmanager
    def open(self, refs: Sequence[QuestionRef], workers: int) -> Iterator["OpenedGrader"]:
        """Return what grades these questions; it may be called from ``workers`` threads.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """
        packages = sorted({package for ref in refs for package in self._library.question(ref).packages})
        try:
            with self._sandbox.open(packages, workers) as runner:
                yield OpenedGrader(self._library, runner, isolated=self._sandbox.isolated)
        except grading.SandboxError as error:
            raise GraderGoneError(str(error)) from error


class OpenedGrader:
    """Grades many notebooks in a sandbox that is open.

    Args:
        library: knows the pinned questions.
        runner: where submissions run.
        isolated: whether hostile code is held there.
    """

    def __init__(self, library: FolderLibrary, runner: Runner, *, isolated: bool) -> None:
        self._library = library
        self._runner = runner
        self._isolated = isolated

    def grade(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """
        try:
            return _graded("", self._library, ref, files, self._runner, isolated=self._isolated)
        except grading.SandboxError as error:
            raise GraderGoneError(str(error)) from error


def _graded(
    interview_id: str,
    library: FolderLibrary,
    ref: QuestionRef,
    files: Mapping[str, bytes],
    runner: Runner,
    *,
    isolated: bool,
) -> tuple[Grade, bytes]:
    found = grading.grade(library.question(ref), files, runner)
    cells = tuple(
        CellResult(cell.grade_id, cell.title, cell.points, cell.max_points, cell.verdict.value, cell.message)
        for cell in found.cells
    )
    grade = Grade(
        interview=interview_id,
        question=ref.id,
        state=GradingState.DONE,
        outcome=found.outcome,
        points=found.points,
        max_points=found.max_points,
        cells=cells,
        isolated=isolated,
        message=found.message,
    )
    return grade, found.autograded
