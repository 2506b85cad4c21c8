"""nbgrader's plug-in for late submissions, imported when the first one is late."""

import sys
from functools import cache

from assay_assignments.course.configuration import Course
from assay_assignments.course.gradebook import Penalty


def penalty_of(course: Course) -> Penalty:
    """Return what takes points from a late submission, as the course is configured."""

    @cache
    def plugin() -> Penalty | None:
        # It is often a module beside nbgrader_config.py, where nbgrader itself looks.
        sys.path.insert(0, str(course.root))
        from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415  # two seconds

        step = AssignLatePenalties(config=course.config)
        step.init_plugin()
        found: Penalty | None = step.plugin_inst.late_submission_penalty if step.enabled else None
        return found

    def penalty(student: str, score: float, seconds_late: float) -> float | None:
        asked = plugin()
        return None if asked is None else asked(student, score, seconds_late)

    return penalty
