"""What people read and write around an interview: details, private notes, results and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, Role, TeamAction, is_blind_to, may, require, require_team, role_of
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.blind import hidden_entry
from assay_hub.domain.errors import NotFoundError, TooLargeError
from assay_hub.domain.interview import Interview
from assay_hub.domain.link import Link
from assay_hub.domain.position import Position
from assay_hub.domain.recording import Gap, Head
from assay_hub.domain.result import Grade, Submission
from assay_hub.domain.search import AuditSearch
from assay_hub.ports import Clock, Database


@dataclass(frozen=True)
class Details:
    """Everything that somebody sees of an interview, with their own private note.

    Attributes:
        role: what the reader is in it.
        names: account to name, for everybody in it.
        grades: empty for somebody who may not see points.
        history: its changes, the latest first.
    """

    interview: Interview
    role: Role
    position: Position | None
    names: Mapping[str, str]
    links: tuple[Link, ...]
    submission: Submission | None
    grades: tuple[Grade, ...]
    head: Head
    gaps: tuple[Gap, ...]
    note: str
    history: tuple[Entry, ...]


@dataclass(frozen=True)
class ReviewInterviews:
    """Reads interviews, and keeps the private notes of interviewers."""

    database: Database
    clock: Clock
    note_characters: int

    def find(self, person: Person, action: Action, interview_id: str) -> Interview:
        """Return an interview if the person may do this with it."""
        with self.database.read() as records:
            return require(person, action, records.interview(interview_id))

    def details(self, person: Person, interview_id: str) -> Details:
        """Return an interview with everything around it; the audit log tells of the reading."""
        return self._read(person, Action.SEE_DETAILS, interview_id, Deed.READ_DETAILS)

    def result(self, person: Person, interview_id: str) -> Details:
        """Return an interview for somebody who looks at points; the audit log tells of the reading."""
        return self._read(person, Action.SEE_RESULT, interview_id, Deed.READ_RESULT)

    def outputs(self, person: Person, interview_id: str, question_id: str) -> tuple[Details, Grade]:
        """Return the grade of one question, for somebody who looks at its outputs.

        Raises:
            NotFoundError: no such interview for this person, or no outputs of such a question.
        """
        found = self._read(person, Action.SEE_RESULT, interview_id, Deed.READ_OUTPUTS, question=question_id)
        grade = next((grade for grade in found.grades if grade.question == question_id), None)
        if grade is None or not grade.autograded:
            raise NotFoundError
        return found, grade

    def audit(self, person: Person, search: AuditSearch) -> list[Entry]:
        """Return a page of the audit log; this too is a reading that it tells of."""
        require_team(person, TeamAction.SEE_AUDIT)
        with self.database.write() as records:
            found = records.audit(search)
            records.log(Entry(self.clock.now(), person.account, Deed.READ_AUDIT))
        return found

    def _read(self, person: Person, action: Action, interview_id: str, deed: Deed, **details: str) -> Details:
        with self.database.write() as records:
            interview = require(person, action, records.interview(interview_id))
            records.log(Entry(self.clock.now(), person.account, deed, interview_id, details))
            people = {*interview.interviewers, *interview.observers, *interview.viewers, interview.created_by}
            history, links = records.history(interview_id), records.links(interview_id, interview.candidate)
            if is_blind_to(person, interview):
                history, links = [hidden_entry(entry) for entry in history], []
            return Details(
                interview=interview,
                role=role_of(person, interview) or Role.VIEWER,
                position=records.position(interview.position) if interview.position else None,
                names=records.names(people | {entry.account for entry in history}),
                links=tuple(links),
                submission=records.submission(interview_id),
                grades=tuple(records.grades(interview_id)) if may(person, Action.SEE_RESULT, interview) else (),
                head=records.head(interview_id),
                gaps=tuple(records.gaps(interview_id)),
                note=records.note(interview_id, person.account),
                history=tuple(history),
            )

    def submission(self, person: Person, interview_id: str) -> Submission | None:
        """Return the submission to those who may see its receipt."""
        with self.database.read() as records:
            require(person, Action.SEE_RECEIPT, records.interview(interview_id))
            return records.submission(interview_id)

    def note(self, person: Person, interview_id: str) -> str:
        """Return the person's own private note."""
        with self.database.read() as records:
            require(person, Action.WRITE_NOTES, records.interview(interview_id))
            return records.note(interview_id, person.account)

    def save_note(self, person: Person, interview_id: str, text: str) -> None:
        """Keep the person's own private note.

        Raises:
            TooLargeError: it is longer than is kept; what was kept before stays.
        """
        if len(text) > self.note_characters:
            raise TooLargeError("This note is too long.", f"At most {self.note_characters} characters are kept.")
        with self.database.write() as records:
            require(person, Action.WRITE_NOTES, records.interview(interview_id))
            records.save_note(interview_id, person.account, text, self.clock.now())
