"""Who may do what with an interview, as one table."""

from dataclasses import dataclass
from enum import StrEnum

from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import Interview


class Role(StrEnum):
    """What a person is in one interview."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"


class Action(StrEnum):
    """What can be done with an interview."""

    ENTER_ROOM = "enter the room"
    SUBMIT = "submit"
    SEE_RECEIPT = "see the receipt"
    SEE_DETAILS = "see the details"
    WRITE_NOTES = "read and write their own private notes"
    MAKE_LINKS = "make and revoke the candidate's link"
    END = "end the interview"
    RESTART_WORKSPACE = "start the workspace again"
    SEE_RESULT = "see points and outputs"


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ENTER_ROOM: frozenset({Role.CANDIDATE, Role.INTERVIEWER}),
    Action.SUBMIT: frozenset({Role.CANDIDATE}),
    Action.SEE_RECEIPT: frozenset({Role.CANDIDATE, Role.INTERVIEWER}),
    Action.SEE_DETAILS: frozenset({Role.INTERVIEWER}),
    Action.WRITE_NOTES: frozenset({Role.INTERVIEWER}),
    Action.MAKE_LINKS: frozenset({Role.INTERVIEWER}),
    Action.END: frozenset({Role.INTERVIEWER}),
    Action.RESTART_WORKSPACE: frozenset({Role.INTERVIEWER}),
    Action.SEE_RESULT: frozenset({Role.INTERVIEWER}),
}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        account: hub account.
        name: as others read it.
        admin: administers the hub, and so sees every interview.
        staff: works here; a candidate does not.
    """

    account: str
    name: str
    admin: bool
    staff: bool


def role_of(person: Person, interview: Interview) -> Role | None:
    """Return what the person is in the interview; ``None`` for a stranger."""
    if person.account == interview.candidate:
        return Role.CANDIDATE
    if person.staff and (person.admin or person.account in interview.interviewers):
        return Role.INTERVIEWER
    return None


def require(person: Person, action: Action, interview: Interview | None) -> Interview:
    """Return the interview if the person may do this with it.

    Raises:
        NotFoundError: no such interview, or not for this person: one answer for both.
    """
    if interview is None or role_of(person, interview) not in ALLOWED[action]:
        raise NotFoundError
    return interview
