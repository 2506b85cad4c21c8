"""Score cards in a browser, on a real service: scored by keyboard, kept while typing, locked, and talked about."""

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.blind import pseudonym
from assay_hub.domain.position import Position

AXE = Axe()


def assert_fits(page: Page) -> None:
    """Check that a page is accessible, and that nothing scrolls sideways on a desk or on a phone."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        found = AXE.run(page).response["violations"]
        assert not found, json.dumps([(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found])
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width


def score(page: Page, key: str) -> None:
    """Choose a level for every criterion without a mouse."""
    radios = page.locator("[data-assay-levels]")
    for place in range(radios.count()):
        radios.nth(place).locator("input[type=radio]").first.focus()
        page.keyboard.press(key)


def test_two_reviewers_score_alone_lock_and_talk(desk, open_as):
    for account, role in (("rea", TeamRole.REVIEWER), ("ida", TeamRole.INTERVIEWER)):
        desk.member(account, role)
    role = desk.application.positions.save(desk.admin, Position("", "Blind analyst", blind=True))
    interview = desk.interview(
        "Second round", "Mia Brandt", position=role.id, interviewers=("ida",), questions=("on-call-shifts",)
    )
    desk.application.enter_room(Person(f"cand-{interview}", "Mia"), interview)
    here = f"{desk.url}interviews/{interview}"
    page, other = open_as("rea"), open_as("ida")

    page.goto(here)
    expect(page.locator("main")).not_to_contain_text("Mia")
    expect(page.locator("main")).to_contain_text(pseudonym(interview))
    page.get_by_role("link", name="My score card").click()
    assert_fits(page)
    score(page, "4")
    page.get_by_label("What you saw of Communication").fill("Said what they were about to do.")
    expect(page.get_by_text("Kept as a draft.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("What you saw of Communication")).to_have_value("Said what they were about to do.")
    expect(page.locator("[data-assay-levels] input:checked")).to_have_count(page.locator("[data-assay-levels]").count())

    other.goto(f"{here}/card")
    score(other, "2")
    other.get_by_role("button", name="Lock my score card").press("Enter")
    expect(other.get_by_role("heading", name="Debrief")).to_be_visible()
    page.goto(f"{here}/debrief")
    expect(page.locator("main")).to_contain_text("You score alone")
    expect(page.locator("main")).not_to_contain_text("Ida")

    page.get_by_role("link", name="Fill in my score card").click()
    page.get_by_role("button", name="Lock my score card").press("Enter")
    table = page.get_by_role("table", name="Score cards side by side")
    expect(table).to_contain_text("Ida")
    expect(table).to_contain_text("Said what they were about to do.")
    page.get_by_text("Change a score …").click()
    page.get_by_label("Criterion").select_option("role/testing")
    page.get_by_label("From now on").select_option("3")
    page.get_by_label("Why you change it").fill("Ida showed me the second half.")
    assert_fits(page)
    page.get_by_role("button", name="Change the score").click()
    expect(table).to_contain_text("First 4, changed to 3 by Rea")
    expect(page.locator("main")).not_to_contain_text("Mia")

    other.goto(f"{desk.url}roles/{role.id}")
    other.get_by_role("button", name="Begin with the criteria for live interviews").press("Enter")
    other.get_by_label("What a 2 looks like").first.fill("Answers when asked.")
    assert_fits(other)
    other.get_by_role("button", name="Save the role").press("Enter")
    other.goto(f"{desk.url}roles/{role.id}/agreement")
    expect(other.get_by_role("table", name="Agreement for each criterion")).to_contain_text("Too few to say")
    assert_fits(other)
