"""Questions from elsewhere and for elsewhere: nbgrader's courses, otter-grader's assignments, single notebooks."""

from assay_assignments.exchange.archive import BadArchiveError, pack, unpack
from assay_assignments.exchange.course import NotExportableError, to_course
from assay_assignments.exchange.incoming import Found, Given, Refused, import_questions, write_question

__all__ = [
    "BadArchiveError",
    "Found",
    "Given",
    "NotExportableError",
    "Refused",
    "import_questions",
    "pack",
    "to_course",
    "unpack",
    "write_question",
]
