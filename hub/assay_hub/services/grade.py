"""Grade what was handed in, one question at a time, from a queue that survives a restart."""

import logging
from dataclasses import dataclass, replace

from assay_hub.domain.audit import SERVICE, Deed, Entry
from assay_hub.domain.interview import Interview
from assay_hub.domain.result import FINAL, Grade, GradingState
from assay_hub.ports import Artefacts, Clock, Database, Grader
from assay_hub.services.archive import unpack

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GradeSubmissions:
    """Works off the queue of gradings."""

    database: Database
    artefacts: Artefacts
    grader: Grader
    clock: Clock
    max_bytes: int

    def resume(self) -> int:
        """Queue again what a worker that died left half done; return how many."""
        with self.database.write() as records:
            return records.requeue_running_grades()

    def grade_next(self) -> bool:
        """Grade one queued question; return whether there was one.

        A failure of the grading itself ends in a grade that says so and asks for a person; the queue goes on.
        """
        with self.database.write() as records:
            grade = records.take_queued_grade()
            if grade is None:
                return False
            interview = records.interview(grade.interview)
            submission = records.submission(grade.interview)
        if interview is None or submission is None:
            raise LookupError(f"grading of {grade.interview} has no submission")
        try:
            done = self._grade(interview, grade, self.artefacts.get(submission.artefact))
        except Exception:  # noqa: BLE001  # the edge of the worker: one bad submission must not stop the queue
            _log.exception("Grading of %s, question %s, failed", grade.interview, grade.question)
            message = "Grading itself failed; the hub's log says why. Look at the notebook and give points by hand."
            done = replace(grade, state=GradingState.FAILED, outcome="needs-review", message=message)
        with self.database.write() as records:
            latest = records.submission(grade.interview)
            if latest is None or latest.number != submission.number:
                return True  # handed in again meanwhile, and queued again with it
            records.save_grade(done)
            grades = records.grades(grade.interview)
            if all(one.state in FINAL for one in grades):
                points, most = sum(one.points for one in grades), sum(one.max_points for one in grades)
                details = {"points": points, "max_points": most}
                records.log(Entry(self.clock.now(), SERVICE, Deed.GRADED, grade.interview, details))
        return True

    def _grade(self, interview: Interview, grade: Grade, archive: bytes) -> Grade:
        ref = next(ref for ref in interview.questions if ref.id == grade.question)
        done, autograded = self.grader.grade(interview.id, ref, unpack(archive, self.max_bytes))
        return replace(done, autograded=self.artefacts.put(autograded) if autograded else "")
