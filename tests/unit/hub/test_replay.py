"""Opening recordings: while the interview runs, afterwards, and by whom."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from recorded import Session, cell, write

from assay_hub.adapters import timeline
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.attendance import Spell
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.recording import BadExportError, check, imported
from assay_hub.domain.search import AuditSearch
from assay_hub.domain.signals import SignalKind
from assay_hub.domain.timeline import as_of, unpack
from assay_hub.web.replay import moments


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch):
    monkeypatch.setattr(timeline, "SEGMENT_STEPS", 5)


def notebook(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def session_of(text: str) -> Session:
    session = Session("cand", "ada")
    session.edit("cand", lambda cells: cells.append(cell("a")))
    write(session, "cand", text)
    return session


def record(world, interview, session: Session) -> None:
    world.store(interview.id, [event.to_line() for event in session.events])


def text_at(world, interview, number: int, at: int) -> str:
    found = world.replay.segment(world.staff, interview.id, number)
    return as_of(unpack(found.body), at)["first.ipynb"][0][2]


def test_a_running_interview_is_followed_and_opens_the_same_afterwards(world):
    interview = world.live_interview()
    session = session_of("def f(): pass")
    record(world, interview, session)
    before = world.replay.open(world.staff, interview.id)
    write(session, "cand", "  # done", at=13)
    record(world, interview, session)

    during = world.replay.follow(world.staff, interview.id)
    world.submit.end(world.staff, interview.id)
    after = world.replay.open(world.staff, interview.id)

    assert (before.running, during.running, after.running) == (True, True, False)
    assert during.segments[-1].last_seq > before.segments[-1].last_seq
    assert [one.last_seq for one in after.segments] == [one.last_seq for one in during.segments]
    for opened in (during, after):
        assert text_at(world, interview, opened.segments[-1].number, 10**9) == "def f(): pass  # done"
    assert after.names[interview.candidate] == "Sam"


def test_a_service_that_was_started_again_goes_on_with_the_same_timeline(world):
    interview = world.live_interview()
    session = session_of("before the restart")
    record(world, interview, session)
    world.replay.open(world.staff, interview.id)
    world.replay._growing.clear()
    write(session, "cand", ", after it", at=18)
    record(world, interview, session)

    opened = world.replay.open(world.staff, interview.id)

    assert [one.number for one in opened.segments] == list(range(len(opened.segments)))
    assert text_at(world, interview, opened.segments[-1].number, 10**9) == "before the restart, after it"


def test_the_end_of_a_replay_is_compared_with_what_was_handed_in(world):
    interview = world.live_interview()
    record(world, interview, session_of("x = 1"))
    world.workspaces.files = {"first.ipynb": notebook("x = 1"), "other.ipynb": notebook("y")}
    world.submit.by_candidate(world.candidate(interview), interview.id)

    same = world.replay.compare(world.staff, interview.id)

    assert (same.compared, same.differing) == (("first.ipynb",), ())


def test_a_submission_that_was_not_recorded_so_is_said_to_differ(world):
    interview = world.live_interview()
    record(world, interview, session_of("x = 1"))
    assert world.replay.compare(world.staff, interview.id) is None
    world.workspaces.files = {"first.ipynb": notebook("x = 2")}
    world.submit.by_candidate(world.candidate(interview), interview.id)

    assert world.replay.compare(world.staff, interview.id).differing == ("first.ipynb",)


@pytest.mark.parametrize("handed_in", [b"no notebook", b"[]", b'{"cells": [3]}', b'{"cells": [{"source": 3}]}'])
def test_a_notebook_that_is_none_any_more_is_said_to_differ(world, handed_in):
    interview = world.live_interview()
    record(world, interview, session_of("x = 1"))
    world.workspaces.files = {"first.ipynb": handed_in, "other.ipynb": b"{"}
    world.submit.by_candidate(world.candidate(interview), interview.id)

    assert world.replay.compare(world.staff, interview.id).differing == ("first.ipynb",)


@pytest.mark.parametrize("role", [TeamRole.VIEWER, None])
def test_who_may_not_see_a_recording_gets_the_answer_of_what_is_not_there(world, role):
    interview = world.live_interview()
    record(world, interview, session_of("secret"))
    person = world.member("vic", role) if role else world.stranger

    for who in (person, world.candidate(interview), Person("", "")):
        for ask in (world.replay.open, world.replay.follow, world.replay.compare, world.replay.check):
            with pytest.raises(NotFoundError):
                ask(who, interview.id)
        with pytest.raises(NotFoundError):
            world.replay.segment(who, interview.id, 0)
        with pytest.raises(NotFoundError):
            world.replay.export(who, interview.id)


def test_opening_a_recording_is_a_reading_of_what_is_confidential(world):
    interview = world.live_interview()

    world.replay.open(world.staff, interview.id)

    deeds = [entry.deed for entry in world.review.audit(world.admin, AuditSearch(interview=interview.id))]
    assert deeds[0] is Deed.READ_RECORDING


def test_an_exported_recording_proves_that_it_is_whole(world):
    interview = world.live_interview()
    record(world, interview, session_of("x = 1"))

    lines = list(world.replay.export(world.staff, interview.id))
    of, events = imported(lines)
    found = check(of, events, at=3)

    assert (of, found.whole, found.events) == (interview.id, True, len(lines) - 1)
    assert found.head == world.store.head(interview.id)
    assert found.passed.hex() == json.loads(lines[3])["sha256"]


def test_an_exported_recording_that_was_changed_or_cut_is_found_out(world):
    interview = world.live_interview()
    record(world, interview, session_of("x = 1"))
    lines = list(world.replay.export(world.staff, interview.id))

    changed = check(
        *imported([line.replace(b"cand", b"ada!") if place == 3 else line for place, line in enumerate(lines)])
    )
    cut = check(*imported([*lines[:3], *lines[5:]]))

    assert changed.broken_at == 3
    assert cut.missing == ((3, 4),)
    assert not cut.whole


@pytest.mark.parametrize("lines", [[], [b"{}"], [b"[" * 100_000], [b'{"format":"assay-recording-1","interview":3}']])
def test_what_is_no_exported_recording_is_refused(lines):
    with pytest.raises(BadExportError):
        imported(lines)


def test_what_the_room_saw_stands_between_the_moments_of_the_recording(world):
    interview = world.live_interview()
    session = session_of("x")
    session.say("cand", name="hidden")
    session.say("cand", name="paste", chars=45, **{"from": "outside"})
    start = world.clock.now().timestamp() - 1000
    events = [replace(event, at=start + event.at) for event in session.events]
    world.store(interview.id, [event.to_line() for event in events])
    before = [words for _, words in moments(world.replay.open(world.staff, interview.id))]

    left = world.clock.now() + timedelta(milliseconds=450)
    world.observe.spell(interview.id, Spell(SignalKind.LEFT, left, left + timedelta(seconds=9)))
    after = moments(world.replay.open(world.staff, interview.id))

    assert before == ["left the page", "pasted 45 characters from outside"]
    assert [(marker.at, words) for marker, words in after] == [
        (400, "pasted 45 characters from outside"),
        (450, "left the page for 9 seconds"),
    ]
    assert after[1][0].account == interview.candidate
