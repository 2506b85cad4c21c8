"""Grades with the questions' own engine, in a container where there is an engine and in a plain process elsewhere."""

from collections.abc import Mapping
from functools import lru_cache

from assay_assignments import grading
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.result import CellResult, Grade, GradingState

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
        found = grading.grade(self._prepared(ref), files, self._sandbox)
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
            isolated=self._sandbox.isolated,
            message=found.message,
        )
        return grade, found.autograded
