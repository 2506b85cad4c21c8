"""People, roles and the audit log in a browser, on a real service."""

import re

import pytest
from e2e.conftest import wait_for
from playwright.sync_api import expect
from visitor import Visitor

from assay_hub.domain.access import TeamRole


@pytest.mark.parametrize("script", [True, False])
def test_an_admin_adds_changes_and_says_goodbye_to_somebody(open_as, script):
    page = open_as(java_script_enabled=script)
    page.get_by_role("navigation", name="Assay").get_by_text("Team").click()
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_role("navigation", name="Assay").get_by_text("Team").click()
    expect(page.get_by_role("link", name="People", exact=True)).to_have_attribute("aria-current", "page")
    account = f"grace{script}".lower()

    page.get_by_label("Account name").fill(account)
    page.get_by_label("Name", exact=True).fill(f"Grace {script}")
    page.get_by_role("button", name="Add to the team").click()
    page.get_by_role("link", name=f"Change Grace {script}").click()
    page.get_by_label("In the team as").select_option("Reviewer")
    page.get_by_label("Active").uncheck()
    page.get_by_role("button", name="Save").click()

    former = page.get_by_role("table", name="Former members")
    expect(former.get_by_role("row").filter(has_text=f"Grace {script}")).to_contain_text("Reviewer")
    page.get_by_label("Account name").fill(account)
    page.get_by_role("button", name="Add to the team").click()
    expect(page.get_by_role("alert")).to_contain_text("in the team already")
    expect(page.get_by_label("Account name")).to_have_value(account)


def test_the_last_admin_cannot_be_taken_away(desk, open_as):
    page = open_as()
    page.goto(desk.url + "people/interviewer")

    page.get_by_label("In the team as").select_option("Viewer")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("login.admins")


def test_a_former_member_loses_an_open_room_and_everything_else_at_once(desk, open_as):
    desk.member("gone", TeamRole.INTERVIEWER)
    interview = desk.interview("Their last", interviewers=("gone", "interviewer"), questions=("on-call-shifts",))
    page, admin = open_as("gone", quiet=False), open_as()
    page.goto(f"{desk.url}room/{interview}")
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.locator("iframe")).to_have_attribute("src", re.compile("iv-"), timeout=60_000)

    admin.goto(desk.url + "people/gone")
    admin.get_by_label("Active").uncheck()
    admin.get_by_role("button", name="Save").click()
    admin.wait_for_url(desk.url + "people")

    expect(page.get_by_text("You no longer have access")).to_be_visible()
    workspace = desk.application.settings.origin(f"iv-{interview}") + f"/user/iv-{interview}/api/contents"
    assert page.goto(workspace).status in {403, 404}
    page.goto(desk.url)
    expect(page.locator("main")).to_contain_text("not in the team yet")


@pytest.mark.parametrize("script", [True, False])
def test_a_role_is_made_changed_and_archived(desk, open_as, script):
    page = open_as(java_script_enabled=script)
    page.goto(desk.url + "roles")
    page.get_by_role("link", name="New role").click()

    page.get_by_label("Name").fill(f"Statistician {script}")
    page.get_by_label("Length in minutes").fill("600")
    page.get_by_label("Tags").fill("r, stats")
    page.get_by_role("checkbox").first.check()
    if script:
        page.locator("main form").evaluate("one => { one.noValidate = true; }")
        page.get_by_role("button", name="Save the role").click()
        expect(page.get_by_text("between 5 minutes and 8 hours").first).to_be_visible()
        expect(page.get_by_label("Tags")).to_have_value("r, stats")
    page.get_by_label("Length in minutes").fill("45")
    page.get_by_role("button", name="Save the role").click()

    row = page.get_by_role("row").filter(has_text=f"Statistician {script}")
    expect(row).to_contain_text("45 min")
    expect(row).to_contain_text("r, stats")
    row.get_by_role("link", name="Start from this").click()
    expect(page.get_by_label("Tags")).to_have_value("r, stats")
    page.goto(desk.url + "roles")
    row.get_by_role("button", name="Archive").click()
    archived = page.get_by_role("table", name="Archived roles")
    expect(archived.get_by_role("row").filter(has_text=f"Statistician {script}")).to_be_visible()


def test_templates_are_listed_and_deleted(desk, open_as):
    interview = desk.interview("Original", "Sam", tags=("kept",))
    made = desk.application.positions.make_template(desk.admin, interview, "First round")
    page = open_as()
    page.goto(desk.url + "roles")

    link = page.get_by_role("link", name="Start from this template, First round").get_attribute("href")
    page.get_by_role("button", name="Delete the template First round").click()

    assert link.endswith(f"/new?template={made.id}")
    expect(page.get_by_text("First round")).to_have_count(0)


def test_the_audit_log_is_filtered_paged_exported_and_tells_of_its_reading(desk, open_as):
    interview = desk.interview("=Watched", "Sam")
    for _ in range(60):
        desk.application.review.details(desk.admin, interview)
    page = open_as()
    page.goto(desk.url + "audit")

    page.get_by_label("Interview (its id)").fill(interview)
    page.get_by_label("Deed").select_option("Read details")
    expect(page).to_have_url(f"{desk.url}audit?deed=read-details&interview={interview}")
    expect(page.get_by_role("status")).to_contain_text("50 entries")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("status")).to_have_text("10 entries, the latest first.")
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_role("status")).to_contain_text("50 entries")
    expect(page.get_by_role("link", name="Previous page")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all of them as CSV").click()

    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 61
    page.goto(desk.url + "audit?deed=read-audit")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Interviewer")
    page.goto(desk.url + "audit?deed=nothing&before=x&interview=1")
    expect(page.get_by_role("alert")).to_contain_text("no such deed")


@pytest.mark.parametrize("script", [True, False])
def test_signing_out_ends_every_session_of_the_browser(desk, open_as, script):
    page = open_as(java_script_enabled=script)
    before = page.context.cookies(desk.url)

    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.get_by_role("link", name="Sign in as a member of the team").click()
    expect(page).to_have_url(re.compile("/hub/login"))
    stolen = Visitor(desk.installation.port)
    stolen.cookies[desk.installation.desk_host] = {one["name"]: one["value"] for one in before}
    wait_for(lambda: stolen.request("GET", desk.url).status_code == 302, "the end of the session")


def test_a_candidate_signs_out_and_comes_back_by_the_link(desk, open_as):
    made = desk.installation.new_interview("Borrowed computer", "on-call-shifts")
    page = open_as()
    page.context.clear_cookies()
    page.goto(made.link)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert page.goto(f"{desk.url}room/{made.id}").url.startswith(desk.installation.url + "/hub/login")

    page.goto(made.link)
    expect(page.get_by_role("button", name="Enter the room")).to_be_visible()


def test_another_origin_signs_nobody_out(desk):
    visitor = desk.installation.staff()
    foreign = {"Origin": "http://iv-abcdefghij.assay.localhost", "Sec-Fetch-Site": "same-site"}

    without_token = visitor.post(desk.url + "sign-out", {})
    from_elsewhere = visitor.post(desk.url + "sign-out", {"csrf": visitor.csrf(desk.url)}, **foreign)
    nobody = Visitor(desk.installation.port).post(desk.url + "sign-out", {}, **foreign)

    assert [one.status_code for one in (without_token, from_elsewhere, nobody)] == [403] * 3
    assert "Sign out" in visitor.get(desk.url).text
