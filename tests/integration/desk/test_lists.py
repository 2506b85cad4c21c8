"""The list of interviews in a browser, on a real service."""

import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import Page, expect
from visitor import Visitor

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.position import Position
from assay_hub.domain.search import AuditSearch


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
            f"Round r{number:02}",
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


def rows(page: Page) -> list[str]:
    return [text.split("\n")[0] for text in page.locator(".assay-list tbody th").all_inner_texts()]


@pytest.mark.usefixtures("filled")
def test_the_list_narrows_while_somebody_types_and_keeps_their_focus(open_as):
    page = open_as()
    page.evaluate("window.sameDocument = true")

    page.get_by_label("Find", exact=True).press_sequentially("r4")

    expect(page.get_by_role("status")).to_have_text("10 interviews.")
    assert sorted(rows(page)) == [f"Round r{number}" for number in range(40, 50)]
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("window.sameDocument")
    assert page.url.endswith("/services/assay/?q=r4")
    page.reload()
    assert len(rows(page)) == 10
    expect(page.get_by_label("Find", exact=True)).to_have_value("r4")


@pytest.mark.usefixtures("filled")
def test_a_filter_is_in_the_address_and_back_takes_it_away(open_as):
    page = open_as()
    page.get_by_text("Filters and order").click()
    assert page.locator(".assay-filter-grid").bounding_box()["width"] > 900

    page.get_by_label("Role", exact=True).select_option("Data analyst")
    expect(page.get_by_role("status")).to_have_text("29 interviews.")
    page.get_by_label("Not started").check()
    page.get_by_label("Sorted by").select_option("Title, A to Z")

    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Interview")
    assert rows(page)[0] == "Round r01"
    assert "role=" in page.url
    assert "state=created" in page.url
    page.go_back()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Date")


def test_tags_are_suggested_and_followed(filled, open_as):
    page = open_as()
    page.get_by_text("Filters and order").click()

    page.get_by_label("Tags", exact=True).press_sequentially("python, on")

    expect(page.locator("#known-tags option")).to_have_count(1)
    assert page.locator("#known-tags option").get_attribute("value") == "python, onsite"
    page.goto(filled.url + "?q=hyperlink")
    page.get_by_role("link", name="Tag: odd, one").click()
    assert rows(page) == ["=HYPERLINK(1)"]
    expect(page.get_by_label("odd, one")).to_be_checked()


