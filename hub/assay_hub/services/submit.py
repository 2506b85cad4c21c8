"""Submit: flush the shared documents, keep a snapshot, give a receipt, queue the grading; and end without one."""

import hashlib
import time
from dataclasses import dataclass, replace

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import WrongStateError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Head
from assay_hub.domain.result import Grade, GradingState, Submission
from assay_hub.ports import Artefacts, Clock, Database, Signer, Snapshot, Workspaces

RECORDING_SECONDS = 5.0


@dataclass(frozen=True)
class SubmitInterview:
    """Takes what is in the workspace as the submission."""

    database: Database
    workspaces: Workspaces
    artefacts: Artefacts
    signer: Signer
    clock: Clock
    max_bytes: int

    def by_candidate(self, person: Person, interview_id: str) -> Receipt:
        """Submit, and return the receipt; submitting again returns the first receipt.

        Raises:
            NotFoundError: no such interview for this person.
            WrongStateError: the interview has not started, or was ended without a submission.
            TooLargeError: the files are over the bound; nothing has changed.
            WorkspaceUnreachableError: no snapshot could be taken; nothing has changed.
        """
        with self.database.read() as records:
            interview = require(person, Action.SUBMIT, records.interview(interview_id))
            earlier = records.submission(interview_id)
        return earlier.receipt if earlier and not interview.is_open else self._submit(interview, person)

    def end(self, person: Person, interview_id: str) -> Interview:
        """Close the interview for an interviewer; what the candidate has done so far is submitted first."""
        with self.database.read() as records:
            interview = require(person, Action.END, records.interview(interview_id))
        if interview.state is State.LIVE:
            self._submit(interview, person)
        with self.database.write() as records:
            interview = require(person, Action.END, records.interview(interview_id))
            closed = interview.close(self.clock.now())
            if closed != interview:
                records.save_interview(closed)
                records.log(Entry(self.clock.now(), person.account, Deed.CLOSED, interview_id))
        return closed

    def _submit(self, interview: Interview, by: Person) -> Receipt:
        interview.submit(self.clock.now())  # refuses before anything is fetched
        snapshot = self.workspaces.snapshot(interview.workspace, self.max_bytes)
        artefact = self.artefacts.put(snapshot.archive)
        self._await_recording(interview.id, snapshot.seq)
        now = self.clock.now()
        with self.database.write() as records:
            fresh = records.interview(interview.id)
            earlier = records.submission(interview.id)
            if fresh is None:
                raise WrongStateError("This interview is gone.")
            if earlier and not fresh.is_open:
                return earlier.receipt
            receipt = self._receipt(interview, snapshot, now.isoformat(), records.head(interview.id))
            number = earlier.number + 1 if earlier else 1
            records.add_submission(Submission(interview.id, now, artefact, receipt, number))
            records.save_interview(fresh.submit(now))
            details = {"sha256": receipt.sha256, "number": number}
            records.log(Entry(now, by.account, Deed.SUBMITTED, interview.id, details))
            for ref in interview.questions:
                records.save_grade(Grade(interview.id, ref.id, GradingState.QUEUED))
        return receipt

    def _await_recording(self, interview_id: str, seq: int) -> None:
        """Give the recording a moment to arrive up to the snapshot; a receipt names what had arrived."""
        deadline = time.monotonic() + RECORDING_SECONDS
        while time.monotonic() < deadline:
            with self.database.read() as records:
                if records.head(interview_id).seq >= seq:
                    return
            time.sleep(0.05)

    def _receipt(self, interview: Interview, snapshot: Snapshot, at: str, head: Head) -> Receipt:
        unsigned = Receipt(
            interview=interview.id,
            sha256=hashlib.sha256(snapshot.archive).hexdigest(),
            size=len(snapshot.archive),
            at=at,
            recording_seq=head.seq,
            recording_head=head.digest.hex(),
            public_key=self.signer.public_key,
        )
        return replace(unsigned, signature=self.signer.sign(unsigned.signed_text()))
