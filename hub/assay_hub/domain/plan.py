"""What people decide about an interview before and while it runs: the part of it that a form holds."""

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from assay_hub.domain.errors import BadInputError

TEXT_CHARACTERS = 200
NOTES_CHARACTERS = 20_000
TAG_CHARACTERS = 50
MAX_TAGS = 20
MAX_PEOPLE = 50
MAX_QUESTIONS = 20
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""A dot-atom of RFC 5322 at a host name; the standard library's own parser breaks on some texts that are none."""

MIN_LENGTH, MAX_LENGTH = timedelta(minutes=5), timedelta(hours=8)


class Kind(StrEnum):
    """How an interview is held. A stored name is never renamed."""

    LIVE = "live"


@dataclass(frozen=True)
class Plan:
    """The plan of one interview.

    Attributes:
        position: id of the role that somebody is hired for; empty for none.
        scheduled_at: when it begins, aware; ``None`` while nobody has said.
        time_zone: IANA name of the zone in which people read ``scheduled_at``.
        duration: planned length.
        internal_notes: for the team; they never reach the candidate.
        interviewers: accounts that hold it; at least one.
        observers: accounts that may watch but not type.
        viewers: accounts that may see it; none: the whole team.
        questions: ids in the library, in the order in which they are asked.
    """

    title: str
    candidate_name: str
    candidate_email: str = ""
    position: str = ""
    kind: Kind = Kind.LIVE
    scheduled_at: datetime | None = None
    time_zone: str = "UTC"
    duration: timedelta = timedelta(minutes=60)
    internal_notes: str = ""
    tags: tuple[str, ...] = ()
    interviewers: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def checked(self) -> "Plan":
        """Return the plan with its texts tidied.

        Raises:
            BadInputError: something in it cannot be used; ``fields`` says what, each with what to do.
        """
        tidy = replace(
            self,
            title=one_line(self.title),
            candidate_name=one_line(self.candidate_name),
            candidate_email=self.candidate_email.strip(),
            internal_notes=self.internal_notes.replace("\r\n", "\n").strip(),
            tags=tuple(dict.fromkeys(tag for tag in map(one_line, self.tags) if tag)),
            interviewers=tuple(dict.fromkeys(self.interviewers)),
            observers=tuple(dict.fromkeys(self.observers)),
            viewers=tuple(dict.fromkeys(self.viewers)),
        )
        wrong = {name: reason for name, reason in _complaints(tidy) if reason}
        if wrong:
            raise BadInputError("Some of this cannot be used.", " ".join(wrong.values()), fields=wrong)
        return tidy

    def changes(self, other: "Plan") -> dict[str, tuple[object, object]]:
        """Return what differs in another plan: field to (here, there)."""
        pairs = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _complaints(plan: Plan) -> list[tuple[str, str]]:
    people = plan.interviewers + plan.observers + plan.viewers
    tags_fit = len(plan.tags) <= MAX_TAGS and all(fits(tag, TAG_CHARACTERS) for tag in plan.tags)
    questions_fit = len(plan.questions) <= MAX_QUESTIONS and len(set(plan.questions)) == len(plan.questions)
    length_fits = MIN_LENGTH <= plan.duration <= MAX_LENGTH
    notes_fit = len(plan.internal_notes) <= NOTES_CHARACTERS and not is_broken(plan.internal_notes)
    return [
        ("title", "" if fits(plan.title) else f"The title needs 1 to {TEXT_CHARACTERS} characters."),
        ("candidate_name", "" if fits(plan.candidate_name) else f"The name needs 1 to {TEXT_CHARACTERS} characters."),
        ("candidate_email", "" if is_address(plan.candidate_email) else "This is no e-mail address."),
        ("time_zone", "" if is_time_zone(plan.time_zone) else "There is no such time zone."),
        ("scheduled_at", "" if _is_date(plan.scheduled_at) else "The date must lie between 2000 and 2200."),
        ("duration", "" if length_fits else "An interview takes between 5 minutes and 8 hours."),
        ("internal_notes", "" if notes_fit else f"At most {NOTES_CHARACTERS} characters are kept."),
        ("tags", "" if tags_fit else f"At most {MAX_TAGS} tags, each of at most {TAG_CHARACTERS} characters."),
        ("interviewers", "" if plan.interviewers else "An interview needs at least one interviewer."),
        ("observers", "" if len(people) <= MAX_PEOPLE else f"At most {MAX_PEOPLE} people can be named."),
        ("questions", "" if questions_fit else f"At most {MAX_QUESTIONS} questions, and none twice."),
    ]


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def is_time_zone(name: str) -> bool:
    """Whether the name is an IANA time zone that this machine knows."""
    return name in available_timezones()


def local_moment(date: str, time: str, zone: str) -> datetime:
    """Return the moment that a form's date (``2026-03-29``) and time (``02:30``) name in a zone.

    An hour that happens twice, at the end of daylight saving, means its first time.

    Raises:
        BadInputError: no such date, time or zone, or the clocks skip that time.
    """
    if not is_time_zone(zone):
        raise BadInputError("There is no such time zone.", fields={"time_zone": "There is no such time zone."})
    try:
        naive = datetime.fromisoformat(f"{date}T{time}")
    except ValueError as error:
        reason = "There is no such date or time."
        raise BadInputError(reason, fields={"scheduled_at": reason}) from error
    if naive.tzinfo is not None or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", f"{date}T{time}"):
        reason = "Give the date as 2026-03-29 and the time as 14:30."
        raise BadInputError(reason, fields={"scheduled_at": reason})
    moment = naive.replace(tzinfo=ZoneInfo(zone))
    there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    if there_and_back.replace(tzinfo=None) != naive:
        reason = f"On that day the clocks in {zone} skip this time. Choose another."
        raise BadInputError(reason, fields={"scheduled_at": reason})
    return moment.astimezone(ZoneInfo("UTC"))


def fits(text: str, characters: int = TEXT_CHARACTERS) -> bool:
    """Whether a text has one to so many characters, and none that breaks the line that it is shown in."""
    return 0 < len(text) <= characters and not any(map(_is_unseemly, text))


def _is_unseemly(character: str) -> bool:
    """Whether a character breaks a line, is none at all, or turns the direction of the text around it."""
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _DIRECTIONS


def is_broken(text: str) -> bool:
    """Whether a longer text holds what no database stores: half a character, or a zero byte."""
    return any(character == "\0" or unicodedata.category(character) == "Cs" for character in text)


def _is_date(moment: datetime | None) -> bool:
    return moment is None or (moment.tzinfo is not None and 2000 <= moment.year <= 2200)  # noqa: PLR2004


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address, or empty."""
    return not text or (len(text) <= TEXT_CHARACTERS and _ADDRESS.fullmatch(text) is not None)
