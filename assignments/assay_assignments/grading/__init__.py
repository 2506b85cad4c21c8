"""Grading: the hidden tests of a question against what was handed in, never trusting the process that is graded."""

from assay_assignments.grading.engine import grade
from assay_assignments.grading.prepared import Prepared, prepare
from assay_assignments.grading.sandbox import ContainerSandbox, ProcessSandbox, Sandbox, SandboxError
from assay_assignments.grading.verdicts import CellVerdict, Grade, Verdict

__all__ = [
    "CellVerdict",
    "ContainerSandbox",
    "Grade",
    "Prepared",
    "ProcessSandbox",
    "Sandbox",
    "SandboxError",
    "Verdict",
    "grade",
    "prepare",
]
