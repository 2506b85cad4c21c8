"""The script of the room in Chromium, against a scripted service."""

from collections.abc import Callable

import pytest
from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from integration.web.stage import ROOM, Stage, document
from integration.web.steps import focused, open_room, status, tab_to, workspace
from playwright.sync_api import Page, expect

from assay_hub.domain.access import Role
from assay_protocol.problem import Problem

LOST = "Connection lost; trying again. Nothing is lost."
AWAY = Problem(503, "workspace-unreachable", "The workspace does not answer.", "Try again in a moment.")


def test_the_frame_is_loaded_only_when_the_workspace_is_ready(candidate_stage: Stage, page: Page):
    candidate_stage.state.update(status("starting"))
    page.goto(candidate_stage.room)
    expect(page.get_by_text("Preparing your notebook …")).to_be_visible()
    assert candidate_stage.loads == []

    candidate_stage.tell(**status("ready"))

    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    assert candidate_stage.loads == ["busiest.ipynb"]


def test_a_failed_start_is_said_with_its_reason_as_text(interviewer_stage: Stage, page: Page):
    interviewer_stage.state.update(workspace={"status": "failed", "message": "<b>No room left.</b>"})
    page.goto(interviewer_stage.room)
    expect(page.get_by_text("(<b>No room left.</b>)")).to_be_visible()

    page.get_by_role("button", name="Start the notebook again").click()
    interviewer_stage.await_post("restart")
    interviewer_stage.tell(**status("ready"))

    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    expect(page.get_by_role("button", name="Start the notebook again")).to_be_hidden()


