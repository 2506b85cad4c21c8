"""Two people who change one interview: both versions are shown, and nobody loses anything."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from integration.wizard.conftest import Desk
from integration.wizard.test_wizard import shown
from playwright.sync_api import Page, expect

from assay_hub.domain.access import Action, Person, TeamRole
from assay_hub.domain.interview import Interview


def begun(desk: Desk, page: Page, title: str) -> Interview:
    """Return an interview that somebody has begun to change on a page, and Grace has changed since."""
    made = desk.new_interview(title)
    interview = desk.application.review.find(desk.admin, Action.EDIT, made.id)
    page.goto(f"{desk.desk}interviews/{made.id}/edit")
    page.locator("#title").fill("My title")
    page.locator("#internal_notes").fill("My notes")
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("button", name="Save the changes").wait_for()
    theirs = replace(interview.plan, title="Their title", candidate_email="sam@example.org")
    return desk.application.edit_interview(grace(desk), made.id, theirs)


def grace(desk: Desk) -> Person:
    """Return Grace as somebody who may change everything."""
    return replace(desk.application.team.person("grace"), team=TeamRole.ADMIN)


def stored(desk: Desk, interview: Interview) -> Interview:
    return desk.application.review.find(desk.admin, Action.EDIT, interview.id)


@pytest.mark.parametrize("script", [True, False])
def test_both_versions_are_shown_and_the_choice_is_saved(desk: Desk, page_of: Callable[..., Page], script: bool):  # noqa: FBT001
    page = page_of(java_script_enabled=script)
    changed = begun(desk, page, f"Two of us {script}")

    page.get_by_role("button", name="Save the changes").click()

    assert stored(desk, changed).title == "Their title"
    expect(page.get_by_role("heading", name="Somebody else changed this meanwhile")).to_be_visible()
    title = page.get_by_role("group", name="Title")
    expect(title).to_contain_text("Both of you began from: “Two of us")
    expect(title).to_contain_text("Their title")
    expect(title.get_by_role("radio", checked=True)).to_have_count(0)
    notes, email = page.get_by_role("group", name="Internal notes"), page.get_by_role("group", name="E-mail")
    expect(notes.get_by_role("radio", name="Yours")).to_be_checked()
    expect(email.get_by_role("radio", name="Theirs")).to_be_checked()
    if script:
        shown(page)
    page.get_by_role("button", name="Save what I chose").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one.")
    assert stored(desk, changed).revision == changed.revision
    page.get_by_role("group", name="Title").get_by_role("radio", name="Yours").check()
    page.get_by_role("button", name="Save what I chose").click()
    expect(page).to_have_url(f"{desk.desk}interviews/{changed.id}")
    settled = stored(desk, changed)
    assert (settled.title, settled.internal_notes) == ("My title", "My notes")
    assert settled.candidate_email == "sam@example.org"


def test_a_third_change_while_choosing_is_not_overwritten(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()
    changed = begun(desk, page, "Three of us")
    page.get_by_role("button", name="Save the changes").click()
    page.get_by_role("group", name="Title").get_by_role("radio", name="Yours").check()
    desk.application.edit_interview(grace(desk), changed.id, replace(changed.plan, title="A third title"))

    page.get_by_role("button", name="Save what I chose").click()

    expect(page.get_by_role("group", name="Title")).to_contain_text("A third title")
    assert stored(desk, changed).title == "A third title"


@pytest.mark.parametrize("script", [True, False])
def test_two_windows_with_one_form_lose_nothing(desk: Desk, page_of: Callable[..., Page], script: bool):  # noqa: FBT001
    page = page_of(java_script_enabled=script)
    page.goto(desk.desk + "new")
    page.locator("#title").fill("Begun")
    page.locator("#candidate_name").fill("Mia")
    page.get_by_role("button", name="Next: questions").click()
    page.get_by_role("button", name="Back", exact=True).click()
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("#title").fill("Typed here")
    page.get_by_role("button", name="Next: questions").click()
    page.get_by_role("heading", name="Library", exact=True).wait_for()

    other.locator("#title").fill("Typed there")
    if script:
        expect(other.locator("[data-wizard-kept]")).to_contain_text("changed in another window")
    other.get_by_role("button", name="Next: questions").click()

    expect(other.get_by_role("alert")).to_contain_text("Typed here")
    expect(other.locator("#title")).to_have_value("Typed there")
    if script:
        shown(other)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("#title")).to_have_value("Typed here")
    other.get_by_role("button", name="Next: questions").click()
    other.get_by_role("heading", name="Library", exact=True).wait_for()
    other.get_by_role("button", name="Next: confirm").click()
    expect(other.get_by_text("Typed there")).to_be_visible()


def test_what_another_window_adds_is_looked_at_before_it_is_saved(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()
    page.goto(desk.desk + "new")
    page.locator("#title").fill("Looked at")
    page.locator("#candidate_name").fill("Mia")
    page.get_by_role("button", name="Confirm", exact=True).click()
    create = page.get_by_role("button", name="Create the interview")
    create.wait_for()
    other = page.context.new_page()
    other.goto(page.url.replace("confirm", "questions"))
    other.get_by_role("button", name="Add Who was on call?").click()
    other.get_by_text("Added", exact=True).wait_for()

    create.click()

    expect(page.get_by_role("alert")).to_contain_text("changed in another window")
    expect(page.get_by_text("Who was on call?")).to_be_visible()
    create.click()
    page.get_by_role("heading", name="Looked at").wait_for()
