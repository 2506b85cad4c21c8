"""Writes calendars (RFC 5545) with the library ``icalendar``, which escapes and folds what people entered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from assay_hub.domain.calendar import Attendee, Event, Method

_PRODUCT = "-//Assay//Interviews//EN"
_ZONE_SPAN = timedelta(days=400)


class IcalendarWriter:
    """Turns events into the bytes of a calendar."""

    def write(self, events: Sequence[Event], method: Method, now: datetime) -> bytes:
        """Return a calendar with these events and the time zones that they name."""
        calendar = icalendar.Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        if method:
            calendar.add("method", method.value)
        else:
            calendar.add("name", "Interviews")
            calendar.add("x-wr-calname", "Interviews")
            calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        for event in events:
            calendar.add_component(_component(event, now))
        if events:
            first = min(event.start for event in events) - _ZONE_SPAN
            last = max(event.end for event in events) + _ZONE_SPAN
            calendar.add_missing_timezones(first_date=first.date(), last_date=last.date())
        return bytes(calendar.to_ical())


def _component(event: Event, now: datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", now)
    made.add("dtstart", _readable(event.start, event.time_zone))
    made.add("dtend", _readable(event.end, event.time_zone))
    made.add("summary", event.title)
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    for name, text in (("description", "\n\n".join(filter(None, (event.text, event.url)))), ("url", event.url)):
        if text:
            made.add(name, text)
    if event.url:
        made.add("location", event.url)
    if event.organizer:
        made.add("organizer", _person(event.organizer))
    for attendee in event.attendees:
        one = _person(attendee)
        one.params["ROLE"] = icalendar.vText("REQ-PARTICIPANT")
        one.params["PARTSTAT"] = icalendar.vText("NEEDS-ACTION")
        made.add("attendee", one)
    return made


def _readable(moment: datetime, zone: str) -> datetime:
    """Return the time in its zone, or in UTC in the hour that happens twice: a zone's name says only its first time."""
    local = moment.astimezone(ZoneInfo(zone))
    return moment.astimezone(UTC) if local.fold or zone == "UTC" else local


def _person(attendee: Attendee) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{attendee.email}")
    address.params["CN"] = icalendar.vText(attendee.name)
    return address
