"""Invitations by e-mail: what they hold, who sends them, and what happens when they cannot be sent."""

from dataclasses import replace
from datetime import UTC, datetime

import icalendar
import pytest
from fakes import START

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, NotFoundError, WrongStateError
from assay_hub.domain.team import Member

WHEN = datetime(2026, 12, 1, 13, 0, tzinfo=UTC)


def invited(world, **changes):
    plan = {"candidate_email": "sam@example.org", "scheduled_at": WHEN, "time_zone": "Europe/Berlin"}
    return world.interview(**{**plan, **changes})


def deeds(world, interview) -> list[Deed]:
    with world.database.read() as records:
        return [entry.deed for entry in records.history(interview.id)]


def test_an_invitation_holds_time_length_and_a_link_that_works_and_nothing_internal(world):
    with world.database.write() as records:
        ada = Member("ada", "Ada", "ada@example.org", TeamRole.INTERVIEWER, active=True, joined_at=START)
        records.save_member(ada)
    interview = invited(world, title="Talk", internal_notes="Do not tell", tags=("weak",), observers=("root",))

    invitation = world.invite_by_mail(world.staff, interview.id)

    (letter,) = world.mailer.sent
    assert (letter.name, letter.email, letter.reply_to) == ("Sam", "sam@example.org", "ada@example.org")
    assert letter.subject == "Invitation: Talk"
    assert "Tuesday, 01 December 2026, 14:00 (Europe/Berlin, UTC+0100)" in letter.text
    assert "60 minutes" in letter.text
    assert invitation.sent_to == "sam@example.org"
    assert world.open_link(world.token(invitation.link)).interview == interview.id
    assert invitation.link in letter.text
    (event,) = icalendar.Calendar.from_ical(letter.calendar).walk("VEVENT")
    assert event["URL"] == invitation.link
    for secret in ("Do not tell", "weak", "root", "First"):
        assert secret not in letter.text + letter.calendar.decode()
    assert deeds(world, interview)[:2] == [Deed.INVITED, Deed.LINK_MADE]


def test_an_invitation_without_a_date_has_no_calendar(world):
    world.invite_by_mail(world.staff, invited(world, scheduled_at=None).id)

    (letter,) = world.mailer.sent
    assert letter.calendar == b""
    assert "When:" not in letter.text


def test_a_letter_that_cannot_be_sent_leaves_a_working_link_and_the_text(world):
    interview = invited(world)
    world.mailer.breaks = True

    invitation = world.invite_by_mail(world.staff, interview.id)

    assert (invitation.sent_to, invitation.problem) == ("", "The mail server does not answer.")
    assert world.open_link(world.token(invitation.link)).interview == interview.id
    assert invitation.link in invitation.text
    assert Deed.INVITED not in deeds(world, interview)


def test_without_a_mail_server_there_is_a_text_to_copy_also_without_an_address(world):
    interview = invited(world, candidate_email="")

    invitation = replace(world.invite_by_mail, mailer=None)(world.staff, interview.id)

    assert (invitation.sent_to, invitation.problem) == ("", "")
    assert invitation.link in invitation.text
    assert Deed.INVITED not in deeds(world, interview)


def test_a_candidate_without_an_address_is_said_before_a_link_is_made(world):
    interview = invited(world, candidate_email="")

    with pytest.raises(BadInputError):
        world.invite_by_mail(world.staff, interview.id)

    assert Deed.LINK_MADE not in deeds(world, interview)


def test_nobody_is_invited_to_what_is_over(world):
    interview = invited(world)
    world.edit.cancel(world.staff, interview.id)

    with pytest.raises(WrongStateError):
        world.invite_by_mail(world.staff, interview.id)


def test_only_who_runs_an_interview_invites(world):
    interview = invited(world)
    others = [world.member("rev", TeamRole.REVIEWER), world.member("vic", TeamRole.VIEWER), world.stranger]

    for person in (*others, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            world.invite_by_mail(person, interview.id)

    assert world.mailer.sent == []
