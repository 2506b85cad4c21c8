"""A form that is sent after its session has ended comes back whole, to the person who sent it and to nobody else."""

import re
from collections.abc import Callable

import pytest
from integration.wizard.conftest import Desk
from integration.wizard.test_wizard import shown
from playwright.sync_api import Page, expect
from visitor import Visitor

SIGNED_OUT = "You have been signed out"
AGAIN = "Send it again?"
FORM = {"step": "basics", "title": "Typed for an hour", "internal_notes": "line\nline", "action": "next"}


def form_of(desk: Desk, visitor: Visitor) -> str:
    draft = re.search(r'action="([^"]+)/basics"', visitor.get(desk.desk + "new").text)[1]
    return f"http://{desk.desk_host}{draft}/basics"


def end_session(page: Page) -> None:
    page.context.clear_cookies(name=re.compile("assay-session$"))


@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(
    desk: Desk,
    page_of: Callable[..., Page],
    script: bool,  # noqa: FBT001
):
    page = page_of(java_script_enabled=script)
    page.goto(desk.desk + "new")
    end_session(page)
    page.locator("#title").fill("Typed for an hour")
    page.locator("#candidate_name").fill("Mia 🎻")
    page.locator("#internal_notes").fill("line\nline")

    page.get_by_role("button", name="Next: questions").click()

    expect(page.get_by_role("heading", name=SIGNED_OUT)).to_be_visible()
    if script:
        shown(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    opened.value.get_by_role("heading", name="Interviews").wait_for()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name=AGAIN)).to_be_visible()
    if script:
        shown(page)
    page.get_by_role("button", name="Send it again").click()
    page.get_by_role("heading", name="Library", exact=True).wait_for()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("#title")).to_have_value("Typed for an hour")
    expect(page.locator("#candidate_name")).to_have_value("Mia 🎻")
    expect(page.locator("#internal_notes")).to_have_value("line\nline")


def test_a_button_of_the_list_pressed_after_the_session_ended_can_be_sent_again(
    desk: Desk, page_of: Callable[..., Page]
):
    page = page_of()
    page.goto(desk.desk + "new")
    page.get_by_role("button", name="Questions", exact=True).click()
    page.get_by_role("heading", name="Library", exact=True).wait_for()
    end_session(page)

    page.get_by_role("button", name="Add Who was on call?").click()

    expect(page.get_by_role("heading", name=SIGNED_OUT)).to_be_visible()


def test_the_form_that_comes_back_acts_only_when_it_is_sent(desk: Desk):
    visitor = desk.visitor("interviewer")
    url = form_of(desk, visitor)

    stale = visitor.post(url, {**FORM, "csrf": "0" * 64})

    assert stale.status_code == 403
    assert AGAIN in stale.text
    assert 'name="title" value="Typed for an hour"' in stale.text
    assert "script-src 'self'" in stale.headers["content-security-policy"]
    assert 'value="Typed for an hour"' not in visitor.get(url).text
    fresh = re.search(r'name="csrf" value="([0-9a-f]{64})"', stale.text)[1]
    assert visitor.post(url, {**FORM, "csrf": fresh}).status_code == 303


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://iv-abcdefghij.assay.localhost"},
    ],
)
def test_another_origin_gets_no_such_page_and_no_token(desk: Desk, headers: dict[str, str], signed_in: bool):  # noqa: FBT001
    visitor = desk.visitor("interviewer")
    url = form_of(desk, visitor)
    token = visitor.csrf(url)
    sender = visitor if signed_in else Visitor(desk.port)

    answer = sender.post(url, {**FORM, "csrf": "0" * 64}, **headers)

    assert answer.status_code in {401, 403}
    for words in (AGAIN, SIGNED_OUT, "Typed for an hour", token, 'name="csrf"'):
        assert words not in answer.text


FORMS = (
    *("people", "people/grace", "roles/new", "webhooks", "connections", "bulk", "searches", "calendar", "calendar/end"),
    *("room/{id}/enter", "room/{id}/questions", "room/{id}/restart", "room/{id}/submit", "room/{id}/end"),
    *("interviews/{id}/links", "interviews/{id}/invitation", "interviews/{id}/cancel"),
)


def test_every_form_of_ours_comes_back_whole(desk: Desk):
    visitor, nobody = desk.visitor("interviewer"), Visitor(desk.port)
    form = {"name": "Typed for an hour", "csrf": "0" * 64}

    for path in FORMS:
        address = desk.desk + path.format(id=desk.interview_id)
        stale, gone = visitor.post(address, form), nobody.post(address, form)

        assert (stale.status_code, gone.status_code) == (403, 401), path
        assert AGAIN in stale.text
        assert SIGNED_OUT in gone.text
        for answer in (stale, gone):
            assert 'name="name" value="Typed for an hour"' in answer.text


def test_a_program_and_a_script_of_the_room_get_no_such_page(desk: Desk):
    visitor = desk.visitor("interviewer")
    url = form_of(desk, visitor)
    notes = f"{desk.desk}room/{desk.interview_id}/notes"

    script = visitor.post(url, {**FORM, "csrf": "0" * 64}, Accept="application/problem+json")
    room = visitor.post(notes, {"text": "secret", "csrf": "0" * 64})
    gone = Visitor(desk.port).post(notes, {"text": "secret"})

    assert script.headers["content-type"] == "application/problem+json"
    for answer in (script, room, gone):
        assert AGAIN not in answer.text
        assert SIGNED_OUT not in answer.text


def test_what_comes_back_cannot_become_an_element(desk: Desk):
    visitor = desk.visitor("interviewer")
    url = form_of(desk, visitor)
    hostile = '"><script>hostile()</script>'

    answer = visitor.post(f"{url}?{hostile}", {"title": hostile, hostile: "x", "csrf": "0" * 64})

    assert AGAIN in answer.text
    assert "<script>hostile" not in answer.text


def test_a_link_is_handed_to_the_next_page_of_the_same_session_only(desk: Desk):
    first, second = desk.visitor("interviewer"), desk.visitor("interviewer")
    page = f"{desk.desk}interviews/{desk.new_interview('Once').id}"

    made = first.post(f"{page}/links", {"csrf": first.csrf(page)})
    ((name, handed),) = [one for one in first.cookies[desk.desk_host].items() if one[0].endswith("assay-once")]
    second.cookies[desk.desk_host][name] = handed
    stolen, shown_once, later = second.get(page).text, first.get(page).text, first.get(page).text

    assert made.status_code == 303
    assert "invite?token=" not in handed
    assert "invite?token=" not in stolen
    assert "invite?token=" in shown_once
    assert "invite?token=" not in later
