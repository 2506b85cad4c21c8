"""Interviews as calendars know them, and what of an interview goes into whose calendar."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from assay_hub.domain.interview import Interview, State
from assay_hub.domain.team import Member

FEED_SPAN = timedelta(days=365)
"""How far a feed reaches into the past and into the future."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_GOOGLE = "https://calendar.google.com/calendar/render"


class Method(StrEnum):
    """What a calendar file asks for (RFC 5546); a feed asks for nothing."""

    NOTHING = ""
    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Attendee:
    """Somebody with an e-mail address."""

    name: str
    email: str


@dataclass(frozen=True)
class Event:
    """One interview in a calendar.

    Attributes:
        uid: the same for ever.
        sequence: rises when the time changes or it is called off (RFC 5545, SEQUENCE).
        start: aware.
        time_zone: IANA name of the zone in which people read it.
        text: what a calendar shows below the title.
        url: what it leads to; empty for nothing.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    time_zone: str
    title: str
    text: str
    url: str
    cancelled: bool
    organizer: Attendee | None
    attendees: tuple[Attendee, ...]

    @property
    def method(self) -> Method:
        """What a file with this event alone asks for; without an organizer nobody can be asked to come."""
        if self.cancelled:
            return Method.CANCEL
        return Method.REQUEST if self.organizer else Method.PUBLISH

    @property
    def google_link(self) -> str:
        """The address that opens Google Calendar with the event filled in."""
        form = "%Y%m%dT%H%M%S"
        here = [
            moment.strftime(form) for moment in (_local(self.start, self.time_zone), _local(self.end, self.time_zone))
        ]
        query = {
            "action": "TEMPLATE",
            "text": self.title,
            "dates": "/".join(here),
            "ctz": self.time_zone,
            "details": "\n\n".join(part for part in (self.text, self.url) if part),
            "location": self.url,
        }
        return f"{_GOOGLE}?{urlencode({key: value for key, value in query.items() if value})}"


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def for_member(interview: Interview, members: Iterable[Member], host: str, url: str) -> Event | None:
    """Return an interview as those who hold or watch it have it in their calendar; ``None`` while it has no date.

    Internal notes stay out: calendars are shared, and copied to other services.

    Args:
        interview: the interview.
        members: of the team.
        host: name of this installation, for the event's id.
        url: the room.
    """
    known = {member.account: member for member in members if member.active}
    named = [known[one] for one in (*interview.interviewers, *interview.observers) if one in known]
    people = tuple(Attendee(one.name, one.email) for one in named if is_plain_address(one.email))
    text = f"Candidate: {interview.candidate_name}"
    return _event(interview, host, url, text, people[0] if people else None, people)


def for_candidate(interview: Interview, members: Iterable[Member], host: str, link: str = "") -> Event | None:
    """Return an interview as its candidate may have it: title, time and their own link, and nothing of the team.

    Args:
        interview: the interview.
        members: of the team; the first interviewer with an address is who invites.
        host: name of this installation, for the event's id.
        link: the candidate's link; it is known only while it is made.
    """
    known = {member.account: member for member in members if member.active}
    named = [known[one] for one in interview.interviewers if one in known]
    organizer = next((Attendee(one.name, one.email) for one in named if is_plain_address(one.email)), None)
    own = Attendee(interview.candidate_name, interview.candidate_email)
    people = (own,) if is_plain_address(own.email) else ()
    text = "Open your link a few minutes before it begins. You need a browser and nothing else." if link else ""
    return _event(interview, host, link, text, organizer, people)


def is_plain_address(text: str) -> bool:
    """Whether an e-mail address can stand in a calendar or a message as it is."""
    return _ADDRESS.fullmatch(text) is not None


def _event(
    interview: Interview,
    host: str,
    url: str,
    text: str,
    organizer: Attendee | None,
    attendees: tuple[Attendee, ...],
) -> Event | None:
    if interview.scheduled_at is None:
        return None
    return Event(
        uid=f"{interview.id}@{host}",
        sequence=interview.calendar_sequence,
        start=interview.scheduled_at,
        end=interview.scheduled_at + interview.duration,
        time_zone=interview.time_zone,
        title=interview.title,
        text=text,
        url=url,
        cancelled=interview.state is State.CANCELLED,
        organizer=organizer,
        attendees=attendees,
    )