@pytest.mark.usefixtures("filled")
def test_pages_follow_each_other_to_the_end(open_as):
    page = open_as()
    seen = rows(page)
    assert len(seen) == 50

    page.get_by_role("link", name="Next page").click()
    status = page.get_by_role("status")
    expect(status).to_have_text(re.compile(r"^\d+ of \d+ interviews, the last\.$"))

    # With the sample interview, and whatever other tests of the folder made.
    shown, total = map(int, re.findall(r"\d+", status.inner_text()))
    last = rows(page)
    assert len(last) == shown
    assert len(seen + last) == total >= 61
    assert {"Round r01", "=HYPERLINK(1)"} <= {*seen, *last}
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_role("status")).to_have_text(f"50 of {total} interviews, the first.")
    assert rows(page) == seen
    expect(page.get_by_role("link", name="Previous page")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_everything_works_with_and_without_script(filled, open_as, script):
    page = open_as(java_script_enabled=script)

    page.get_by_text("Filters and order").click()
    page.get_by_label("Find", exact=True).fill("r5")
    page.get_by_label("Tags", exact=True).fill("python")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status")).to_have_text("5 interviews.")
    page.get_by_label("Save this search as").fill(f"Fifties {script}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(filled.url)
    page.get_by_role("link", name=f"Fifties {script}", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("5 interviews.")
    page.get_by_label("All on this page").check()
    page.get_by_label("Tag to add or remove").fill(f"fifty-{script}")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_role("status")).to_contain_text("5 interviews tagged.")
    page.goto(f"{filled.url}?tag=fifty-{script}")
    assert len(rows(page)) == 5
    page.get_by_label(f"Choose {rows(page)[0]}").check()
    page.get_by_label("Tag to add or remove").fill(f"fifty-{script}")
    page.get_by_role("button", name="Remove the tag").click()
    expect(page.get_by_role("status")).to_contain_text("1 interview left without the tag.")
    assert len(rows(page)) == 4
    page.goto(filled.url)
    page.get_by_role("button", name=f"Delete the saved search Fifties {script}").click()
    expect(page.get_by_role("link", name=f"Fifties {script}", exact=True)).to_have_count(0)


@pytest.mark.usefixtures("filled")
def test_the_list_can_be_used_by_keyboard_alone(open_as):
    page = open_as()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("r07")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 interview.")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "id":
            break
    page.keyboard.press("Space")

    expect(page.get_by_label("All on this page")).to_be_checked()


def test_many_are_cancelled_and_those_that_cannot_be_are_named(filled, open_as):
    ids = [filled.interview(f"Called off {number}", "Sam") for number in range(2)]
    filled.application.edit_interview.cancel(filled.admin, ids[0])
    page = open_as()
    page.goto(filled.url + "?q=called+off")

    page.get_by_label("All on this page").check()
    page.get_by_text("Cancel them …").click()
    page.get_by_role("button", name="Cancel the chosen interviews").click()

    expect(page.get_by_role("heading", name="Not everything could be done")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Called off 0")).to_contain_text("cancelled")
    assert_accessible(page)
    page.get_by_role("link", name="Back to the list").click()
    assert page.locator(".assay-state-cancelled").count() == 2


def visitor(desk, account: str) -> Visitor:
    signed_in = Visitor(desk.installation.port)
    signed_in.get(desk.installation.sign_in_link(account))
    return signed_in


def test_a_whole_search_leaves_as_a_file_in_which_nothing_is_a_formula(filled):
    answer = visitor(filled, "interviewer").get(filled.url + "interviews.csv?order=title")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"] == 'attachment; filename="assay-interviews.csv"'
    assert len(lines) >= 61
    assert any(",'=HYPERLINK(1),Zoë," in line for line in lines)
    with filled.application.database.read() as records:
        (entry, *_) = records.audit(AuditSearch(deed=Deed.EXPORTED.value))
    assert (entry.account, len(entry.details["interviews"])) == ("interviewer", len(lines) - 1)


def test_a_download_holds_the_chosen_ones(filled):
    interview = filled.interview("Taken along", "Sam")
    person = visitor(filled, "rex")

    form = {"csrf": person.csrf(filled.url), "id": interview, "deed": "download"}
    answer = person.post(filled.url + "bulk", form)

    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == [f"{interview}/details.json"]
        assert json.loads(packed.read(f"{interview}/details.json"))["title"] == "Taken along"


def test_somebody_who_is_not_in_the_team_reads_what_to_do_and_finds_nothing_else(filled, open_as):
    page = open_as("stranger", width=390)

    expect(page.locator("main")).to_contain_text("signed in as stranger, but not in the team yet")
    assert_accessible(page)
    stranger = visitor(filled, "stranger")
    for path in ("people", "roles", "audit", "interviews.csv", "audit.csv", "tags", "people/ida", "new", "?q=x"):
        answer = stranger.get(filled.url + path)
        assert answer.status_code == (403 if path.startswith("?") else 404), path
        assert "Round" not in answer.text


def test_a_viewer_can_look_and_change_nothing(filled):
    viewer = visitor(filled, "vic")
    page = viewer.get(filled.url)

    assert page.status_code == 200
    assert "Confidential" not in page.text
    assert 'aria-label="New interview"' not in page.text
    assert ">Add the tag<" not in page.text
    csrf = viewer.csrf(filled.url)
    shown = filled.interview("Stays", "Sam")
    for path in ("roles", "roles/new", "audit", "people/ida"):
        assert viewer.get(filled.url + path).status_code == 404
    answer = viewer.post(filled.url + "bulk", {"csrf": csrf, "id": shown, "deed": "cancel"})
    assert answer.status_code == 409
    assert viewer.post(filled.url + "people", {"csrf": csrf, "account": "new"}).status_code == 404
    assert viewer.post(filled.url + "people/ida", {"csrf": csrf, "name": "X", "role": "admin"}).status_code == 404


def test_every_change_needs_the_token_of_the_session(filled):
    person = visitor(filled, "mia")

    for path in ("bulk", "searches", "searches/delete", "people", "people/ida", "roles/new", "templates/x/delete"):
        assert person.post(filled.url + path, {"name": "x", "account": "x"}).status_code == 403


@pytest.mark.parametrize(
    "query", ["cursor=x", "state=x", "since=x", "q=%00", "role=x", "cursor=%ff", "tag=%00", "kind=%E2"]
)
def test_an_address_that_cannot_be_used_says_so_and_offers_a_way_out(filled, query):
    answer = visitor(filled, "interviewer").get(filled.url + "?" + query)

    assert answer.status_code == 422
    assert "Show all interviews" in answer.text


def test_a_shared_address_survives_the_sign_in(filled):
    shared = Visitor(filled.installation.port)

    answer = shared.request("GET", filled.url + "?q=round+1&tag=a%26b")

    assert "next=%2Fservices%2Fassay%2F%3Fq%3Dround%2B1%26tag%3Da%2526b" in answer.headers["location"]
