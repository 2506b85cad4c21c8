"""A question of the team's own, from its template to an interview, in containers and a browser."""

import os
import re
from pathlib import Path

from e2e.conftest import wait_for
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import expect

from assay_protocol.names import QUESTION_PREFIX

HINTS = """# Hints, from small to large

1. What does an amount look like that is not there?
2. Which of the amounts count?
3. Leave out what is None, and add up the rest.
"""
FOLLOW_UPS = """# Follow-ups

- What if amounts come in several currencies?
- What if there are ten million of them?
- How would you find out that one is missing by mistake?
"""
CRITERION = """[[criteria]]
id = "{name}"
title = "{name}"
weight = 1

[criteria.anchors]
1 = "Does not ask what a missing amount means."
3 = "Asks, and leaves missing amounts out."
5 = "Asks, and says what else could be missing."
"""
RUBRIC = "\n".join(CRITERION.format(name=name) for name in ("Understanding", "Solution", "Explanation"))
STATEMENT = "# Adding up\n\nA shop notes what it sold. Write one function that adds it up, and talk while you work."
PART = "## Part 1\n\n`total(amounts)` returns the sum of the amounts; `None` stands for one that is missing."


def shot(page, name):
    """Keep a picture for people who look at pages themselves."""
    if folder := os.environ.get("ASSAY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def write_file(person, name, text):
    """Replace a text in the workspace's editor, as an author does."""
    person.page.get_by_role("link", name=name, exact=True).click()
    editor = person.notebook.locator(".jp-FileEditor .cm-content")
    expect(editor).to_contain_text("TODO(author)", timeout=60_000)
    editor.click()
    person.page.keyboard.press("Control+A")
    person.page.keyboard.insert_text(text)
    expect(editor).not_to_contain_text("TODO(author)")


def write_text_cell(person, index, text):
    cell = person.notebook.locator(".jp-Notebook .jp-MarkdownCell").nth(index)
    cell.dblclick()
    cell.locator(".cm-content").click()
    person.page.keyboard.press("Control+A")
    person.page.keyboard.insert_text(text)


def test_a_question_is_begun_edited_checked_and_chosen_for_an_interview(installation, person):
    author = person()
    page = author.page
    author.open(installation.sign_in_link("interviewer"))

    page.goto(installation.desk + "questions")
    page.get_by_role("link", name="New question").click()
    page.get_by_label("Title").fill("Adding up")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Open the workspace").click()
    author.notebook.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=180_000)
    author.wait_for_notebook()
    shot(page, "workspace-1280")
    assert_accessible(page)
    write_text_cell(author, 0, STATEMENT)
    write_text_cell(author, 1, PART)
    for name, text in (("hints.md", HINTS), ("follow_ups.md", FOLLOW_UPS), ("rubric.toml", RUBRIC)):
        write_file(author, name, text)
    page.get_by_label("Topics").fill("sums, missing values")
    page.get_by_label("Skills").fill("asking")
    page.get_by_label("test-total").fill("Several amounts, none, and missing ones.")
    page.get_by_label("What changed").fill("The first that can be asked")
    page.get_by_role("banner").get_by_role("button", name="Save as new version").click()
    expect(page.locator("#check")).to_contain_text(re.compile("It passed|It needs work"), timeout=180_000)
    shot(page, "checked-1280")
    assert_accessible(page)

    assert "It passed." in page.locator("#check").inner_text()
    author.wait_for_notebook()
    expect(author.notebook.locator(".jp-MarkdownCell").first).to_contain_text("A shop notes what it sold")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_no_sideways_scroll(page)
    shot(page, "workspace-390")
    page.set_viewport_size({"width": 1280, "height": 900})

    page.goto(installation.desk + "questions/adding-up")
    assert "### BEGIN" not in page.content()
    expect(page.locator("body")).to_contain_text("A shop notes what it sold")
    shot(page, "question-1280")
    page.goto(installation.desk + "new")
    page.locator("#title").fill("With our own question")
    page.locator("#candidate_name").fill("Sam")
    page.get_by_role("button", name="Next: questions").click()
    page.get_by_role("button", name="Add Adding up").click()
    expect(page.locator("#chosen")).to_contain_text("Adding up")

    page.goto(installation.desk + "questions/adding-up/edit")
    page.get_by_text("Close …").click()
    page.get_by_role("button", name="Close the workspace").click()
    expect(page).to_have_url(re.compile("/questions/adding-up$"), timeout=60_000)
    wait_for(
        lambda: not installation.application.author_questions.open_ones() and not _running(installation),
        "the workspace to go",
    )


def _running(installation):
    users = installation.ask_hub("GET", "users").json()
    return [user["name"] for user in users if user["name"].startswith(QUESTION_PREFIX)]
