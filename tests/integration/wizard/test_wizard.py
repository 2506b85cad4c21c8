"""Making an interview in steps: by mouse, by keyboard, without script; and nothing that was entered is lost."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from integration.wizard.conftest import Desk
from playwright.sync_api import Page, expect

from assay_hub.domain.access import Action
from assay_hub.domain.interview import Interview
from assay_hub.domain.position import Position
from assay_hub.domain.search import Order, Search


def newest(desk: Desk) -> Interview:
    return desk.application.find_interviews(desk.admin, Search(order=Order.LATEST_CREATED, rows=1)).interviews[0]


def shown(page: Page) -> None:
    """Check a page in both widths."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_no_sideways_scroll(page)
        assert_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def fill_basics(page: Page, title: str) -> None:
    page.locator("#title").fill(title)
    page.locator("#candidate_name").fill("Mia Brandt")
    page.locator("#date").fill("2026-12-01")
    page.locator("#time").fill("14:30")
    page.locator("#tags").fill("sql, remote")


def chosen(page: Page) -> list[str]:
    return [words.partition("?")[0] for words in page.locator(".assay-order-title").all_inner_texts()]


def tab_to(page: Page, element_id: str, key: str = "Tab") -> None:
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.id") == element_id:
            return
    pytest.fail(f"{key} never reached {element_id}")


def tab_to_words(page: Page, words: str) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == words:
            return
    pytest.fail(f"Tab never reached {words}")


