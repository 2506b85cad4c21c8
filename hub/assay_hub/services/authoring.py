"""Edit a question in a workspace of its own: start it, let those in who may write questions, place the files."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.colours import colour_of
from assay_hub.domain.errors import HubRefusedError, NotFoundError, WrongStateError
from assay_hub.domain.question import Editing, is_question_id
from assay_hub.ports import Clock, Database, Hub, Workspaces
from assay_hub.ports.questions import OwnLibrary
from assay_hub.services.ids import new_id
from assay_protocol.manifest import Manifest, Participant, ReleasedFile
from assay_protocol.names import question_account

START_SECONDS = 120.0
_MANIFEST = "question.toml"


@dataclass(frozen=True)
class Admitted:
    """What a question's workspace is told.

    Attributes:
        participants: everybody who is let in; all of them may write questions.
        artefact: artefact key of the files that it starts with.
    """

    editing: str
    participants: tuple[Participant, ...]
    artefact: str


@dataclass(frozen=True)
class AuthorQuestions:
    """Opens, starts and stops the workspaces in which questions are edited; solutions lie in them.

    Attributes:
        person_of: returns who an account is.
    """

    database: Database
    hub: Hub
    workspaces: Workspaces
    library: OwnLibrary
    clock: Clock
    person_of: Callable[[str], Person]

    def open(self, by: Person, own_id: str) -> Editing:
        """Return the workspace of a question, a new one if there is none.

        Raises:
            NotFoundError: this person may not write questions, or the team has no such question.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.write() as records:
            versions = records.versions(own_id) if is_question_id(own_id) else []
            if not versions:
                raise NotFoundError
            editing = records.editing(own_id)
            if editing is None:
                editing = Editing(new_id(), own_id, by.account, self.clock.now())
                records.add_editing(editing)
            details = {"question": own_id, "version": versions[0].version, "what": "opened its workspace"}
            records.log(Entry(self.clock.now(), by.account, Deed.READ_SOLUTION, "", details))
        return editing

    def find(self, by: Person, own_id: str) -> Editing:
        """Return the workspace of a question.

        Raises:
            NotFoundError: this person may not write questions, or there is no such workspace.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.read() as records:
            editing = records.editing(own_id) if is_question_id(own_id) else None
        if editing is None:
            raise NotFoundError
        return editing

    def open_ones(self) -> set[str]:
        """Return the ids of all workspaces that are not closed."""
        with self.database.read() as records:
            return {editing.id for editing in records.editings()}

    def __call__(self, editing_id: str, visitors: Iterable[str]) -> Admitted:
        """Start a workspace and let its visitors in; return when it can be entered.

        Raises:
            WrongStateError: it was closed.
            HubRefusedError: the hub could not start it within two minutes.
        """
        admitted = self.due(editing_id, visitors)
        account = question_account(editing_id)
        self.hub.ensure_account(account)
        self.hub.start_workspace(account)
        deadline = time.monotonic() + START_SECONDS
        while not self.hub.is_ready(account):
            if time.monotonic() > deadline:
                raise HubRefusedError("The workspace does not come up.", "Look at the hub's log.")
            time.sleep(0.05)
            self.hub.start_workspace(account)  # the one that was there may have been on its way out
        self.tell(admitted)
        return admitted

    def due(self, editing_id: str, visitors: Iterable[str]) -> Admitted:
        """Return what the workspace should know now: whoever visits it and may write questions is let in, nobody else.

        Raises:
            WrongStateError: it was closed.
        """
        with self.database.read() as records:
            editing = next((one for one in records.editings() if one.id == editing_id), None)
            versions = records.versions(editing.question) if editing else []
        if not versions:
            raise WrongStateError("This question is not edited any more.")
        people = [self.person_of(account) for account in sorted(set(visitors))]
        writers = [person for person in people if person.may(TeamAction.WRITE_QUESTIONS)]
        participants = tuple(Participant(one.account, one.name, colour_of(one.account)) for one in writers)
        return Admitted(editing_id, participants, versions[0].artefact)

    def tell(self, admitted: Admitted) -> None:
        """Tell a running workspace its people and files; a file that was placed before stays as it was edited."""
        account = question_account(admitted.editing)
        for person in admitted.participants:
            self.hub.ensure_account(person.account)
        kept = self.library.kept(admitted.artefact)
        files = tuple(ReleasedFile(name, content) for name, content in sorted(kept.items()) if name != _MANIFEST)
        self.workspaces.put_manifest(account, Manifest(admitted.editing, admitted.participants, files))
        self.hub.share(account, [person.account for person in admitted.participants])

    def pause(self, editing_id: str) -> None:
        """Stop a workspace that nobody looks at; what was edited stays in it."""
        self.hub.stop_workspace(question_account(editing_id))

    def end(self, editing_id: str) -> None:
        """Stop a workspace that was closed, and throw away what is in it."""
        account = question_account(editing_id)
        self.hub.stop_workspace(account)
        self.hub.delete_account(account)
