"""What a batch's submissions are handed to: threads that drive one open sandbox, or the workers of a cluster."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from assay_assignments.course.batch import Graders, grade_submission
from assay_assignments.course.sources import Assignment
from assay_assignments.course.submissions import Submission
from assay_assignments.grading.sandbox import Sandbox
from assay_assignments.grading.verdicts import Grade

_AHEAD = 2
"""How many submissions a worker has, one of them waiting, so that it never does."""


@contextmanager
def local(assignment: Assignment, sandbox: Sandbox, workers: int) -> Iterator[Graders]:
    """Grade on this machine, so many submissions at the same time."""
    with sandbox.open(assignment.packages, workers) as runner, ThreadPoolExecutor(workers) as pool:
        yield handing(pool, assignment, runner, workers, grade_submission)


def handing(executor: Executor, assignment: Any, where: Any, workers: int, graded: Any) -> Graders:
    """Return what hands submissions to an executor of the standard library's kind.

    Args:
        executor: runs them.
        assignment: the assignment, or what the executor makes into it.
        where: they are graded.
        workers: how many run at the same time.
        graded: is called with assignment, submission and where.
    """

    def submit(submission: Submission) -> Future[dict[str, Grade]]:
        return executor.submit(graded, assignment, submission, where)

    return Graders(submit, _AHEAD * workers)