def test_an_interview_is_made_by_mouse(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()

    page.goto(desk.desk + "new")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    fill_basics(page, "By mouse")
    page.get_by_label("Grace: interviewer").check()
    page.get_by_label("Rosa: observer").check()
    shown(page)
    page.get_by_role("button", name="Next: questions").click()

    page.get_by_role("button", name="Add Who was on call?").click()
    page.get_by_role("button", name="Remove Who was on call?").wait_for()
    page.get_by_role("button", name="Add The report that lies").click()
    expect(page.locator("#said")).to_have_text("Added “The report that lies”. It is number 2 of 2 now.")
    page.get_by_role("link", name="Preview Who was on call?").click()
    expect(page.get_by_role("heading", name="Who was on call?", level=2)).to_be_focused()
    shown(page)
    page.locator(".assay-order li").first.drag_to(
        page.locator(".assay-order li").nth(1), target_position={"x": 60, "y": 70}
    )
    expect(page.locator("#said")).to_have_text("The order is changed.")
    assert chosen(page)[0].startswith("The report that lies")
    page.get_by_role("button", name="Next: confirm").click()

    expect(page.get_by_text("Tuesday, 1 December 2026, 14:30 (Europe/Berlin)")).to_be_visible()
    shown(page)
    page.get_by_role("button", name="Create the interview").click()

    link = page.locator("#new-link").input_value()
    assert link.startswith(f"{desk.url}/hub/invite?token=")
    shown(page)
    page.reload()
    expect(page.locator("#new-link")).to_have_count(0)
    made = newest(desk)
    assert (made.title, made.interviewers, made.observers) == ("By mouse", ("grace", "interviewer"), ("rosa",))
    assert made.scheduled_at == datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
    assert [ref.id for ref in made.questions] == ["sensor-pipeline", "on-call-shifts"]


def test_an_interview_is_made_by_keyboard_alone(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()

    page.goto(desk.desk + "new")
    tab_to(page, "title")
    page.keyboard.type("By keyboard")
    tab_to(page, "candidate_name")
    page.keyboard.type("Sam")
    tab_to_words(page, "Next: questions")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Library", exact=True).wait_for()
    tab_to(page, "add-on-call-shifts")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Added “Who was on call?”. It is number 1 of 1 now.")
    expect(page.locator("#add-on-call-shifts")).to_be_focused()
    tab_to(page, "add-sensor-pipeline", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Added “The report that lies”. It is number 2 of 2 now.")
    tab_to(page, "up-sensor-pipeline", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("#said")).to_have_text("Moved “The report that lies” up. It is number 1 of 2 now.")
    expect(page.locator("#up-sensor-pipeline")).to_be_focused()
    page.keyboard.press("Space")  # it is at the top: nothing happens, and the focus stays
    expect(page.locator("#up-sensor-pipeline")).to_be_focused()
    tab_to(page, "look-sensor-pipeline")
    page.keyboard.press("Enter")
    expect(page.locator("#preview-heading")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#look-sensor-pipeline")).to_be_focused()
    page.keyboard.press("Home")
    page.evaluate("document.getElementById('content').focus()")
    tab_to_words(page, "Next: confirm")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What and who").wait_for()
    tab_to_words(page, "Create the interview")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()
    assert [ref.id for ref in newest(desk).questions] == ["sensor-pipeline", "on-call-shifts"]


def test_an_interview_is_made_without_script(desk: Desk, page_of: Callable[..., Page]):
    page = page_of(java_script_enabled=False)

    page.goto(desk.desk + "new")
    page.get_by_role("button", name="Next: questions").click()
    expect(page.get_by_role("alert")).to_contain_text("The title needs 1 to 200 characters.")
    fill_basics(page, "Without script")
    page.get_by_role("button", name="Questions", exact=True).click()
    page.locator("#filter-kind").select_option("debugging")
    page.get_by_role("button", name="Search").click()
    debugging = [card for card in desk.application.library.cards() if card.kind == "debugging"]
    expect(page.get_by_text(f"{len(debugging)} questions found.")).to_be_visible()
    page.get_by_role("button", name="Add The report that lies").click()
    assert "kind=debugging" in page.url
    page.locator("#filter-kind").select_option("")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Preview Who was on call?").click()
    expect(page.get_by_text("As the candidate gets it.")).to_be_visible()
    page.get_by_role("button", name="Add Who was on call?").click()
    page.get_by_role("button", name="Move down The report that lies").click()
    expect(page.get_by_role("button", name="Move down The report that lies")).to_be_focused()
    expect(page.locator("#said")).to_have_text("Moved “The report that lies” down. It is number 2 of 2 now.")
    page.get_by_role("button", name="Next: confirm").click()
    page.get_by_role("button", name="Create the interview").click()

    assert page.locator("#new-link").input_value().startswith(desk.url)
    made = newest(desk)
    assert (made.title, made.tags) == ("Without script", ("sql", "remote"))
    assert [ref.id for ref in made.questions] == ["on-call-shifts", "sensor-pipeline"]


@pytest.mark.parametrize("name", ["Coding format", "System design format"])
def test_without_a_question_an_empty_editor_is_chosen(desk: Desk, page_of: Callable[..., Page], name: str):
    page = page_of()

    page.goto(desk.desk + "new")
    fill_basics(page, name)
    page.get_by_role("button", name="Next: questions").click()
    page.get_by_label(name).check()
    page.get_by_role("button", name="Next: confirm").click()
    page.get_by_role("button", name="Create the interview").click()
    page.locator("#new-link").wait_for()

    (asked,) = newest(desk).questions
    assert asked.id == ("blank-coding" if name == "Coding format" else "blank-system-design")


def test_going_back_leaving_reloading_and_escape_lose_nothing(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()
    page.goto(desk.desk + "new")
    basics = page.url

    fill_basics(page, "Kept")
    page.get_by_label("Internal notes").fill("First line\nsecond line")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Kept as a draft.")).to_be_visible()
    page.reload()
    expect(page.locator("#title")).to_have_value("Kept")
    page.get_by_role("button", name="Next: questions").click()
    page.get_by_role("button", name="Add Who was on call?").click()
    page.get_by_role("button", name="Remove Who was on call?").wait_for()
    page.go_back()
    expect(page.locator("#title")).to_have_value("Kept")
    page.locator("#candidate_name").fill("Typed just before going")
    page.goto(desk.desk)
    page.goto(basics)

    expect(page.locator("#candidate_name")).to_have_value("Typed just before going")
    expect(page.get_by_label("Internal notes")).to_have_value("First line\nsecond line")
    page.get_by_role("button", name="Questions", exact=True).click()
    assert chosen(page) == ["Who was on call"]
    page.goto(desk.desk + "new")
    page.get_by_text("unfinished form").click()
    expect(page.get_by_role("link", name="Kept, Typed just before going")).to_be_visible()


def test_a_role_fills_in_what_nobody_set(desk: Desk, page_of: Callable[..., Page]):
    position = Position("", "Analyst", ("late-deliveries",), timedelta(minutes=35), ("sql",))
    desk.application.positions.save(desk.admin, position)
    page = page_of()
    page.goto(desk.desk + "new")
    page.locator("#title").fill("For a role")

    page.locator("#position").focus()
    page.locator("#position").select_option("Analyst")

    expect(page.locator("#minutes")).to_have_value("35")
    expect(page.locator("#tags")).to_have_value("sql")
    expect(page.locator("#title")).to_have_value("For a role")
    expect(page.locator("#position")).to_be_focused()
    page.get_by_role("button", name="Questions", exact=True).click()
    assert chosen(page)[0].startswith("Which deliveries come late")


def test_the_questions_of_an_earlier_interview_are_taken_over(desk: Desk, page_of: Callable[..., Page]):
    desk.new_interview("An earlier one", "sensor-pipeline", "late-deliveries")
    page = page_of()
    page.goto(desk.desk + "new")
    page.get_by_role("button", name="Questions", exact=True).click()

    page.get_by_label("Title, candidate or tag").fill("earlier one")
    page.get_by_role("button", name="Take over these questions of An earlier one").click()

    expect(page.locator("#said")).to_have_text("Took over the questions. There are 2 now.")
    assert [one.partition("?")[0][:9] for one in chosen(page)] == ["The repor", "Which del"]


@pytest.mark.parametrize(
    ("field", "entered", "words"),
    [
        ("title", "\u202eevil", "1 to 200 characters"),
        ("candidate_email", "mia at home", "no e-mail address"),
        ("minutes", "3", "between 5 minutes and 8 hours"),
        ("time", "02:30", "skip this time"),
        ("tags", "x" * 60, "at most 50 characters"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    desk: Desk, page_of: Callable[..., Page], field: str, entered: str, words: str
):
    page = page_of()
    page.goto(desk.desk + "new")
    fill_basics(page, "<b>Ünïcode</b> שלום 🎻")
    if field == "time":
        page.locator("#date").fill("2026-03-29")
    page.locator(f"#{field}").fill(entered)

    page.get_by_role("button", name="Next: questions").click()

    place = "date" if field == "time" else field
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator(f"#{place}")).to_have_attribute("aria-invalid", "true")
    assert f"{place}-error" in page.locator(f"#{place}").get_attribute("aria-describedby")
    expect(page.locator(f"#{place}-error")).to_contain_text(words)
    expect(page.locator(f"#{field}")).to_have_value(entered)
    assert field == "title" or page.locator("#title").input_value() == "<b>Ünïcode</b> שלום 🎻"
    shown(page)
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.locator(f"#{place}")).to_be_focused()


def test_a_text_that_no_form_holds_comes_back_with_the_form(desk: Desk):
    staff = desk.visitor("interviewer")
    answer = staff.get(desk.desk + "new")
    draft = re.search(r'action="([^"]+)/basics"', answer.text)[1]
    url = f"http://{desk.desk_host}{draft}/basics"
    token = staff.csrf(url)

    kept = staff.post(url, {"csrf": token, "step": "basics", "title": "Kept", "action": "keep"})
    large = staff.post(url, {"csrf": token, "title": "x" * 900_000, "candidate_name": "Mia", "action": "next"})
    larger = staff.post(url, {"csrf": token, "title": "x" * 1_100_000, "action": "next"})

    assert kept.status_code == 204
    assert large.status_code == 413
    assert 'value="Mia"' in large.text
    assert "x" * 900_000 in large.text
    assert larger.status_code == 413
    assert "text/html" in larger.headers["content-type"]
    assert 'value="Kept"' in staff.get(url).text


def test_a_draft_of_somebody_else_is_not_there(desk: Desk):
    owner, other = desk.visitor("interviewer"), desk.visitor("grace")
    draft = re.search(r'action="([^"]+)/basics"', owner.get(desk.desk + "new").text)[1]
    url = f"http://{desk.desk_host}{draft}"
    token = other.csrf(desk.desk + "new")

    opened = [other.get(f"{url}/{step}").status_code for step in ("basics", "questions", "confirm", "conflict")]
    sent = [
        other.post(f"{url}/{step}", {"csrf": token, "action": "next"}).status_code
        for step in ("basics", "questions", "confirm", "conflict", "discard")
    ]

    assert set(opened + sent) == {404}


def test_only_those_who_make_interviews_see_the_steps(desk: Desk):
    for account, library in (("rosa", 200), ("vic", 404)):
        visitor = desk.visitor(account)
        assert visitor.get(desk.desk + "new").status_code == 404
        assert visitor.get(desk.desk + "questions").status_code == library
        assert visitor.get(desk.desk + "questions/on-call-shifts").status_code == library
        assert visitor.get(f"{desk.desk}interviews/{desk.interview_id}/edit").status_code == 404


def test_a_form_that_was_saved_leads_to_what_it_became(desk: Desk, page_of: Callable[..., Page]):
    page = page_of()
    page.goto(desk.desk + "new")
    basics = page.url
    fill_basics(page, "Saved once")
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_role("button", name="Create the interview").dblclick()
    page.get_by_role("heading", name="Saved once").wait_for()

    page.goto(basics)

    expect(page).to_have_url(f"{desk.desk}interviews/{newest(desk).id}")
    found = desk.application.find_interviews(desk.admin, Search(text="Saved once")).interviews
    assert len(found) == 1
    assert desk.application.review.find(desk.admin, Action.EDIT, found[0].id).revision == 1
