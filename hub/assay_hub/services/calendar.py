"""Put interviews into calendars: a file for one, and a feed of everything that a member holds or watches."""

import hashlib
import secrets
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, TeamAction, may, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.calendar import FEED_SPAN, Event, Method, for_candidate, for_member
from assay_hub.domain.errors import NotFoundError, WrongStateError
from assay_hub.domain.interview import Interview
from assay_hub.ports import CalendarWriter, Clock, Database

_MOST = 2_000


@dataclass(frozen=True)
class KeepCalendars:
    """Writes calendars, and keeps the feeds of members.

    Attributes:
        host: name of this installation, for the ids of events.
        address: of the service's pages, with a final slash.
    """

    database: Database
    writer: CalendarWriter
    clock: Clock
    host: str
    address: str

    def invitation(self, by: Person, interview_id: str) -> bytes:
        """Return an interview as a calendar file for somebody in the team.

        Raises:
            NotFoundError: no such interview for this person.
            WrongStateError: it has no date yet.
        """
        return self._file(self._for_member(by, interview_id))

    def google_link(self, by: Person, interview_id: str) -> str:
        """Return the address that opens Google Calendar with the interview filled in."""
        return self._for_member(by, interview_id).google_link

    def for_candidate(self, by: Person, interview_id: str) -> bytes:
        """Return an interview as a calendar file that its candidate may have, without their link."""
        with self.database.read() as records:
            interview = require(by, Action.MAKE_LINKS, records.interview(interview_id))
            return self._file(_dated(for_candidate(interview, records.members(), self.host)))

    def has_feed(self, person: Person) -> bool:
        """Whether a member has a feed."""
        require_team(person, TeamAction.LIST)
        with self.database.read() as records:
            return records.has_feed(person.account)

    def make_feed(self, person: Person) -> str:
        """Return the address of a member's own feed, this once; an earlier one stops working."""
        require_team(person, TeamAction.LIST)
        secret = secrets.token_urlsafe(24)
        now = self.clock.now()
        with self.database.write() as records:
            records.save_feed(person.account, _hash(secret), now)
            records.log(Entry(now, person.account, Deed.FEED_CHANGED, "", {"what": "made"}))
        return f"{self.address}calendar/{secret}.ics"

    def end_feed(self, person: Person) -> None:
        """End a member's own feed."""
        require_team(person, TeamAction.LIST)
        with self.database.write() as records:
            records.delete_feed(person.account)
            records.log(Entry(self.clock.now(), person.account, Deed.FEED_CHANGED, "", {"what": "ended"}))

    def feed(self, secret: str) -> bytes:
        """Return what the owner of a feed holds and watches, a year back and a year ahead.

        Raises:
            NotFoundError: nobody has such a feed, or its owner has left the team.
        """
        now = self.clock.now()
        with self.database.read() as records:
            account = records.feed_owner(_hash(secret))
            member = records.member(account) if account else None
            if member is None or not member.active:
                raise NotFoundError
            found = records.calendar_of(member.account, now - FEED_SPAN, now + FEED_SPAN, _MOST)
            members = records.members()
        seen = [one for one in found if may(member.person, Action.SEE_DETAILS, one)]
        events = [for_member(one, members, self.host, self._room(one)) for one in seen]
        return self.writer.write([event for event in events if event], Method.NOTHING, now)

    def _for_member(self, by: Person, interview_id: str) -> Event:
        with self.database.read() as records:
            interview = require(by, Action.SEE_DETAILS, records.interview(interview_id))
            return _dated(for_member(interview, records.members(), self.host, self._room(interview)))

    def _room(self, interview: Interview) -> str:
        return f"{self.address}room/{interview.id}"

    def _file(self, event: Event) -> bytes:
        return self.writer.write([event], event.method, self.clock.now())


def _dated(event: Event | None) -> Event:
    if event is None:
        raise WrongStateError("This interview has no date yet.", "Give it one, then it fits into a calendar.")
    return event


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
