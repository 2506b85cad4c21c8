"""Who may do what, as two tables: with one interview, and in the team as a whole."""

from dataclasses import dataclass
from enum import StrEnum

from assay_hub.domain.blind import hidden
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import Interview
from assay_protocol.names import CANDIDATE_PREFIX


class TeamRole(StrEnum):
    """What a member is in the team. A stored name is never renamed."""

    ADMIN = "admin"
    INTERVIEWER = "interviewer"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


class Role(StrEnum):
    """What a person is in one interview."""

    CANDIDATE = "candidate"
    ADMIN = "admin"
    INTERVIEWER = "interviewer"
    OBSERVER = "observer"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


class Action(StrEnum):
    """What can be done with an interview."""

    ENTER_ROOM = "enter the room"
    TYPE = "type and run in the notebook"
    SUBMIT = "submit"
    SEE_RECEIPT = "see the receipt"
    SEE_DETAILS = "see the details, the internal notes and the history"
    SEE_RESULT = "see points, outputs and the analysis of the code"
    SEE_RECORDING = "replay the recording, and export it"
    SEE_REPORT = "see the report, and export it"
    DECIDE = "decide what becomes of the candidate"
    SHARE_REPORT = "choose what the candidate gets of the report"
    SEE_FEEDBACK = "see what was shared of the report"
    ANSWER_SURVEY = "answer the questionnaire about fairness, or withdraw the answers"
    SEE_SIGNALS = "see what was observed around the work"
    JUDGE_SIGNALS = "give verdicts on signals, with a reason, and read those of others"
    ACCOMMODATE = "see and change accommodations"
    WRITE_NOTES = "read and write their own private notes"
    SCORE = "fill in a score card of their own, alone, and lock it; an admin, where they hold the interview"
    SEE_SCORES = "see the locked score cards; whoever may fill one in, once theirs is locked"
    EDIT = "edit, reschedule and share it, add questions, hand it over"
    CANCEL = "cancel and reopen it"
    MAKE_LINKS = "make, send and revoke the candidate's link"
    END = "end the interview"
    RESTART_WORKSPACE = "start the workspace again"


class TeamAction(StrEnum):
    """What can be done in the team as a whole."""

    LIST = "list and find the interviews they may see, and export them"
    SEE_PEOPLE = "see who is in the team"
    SEE_LIBRARY = "search and preview questions"
    WRITE_QUESTIONS = "write, import and export the team's questions, with solutions and what checks found"
    CREATE = "create and duplicate interviews"
    MANAGE_ROLES = "keep roles and templates"
    SEE_SUMMARIES = "see the summary of a role, over the interviews that they may see"
    SEE_IMPACT = "see the adverse-impact table of a role, never anybody's answers"
    SEE_AGREEMENT = "see how far reviewers agree, over interviews whose score cards they may see"
    SEE_SEVERITY = "see how severe each reviewer is"
    MANAGE_PEOPLE = "change who is in the team and as what"
    MANAGE_WEBHOOKS = "keep webhooks and connected systems"
    SEE_AUDIT = "read the audit log"
    SEE_SIGNAL_RATES = "see how often signals fell on candidates with and without accommodations"
    GRADE_BATCHES = "see batches, grade them by hand and grade them again"
    MANAGE_BATCHES = (
        "upload, pause, export and delete batches, change their questions' versions, lift or restore their anonymity"
    )


_RUNS_IT = frozenset({Role.ADMIN, Role.INTERVIEWER})
_STAFF = frozenset(Role) - {Role.CANDIDATE}

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ENTER_ROOM: _RUNS_IT | {Role.CANDIDATE, Role.OBSERVER},
    Action.TYPE: _RUNS_IT | {Role.CANDIDATE},
    Action.SUBMIT: frozenset({Role.CANDIDATE}),
    Action.SEE_RECEIPT: _RUNS_IT | {Role.CANDIDATE, Role.REVIEWER},
    Action.SEE_DETAILS: _STAFF,
    Action.SEE_RESULT: _RUNS_IT | {Role.REVIEWER},
    Action.SEE_RECORDING: _RUNS_IT | {Role.REVIEWER},
    Action.SEE_REPORT: _RUNS_IT | {Role.REVIEWER},
    Action.DECIDE: _RUNS_IT,
    Action.SHARE_REPORT: _RUNS_IT,
    Action.SEE_FEEDBACK: frozenset({Role.CANDIDATE}),
    Action.ANSWER_SURVEY: frozenset({Role.CANDIDATE}),
    Action.SEE_SIGNALS: _RUNS_IT | {Role.CANDIDATE, Role.REVIEWER},
    Action.JUDGE_SIGNALS: _RUNS_IT | {Role.REVIEWER},
    Action.ACCOMMODATE: _RUNS_IT,
    Action.WRITE_NOTES: _RUNS_IT | {Role.OBSERVER},
    Action.SCORE: _RUNS_IT | {Role.REVIEWER},
    Action.SEE_SCORES: _RUNS_IT | {Role.REVIEWER, Role.VIEWER},
    Action.EDIT: _RUNS_IT,
    Action.CANCEL: _RUNS_IT,
    Action.MAKE_LINKS: _RUNS_IT,
    Action.END: _RUNS_IT,
    Action.RESTART_WORKSPACE: _RUNS_IT,
}

