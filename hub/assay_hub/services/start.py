"""Start an interview's workspace, let its people in, and place its files; and note the candidate's entry."""

import time
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import HubRefusedError, WrongStateError
from assay_hub.domain.interview import Interview
from assay_hub.ports import Clock, Database, Hub, Library, Workspaces
from assay_protocol.manifest import Manifest, Participant

START_SECONDS = 120.0


@dataclass(frozen=True)
class StartWorkspace:
    """Brings a workspace up; calling it again is harmless and mends what is missing."""

    database: Database
    hub: Hub
    workspaces: Workspaces
    library: Library

    def __call__(self, interview_id: str) -> None:
        """Start the workspace, share it and place the released files; return when it can be entered.

        Raises:
            WrongStateError: the interview is over.
            HubRefusedError: the hub could not start it within two minutes.
        """
        with self.database.read() as records:
            interview = records.interview(interview_id)
        if interview is None or not interview.is_open:
            raise WrongStateError("The interview is over, so its workspace stays closed.")
        self.hub.ensure_account(interview.workspace)
        self.hub.start_workspace(interview.workspace)
        deadline = time.monotonic() + START_SECONDS
        while not self.hub.is_ready(interview.workspace):
            if time.monotonic() > deadline:
                raise HubRefusedError("The workspace does not come up.", "Look at the hub's log.")
            time.sleep(0.05)
            self.hub.start_workspace(interview.workspace)  # the one that was there may have been on its way out
        people = [interview.candidate, *interview.interviewers]
        for person in people:
            self.hub.ensure_account(person)
        self.hub.share(interview.workspace, people)
        self.workspaces.put_manifest(interview.workspace, self.manifest(interview))

    def manifest(self, interview: Interview) -> Manifest:
        """Return what the workspace is told."""
        people = [(interview.candidate, interview.candidate_name)]
        people += [(account, account.capitalize()) for account in interview.interviewers]
        return Manifest(
            interview=interview.id,
            participants=tuple(Participant(account, name, colour_of(account)) for account, name in people),
            files=tuple(file for ref in interview.questions for file in self.library.release(ref)),
        )


@dataclass(frozen=True)
class EnterRoom:
    """Notes that the candidate has read what is recorded and goes in: the clock starts."""

    database: Database
    clock: Clock

    def __call__(self, person: Person, interview_id: str) -> Interview:
        """Return the interview after the candidate's entry; a second entry changes nothing."""
        with self.database.write() as records:
            interview = require(person, Action.ENTER_ROOM, records.interview(interview_id))
            entered = interview.enter(self.clock.now())
            if entered != interview:
                records.save_interview(entered)
        return entered
