"""Change batches as a whole: pause one, let it go on, grade it with newer versions of its questions, and delete it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchState
from assay_hub.domain.errors import BadInputError, NotFoundError, WrongStateError
from assay_hub.domain.interview import QuestionRef
from assay_hub.ports import Artefacts, Clock, Database, Library, Records


@dataclass(frozen=True)
class ChangeBatches:
    """Changes batches for those who manage them."""

    database: Database
    library: Library
    artefacts: Artefacts
    clock: Clock

    def pause(self, by: Person, batch_id: str, *, paused: bool) -> Batch:
        """Have nothing more of a batch graded, or let it go on; what runs at the moment is ended.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
        """
        with self.database.write() as records:
            batch = _managed(records, by, batch_id)
            if batch.paused == paused:
                return batch
            changed = replace(batch, state=BatchState.PAUSED if paused else BatchState.OPEN)
            records.save_batch(changed)
            self._log(records, by, {"batch": batch.id, "paused": paused})
        return changed

    def versions(self, by: Person, batch_id: str, question: str) -> tuple[Batch, QuestionRef, str]:
        """Return a batch, a question as it was pinned, and which version the library has; empty for none.

        Raises:
            NotFoundError: this person may not, or there is no such batch or question.
        """
        with self.database.read() as records:
            batch = _managed(records, by, batch_id)
        ref = batch.question(question)
        if ref is None:
            raise NotFoundError
        found = self.library.preview(question)
        return batch, ref, found.card.version if found else ""

    def newer(self, by: Person, batch_id: str, question: str) -> QuestionRef:
        """Have a question graded again with the version that the library has now.

        What people gave stays as far as it fits. The version before stays kept, and the audit log names both.

        Raises:
            NotFoundError: this person may not, or there is no such batch or question.
            BadInputError: the library has no such question that can be used.
            WrongStateError: it is graded with this version already.
        """
        _, before, _ = self.versions(by, batch_id, question)
        after = self.library.pin(question)
        with self.database.write() as records:
            batch = _managed(records, by, batch_id)
            before = next(ref for ref in batch.questions if ref.id == question)
            if before.pinned == after.pinned:
                raise WrongStateError("The library has no other version of this question.")
            refs = tuple(after if ref.id == question else ref for ref in batch.questions)
            records.save_batch(replace(batch, questions=refs))
            again = records.queue_again(batch.id, question=question, running=True)
            details = {"batch": batch.id, "question": question, "again": again}
            versions = {"version": [before.version, after.version], "pinned": [before.pinned, after.pinned]}
            self._log(records, by, {**details, **versions})
        return after

    def delete(self, by: Person, batch_id: str, *, sure: bool) -> None:
        """Delete a batch with everything that people handed in, and that was given; it cannot be taken back.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            BadInputError: they did not say that they are sure.
        """
        with self.database.write() as records:
            batch = _managed(records, by, batch_id)
            if not sure:
                reason = "Say that you want to delete it."
                raise BadInputError("The batch was not deleted.", reason, fields={"sure": reason})
            people = records.counts([batch.id])[batch.id].people
            artefacts = records.artefacts_of(batch.id)
            records.delete_batch(batch.id)
            self._log(records, by, {"batch": batch.id, "deleted": batch.title, "people": people})
        self._let_go(artefacts)

    def _let_go(self, artefacts: Iterable[str]) -> None:
        """Delete artefacts that nothing refers to, while nothing can begin to."""
        with self.database.write() as records:
            for key in set(artefacts) - records.still_kept(artefacts):
                self.artefacts.delete(key)

    def _log(self, records: Records, by: Person, details: dict[str, object]) -> None:
        records.log(Entry(self.clock.now(), by.account, Deed.BATCH_CHANGED, "", details))


def _managed(records: Records, by: Person, batch_id: str) -> Batch:
    require_team(by, TeamAction.MANAGE_BATCHES)
    batch = records.batch(batch_id)
    if batch is None or not batch.kept:
        raise NotFoundError
    return batch
