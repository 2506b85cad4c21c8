"""Calendars: what is in them, for whom, and that no title breaks out of its line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.adapters.calendar import IcalendarWriter
from assay_hub.domain.access import TeamRole
from assay_hub.domain.calendar import Attendee, Event, Method
from assay_hub.domain.errors import NotFoundError, WrongStateError
from assay_hub.domain.team import Member

BERLIN = ZoneInfo("Europe/Berlin")
WHEN = datetime(2026, 12, 1, 13, 0, tzinfo=UTC)
HOSTILE = 'a;b,c\\n"x"\r\nATTENDEE:mailto:evil@example.org\n👩‍💻' + "😀" * 60


def read(content: bytes) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(content)


def only(content: bytes) -> icalendar.Event:
    (event,) = read(content).walk("VEVENT")
    return event


def with_email(world, account: str, email: str, role: TeamRole = TeamRole.INTERVIEWER):
    with world.database.write() as records:
        records.save_member(Member(account, account.capitalize(), email, role, active=True, joined_at=START))
    return world.team.person(account)


def dated(world, **changes):
    return world.interview(scheduled_at=WHEN, time_zone="Europe/Berlin", **changes)


def event(**changes) -> Event:
    plain = Event("a@b", 0, WHEN, WHEN + timedelta(hours=1), "Europe/Berlin", "Talk", "", "", False, None, ())  # noqa: FBT003
    return replace(plain, **changes)


def test_an_invitation_says_what_when_where_and_who(world):
    with_email(world, "ada", "ada@example.org")
    with_email(world, "bob", "bob@example.org")
    interview = dated(world, title="Talk", observers=("bob",), internal_notes="Do not tell", candidate_email="s@m.org")

    content = world.calendars.invitation(world.staff, interview.id)

    one = only(content)
    assert one["UID"] == f"{interview.id}@assay.example.org"
    assert one["SUMMARY"] == "Talk"
    assert one["DTSTART"].dt == WHEN.astimezone(BERLIN)
    assert one["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert one["DTEND"].dt - one["DTSTART"].dt == timedelta(hours=1)
    assert one["STATUS"] == "CONFIRMED"
    assert one["URL"] == f"https://desk.assay.example.org/assay/room/{interview.id}"
    assert one["ORGANIZER"] == "mailto:ada@example.org"
    assert one["ATTENDEE"] == ["mailto:ada@example.org", "mailto:bob@example.org"]
    assert read(content)["METHOD"] == "REQUEST"
    assert [zone["TZID"] for zone in read(content).walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert b"Do not tell" not in content
    assert b"s@m.org" not in content


def test_the_candidates_file_holds_nothing_of_the_team_but_who_invites(world):
    with_email(world, "ada", "ada@example.org")
    for account in ("bob", "cyd"):
        with_email(world, account, f"{account}@example.org")
    interview = dated(
        world,
        interviewers=("ada", "cyd"),
        observers=("bob",),
        viewers=("bob",),
        internal_notes="Do not tell",
        candidate_email="sam@example.org",
        tags=("weak",),
    )

    content = world.calendars.for_candidate(world.staff, interview.id)

    assert only(content)["ATTENDEE"] == "mailto:sam@example.org"
    assert only(content)["ORGANIZER"] == "mailto:ada@example.org"
    for secret in (b"Do not tell", b"bob", b"cyd", b"weak", b"First", b"room/"):
        assert secret not in content


def test_nobody_but_those_who_make_links_gets_the_candidates_file(world):
    interview = dated(world)

    for person in (world.member("rev", TeamRole.REVIEWER), world.member("vic", TeamRole.VIEWER), world.stranger):
        with pytest.raises(NotFoundError):
            world.calendars.for_candidate(person, interview.id)


@pytest.mark.parametrize("of", ["invitation", "google_link"])
def test_who_may_not_see_an_interview_gets_no_calendar_of_it(world, of):
    interview = dated(world, viewers=("ada",))
    other = world.member("bob", TeamRole.INTERVIEWER)

    for person in (other, world.stranger, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            getattr(world.calendars, of)(person, interview.id)


def test_an_interview_without_a_date_fits_into_no_calendar(world):
    with pytest.raises(WrongStateError):
        world.calendars.invitation(world.staff, world.interview().id)


def test_a_new_time_and_a_cancellation_raise_the_sequence_and_keep_the_id(world):
    interview = dated(world)
    first = only(world.calendars.invitation(world.staff, interview.id))
    world.edit(world.staff, interview.id, replace(interview.plan, scheduled_at=WHEN + timedelta(days=1)))
    moved = only(world.calendars.invitation(world.staff, interview.id))
    world.edit.cancel(world.staff, interview.id)
    content = world.calendars.invitation(world.staff, interview.id)
    world.edit.reopen(world.staff, interview.id)
    again = only(world.calendars.invitation(world.staff, interview.id))

    cancelled = only(content)
    assert [one["SEQUENCE"] for one in (first, moved, cancelled, again)] == [0, 1, 2, 3]
    assert len({one["UID"] for one in (first, moved, cancelled, again)}) == 1
    assert (cancelled["STATUS"], again["STATUS"]) == ("CANCELLED", "CONFIRMED")
    assert read(content)["METHOD"] == "CANCEL"


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "America/New_York"),
        (datetime(2026, 4, 4, 15, 0, tzinfo=UTC), "Australia/Lord_Howe"),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "Asia/Kathmandu"),
        (datetime(2030, 7, 1, 12, 0, tzinfo=UTC), "America/St_Johns"),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "UTC"),
    ],
)
def test_a_time_comes_back_as_the_same_moment_also_where_clocks_change(moment, zone):
    content = IcalendarWriter().write(
        [event(start=moment, end=moment + timedelta(hours=2), time_zone=zone)], Method.PUBLISH, START
    )

    one = only(content)
    assert one["DTSTART"].dt.astimezone(UTC) == moment
    assert one["DTEND"].dt.astimezone(UTC) == moment + timedelta(hours=2)
    assert (one["DTSTART"].dt.astimezone(ZoneInfo(zone)).fold == 0) or b"DTSTART:20" in content


def test_a_time_zone_in_the_file_says_when_its_clocks_change(world):
    content = world.calendars.invitation(world.staff, dated(world).id)

    text = content.decode()
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100" in text
    assert "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200" in text


def test_lines_end_with_crlf_and_are_folded_at_75_bytes_never_inside_a_letter():
    content = IcalendarWriter().write([event(title="👩‍💻 " + "ü😀" * 100)], Method.PUBLISH, START)

    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in lines:
        line.decode()
    assert only(content)["SUMMARY"] == "👩‍💻 " + "ü😀" * 100


@given(st.text(alphabet=st.one_of(st.sampled_from(';,\\\r\n":^'), st.characters(codec="utf-8")), max_size=80))
def test_no_text_breaks_out_of_its_line(text):
    people = (Attendee(text, "ada@example.org"),)

    content = IcalendarWriter().write(
        [event(title=text, text=text, organizer=people[0], attendees=people)], Method.REQUEST, START
    )

    names = {name for name, _ in read(content).walk("VEVENT")[0].property_items(recursive=False)}
    allowed = {"BEGIN", "END", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "DESCRIPTION"}
    assert names <= allowed | {"ORGANIZER", "ATTENDEE"}
    assert len(read(content).walk("VEVENT")) == 1


def test_an_attack_in_a_title_or_a_name_stays_text(world):
    world.member("ada", TeamRole.INTERVIEWER)
    with world.database.write() as records:
        records.save_member(
            Member("ada", HOSTILE, "ada@example.org", TeamRole.INTERVIEWER, active=True, joined_at=START)
        )
        records.save_member(
            Member("bob", "Bob", "b@c.d\r\nX-EVIL:1", TeamRole.INTERVIEWER, active=True, joined_at=START)
        )
    interview = dated(world, title="a;b,c\\n BEGIN:VALARM", candidate_name="x;y,z", interviewers=("ada", "bob"))

    content = world.calendars.invitation(world.staff, interview.id)

    one = only(content)
    assert one["SUMMARY"] == "a;b,c\\n BEGIN:VALARM"
    assert one["ATTENDEE"] == "mailto:ada@example.org"
    assert b"\r\nX-EVIL" not in content
    assert b"\r\nATTENDEE:mailto:evil" not in content


def test_google_is_told_the_local_time_and_its_zone(world):
    interview = dated(world, title="A & B #1")

    query = parse_qs(urlsplit(world.calendars.google_link(world.staff, interview.id)).query)

    assert query["action"] == ["TEMPLATE"]
    assert query["text"] == ["A & B #1"]
    assert query["dates"] == ["20261201T140000/20261201T150000"]
    assert query["ctz"] == ["Europe/Berlin"]


def secret_of(address: str) -> str:
    return address.rsplit("/", 1)[1].removesuffix(".ics")


def test_a_feed_lists_what_its_owner_holds_or_watches_within_a_year(world):
    world.member("bob", TeamRole.INTERVIEWER)
    held = dated(world, title="Held")
    watched = dated(world, title="Watched", interviewers=("bob",), observers=("ada",))
    dated(world, title="Another's", interviewers=("bob",))
    world.interview(title="No date")
    world.interview(title="Long ago", scheduled_at=START - timedelta(days=366))
    world.interview(title="Far ahead", scheduled_at=START + timedelta(days=366))
    off = dated(world, title="Off")
    world.edit.cancel(world.staff, off.id)

    feed = world.calendars.feed(secret_of(world.calendars.make_feed(world.staff)))

    found = {str(one["SUMMARY"]): str(one["STATUS"]) for one in read(feed).walk("VEVENT")}
    assert found == {"Held": "CONFIRMED", "Watched": "CONFIRMED", "Off": "CANCELLED"}
    assert {held.id, watched.id} <= {str(one["UID"]).partition("@")[0] for one in read(feed).walk("VEVENT")}
    assert "METHOD" not in read(feed)


def test_an_empty_feed_is_a_calendar_too(world):
    feed = world.calendars.feed(secret_of(world.calendars.make_feed(world.staff)))

    assert read(feed).walk("VEVENT") == []


def test_a_feed_ends_when_it_is_renewed_ended_or_its_owner_leaves(world):
    first = secret_of(world.calendars.make_feed(world.staff))
    second = secret_of(world.calendars.make_feed(world.staff))
    other = secret_of(world.calendars.make_feed(world.member("bob", TeamRole.INTERVIEWER)))
    world.team.change(world.admin, Member("bob", "Bob", "", TeamRole.INTERVIEWER, active=False, joined_at=START))

    assert world.calendars.feed(second)
    world.calendars.end_feed(world.staff)

    for secret in (first, second, other, "", "x", "../etc", "\ud800", "a" * 5000):
        with pytest.raises(NotFoundError):
            world.calendars.feed(secret)
    assert not world.calendars.has_feed(world.staff)


def test_a_feeds_secret_is_stored_as_a_hash_only(world, tmp_path):
    secret = secret_of(world.calendars.make_feed(world.staff))

    assert secret.encode() not in (tmp_path / "assay.sqlite").read_bytes()
    assert secret.encode() not in (tmp_path / "assay.sqlite-wal").read_bytes()


def test_somebody_outside_the_team_has_no_feed(world):
    interview = dated(world)

    for person in (world.stranger, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            world.calendars.make_feed(person)
