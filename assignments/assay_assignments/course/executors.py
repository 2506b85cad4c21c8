"""What a batch's submissions are handed to: threads that drive one open sandbox, or the workers of a cluster."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from assay_assignments.course.batch import Submit, grade_submission
from assay_assignments.course.bench import Bench
from assay_assignments.course.sources import Assignment
from assay_assignments.course.submissions import Submission
from assay_assignments.grading.sandbox import Sandbox
from assay_assignments.grading.verdicts import Grade


@contextmanager
def local(assignment: Assignment, sandbox: Sandbox, workers: int) -> Iterator[Submit]:
    """Grade on this machine, so many submissions at the same time."""
    with Bench(sandbox, assignment.packages, workers) as bench, ThreadPoolExecutor(workers) as pool:

        def submit(submission: Submission) -> Future[dict[str, Grade]]:
            return pool.submit(grade_submission, assignment, submission, bench)

        yield submit
