"""Grades with the questions' own engine, in a container where there is an engine and in a plain process elsewhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from assay_assignments import grading
from assay_assignments.grading.prepared import Prepared
from assay_assignments.grading.sandbox import Runner
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.ports.batches import GraderGoneError

_KEPT = 32


class SandboxGrader:
    """Runs the hidden tests of pinned questions.

    Args:
        library: knows the pinned questions.
        sandbox: where submissions run.
    """

    def __init__(self, library: FolderLibrary, sandbox: grading.Sandbox) -> None:
        self._sandbox = sandbox
        # A pinned question never changes; making one ready takes longer than many a submission.
        self._prepared = lru_cache(maxsize=_KEPT)(lambda ref: grading.prepare(library.question(ref)))

    def grade(self, interview_id: str, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error."""
        return _graded(interview_id, self._prepared(ref), ref, files, self._sandbox, isolated=self._sandbox.isolated)

    @contextmanager
    def open(self, refs: Sequence[QuestionRef], workers: int) -> Iterator["OpenedGrader"]:
        """Return what grades these questions; it may be called from ``workers`` threads.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """
        packages = sorted({package for ref in refs for package in self._prepared(ref).packages})
        try:
            with self._sandbox.open(packages, workers) as runner:
                yield OpenedGrader(self._prepared, runner, isolated=self._sandbox.isolated)
        except grading.SandboxError as error:
            raise GraderGoneError(str(error)) from error


class OpenedGrader:
    """Grades many notebooks in a sandbox that is open.

    Args:
        prepared: returns what grading needs of a pinned question.
        runner: where submissions run.
        isolated: whether hostile code is held there.
    """

    def __init__(self, prepared: Callable[[QuestionRef], Prepared], runner: Runner, *, isolated: bool) -> None:
        self._prepared = prepared
        self._runner = runner
        self._isolated = isolated

    def grade(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error.

        Raises:
            GraderGoneError: the sandbox itself failed.
        """
        try:
            return _graded("", self._prepared(ref), ref, files, self._runner, isolated=self._isolated)
        except grading.SandboxError as error:
            raise GraderGoneError(str(error)) from error


def _graded(
    interview_id: str,
    prepared: Prepared,
    ref: QuestionRef,
    files: Mapping[str, bytes],
    runner: Runner,
    *,
    isolated: bool,
) -> tuple[Grade, bytes]:
    found = grading.grade(prepared, files, runner)
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
