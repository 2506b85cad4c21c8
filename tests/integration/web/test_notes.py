"""The interviewer's private notes in Chromium: whatever happens, what was typed is kept."""

from integration.web.stage import Stage
from integration.web.steps import open_room
from playwright.sync_api import Page, expect

from assay_protocol.problem import Problem

AWAY = Problem(503, "workspace-unreachable", "The workspace does not answer.", "Try again in a moment.")


def test_an_interviewer_ends_the_interview_and_the_notes_are_kept_first(interviewer_stage: Stage, page: Page):
    open_room(page, interviewer_stage)
    page.get_by_label("Private notes").fill("Good questions")

    page.get_by_role("button", name="End interview").click()
    page.get_by_role("button", name="End now").click()

    page.wait_for_url("**/interviews/*")
    assert interviewer_stage.received["notes"][-1]["text"] == "Good questions"
    assert len(interviewer_stage.received["end"]) == 1


def test_notes_are_saved_by_themselves_and_kept_through_failures(interviewer_stage: Stage, page: Page):
    broken = Problem(500, "internal", "Something went wrong on our side.")
    interviewer_stage.refusals["notes"] = [broken, broken]
    open_room(page, interviewer_stage)
    saved = page.locator("[data-room=notes-state]")

    page.get_by_label("Private notes").fill("Explains well.\nAsks first. äöü & <b>")
    expect(saved).to_have_text("Not saved; trying again. Something went wrong on our side.")

    expect(saved).to_have_text("Saved")
    texts = [fields["text"].replace("\r\n", "\n") for fields in interviewer_stage.received["notes"]]
    assert texts == ["Explains well.\nAsks first. äöü & <b>"] * 3


def test_unsent_notes_survive_a_crash_of_the_service_and_a_reload(interviewer_stage: Stage, page: Page):
    asked: list[str] = []
    open_room(page, interviewer_stage)
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    interviewer_stage.stop()
    page.get_by_label("Private notes").press_sequentially("First this: ")
    expect(page.locator("[data-room=notes-state]")).to_contain_text("Assay cannot be reached right now.")
    interviewer_stage.refusals["notes"] = [AWAY] * 3
    interviewer_stage.start()

    page.reload()

    assert asked == ["beforeunload"]
    expect(page.get_by_label("Private notes")).to_have_value("First this: Data analyst, second round")
    expect(page.locator("[data-room=notes-state]")).to_have_text("Saved")
    assert interviewer_stage.received["notes"][-1]["text"].startswith("First this: ")


def test_a_note_typed_just_before_leaving_still_arrives(interviewer_stage: Stage, page: Page):
    open_room(page, interviewer_stage)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Private notes").press_sequentially("Last: ")

    page.goto("about:blank")

    assert interviewer_stage.await_post("notes")["text"].startswith("Last: ")


def test_leaving_with_saved_notes_asks_nothing(interviewer_stage: Stage, page: Page):
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    open_room(page, interviewer_stage)
    page.get_by_label("Private notes").press_sequentially("x")
    expect(page.locator("[data-room=notes-state]")).to_have_text("Saved")

    page.reload()

    assert asked == []
