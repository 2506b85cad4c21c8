"""Invite a candidate by e-mail; where none can be sent, give somebody the text to send."""

from collections.abc import Callable
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.calendar import Method, for_candidate, is_plain_address
from assay_hub.domain.errors import BadInputError, MailFailedError, WrongStateError
from assay_hub.domain.mail import Invitation, Letter, invitation_text, subject_of
from assay_hub.ports import CalendarWriter, Clock, Database, Mailer


@dataclass(frozen=True)
class InviteByMail:
    """Makes a candidate's link and sends it to them.

    Attributes:
        make_link: makes the candidate's link.
        mailer: sends letters; ``None`` where no mail server is set up.
        host: name of this installation, for the ids of events in calendars.
    """

    database: Database
    make_link: Callable[[Person, str], str]
    writer: CalendarWriter
    mailer: Mailer | None
    clock: Clock
    host: str

    def __call__(self, by: Person, interview_id: str) -> Invitation:
        """Invite the candidate; when the letter cannot be sent the invitation says why, and holds what to send by hand.

        Raises:
            NotFoundError: no such interview for this person, or they may not make links.
            BadInputError: a letter could be sent, but the candidate has no address.
            WrongStateError: the interview is over.
        """
        with self.database.read() as records:
            interview = require(by, Action.MAKE_LINKS, records.interview(interview_id))
            members = {member.account: member for member in records.members()}
        if not interview.is_open:
            raise WrongStateError(
                f"This interview is {interview.state}, so nobody is invited to it.", "Reopen it first."
            )
        if self.mailer and not is_plain_address(interview.candidate_email):
            reason = "The candidate has no e-mail address."
            raise BadInputError(reason, "Add it to the interview first, or make a link and send it yourself.")
        link = self.make_link(by, interview_id)
        subject, text = subject_of(interview), invitation_text(interview, link, by.name)
        if self.mailer is None:
            return Invitation(link, subject, text)
        event = for_candidate(interview, members.values(), self.host, link)
        own = members[by.account].email if by.account in members else ""
        letter = Letter(
            name=interview.candidate_name,
            email=interview.candidate_email,
            subject=subject,
            text=text,
            reply_to=own if is_plain_address(own) else "",
            calendar=self.writer.write([event], event.method, self.clock.now()) if event else b"",
            method=event.method if event else Method.PUBLISH,
        )
        try:
            self.mailer.send(letter)
        except MailFailedError as error:
            return Invitation(link, subject, text, problem=error.detail)
        with self.database.write() as records:
            details = {"to": interview.candidate_email}
            records.log(Entry(self.clock.now(), by.account, Deed.INVITED, interview_id, details))
        return Invitation(link, subject, text, sent_to=interview.candidate_email)
