"""Grade batches: work off their queue, many notebooks at a time, each once, whatever is killed on the way."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from assay_hub.domain.audit import SERVICE, Deed, Entry
from assay_hub.domain.batch import MISSING, Batch, BatchGrade
from assay_hub.domain.marking import Mark, MarkedCell, totals
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.ports import Artefacts, Clock, Database, Records
from assay_hub.ports.batches import BatchGrader, BatchRunner, GraderGoneError
from assay_hub.services.archive import unpack

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
"""How often the sandbox itself may fail on a notebook before a person has to look at it."""

_FAILED = (
    "Grading itself failed; the hub's log says why. Look at the notebook and give points by hand, or grade it again."
)


@dataclass(frozen=True)
class GradeBatches:
    """Works off the queue.

    Args:
        workers: notebooks that are graded at the same time.
    """

    database: Database
    artefacts: Artefacts
    grader: BatchGrader
    clock: Clock
    max_bytes: int
    workers: int

    def resume(self) -> int:
        """Queue again what a worker that died left half done; return how many. Nothing may be graded meanwhile."""
        with self.database.write() as records:
            return records.requeue_running_batch_grades()

    def work(self, stop: Callable[[], bool]) -> bool:
        """Grade what is queued in one batch, until nothing is left; return whether there was something.

        Args:
            stop: whether to take nothing more.

        Raises:
            GraderGoneError: the sandbox itself failed; what it was on is queued again.
        """
        with self.database.read() as records:
            batch_id = records.next_batch_to_grade()
            batch = records.batch(batch_id) if batch_id else None
        if batch is None or stop():
            return False
        with (
            self.grader.open(batch.questions, self.workers) as runner,
            ThreadPoolExecutor(self.workers, thread_name_prefix="grading") as pool,
        ):
            gone = threading.Event()
            working = [pool.submit(self._until_empty, batch, runner, stop, gone) for _ in range(self.workers)]
            errors = [error for error in (one.exception() for one in working) if error is not None]
        if errors:
            raise errors[0]
        self._ended(batch)
        return True

    def _until_empty(self, batch: Batch, runner: BatchRunner, stop: Callable[[], bool], gone: threading.Event) -> None:
        while not (stop() or gone.is_set()):
            with self.database.write() as records:
                known = records.batch(batch.id)
                if known is None or known.paused or known.questions != batch.questions:
                    # It goes on with the next batch, or with this one as it is now.
                    return
                taken = records.take_batch_grade(batch.id)
                submission = records.batch_submission(batch.id, taken.submission) if taken else None
            if taken is None:
                return
            if submission is None:
                raise LookupError(f"grading of {taken.submission} has no submission")
            try:
                self._grade(batch, taken, self.artefacts.get(submission.artefact), runner)
            except GraderGoneError:
                gone.set()
                self._give_back(batch, taken)
                raise
            except Exception:  # noqa: BLE001  # the edge of the worker: one bad submission must not stop the batch
                _log.exception("Grading of %s, question %s, failed", taken.submission, taken.question)
                self._store(batch, taken, _failed(taken), ())

    def _grade(self, batch: Batch, taken: BatchGrade, archive: bytes, runner: BatchRunner) -> None:
        ref = next(ref for ref in batch.questions if ref.id == taken.question)
        files = unpack(archive, self.max_bytes)
        found, autograded = runner.grade(ref, files)
        self._store(batch, taken, _result(taken, found, files, ref.notebook), found.cells, autograded)

    def _store(
        self,
        batch: Batch,
        taken: BatchGrade,
        result: BatchGrade,
        results: Sequence[CellResult],
        autograded: bytes = b"",
    ) -> None:
        """Store what came of a grading, unless it was given to another worker meanwhile."""
        key = self.artefacts.put(autograded) if autograded else ""
        with self.database.write() as records:
            records.batch(batch.id)  # nobody changes a rubric while its points are summed up
            known = records.batch_grade(taken.submission, taken.question)
            if known is None or known.state is not GradingState.RUNNING or known.ticket != taken.ticket:
                if key and not records.still_kept([key]):
                    self.artefacts.delete(key)
                return
            before = records.marked_cells(taken.question, [taken.submission])[taken.submission]
            # Without results, what people gave for the cells of an earlier run stays.
            cells = _cells(results, {cell.grade_id: cell.mark for cell in before}) if results else before
            records.replace_cells(taken.submission, taken.question, cells)
            records.save_batch_grade(self._summed(records, result, cells, key), self.clock.now())
            if key and not self.artefacts.has(key):
                # Another batch was deleted meanwhile that alone had the same notebook.
                self.artefacts.put(autograded)

    @staticmethod
    def _summed(records: Records, grade: BatchGrade, cells: Sequence[MarkedCell], autograded: str) -> BatchGrade:
        rubric = {item.id: item for item in records.rubric_items(item for cell in cells for item in cell.mark.items)}
        found = totals(cells, rubric, grade.outcome, reviewed=False)
        return replace(
            grade,
            points=found.points,
            max_points=found.max_points,
            waiting=found.waiting,
            review=found.review,
            autograded=autograded,
        )

    def _give_back(self, batch: Batch, taken: BatchGrade) -> None:
        """Queue a grading again that the sandbox failed on, unless it failed on it too often."""
        if taken.attempts + 1 >= MAX_ATTEMPTS:
            self._store(batch, taken, _failed(taken), ())
            return
        with self.database.write() as records:
            known = records.batch_grade(taken.submission, taken.question)
            if known is not None and known.state is GradingState.RUNNING and known.ticket == taken.ticket:
                records.save_batch_grade(replace(known, state=GradingState.QUEUED, attempts=known.attempts + 1))

    def _ended(self, batch: Batch) -> None:
        with self.database.write() as records:
            counts = records.counts([batch.id])[batch.id]
            if counts.total and not counts.left:
                details = {"batch": batch.id, "graded": counts.done, "failed": counts.failed, "review": counts.review}
                records.log(Entry(self.clock.now(), SERVICE, Deed.BATCH_GRADED, "", details))


def _failed(taken: BatchGrade) -> BatchGrade:
    return replace(taken, state=GradingState.FAILED, outcome="failed", message=_FAILED, reviewed=False)


def _result(taken: BatchGrade, found: Grade, files: Mapping[str, bytes], notebook: str) -> BatchGrade:
    outcome = found.outcome if notebook in files else MISSING
    message = found.message if notebook in files else "No notebook was handed in for this question."
    return replace(
        taken,
        state=GradingState.DONE,
        outcome=outcome,
        isolated=found.isolated,
        message=message,
        reviewed=False,
        attempts=0,
    )


def _cells(results: Sequence[CellResult], marks: Mapping[str, Mark]) -> list[MarkedCell]:
    """Return the cells with what people gave before, which holds as far as it still fits."""
    return [
        MarkedCell(
            cell.grade_id,
            place,
            cell.title,
            cell.points,
            cell.max_points,
            cell.verdict,
            cell.message,
            _fitting(marks.get(cell.grade_id, Mark()), cell.max_points),
        )
        for place, cell in enumerate(results)
    ]


def _fitting(mark: Mark, max_points: float) -> Mark:
    return mark if mark.manual is None else replace(mark, manual=min(mark.manual, max_points))
