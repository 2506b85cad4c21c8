"""Grade work of a batch again, note requests for that and answer them, and lift or restore a batch's anonymity."""

from dataclasses import dataclass, replace

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, RegradeRequest, RequestState
from assay_hub.domain.errors import BadInputError, NotFoundError, WrongStateError
from assay_hub.domain.marking import REASON_CHARACTERS
from assay_hub.domain.plan import is_broken
from assay_hub.ports import Clock, Database, Records
from assay_hub.services.ids import new_id


@dataclass(frozen=True)
class RegradeBatches:
    """Has the tests run again, and keeps what people asked for."""

    database: Database
    clock: Clock

    def again(
        self, by: Person, batch_id: str, submission_id: str = "", question: str = "", *, failed: bool = False
    ) -> int:
        """Queue work again: one piece, all of a question, or all that could not be graded; return how much.

        What people gave stays; what tests gave is replaced when they have run.

        Raises:
            NotFoundError: this person may not, or there is no such work.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            batch = _open(records, batch_id)
            if question and batch.question(question) is None:
                raise NotFoundError
            if submission_id and records.batch_submission(batch.id, submission_id) is None:
                raise NotFoundError
            queued = records.queue_again(batch.id, submission_id, question, failed=failed)
            details = {"batch": batch.id, "submission": submission_id, "question": question, "again": queued}
            self._log(records, by, {name: value for name, value in details.items() if value != ""})
        return queued

    def ask(self, by: Person, batch_id: str, submission_id: str, question: str, reason: str) -> RegradeRequest:
        """Note that somebody asked for another look at their grade.

        Raises:
            NotFoundError: this person may not, or there is no such work.
            BadInputError: the reason is empty or too long.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        said = _said(reason, "reason")
        with self.database.write() as records:
            batch = _open(records, batch_id)
            submission = records.batch_submission(batch.id, submission_id)
            if submission is None or batch.question(question) is None:
                raise NotFoundError
            now = self.clock.now()
            request = RegradeRequest(new_id(), batch.id, submission.id, question, said, by.account, now)
            records.save_request(request)
            self._log(records, by, {"batch": batch.id, "submission": submission.id, "request": request.id})
        return request

    def answer(self, by: Person, batch_id: str, request_id: str, answer: str) -> RegradeRequest:
        """Resolve a request with an answer.

        Raises:
            NotFoundError: this person may not, or there is no such request.
            WrongStateError: it has been resolved.
            BadInputError: the answer is empty or too long.
        """
        require_team(by, TeamAction.GRADE_BATCHES)
        said = _said(answer, "answer")
        with self.database.write() as records:
            batch = _open(records, batch_id)
            known = records.request(batch.id, request_id)
            if known is None:
                raise NotFoundError
            if known.state is RequestState.RESOLVED:
                raise WrongStateError("This request has been answered already.")
            now = self.clock.now()
            resolved = replace(known, state=RequestState.RESOLVED, answer=said, resolved_by=by.account, resolved_at=now)
            records.save_request(resolved)
            self._log(records, by, {"batch": batch.id, "submission": known.submission, "answered": known.id})
        return resolved

    def show_names(self, by: Person, batch_id: str, *, anonymous: bool) -> Batch:
        """Lift a batch's anonymity, or restore it.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
        """
        require_team(by, TeamAction.MANAGE_BATCHES)
        with self.database.write() as records:
            changed = replace(_open(records, batch_id), anonymous=anonymous)
            records.save_batch(changed)
            self._log(records, by, {"batch": changed.id, "anonymous": anonymous})
        return changed

    def _log(self, records: Records, by: Person, details: dict[str, object]) -> None:
        records.log(Entry(self.clock.now(), by.account, Deed.BATCH_CHANGED, "", details))


def _open(records: Records, batch_id: str) -> Batch:
    batch = records.batch(batch_id)
    if batch is None or not batch.kept:
        raise NotFoundError
    return batch


def _said(text: str, field: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not 0 < len(said) <= REASON_CHARACTERS or is_broken(said):
        reason = f"Write 1 to {REASON_CHARACTERS} characters."
        raise BadInputError(f"The {field} cannot be used.", reason, fields={field: reason})
    return said
