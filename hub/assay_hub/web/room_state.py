"""What the people in a room are told of it, again and again."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from assay_hub.bootstrap import Application
from assay_hub.domain.access import Action, Role, may, role_of
from assay_hub.domain.colours import colour_of
from assay_hub.domain.interview import Interview
from assay_hub.web.background.workspaces import WorkspaceKeeper
from assay_hub.web.live import Rooms
from assay_hub.web.tasks import Tasks


@dataclass(frozen=True)
class RoomStates:
    """Puts the state of rooms together; nothing in it is for interviewers only."""

    application: Application
    tasks: Tasks
    keeper: WorkspaceKeeper
    rooms: Rooms

    def __call__(self, interview_id: str) -> dict[str, Any]:
        """Return the state of a room as JSON has it; ``let_in`` and ``planned_seconds`` are for ``Rooms``."""
        with self.application.database.read() as records:
            interview = records.interview(interview_id)
            head = records.head(interview_id)
            gaps = len(records.gaps(interview_id))
            accommodation = records.accommodation(interview_id)
        if interview is None:
            return {"type": "gone"}
        workspace = self.keeper.state(interview_id)
        told = self.keeper.told(interview_id)
        now = self.application.clock.now()
        return {
            "type": "state",
            "state": interview.state,
            "now": now.isoformat(),
            "elapsed_seconds": interview.elapsed(now).total_seconds(),
            "duration_seconds": accommodation.time(interview.duration).total_seconds(),
            "planned_seconds": interview.duration.total_seconds(),
            "running": interview.started_at is not None and interview.ended_at is None,
            "people": list(self._people(interview)),
            "workspace": {"status": workspace.status, "message": workspace.message},
            # A question is shown when its notebook lies in the workspace, and not before.
            "questions": [asdict(task) for task in self.tasks.of(interview, told.questions if told else None)],
            "recording": {"events": head.seq, "gaps": gaps},
            "let_in": told.accounts if told else frozenset(),
        }

    def _people(self, interview: Interview) -> Iterable[dict[str, Any]]:
        """Yield whoever takes part and whoever is there besides: the candidate sees everybody who watches."""
        here = self.rooms.people(interview.id)
        named = dict.fromkeys((*interview.interviewers, *interview.observers))
        yield _person(interview.candidate, interview.candidate_name, Role.CANDIDATE, here)
        for account in (*named, *sorted(here - {*named, interview.candidate})):
            person = self.application.team.person(account)
            role = role_of(person, interview)
            if role is Role.ADMIN and account in interview.interviewers:
                role = Role.INTERVIEWER
            if role is not None and may(person, Action.ENTER_ROOM, interview):
                yield _person(account, person.name, role, here)


def _person(account: str, name: str, role: Role, here: set[str]) -> dict[str, Any]:
    return {"account": account, "name": name, "role": role, "colour": colour_of(account), "here": account in here}
