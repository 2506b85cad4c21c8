"""Checks a question before it is used: what its author should know before a candidate does."""

from assay_assignments.check.notebook import check_question, hidden_lines
from assay_assignments.check.report import Finding, Report
from assay_assignments.check.whole import CELL_SECONDS, check

__all__ = ["CELL_SECONDS", "Finding", "Report", "check", "check_question", "hidden_lines"]
