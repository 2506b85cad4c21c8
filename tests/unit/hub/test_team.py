"""Who is in the team, and what happens to those who leave."""

from dataclasses import replace

import pytest

from assay_hub.domain.access import Action, TeamRole, may
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.services.team import KeepTeam


def member(world, account):
    return next(one for one in world.team.members(world.admin) if one.account == account)


def test_a_member_added_in_advance_is_who_signs_in_later(world):
    world.team.add(world.admin, " Grace.Hopper ", "Grace Hopper", "grace@example.org", TeamRole.REVIEWER)

    person = world.team.person("grace.hopper")

    assert (person.name, person.team) == ("Grace Hopper", TeamRole.REVIEWER)


@pytest.mark.parametrize(
    "account", ["", "a b", "iv-abcdefghij", "cand-abcdefghij", "assay-agent", "a/b", "a\0b", "ADA"]
)
def test_an_account_that_nobody_can_have_or_somebody_has_is_refused(world, account):
    with pytest.raises(BadInputError) as refusal:
        world.team.add(world.admin, account, "", "", TeamRole.VIEWER)

    assert set(refusal.value.fields) == {"account"}


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "a\u202eb"), ("email", "nobody"), ("email", "a@b")]
)
def test_a_name_and_an_address_have_to_be_some(world, field, value):
    with pytest.raises(BadInputError) as refusal:
        world.team.change(world.admin, replace(member(world, "ada"), **{field: value}))

    assert set(refusal.value.fields) == {field}


def test_only_admins_change_people(world):
    for person in (world.staff, world.member("rex", TeamRole.REVIEWER), world.stranger):
        with pytest.raises(NotFoundError):
            world.team.change(person, replace(member(world, "ada"), role=TeamRole.ADMIN))
        with pytest.raises(NotFoundError):
            world.team.add(person, "new", "", "", TeamRole.ADMIN)


def test_an_admin_of_the_settings_stays_one(world):
    for change in ({"role": TeamRole.VIEWER}, {"active": False}):
        with pytest.raises(BadInputError):
            world.team.change(world.admin, replace(member(world, "root"), **change))


@pytest.mark.parametrize("change", [{"role": TeamRole.VIEWER}, {"active": False}])
def test_the_last_admin_stays_one_where_the_settings_name_none(world, change):
    team = KeepTeam(world.database, world.clock, (), None, world.hub, world.workspaces)

    with pytest.raises(BadInputError):
        team.change(world.admin, replace(member(world, "root"), **change))

    assert member(world, "root").role is TeamRole.ADMIN
    assert member(world, "root").active


def test_a_former_member_sees_nothing_and_is_put_out_of_running_workspaces(world):
    world.team.person("bob")
    interview = world.interview(interviewers=("ada", "bob"), observers=("root",))
    stopped = world.interview(interviewers=("bob",))
    world.start(interview.id)
    before = world.team.person("bob")

    world.team.change(world.admin, replace(member(world, "bob"), active=False))

    assert may(before, Action.ENTER_ROOM, interview)
    assert world.team.person("bob").team is None
    assert not may(world.team.person("bob"), Action.SEE_DETAILS, interview)
    assert world.workspaces.disconnected == [(interview.workspace, "bob")]
    assert world.hub.shares[interview.workspace] == {interview.candidate, "ada", "root"}
    assert stopped.workspace not in world.hub.shares


def test_a_workspace_that_starts_again_does_not_let_a_former_member_in(world):
    world.team.person("bob")
    interview = world.interview(interviewers=("ada", "bob"))
    world.team.change(world.admin, replace(member(world, "bob"), active=False))

    world.start(interview.id)

    assert world.hub.shares[interview.workspace] == {interview.candidate, "ada"}
    assert {one.account for one in world.workspaces.manifests[interview.workspace].participants} == {
        interview.candidate,
        "ada",
    }
