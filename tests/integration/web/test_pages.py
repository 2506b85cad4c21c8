"""Every page in Chromium: accessible, inside its width, and true to its policy."""

import json
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from integration.web.stage import Stage
from integration.web.steps import open_room
from playwright.sync_api import Page, expect
from unit.web import samples

from assay_hub.domain.access import ALLOWED, Action, Role

AXE = Axe()


def assert_accessible(page: Page) -> None:
    found = AXE.run(page).response["violations"]
    assert not found, json.dumps([(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found])


def assert_no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("name", sorted(name for name in samples.contexts() if not name.startswith("room")))
def test_a_page_has_no_violation_and_no_sideways_scroll(candidate_stage: Stage, page: Page, name: str):
    page.goto(f"{candidate_stage.origin}/page/{name}?isolated=false")
    for summary in page.locator("summary").all():
        summary.click()

    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.set_viewport_size({"width": 512, "height": 384})
    assert_no_sideways_scroll(page)


def test_hostile_text_in_every_place_neither_runs_nor_widens_a_page(candidate_stage: Stage, page: Page):
    candidate_stage.text = samples.HOSTILE + "x" * 150
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    for name in samples.contexts():
        page.goto(f"{candidate_stage.origin}/page/{name}")
        assert page.evaluate("typeof hostile") == "undefined"
        assert_no_sideways_scroll(page)

    assert dialogs == []


@pytest.mark.parametrize("role", sorted(ALLOWED[Action.ENTER_ROOM]))
@pytest.mark.parametrize("width", [512, 1024, 1440, 1920])
def test_a_room_has_no_violation_and_no_sideways_scroll(
    stage_for: Callable[[Role], Stage], page: Page, role: Role, width: int
):
    page.set_viewport_size({"width": width, "height": 700})
    open_room(page, stage_for(role))

    assert_no_sideways_scroll(page)
    assert_accessible(page)


@pytest.mark.parametrize("role", sorted(ALLOWED[Action.ENTER_ROOM]))
def test_a_room_with_its_dialog_or_its_disclosures_open_has_no_violation(
    stage_for: Callable[[Role], Stage], page: Page, role: Role
):
    open_room(page, stage_for(role))

    for summary in page.locator("summary").all():
        summary.click()
        assert_accessible(page)
        assert_no_sideways_scroll(page)
    if role is Role.OBSERVER:  # who ends nothing
        expect(page.locator("[data-room=finish] button")).to_have_count(0)
        return
    page.locator("[data-room=finish] button").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)


def test_a_new_link_is_copied_by_its_button(candidate_stage: Stage, page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=candidate_stage.origin)
    page.goto(f"{candidate_stage.origin}/page/details-new")

    page.get_by_role("button", name="Copy the link").click()

    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#new-link").input_value()


def test_a_result_shows_itself_when_grading_is_done(candidate_stage: Stage, page: Page):
    page.goto(f"{candidate_stage.origin}/page/grading")
    expect(page.get_by_text("Grading is under way.")).to_be_visible()

    candidate_stage.grading = "result"

    expect(page.get_by_text(re.compile("Out of time")).first).to_be_visible()
    expect(page.get_by_text("Grading is under way.")).to_have_count(0)