def test_a_loaded_notebook_is_never_loaded_again_unasked(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    workspace(page).evaluate("hint('ready')")
    page.frame_locator("iframe").get_by_label("Cell").fill("work")

    candidate_stage.tell(**status("stopped"))
    expect(page.get_by_text("The notebook has stopped.")).to_be_visible()
    candidate_stage.tell(**status("ready"))

    again = page.get_by_role("button", name="Load the notebook again")
    expect(again).to_be_visible()
    assert candidate_stage.loads == ["busiest.ipynb"]
    again.click()
    expect(page.frame_locator("iframe").get_by_label("Cell")).to_have_value("")
    expect(again).to_be_hidden()
    assert candidate_stage.loads == ["busiest.ipynb"] * 2


def test_a_notebook_that_reconnects_by_itself_needs_no_question(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    shown = page.locator("[data-room=notebook-state]")
    workspace(page).evaluate("hint('ready'); hint('disconnected')")
    expect(shown).to_have_text("Notebook: disconnected")

    candidate_stage.tell(**status("stopped"))
    expect(page.get_by_text("The notebook has stopped.")).to_be_visible()
    workspace(page).evaluate("hint('ready'); hint('saved')")
    expect(shown).to_have_text("Notebook: saved")
    candidate_stage.tell(**status("ready"))

    expect(page.get_by_text("The notebook has stopped.")).to_be_hidden()
    expect(page.get_by_role("button", name="Load the notebook again")).to_be_hidden()
    assert candidate_stage.loads == ["busiest.ipynb"]


def test_a_notebook_that_never_came_up_is_loaded_again_by_itself(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    candidate_stage.tell(**status("failed"))
    with page.expect_response("**/notebooks/busiest.ipynb"):
        candidate_stage.tell(**status("ready"))

    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    assert candidate_stage.loads == ["busiest.ipynb"] * 2


def test_choosing_a_task_shows_its_statement_and_notebook_and_is_remembered(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    page.get_by_role("button", name="2. Sales per region").click()

    expect(page.get_by_role("heading", name="Sales per region")).to_be_visible()
    expect(page.get_by_role("heading", name="Busiest hour")).to_be_hidden()
    page.wait_for_function("document.querySelector('iframe').src.endsWith('sales.ipynb')")
    with page.expect_response("**/sales.ipynb"):
        page.reload()
    assert page.locator("iframe").get_attribute("src").endswith("sales.ipynb")
    assert candidate_stage.loads[-1] == "sales.ipynb"


def test_the_page_around_believes_hints_from_its_own_frame_only(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    shown = page.locator("[data-room=notebook-state]")

    page.evaluate("postMessage({source: 'assay-workspace', state: 'disconnected'}, '*')")
    workspace(page).evaluate("hint('<img>'); hint('saved', 'somebody'); hint('unsaved')")
    expect(shown).to_have_text("Notebook: saving …")
    workspace(page).evaluate("hint('kernel-busy'); hint('saved')")

    expect(shown).to_have_text("Notebook: saved · running")


def test_a_dropped_server_is_found_again_and_the_work_in_the_frame_stays(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    page.frame_locator("iframe").get_by_label("Cell").fill("work")

    candidate_stage.stop()
    expect(page.get_by_text(LOST)).to_be_visible()
    candidate_stage.state["recording"] = {"events": 1300, "gaps": 2}
    candidate_stage.start()

    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.get_by_text("1300 events, 2 gaps")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_label("Cell")).to_have_value("work")


def test_coming_back_online_reconnects_at_once(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    candidate_stage.stop()
    expect(page.get_by_text(LOST)).to_be_visible()
    candidate_stage.start()

    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=2000)


def test_lost_access_removes_the_frame_and_nothing_connects_again(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    candidate_stage.close_sockets(4403)

    expect(page.get_by_role("heading", name="You no longer have access to this interview.")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator("[data-room=finish] button")).to_be_disabled()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.evaluate("fetch(location.href)")
    assert candidate_stage.opened == 1


@pytest.mark.parametrize(
    ("refusal", "words"),
    [(404, "You no longer have access to this interview."), (401, "You are signed out.")],
)
def test_a_refused_handshake_removes_the_frame_too(candidate_stage: Stage, page: Page, refusal: int, words: str):
    open_room(page, candidate_stage)

    candidate_stage.refusal = document(Problem(refusal, "refused", "Refused."))
    candidate_stage.close_sockets(1012)

    expect(page.get_by_role("heading", name=words)).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("elsewhere", [HTMLResponse("No such page", 404), RedirectResponse("/page/problem", 302)])
def test_a_proxy_that_lost_its_routes_takes_nothing_away(candidate_stage: Stage, page: Page, elsewhere: Response):
    open_room(page, candidate_stage)
    page.frame_locator("iframe").get_by_label("Cell").fill("work")
    candidate_stage.refusal = elsewhere

    with page.expect_response(candidate_stage.room):
        candidate_stage.close_sockets(1012)
    for _ in range(2):  # the page asks when it loses the connection, and after each handshake that is refused
        page.wait_for_event("response", lambda answer: answer.url == candidate_stage.room)
    expect(page.get_by_text(LOST)).to_be_visible()
    candidate_stage.refusal = None

    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    expect(page.frame_locator("iframe").get_by_label("Cell")).to_have_value("work")
    assert candidate_stage.refused >= 2


def test_an_interview_that_ended_while_the_connection_was_lost_leads_on(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    candidate_stage.refusal = RedirectResponse(f"{ROOM}/receipt", 303)
    candidate_stage.close_sockets(1012)

    page.wait_for_url("**/receipt")


def test_a_candidate_submits_by_keyboard_alone_and_an_error_loses_nothing(candidate_stage: Stage, page: Page):
    candidate_stage.refusals["submit"] = [AWAY]
    open_room(page, candidate_stage)

    tab_to(page, "Submit …")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Submit your work?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == "Submit …"
    page.keyboard.press("Enter")
    tab_to(page, "Submit now")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The workspace does not answer. Try again in a moment.")
    expect(page.frame_locator("iframe").get_by_label("Cell")).to_be_attached()
    assert focused(page) == "Submit now"
    page.keyboard.press("Enter")

    page.wait_for_url("**/receipt")
    assert len(candidate_stage.received["submit"]) == 2


def test_a_submit_while_the_service_is_away_says_so(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    page.get_by_role("button", name="Submit").click()
    candidate_stage.stop()

    page.get_by_role("button", name="Submit now").click()

    expect(page.get_by_role("alert")).to_contain_text("Assay cannot be reached right now.")
    candidate_stage.start()
    page.get_by_role("button", name="Submit now").click()
    page.wait_for_url("**/receipt")


def test_a_candidate_submits_without_script(candidate_stage: Stage, page: Page):
    assert page.context.browser is not None
    plain = page.context.browser.new_context(java_script_enabled=False).new_page()
    plain.goto(candidate_stage.room)

    plain.get_by_role("button", name="Submit").click()

    expect(plain.get_by_role("heading", name="Your work has been handed in")).to_be_visible()
    plain.context.close()


def test_the_end_takes_the_candidate_to_the_receipt(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    candidate_stage.tell(state="closed")

    page.wait_for_url("**/receipt")


def test_the_end_is_told_to_an_interviewer_who_may_still_be_writing(interviewer_stage: Stage, page: Page):
    open_room(page, interviewer_stage)
    page.get_by_label("Private notes").press_sequentially("more")

    interviewer_stage.tell(state="submitted")

    expect(page.get_by_role("link", name="Go to the details")).to_be_visible()
    assert page.get_by_label("Private notes").input_value().startswith("more")


def test_the_clock_is_the_servers_and_speaks_at_milestones_only(candidate_stage: Stage, page: Page):
    candidate_stage.state["running"] = False
    open_room(page, candidate_stage)
    spoken = page.locator("[data-room=announce]")
    shown = page.get_by_role("timer")
    expect(shown).to_have_text("12:25")
    expect(spoken).to_have_text("")

    for elapsed, face, words in (
        (1799, "29:59", ""),
        (1801, "30:01", "Half of the time has passed."),
        (3001, "50:01", "10 minutes left."),
        (3301, "55:01", "5 minutes left."),
        (3601, "1:00:01", "The planned time is up. Nothing is cut off."),
    ):
        candidate_stage.tell(elapsed_seconds=elapsed)
        expect(shown).to_have_text(face)
        expect(spoken).to_have_text(words)

    expect(page.get_by_text("of 60 min, over time – nothing is cut off")).to_be_visible()


def test_a_running_clock_goes_on_between_messages(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    expect(page.get_by_role("timer")).to_have_text("12:27")


def test_the_task_is_hidden_and_shown_by_key_and_stays_so(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    page.keyboard.press("Alt+Shift+K")
    expect(page.get_by_role("heading", name="Busiest hour")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Show the task")).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("heading", name="Busiest hour")).to_be_hidden()
    page.get_by_role("button", name="Show the task").press("Enter")

    expect(page.get_by_role("heading", name="Busiest hour")).to_be_visible()


def test_escape_closes_a_disclosure_and_keeps_the_keyboards_place(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)
    words = page.get_by_text("No camera, no microphone, no screen.")
    page.locator(".assay-recording summary").press("Enter")
    expect(words).to_be_visible()

    page.keyboard.press("Escape")

    expect(words).to_be_hidden()
    assert focused(page).startswith("Recording: edits, runs, signals · 1204 events")


def test_the_keyboard_goes_into_the_notebook_and_back(candidate_stage: Stage, page: Page):
    open_room(page, candidate_stage)

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the notebook"
    page.keyboard.press("Enter")
    assert focused(page) == "workspace"
    workspace(page).evaluate("hint('leave')")
    page.wait_for_function("document.activeElement.id === 'panel'")
    page.keyboard.press("Alt+Shift+J")
    assert focused(page) == "workspace"
    page.get_by_role("button", name="Hide the task").focus()
    workspace(page).evaluate("hint('leave'); hint('saved')")
    expect(page.get_by_text("Notebook: saved")).to_be_visible()

    assert focused(page) == "Hide the task"


ADDED = {
    "id": "extra",
    "title": "<b>One more</b>",
    "notebook": "",
    "statement": "<p>Write <code>more()</code>.</p>",
}


def questions(stage: Stage, *ids: str) -> list[dict[str, str]]:
    notebook = f"{stage.workspace}/user/iv-abcdefghij/notebooks/{{}}.ipynb"
    known = {"busiest": "Busiest hour", "sales": "Sales per region"}
    return [
        {**ADDED, "id": one, "title": known.get(one, ADDED["title"]), "notebook": notebook.format(one)} for one in ids
    ]


def test_a_question_that_is_added_appears_without_a_reload_and_is_announced(
    stage_for: Callable[..., Stage], page: Page
):
    stage = stage_for(Role.CANDIDATE, questions=1)
    open_room(page, stage)
    expect(page.get_by_role("navigation", name="Tasks")).to_be_hidden()

    stage.tell(questions=questions(stage, "busiest", "extra"))

    expect(page.locator("[data-room=announce]")).to_have_text("A question was added: <b>One more</b>.")
    expect(page.get_by_role("heading", name="Busiest hour")).to_be_visible()
    page.get_by_role("button", name="2. <b>One more</b>").click()
    expect(page.get_by_role("heading", name="<b>One more</b>")).to_be_visible()
    expect(page.get_by_text("Write more().")).to_be_visible()
    expect(page.get_by_role("heading", name="Busiest hour")).to_be_hidden()
    page.wait_for_function("document.querySelector('iframe').src.endsWith('extra.ipynb')")
    assert stage.loads == ["busiest.ipynb", "extra.ipynb"]


def test_a_room_without_a_task_says_so_and_opens_the_first_that_is_added(stage_for: Callable[..., Stage], page: Page):
    stage = stage_for(Role.CANDIDATE, questions=0)
    stage.tell(questions=[])
    page.goto(stage.room)
    expect(page.locator("[data-room=preparing-text]")).to_contain_text("There is no task yet.")

    stage.tell(questions=questions(stage, "busiest"))

    expect(page.locator(".assay-statement")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("heading", name="A notebook")).to_be_visible()


def test_adding_a_question_says_why_it_failed_and_takes_what_is_asked_off_the_list(
    interviewer_stage: Stage, page: Page
):
    interviewer_stage.refusals["questions"] = [Problem(409, "conflict", "Somebody else changed it.", "Look again.")]
    open_room(page, interviewer_stage)
    page.get_by_role("button", name="Add a question …").press("Enter")

    page.get_by_role("button", name="Add it now").click()
    expect(page.get_by_role("alert").filter(has_text="Somebody else changed it. Look again.")).to_be_visible()
    page.get_by_role("button", name="Add it now").click()

    assert interviewer_stage.await_post("questions")["question"] == "extra"
    expect(page.get_by_role("dialog")).to_be_hidden()
    interviewer_stage.tell(questions=questions(interviewer_stage, "busiest", "sales", "extra"))
    page.get_by_role("button", name="Add a question …").click()
    expect(page.get_by_text("Every question of the library is in this interview already.")).to_be_visible()
    expect(page.get_by_role("button", name="Add it now")).to_be_disabled()


def test_an_observer_is_told_that_they_watch_and_has_no_button_that_changes_anything(
    stage_for: Callable[..., Stage], page: Page
):
    stage = stage_for(Role.OBSERVER)
    open_room(page, stage)

    expect(page.get_by_text("You are watching.")).to_be_visible()
    expect(page.get_by_label("Private notes")).to_be_visible()
    for name in ("End interview …", "Submit …", "Add a question …"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_label("Private notes").fill("calm")
    stage.await_post("notes")


def test_whoever_watches_is_said_to_everybody(candidate_stage: Stage, page: Page):
    people = [
        *candidate_stage.state["people"],
        {"account": "olga", "name": "Olga", "role": "observer", "colour": "#9c4a1a", "here": True},
    ]
    candidate_stage.state["people"] = people

    open_room(page, candidate_stage)

    expect(page.get_by_role("list", name="People")).to_contain_text("Olga observer, here")


def test_somebody_who_becomes_something_else_gets_the_page_of_it(interviewer_stage: Stage, page: Page):
    open_room(page, interviewer_stage)
    people = [{**one, "role": "observer"} for one in interviewer_stage.state["people"] if one["account"] == "ada"]

    interviewer_stage.role = Role.OBSERVER
    interviewer_stage.tell(people=people)

    expect(page.get_by_text("You are watching.")).to_be_visible()
    expect(page.get_by_role("button", name="End interview …")).to_have_count(0)


def test_a_reopened_interview_goes_on_in_the_page_that_said_it_was_over(interviewer_stage: Stage, page: Page):
    open_room(page, interviewer_stage)
    interviewer_stage.tell(state="submitted", **status("stopped"))
    expect(page.get_by_text("handed in, or the interview was ended")).to_be_visible()

    interviewer_stage.tell(state="live", **status("ready"))

    expect(page.get_by_text("handed in, or the interview was ended")).to_be_hidden()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
