"""The page of an interview: what everybody sees and may do, and what changed."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from integration.wizard.conftest import Desk
from integration.wizard.test_wizard import shown
from playwright.sync_api import Page, expect

from assay_hub.domain.access import Action
from assay_hub.domain.plan import Plan

DOINGS = ("Edit", "Reschedule", "Hand over", "Duplicate", "Make a link", "Cancel the interview", "Make a template")


def made(desk: Desk, title: str, **changes: object) -> str:
    plan = Plan(title, "Sam", internal_notes="ask slowly", questions=("on-call-shifts",), **changes)
    return desk.application.create_interview(desk.application.team.person("grace"), plan).id


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        ("interviewer", set(DOINGS)),
        ("grace", set(DOINGS)),
        ("rosa", set()),
        ("vic", set()),
    ],
)
def test_what_somebody_may_not_do_is_neither_shown_nor_done(desk: Desk, account: str, seen: set[str]):
    interview = made(desk, f"Shown to {account}")
    page = f"{desk.desk}interviews/{interview}"
    visitor = desk.visitor(account)

    text = visitor.get(page).text
    refused = {
        visitor.post(f"{page}/{action}", {"csrf": desk_token(desk, visitor), "name": "x"}).status_code
        for action in ("cancel", "reopen", "template", "links")
        if not seen
    }

    assert {words for words in DOINGS if f">{words}" in text} == seen
    assert "ask slowly" in text
    assert refused == (set() if seen else {404})
    assert visitor.get(f"{page}/edit").status_code == (200 if seen else 404)


def desk_token(desk: Desk, visitor: object) -> str:
    """Return the token of somebody who sees no form at all: it is in the page that asks to send one again."""
    answer = visitor.post(f"{desk.desk}interviews/abcdefghij/cancel", {"csrf": "0" * 64})
    return answer.text.partition('name="csrf" value="')[2][:64]


def test_an_interview_is_cancelled_and_reopened_with_its_history(desk: Desk, page_of: Callable[..., Page]):
    page = page_of("grace")
    page.goto(f"{desk.desk}interviews/{made(desk, 'Called off')}")

    page.get_by_text("Cancel the interview …").click()
    page.get_by_role("button", name="Cancel the interview now").click()
    expect(page.locator(".assay-state")).to_have_text("Cancelled")
    shown(page)
    page.get_by_role("button", name="Reopen the interview").click()

    expect(page.locator(".assay-state")).to_have_text("Not started")
    history = page.locator(".assay-history > li > p")
    expect(history).to_contain_text(["Grace reopened it", "Grace cancelled it", "Grace created it"])


def test_an_old_page_cancels_nothing_that_somebody_changed(desk: Desk, page_of: Callable[..., Page]):
    interview = made(desk, "Changed since")
    page = page_of("grace")
    page.goto(f"{desk.desk}interviews/{interview}")
    page.get_by_text("Cancel the interview …").click()
    before = desk.application.review.find(desk.admin, Action.EDIT, interview)
    desk.application.edit_interview(desk.admin, interview, replace(before.plan, tags=("sure",)))

    page.get_by_role("button", name="Cancel the interview now").click()

    expect(page.get_by_role("heading", name="Somebody else changed this meanwhile.")).to_be_visible()
    assert desk.application.review.find(desk.admin, Action.EDIT, interview).is_open


def test_rescheduling_and_handing_over_are_edits_and_the_history_says_from_what_to_what(
    desk: Desk, page_of: Callable[..., Page]
):
    page = page_of("grace")
    page.goto(f"{desk.desk}interviews/{made(desk, 'Moved')}")

    page.get_by_role("link", name="Reschedule").click()
    expect(page.locator("#date")).to_be_focused()
    page.locator("#date").fill("2027-01-04")
    page.locator("#time").fill("09:00")
    page.locator("#time_zone").select_option("Asia/Tokyo")
    page.get_by_label("Interviewer: interviewer").check()
    page.get_by_label("Grace: interviewer").uncheck()
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("button", name="Save the changes").click()

    changes = page.locator(".assay-history li li")
    expect(changes.filter(has_text="Date and time")).to_have_text(
        "Date and time: from “not set yet” to “Monday, 4 January 2027, 09:00 (Asia/Tokyo)”"
    )
    expect(changes.filter(has_text="Interviewers")).to_have_text("Interviewers: from “Grace” to “Interviewer”")
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)


def test_a_template_and_a_copy_begin_new_interviews(desk: Desk, page_of: Callable[..., Page]):
    page = page_of("grace")
    interview = f"{desk.desk}interviews/{made(desk, 'Standard talk', tags=('sql',))}"
    page.goto(interview)

    page.get_by_text("Make a template of it …").click()
    page.get_by_label("Name of the template").fill("Our standard")
    page.get_by_role("button", name="Make the template").click()
    expect(page.locator(".assay-history")).to_contain_text("Grace made a template of it")
    page.get_by_role("link", name="Duplicate").click()

    expect(page.locator("#title")).to_have_value("Standard talk")
    expect(page.locator("#candidate_name")).to_have_value("Sam")
    page.goto(f"{desk.desk}new")
    page.get_by_label("Begin from a template").select_option("Our standard")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#title")).to_have_value("Standard talk")
    expect(page.locator("#candidate_name")).to_have_value("")
    expect(page.locator("#tags")).to_have_value("sql")


def test_the_link_and_the_invitation_are_copied_by_one_click(desk: Desk, page_of: Callable[..., Page]):
    page = page_of("grace")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"http://{desk.desk_host}")
    page.goto(f"{desk.desk}interviews/{made(desk, 'To be sent')}")
    page.get_by_role("button", name="Make a link").click()

    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.get_by_text("A text for the e-mail …").click()
    page.get_by_role("button", name="Copy the text").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('Hello Sam')")

    assert link == page.locator("#new-link").input_value()
    assert link in page.evaluate("navigator.clipboard.readText()")


def test_the_library_is_searched_by_its_address_and_shows_nothing_hidden(desk: Desk, page_of: Callable[..., Page]):
    page = page_of("rosa")

    page.goto(f"{desk.desk}questions?difficulty=medium&topic=lists")
    expect(page.locator("#results h2")).to_have_text(["The report that lies"])
    page.get_by_label("Difficulty").select_option("")
    page.get_by_label("Topic").select_option("")
    page.locator("#filter-text").fill("was on call")
    expect(page.locator("#results h2")).to_have_text(["Who was on call?"])
    expect(page).to_have_url(re.compile("text=was%20on%20call"))
    shown(page)
    page.get_by_role("link", name="Who was on call?").click()

    expect(page.get_by_text("def merge_shifts(shifts):")).to_be_visible()
    shown(page)
    text = page.content()
    assert "a shift inside another" not in text
    assert "HIDDEN" not in text
    assert "merged = []" not in text
