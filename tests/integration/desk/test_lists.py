"""The list of interviews in a browser, on a real service."""

import os
import re
from pathlib import Path

import pytest
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import Page

from assay_hub.domain.access import TeamRole
from assay_hub.domain.position import Position


def shot(page: Page, name: str) -> None:
    """Keep a picture for people who look at pages themselves."""
    if folder := os.environ.get("ASSAY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=page.viewport_size["width"] > 500)


@pytest.fixture(scope="module")
def filled(desk):
    """Sixty interviews for two roles with tags, and a team."""
    for account, role in (
        ("ida", TeamRole.INTERVIEWER),
        ("rex", TeamRole.REVIEWER),
        ("vic", TeamRole.VIEWER),
        ("mia", TeamRole.ADMIN),
    ):
        desk.member(account, role)
    position = desk.application.positions.save(desk.admin, Position("", "Data analyst", tags=("python",)))
    for number in range(58):
        desk.interview(
            f"Round {number:02}",
            f"Candidate {number % 7}",
            tags=("python", "onsite") if number % 3 else ("sql",),
            position=position.id if number % 2 else "",
            interviewers=("interviewer", "ida") if number % 5 else ("interviewer",),
        )
    desk.interview("=HYPERLINK(1)", "Zoë", tags=("odd, one",))
    desk.interview("Confidential", "Mr. X", viewers=("rex",))
    return desk


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_has_no_violation(filled, open_as, width):
    page = open_as(width=width)

    for path in (
        "",
        "?q=round&tag=python&state=created",
        "?q=nothing+at+all",
        "?state=lively",
        "people",
        "people/ida",
        "roles",
        "roles/new",
        "audit",
    ):
        page.goto(filled.url + path)
        for summary in page.locator("summary").all():
            if not summary.evaluate("one => one.parentElement.open"):
                summary.click()
        assert_no_sideways_scroll(page)
        assert_accessible(page)
        shot(page, f"{re.sub('[^a-z]+', '-', path) or 'home'}-{width}")
