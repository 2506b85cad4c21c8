"""What interviewers read and write around an interview: lists, details, private notes and results."""

from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.errors import TooLargeError
from assay_hub.domain.interview import Interview
from assay_hub.domain.link import Link
from assay_hub.domain.recording import Gap, Head
from assay_hub.domain.result import Grade, Submission
from assay_hub.ports import Clock, Database


@dataclass(frozen=True)
class Details:
    """Everything that an interviewer sees of an interview, with their own private note."""

    interview: Interview
    links: tuple[Link, ...]
    submission: Submission | None
    grades: tuple[Grade, ...]
    head: Head
    gaps: tuple[Gap, ...]
    note: str


@dataclass(frozen=True)
class ReviewInterviews:
    """Reads interviews, and keeps the private notes of interviewers."""

    database: Database
    clock: Clock
    note_characters: int

    def list(self, person: Person) -> list[Interview]:
        """Return the interviews that the person may see, newest first."""
        if not person.staff:
            return []
        with self.database.read() as records:
            return records.interviews(None if person.admin else person.account)

    def find(self, person: Person, action: Action, interview_id: str) -> Interview:
        """Return an interview if the person may do this with it."""
        with self.database.read() as records:
            return require(person, action, records.interview(interview_id))

    def details(self, person: Person, interview_id: str, action: Action = Action.SEE_DETAILS) -> Details:
        """Return an interview with its links, submission and grades if the person may do this with it."""
        with self.database.read() as records:
            interview = require(person, action, records.interview(interview_id))
            return Details(
                interview=interview,
                links=tuple(records.links(interview_id, interview.candidate)),
                submission=records.submission(interview_id),
                grades=tuple(records.grades(interview_id)),
                head=records.head(interview_id),
                gaps=tuple(records.gaps(interview_id)),
                note=records.note(interview_id, person.account),
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