TEAM_ALLOWED: dict[TeamAction, frozenset[TeamRole]] = {
    TeamAction.LIST: frozenset(TeamRole),
    TeamAction.SEE_PEOPLE: frozenset(TeamRole),
    TeamAction.SEE_LIBRARY: frozenset(TeamRole) - {TeamRole.VIEWER},
    TeamAction.WRITE_QUESTIONS: frozenset({TeamRole.ADMIN, TeamRole.INTERVIEWER}),
    TeamAction.CREATE: frozenset({TeamRole.ADMIN, TeamRole.INTERVIEWER}),
    TeamAction.MANAGE_ROLES: frozenset({TeamRole.ADMIN, TeamRole.INTERVIEWER}),
    TeamAction.SEE_SUMMARIES: frozenset(TeamRole) - {TeamRole.VIEWER},
    TeamAction.SEE_IMPACT: frozenset({TeamRole.ADMIN}),
    TeamAction.SEE_AGREEMENT: frozenset(TeamRole) - {TeamRole.VIEWER},
    TeamAction.SEE_SEVERITY: frozenset({TeamRole.ADMIN}),
    TeamAction.MANAGE_PEOPLE: frozenset({TeamRole.ADMIN}),
    TeamAction.MANAGE_WEBHOOKS: frozenset({TeamRole.ADMIN}),
    TeamAction.SEE_AUDIT: frozenset({TeamRole.ADMIN}),
    TeamAction.SEE_SIGNAL_RATES: frozenset({TeamRole.ADMIN}),
    TeamAction.GRADE_BATCHES: frozenset(TeamRole) - {TeamRole.VIEWER},
    TeamAction.MANAGE_BATCHES: frozenset({TeamRole.ADMIN, TeamRole.INTERVIEWER}),
}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        account: hub account.
        name: as others read it.
        team: what they are in the team; ``None`` for a candidate and for an account that is not in the team.
    """

    account: str
    name: str
    team: TeamRole | None = None

    @property
    def staff(self) -> bool:
        """Whether the person is in the team."""
        return self.team is not None

    @property
    def candidate(self) -> bool:
        """Whether the account is that of an interview's candidate."""
        return self.account.startswith(CANDIDATE_PREFIX)

    @property
    def admin(self) -> bool:
        """Whether the person runs the team, and so sees every interview."""
        return self.team is TeamRole.ADMIN

    def may(self, action: TeamAction) -> bool:
        """Whether the person may do this in the team."""
        return self.team is not None and self.team in TEAM_ALLOWED[action]


_AS_SPECTATOR = {TeamRole.INTERVIEWER: Role.REVIEWER, TeamRole.REVIEWER: Role.REVIEWER, TeamRole.VIEWER: Role.VIEWER}


def role_of(person: Person, interview: Interview) -> Role | None:
    """Return what the person is in the interview; ``None`` for somebody who may not know that it exists.

    Who is named in the interview is what they are named as. An interview that names no viewers can be seen by the whole
    team, otherwise by those viewers only; what they see of it depends on what they are in the team.
    """
    if person.account == interview.candidate:
        return Role.CANDIDATE
    if person.team is None or person.admin:
        return Role.ADMIN if person.admin else None
    if person.account in interview.interviewers:
        return Role.INTERVIEWER
    if person.account in interview.observers:
        return Role.OBSERVER
    seen = not interview.viewers or person.account in interview.viewers
    return _AS_SPECTATOR[person.team] if seen else None


def may(person: Person, action: Action, interview: Interview) -> bool:
    """Whether the person may do this with the interview."""
    return role_of(person, interview) in ALLOWED[action]


def require(person: Person, action: Action, interview: Interview | None) -> Interview:
    """Return the interview, as the person may know it, if they may do this with it.

    Raises:
        NotFoundError: no such interview, or not for this person: one answer for both.
    """
    if interview is None or not may(person, action, interview):
        raise NotFoundError
    return seen_by(person, interview)


def gives_card(person: Person, interview: Interview) -> bool:
    """Whether the person is among those who score the interview: an admin is only where they hold it."""
    return may(person, Action.SCORE, interview) and (not person.admin or person.account in interview.interviewers)


_KNOW_THE_CANDIDATE = frozenset({Role.CANDIDATE, Role.ADMIN, Role.INTERVIEWER, Role.OBSERVER})
"""They met the candidate, or wrote to them; everybody else reads a blind interview without who it was."""


def is_blind_to(person: Person, interview: Interview) -> bool:
    """Whether the person is not told who the candidate is."""
    return interview.blind and role_of(person, interview) not in _KNOW_THE_CANDIDATE


def seen_by(person: Person, interview: Interview) -> Interview:
    """Return the interview as the person may know it.

    Whatever reads an interview for somebody goes through here: ``require``, and the lists of the store. Nobody who sees
    a blind interview may change it, so what is hidden is never written back.
    """
    return hidden(interview) if is_blind_to(person, interview) else interview


def require_team(person: Person, action: TeamAction) -> None:
    """Refuse what the person may not do in the team.

    Raises:
        NotFoundError: the same answer as for a page that does not exist.
    """
    if not person.may(action):
        raise NotFoundError
