"""Start an interview's workspace, let its people in, and place its files; and note the candidate's entry."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, Role, may, require, role_of
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import HubRefusedError, WrongStateError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.signals import unreported
from assay_hub.ports import Clock, Database, Hub, Library, Workspaces
from assay_protocol.manifest import Manifest, Participant
from assay_protocol.names import workspace_account

START_SECONDS = 120.0


@dataclass(frozen=True)
class Told:
    """What a workspace is told of its interview.

    Attributes:
        participants: everybody who is let in, and whether they may type.
        questions: those whose notebooks lie there.
        unreported: names of what pages report that is not recorded.
    """

    interview: str
    participants: tuple[Participant, ...]
    questions: tuple[QuestionRef, ...]
    unreported: frozenset[str]

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts that are let in."""
        return frozenset(person.account for person in self.participants)


@dataclass(frozen=True)
class StartWorkspace:
    """Brings a workspace up; calling it again is harmless and mends what is missing.

    Args:
        person_of: returns who an account is.
    """

    database: Database
    hub: Hub
    workspaces: Workspaces
    library: Library
    person_of: Callable[[str], Person]

    def __call__(self, interview_id: str, visitors: Iterable[str] = ()) -> Told:
        """Start the workspace, share it and place the released files; return when it can be entered.

        Args:
            interview_id: the interview.
            visitors: accounts in the room; those that the interview does not name enter only if they may.

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
        told = self.due(interview_id, visitors)
        self.tell(told)
        return told

    def due(self, interview_id: str, visitors: Iterable[str] = ()) -> Told:
        """Return what the workspace should know now; after a submission it can be read and not changed.

        Raises:
            WrongStateError: the interview was ended or called off: nobody is let in.
        """
        with self.database.read() as records:
            interview = records.interview(interview_id)
            accommodation = records.accommodation(interview_id)
        if interview is None or interview.state in {State.CLOSED, State.CANCELLED}:
            raise WrongStateError("The interview is over, so its workspace stays closed.")
        silent = unreported(accommodation.observed(interview.signals))
        return Told(interview.id, tuple(self._participants(interview, visitors)), interview.questions, silent)

    def tell(self, told: Told) -> None:
        """Tell a running workspace its people and files.

        Whoever is not among the people any more loses every connection at once, and then their share.
        """
        account = workspace_account(told.interview)
        for person in told.participants:
            self.hub.ensure_account(person.account)
        files = tuple(file for ref in told.questions for file in self.library.release(ref))
        self.workspaces.put_manifest(account, Manifest(told.interview, told.participants, files, told.unreported))
        self.hub.share(account, [person.account for person in told.participants])

    def stop(self, interview_id: str) -> None:
        """Stop the workspace of an interview that was ended or called off."""
        self.hub.stop_workspace(workspace_account(interview_id))

    def _participants(self, interview: Interview, visitors: Iterable[str]) -> Iterable[Participant]:
        """Yield everybody who is let into the workspace: whoever may enter the room now."""
        named = (*interview.interviewers, *interview.observers)
        candidate = Person(interview.candidate, interview.candidate_name)
        others = sorted(set(visitors) - set(named) - {interview.candidate})
        for person in (candidate, *(self.person_of(account) for account in (*dict.fromkeys(named), *others))):
            if may(person, Action.ENTER_ROOM, interview):
                types = interview.is_open and may(person, Action.TYPE, interview)
                yield Participant(person.account, person.name, colour_of(person.account), may_edit=types)


@dataclass(frozen=True)
class EnterRoom:
    """Notes that the candidate has read what is recorded and goes in: the clock starts."""

    database: Database
    clock: Clock

    def __call__(self, person: Person, interview_id: str) -> Interview:
        """Return the interview after the candidate's entry; a second entry changes nothing."""
        with self.database.write() as records:
            interview = require(person, Action.ENTER_ROOM, records.interview(interview_id))
            candidate = role_of(person, interview) is Role.CANDIDATE
            entered = interview.enter(self.clock.now()) if candidate else interview
            if entered != interview:
                records.save_interview(entered)
                records.log(Entry(self.clock.now(), person.account, Deed.STARTED, interview_id))
        return entered
