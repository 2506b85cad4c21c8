"""Letters to candidates: what an invitation says."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assay_hub.domain.calendar import Method
from assay_hub.domain.interview import Interview


@dataclass(frozen=True)
class Letter:
    """One e-mail to one person.

    Attributes:
        reply_to: where answers go; empty for the sender.
        calendar: a calendar file that goes along; empty for none.
        method: what the calendar file asks for.
    """

    name: str
    email: str
    subject: str
    text: str
    reply_to: str = ""
    calendar: bytes = b""
    method: Method = Method.PUBLISH


@dataclass(frozen=True)
class Invitation:
    """An invitation that was made: sent, or to be sent by hand.

    Attributes:
        link: the candidate's link, which is kept nowhere.
        text: what to send, the link included.
        sent_to: address that it was sent to; empty when it was not.
        problem: why it was not sent, though it was to be; empty when nobody tried.
    """

    link: str
    subject: str
    text: str
    sent_to: str = ""
    problem: str = ""


def subject_of(interview: Interview) -> str:
    """Return the subject of an invitation."""
    return f"Invitation: {interview.title}"


def invitation_text(interview: Interview, link: str, sender: str) -> str:
    """Return what an invitation says to a candidate; nothing internal is in it.

    Args:
        interview: the interview.
        link: the candidate's own link.
        sender: name of whoever invites.
    """
    minutes = int(interview.duration.total_seconds()) // 60
    lines = [
        f"Hello {interview.candidate_name},",
        "",
        f"you are invited to the interview “{interview.title}”.",
        "",
        *([f"When: {_moment(interview)}"] if interview.scheduled_at else []),
        f"Length: {minutes} minutes",
        f"Your link: {link}",
        "",
        "You need a browser and nothing else: no account, and nothing to install. The link is yours alone: whoever",
        "has it can enter in your name. What is recorded is said on the first page, before anything begins.",
        "",
        "Kind regards",
        sender,
    ]
    return "\n".join(lines) + "\n"


def _moment(interview: Interview) -> str:
    if interview.scheduled_at is None:
        return ""
    local = interview.scheduled_at.astimezone(ZoneInfo(interview.time_zone))
    return f"{local:%A, %d %B %Y, %H:%M} ({interview.time_zone}, UTC{local:%z})"
