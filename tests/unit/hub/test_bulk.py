"""Doing one thing with many interviews."""

import io
import json
import zipfile

import pytest

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.interview import State
from assay_hub.domain.plan import Plan
from assay_hub.domain.search import AuditSearch
from assay_hub.services.bulk import ChangeMany


def found(world, interview):
    with world.database.read() as records:
        return records.interview(interview.id)


def deeds(world, deed):
    with world.database.read() as records:
        return [entry.interview for entry in records.audit(AuditSearch(deed=deed.value))]


def submitted(world):
    interview = world.live_interview()
    world.submit.by_candidate(world.candidate(interview), interview.id)
    return interview


def test_what_cannot_be_changed_stays_as_it_was_and_is_answered_for(world):
    bob = world.team.person("bob")
    adas, bobs = world.interview(), world.create(bob, Plan("Mine", "Sam"))

    outcomes = world.many.tag(bob, [adas.id, bobs.id, "nosuchthin"], " new ")

    assert [(one.title, bool(one.refusal)) for one in outcomes] == [("Talk", True), ("Mine", False), ("", True)]
    assert (found(world, adas).tags, found(world, bobs).tags) == ((), ("new",))


def test_a_tag_is_added_once_and_stands_in_the_history(world):
    first, second = world.interview(tags=("old",)), world.interview(tags=("new",))

    outcomes = world.many.tag(world.staff, [first.id, second.id, first.id], "new")

    assert [one.refusal for one in outcomes] == ["", ""]
    assert found(world, first).tags == ("old", "new")
    assert found(world, second).tags == ("new",)
    assert deeds(world, Deed.EDITED) == [first.id]


def test_a_tag_is_taken_away_where_it_is_and_nothing_else_is_changed(world):
    first, second = world.interview(tags=("old", "new", "last")), world.interview(tags=("old",))

    outcomes = world.many.untag(world.staff, [first.id, second.id], " new ")

    assert [one.refusal for one in outcomes] == ["", ""]
    assert found(world, first).tags == ("old", "last")
    assert found(world, second).tags == ("old",)
    assert deeds(world, Deed.EDITED) == [first.id]


def test_somebody_elses_secret_looks_like_nothing_at_all(world):
    secret = world.interview(viewers=("ada",))
    bob = world.team.person("bob")

    for do in (lambda ids: world.many.cancel(bob, ids), lambda ids: world.many.pack(bob, ids, io.BytesIO())):
        hidden, missing = do([secret.id, "nosuchthin"])
        assert (hidden.title, hidden.refusal) == (missing.title, missing.refusal)
        assert hidden.refusal

    assert found(world, secret).state is State.CREATED


def test_those_that_are_over_stay_as_they_were_when_many_are_cancelled(world):
    open_one, over = world.interview(), submitted(world)

    outcomes = world.many.cancel(world.staff, [over.id, open_one.id])

    assert [bool(one.refusal) for one in outcomes] == [True, False]
    assert found(world, open_one).state is State.CANCELLED
    assert found(world, over).state is State.SUBMITTED


@pytest.mark.parametrize("ids", [[], [f"id{number}" for number in range(201)]])
def test_nothing_and_too_many_are_refused(world, ids):
    with pytest.raises(BadInputError):
        world.many.cancel(world.staff, ids)


def test_nobody_outside_the_team_does_anything(world):
    interview = world.interview()

    with pytest.raises(NotFoundError):
        world.many.cancel(world.stranger, [interview.id])
    with pytest.raises(NotFoundError):
        world.many.pack(world.candidate(interview), [interview.id], io.BytesIO())


def test_a_file_holds_what_its_reader_may_see_and_the_log_tells_of_each(world):
    done, fresh = submitted(world), world.interview(internal_notes="for us")
    viewer, file, seen = world.member("vic", TeamRole.VIEWER), io.BytesIO(), io.BytesIO()

    world.many.pack(world.staff, [done.id, fresh.id], file)
    world.many.pack(viewer, [done.id], seen)

    names = set(zipfile.ZipFile(file).namelist())
    assert names == {f"{done.id}/{name}" for name in ("details.json", "receipt.json", "submission.zip")} | {
        f"{fresh.id}/details.json"
    }
    described = json.loads(zipfile.ZipFile(file).read(f"{fresh.id}/details.json"))
    assert described["internal_notes"] == "for us"
    assert "pinned" not in json.dumps(described)
    assert zipfile.ZipFile(seen).namelist() == [f"{done.id}/details.json"]
    assert deeds(world, Deed.READ_SUBMISSION) == [done.id]
    assert deeds(world, Deed.READ_DETAILS) == [done.id, fresh.id]


def test_a_file_is_bounded_and_says_what_it_lacks(world):
    first, second = submitted(world), submitted(world)
    alone, file = io.BytesIO(), io.BytesIO()
    world.many.pack(world.staff, [first.id], alone)
    size = sum(part.file_size for part in zipfile.ZipFile(alone).infolist())
    many = ChangeMany(world.database, world.edit, world.artefacts, world.clock, max_bytes=size * 3 // 2)

    outcomes = many.pack(world.staff, [first.id, second.id], file)

    assert [bool(one.refusal) for one in outcomes] == [False, True]
    packed = zipfile.ZipFile(file)
    assert not [name for name in packed.namelist() if name.startswith(second.id)]
    assert list(json.loads(packed.read("not-packed.json"))) == [second.id]
    assert deeds(world, Deed.READ_SUBMISSION) == [first.id, first.id]


def test_a_submission_that_was_lost_costs_the_others_nothing(world):
    first, second = submitted(world), world.interview()
    world.artefacts.kept.clear()

    outcomes = world.many.pack(world.staff, [first.id, second.id], io.BytesIO())

    assert [bool(one.refusal) for one in outcomes] == [True, False]
