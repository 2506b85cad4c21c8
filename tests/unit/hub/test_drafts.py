"""Drafts: what a form keeps, what it becomes, and two people with one interview."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from world import World

from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.draft import BASICS, Draft, Window, stamp
from assay_hub.domain.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    OtherWindowError,
    TooLargeError,
    WrongStateError,
)
from assay_hub.domain.form import text
from assay_hub.domain.position import Position
from assay_hub.domain.search import AuditSearch

FILLED = {
    "title": ["Data analyst, second round"],
    "candidate_name": ["Mia 🎻 Brandt"],
    "candidate_email": ["mia@example.org"],
    "date": ["2026-12-01"],
    "time": ["14:30"],
    "time_zone": ["Europe/Berlin"],
    "minutes": ["45"],
    "tags": ["sql, second round\nremote,,"],
    "internal_notes": ["Ask about <b>joins</b>"],
}


def filled(world: World, **changes: list[str]) -> Draft:
    return world.drafts.fill_in(world.staff, world.drafts.new(world.staff).id, {**FILLED, **changes})


def role(world: World, **changes: object) -> Position:
    position = Position("", "Analyst", ("second",), timedelta(minutes=30), ("sql",))
    return world.positions.save(world.admin, replace(position, **changes))


def test_a_draft_becomes_the_interview_that_it_describes(world: World):
    draft = filled(world)
    world.drafts.add_question(world.staff, draft.id, "second")
    world.drafts.add_question(world.staff, draft.id, "first")

    saved = world.drafts.confirm(world.staff, draft.id)

    interview = world.review.details(world.staff, saved.interview).interview
    assert saved.created
    assert (interview.title, interview.candidate_name) == ("Data analyst, second round", "Mia 🎻 Brandt")
    assert interview.scheduled_at == datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
    assert interview.tags == ("sql", "second round", "remote")
    assert interview.interviewers == ("ada",)
    assert [ref.id for ref in interview.questions] == ["second", "first"]


def in_window(page: str, draft: Draft) -> Window:
    return Window(page, stamp(draft.form, BASICS))


def test_of_two_windows_the_second_is_told_what_the_first_has_kept(world: World):
    draft = filled(world)
    one, two = in_window("one", draft), in_window("two", draft)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["First"], "tags": ["sql"]}, one)

    with pytest.raises(OtherWindowError) as refused:
        world.drafts.fill_in(world.staff, draft.id, {"title": ["Second"], "tags": ["sql"]}, two)

    assert list(refused.value.fields) == ["title"]
    assert text(world.drafts.open(world.staff, draft.id).form, "title") == "First"


def test_a_window_that_goes_on_typing_and_one_that_has_seen_the_change_meet_no_conflict(world: World):
    draft = filled(world)
    one = in_window("one", draft)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["F"]}, one)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["First"]}, one)
    seen = world.drafts.open(world.staff, draft.id)

    world.drafts.fill_in(world.staff, draft.id, {"title": ["Second"]}, in_window("two", seen))

    assert text(world.drafts.open(world.staff, draft.id).form, "title") == "Second"
    with pytest.raises(OtherWindowError):
        world.drafts.fill_in(world.staff, draft.id, {"title": ["Third"]}, one)


def test_two_windows_that_say_the_same_or_add_questions_meet_no_conflict(world: World):
    draft = filled(world)
    one, two = in_window("one", draft), in_window("two", draft)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["Same"], "internal_notes": ["a\nb"]}, one)
    world.drafts.add_question(world.staff, draft.id, "first")

    world.drafts.fill_in(world.staff, draft.id, {"title": ["Same"], "internal_notes": ["a\r\nb"]}, two)

    assert world.drafts.open(world.staff, draft.id).form["questions"] == ["first"]


def test_nothing_is_saved_that_the_person_has_not_looked_at(world: World):
    draft = filled(world)
    seen = stamp(draft.form)
    world.drafts.add_question(world.staff, draft.id, "second")

    with pytest.raises(OtherWindowError):
        world.drafts.confirm(world.staff, draft.id, seen)

    assert world.drafts.confirm(world.staff, draft.id, stamp(world.drafts.open(world.staff, draft.id).form)).created


def test_saving_twice_makes_one_interview(world: World):
    draft = filled(world)

    first = world.drafts.confirm(world.staff, draft.id)
    second = world.drafts.confirm(world.staff, draft.id)

    assert (second.interview, second.created) == (first.interview, False)
    assert world.drafts.unfinished(world.staff) == []


def test_without_questions_an_empty_editor_is_asked(world: World):
    coding = world.drafts.confirm(world.staff, filled(world).id)
    design = world.drafts.confirm(world.staff, filled(world, format=["blank-system-design"]).id)

    asked = [world.review.details(world.staff, one.interview).interview.plan.questions for one in (coding, design)]
    assert asked == [("blank-coding",), ("blank-system-design",)]


@pytest.mark.parametrize(
    ("entered", "field", "words"),
    [
        ({"title": [""]}, "title", "1 to 200"),
        ({"title": ["x" * 1000]}, "title", "1 to 200"),
        ({"candidate_name": ["\u202egnp.exe"]}, "candidate_name", "1 to 200"),
        ({"candidate_email": ["mia at home"]}, "candidate_email", "no e-mail address"),
        ({"date": ["2026-02-30"]}, "scheduled_at", "no such date"),
        ({"date": ["2026-03-29"], "time": ["02:30"]}, "scheduled_at", "skip this time"),
        ({"date": ["2026-03-29"], "time": [""]}, "scheduled_at", "time as well"),
        ({"date": [""]}, "scheduled_at", "date as well"),
        ({"date": ["1066-10-14"]}, "scheduled_at", "between 2000 and 2200"),
        ({"time_zone": ["Europe/Atlantis"]}, "time_zone", "no such time zone"),
        ({"minutes": ["an hour"]}, "duration", "whole minutes"),
        ({"minutes": ["9" * 30]}, "duration", "whole minutes"),
        ({"minutes": ["1"]}, "duration", "between 5 minutes"),
        ({"tags": ["x" * 60]}, "tags", "at most 50"),
        ({"interviewers": []}, "interviewers", "at least one"),
        ({"interviewers": ["nobody"]}, "interviewers", "Nobody in the team"),
        ({"questions": ["../../etc"]}, "questions", "no question"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_stays_in_the_form(world: World, entered, field, words):
    draft = filled(world, **entered)

    with pytest.raises(BadInputError) as refused:
        world.drafts.confirm(world.staff, draft.id)

    assert words in refused.value.fields[field]
    kept = world.drafts.open(world.staff, draft.id).form
    assert all(kept[name] == values for name, values in entered.items())
    assert world.drafts.unfinished(world.staff) != []


def test_every_wrong_field_is_said_at_once(world: World):
    draft = filled(world, title=[""], minutes=["-"], date=["x"], candidate_email=["x"])

    with pytest.raises(BadInputError) as refused:
        world.drafts.confirm(world.staff, draft.id)

    assert set(refused.value.fields) == {"title", "duration", "scheduled_at", "candidate_email"}


def test_a_draft_is_its_owners_alone(world: World):
    draft = filled(world)
    grace = world.member("grace", TeamRole.INTERVIEWER)

    for person in (grace, world.admin, world.stranger):
        for use in (world.drafts.open, world.drafts.confirm, world.drafts.forget, world.drafts.conflict):
            with pytest.raises(NotFoundError):
                use(person, draft.id)
        with pytest.raises(NotFoundError):
            world.drafts.fill_in(person, draft.id, {"title": ["Mine"]})
        with pytest.raises(NotFoundError):
            world.drafts.add_question(person, draft.id, "first")

    assert text(world.drafts.open(world.staff, draft.id).form, "title") == FILLED["title"][0]


@pytest.mark.parametrize("role", [TeamRole.REVIEWER, TeamRole.VIEWER, None])
def test_only_those_who_create_interviews_begin_a_draft(world: World, role: TeamRole | None):
    person = world.member("rob", role) if role else Person("eve", "Eve")

    with pytest.raises(NotFoundError):
        world.drafts.new(person)


def test_a_draft_ends_with_the_right_to_what_it_is_for(world: World):
    interview = world.interview()
    draft = world.drafts.change(world.staff, interview.id)
    grace = world.member("grace", TeamRole.INTERVIEWER)
    world.edit(world.admin, interview.id, replace(interview.plan, interviewers=("grace",), viewers=("grace",)))

    for use in (world.drafts.open, world.drafts.confirm, world.drafts.conflict):
        with pytest.raises(NotFoundError):
            use(world.staff, draft.id)
    assert world.drafts.change(grace, interview.id).id != draft.id


@pytest.mark.parametrize("name", ["", "x", "../etc", "\ud800", "a" * 500, "%00"])
def test_a_name_that_is_no_draft_is_not_found(world: World, name: str):
    with pytest.raises(NotFoundError):
        world.drafts.open(world.staff, name)


def test_old_drafts_are_forgotten(world: World):
    draft = filled(world)
    world.clock.pass_by(days=30, seconds=1)

    with pytest.raises(NotFoundError):
        world.drafts.open(world.staff, draft.id)
    fresh = world.drafts.new(world.staff)

    assert world.drafts.unfinished(world.staff) == [fresh]


def test_beginning_again_and_again_pushes_nothing_out(world: World):
    kept = filled(world)

    for number in range(60):
        world.drafts.fill_in(world.staff, world.drafts.new(world.staff).id, {"tags": [str(number)]})

    assert len(world.drafts.unfinished(world.staff)) <= 51
    assert world.drafts.open(world.staff, kept.id).form == kept.form


def test_what_a_draft_cannot_hold_is_refused_and_the_rest_stays(world: World):
    draft = filled(world)

    with pytest.raises(TooLargeError):
        world.drafts.fill_in(world.staff, draft.id, {"title": ["x" * 1_000_000]})

    assert world.drafts.open(world.staff, draft.id).form == draft.form


def test_what_a_draft_remembers_for_itself_cannot_be_sent(world: World):
    draft = filled(world)

    world.drafts.fill_in(world.staff, draft.id, {"saved": ["abcdefghij"], "given": ["{"], "base": ["{"]})

    assert world.drafts.open(world.staff, draft.id).form == draft.form


def test_a_role_fills_in_what_nobody_touched(world: World):
    first, second = role(world), role(world, name="Engineer", duration=timedelta(minutes=90), tags=(), questions=())
    draft = world.drafts.new(world.staff)

    chosen = world.drafts.fill_in(world.staff, draft.id, {"position": [first.id], "minutes": ["60"], "tags": [""]})
    changed = world.drafts.fill_in(world.staff, draft.id, {"position": [second.id], "minutes": ["30"], "tags": ["own"]})

    assert [chosen.form[name] for name in ("minutes", "tags", "questions")] == [["30"], ["sql"], ["second"]]
    assert [changed.form[name] for name in ("minutes", "tags", "questions")] == [["90"], ["own"], []]


def test_a_draft_begins_from_a_template_a_role_or_a_copy(world: World):
    original = world.interview(internal_notes="ask slowly", tags=("sql",), scheduled_at=world.clock.now())
    template = world.positions.make_template(world.staff, original.id, "Standard")
    position = role(world)

    from_template = world.drafts.new(world.staff, template=template.id).form
    for_role = world.drafts.new(world.staff, position=position.id).form
    copied = world.drafts.new(world.staff, copy_of=original.id)
    saved = world.drafts.confirm(world.staff, copied.id)

    assert (text(from_template, "title"), text(from_template, "candidate_name")) == ("Talk", "")
    assert from_template["questions"] == ["first", "second"]
    assert (for_role["position"], for_role["minutes"]) == ([position.id], ["30"])
    assert (text(copied.form, "candidate_name"), text(copied.form, "date")) == ("Sam", "")
    history = world.review.details(world.staff, saved.interview).history
    assert history[-1].details == {"copied_from": original.id}


@pytest.mark.parametrize("source", ["template", "position", "copy_of"])
def test_nothing_begins_from_what_is_not_there(world: World, source: str):
    with pytest.raises(NotFoundError):
        world.drafts.new(world.staff, **{source: "nowhere123"})


def test_the_zone_is_the_one_last_used(world: World):
    world.interview(time_zone="Asia/Tokyo")

    assert text(world.drafts.new(world.staff).form, "time_zone") == "Asia/Tokyo"


def test_questions_are_added_once_moved_and_removed(world: World):
    draft = filled(world)
    for question in ("first", "second", "first", "blank-coding"):
        world.drafts.add_question(world.staff, draft.id, question)

    def order() -> list[str]:
        return world.drafts.open(world.staff, draft.id).form["questions"]

    assert order() == ["first", "second", "blank-coding"]
    world.drafts.move_question(world.staff, draft.id, "first", 1)
    assert order() == ["second", "first", "blank-coding"]
    world.drafts.move_question(world.staff, draft.id, "second", -1)
    world.drafts.move_question(world.staff, draft.id, "no-such", 1)
    assert order() == ["second", "first", "blank-coding"]
    world.drafts.order_questions(world.staff, draft.id, ["blank-coding", "first", "no-such"])
    assert order() == ["blank-coding", "first", "second"]
    world.drafts.remove_question(world.staff, draft.id, "blank-coding")
    assert order() == ["first", "second"]


def test_the_questions_of_an_earlier_interview_are_taken_over(world: World):
    earlier = world.interview()
    draft = world.drafts.add_question(world.staff, filled(world).id, "second")
    hidden = world.interview(viewers=("root",), interviewers=("root",))

    taken = world.drafts.take_questions(world.staff, draft.id, earlier.id)

    assert taken.form["questions"] == ["second", "first"]
    with pytest.raises(NotFoundError):
        world.drafts.take_questions(world.staff, draft.id, hidden.id)


def test_a_change_goes_on_where_it_was_left_and_is_saved_once(world: World):
    interview = world.interview()
    draft = world.drafts.change(world.staff, interview.id)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["Other"]})

    again = world.drafts.change(world.staff, interview.id)
    saved = world.drafts.confirm(world.staff, again.id)

    assert (again.id, text(again.form, "title")) == (draft.id, "Other")
    assert (saved.interview, saved.created) == (interview.id, False)
    changed = world.review.details(world.staff, interview.id)
    assert (changed.interview.title, changed.interview.revision) == ("Other", 2)
    assert changed.history[0].details == {"title": ["Talk", "Other"]}


def test_an_empty_editor_that_is_being_used_stays_when_a_question_is_added(world: World):
    interview = world.interview(questions=("blank-coding",))
    world.enter(world.candidate(interview), interview.id)
    draft = world.drafts.change(world.staff, interview.id)

    world.drafts.add_question(world.staff, draft.id, "first")
    world.drafts.confirm(world.staff, draft.id)

    assert world.review.details(world.staff, interview.id).interview.plan.questions == ("blank-coding", "first")


def test_an_empty_editor_gives_way_to_a_question_before_the_start(world: World):
    interview = world.interview(questions=("blank-coding",))
    draft = world.drafts.change(world.staff, interview.id)

    world.drafts.add_question(world.staff, draft.id, "first")
    world.drafts.confirm(world.staff, draft.id)

    assert world.review.details(world.staff, interview.id).interview.plan.questions == ("first",)


def test_a_change_that_comes_too_late_is_refused_and_kept(world: World):
    interview = world.live_interview()
    draft = world.drafts.change(world.staff, interview.id)
    world.drafts.remove_question(world.staff, draft.id, "first")

    with pytest.raises(WrongStateError):
        world.drafts.confirm(world.staff, draft.id)

    assert world.drafts.open(world.staff, draft.id).form["questions"] == ["second"]


def test_two_changes_of_one_interview_are_shown_side_by_side_and_settled(world: World):
    interview = world.interview(tags=("old",))
    draft = world.drafts.change(world.staff, interview.id)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["Mine"], "tags": ["mine"], "internal_notes": ["mine alone"]})
    theirs = replace(interview.plan, title="Theirs", tags=("theirs",), candidate_email="sam@example.org")
    world.edit(world.admin, interview.id, theirs)

    with pytest.raises(ConflictError):
        world.drafts.confirm(world.staff, draft.id)
    found = world.drafts.conflict(world.staff, draft.id)

    assert {name: found.proposal(name) for name in found.names} == {
        "title": "",
        "candidate_email": "theirs",
        "internal_notes": "mine",
        "tags": "",
    }
    assert (found.base.title, found.theirs.title, found.mine.title, found.by) == ("Talk", "Theirs", "Mine", "root")
    half = {"title": "mine", "candidate_email": "theirs", "internal_notes": "mine", "tags": "both"}
    with pytest.raises(BadInputError) as refused:
        world.drafts.resolve(world.staff, draft.id, found.interview.revision, half)
    assert set(refused.value.fields) == {"tags"}
    world.drafts.resolve(world.staff, draft.id, found.interview.revision, {**half, "tags": "theirs"})
    world.drafts.confirm(world.staff, draft.id)
    settled = world.review.details(world.staff, interview.id).interview
    assert (settled.title, settled.tags) == ("Mine", ("theirs",))
    assert (settled.internal_notes, settled.candidate_email) == ("mine alone", "sam@example.org")


def test_a_conflict_is_never_settled_against_a_version_that_nobody_saw(world: World):
    interview = world.interview()
    draft = world.drafts.change(world.staff, interview.id)
    world.drafts.fill_in(world.staff, draft.id, {"title": ["Mine"]})
    seen = world.edit(world.admin, interview.id, replace(interview.plan, title="Theirs"))
    world.edit(world.admin, interview.id, replace(interview.plan, title="Theirs again"))

    with pytest.raises(ConflictError):
        world.drafts.resolve(world.staff, draft.id, seen.revision, {"title": "mine"})

    assert world.review.details(world.staff, interview.id).interview.title == "Theirs again"


def test_reading_a_question_is_logged_and_not_for_viewers(world: World):
    viewer = world.member("vic", TeamRole.VIEWER)

    world.browse.preview(world.staff, "first")

    with world.database.read() as records:
        last = records.audit(AuditSearch(deed="read-question"))[0]
    assert (last.account, last.details["question"]) == ("ada", "first")
    with pytest.raises(NotFoundError):
        world.browse.preview(viewer, "first")
    with pytest.raises(NotFoundError):
        world.browse.preview(world.staff, "no-such")
