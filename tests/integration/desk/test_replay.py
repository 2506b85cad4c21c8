"""The replay of a recording in a browser, on a real service, and in a file without one."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pycrdt import Map, Text
from recorded import Session, cell, write

from assay_hub.domain.access import TeamRole
from assay_protocol.names import candidate_account
from assay_protocol.recording import Event

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
SLOWLY = 4.0
"""Seconds from one event to the next: an interview of minutes."""


@pytest.fixture
def recorded(desk) -> str:
    """Store an interview in which two people typed, one pasted, and something hostile was printed."""
    interview = desk.interview("Pair on a cache", "Zoë 漢", questions=("on-call-shifts",))
    account = candidate_account(interview)
    session = Session(account, "interviewer")
    session.edit(account, lambda cells: cells.append(cell("a")))
    session.edit(account, lambda cells: cells.append(cell("b")))
    write(session, account, "def f(x):\n    return x\n")
    write(session, "interviewer", "# hm 😀\n")
    pasted = "import something_long_from_elsewhere as other"
    session.edit(account, lambda cells: cells[1]["source"].insert(0, pasted))
    session.say(account, name="paste", chars=len(pasted), **{"from": "outside"})
    session.edit(
        account,
        lambda cells: cells[0]["outputs"].append(
            Map({"output_type": "stream", "name": "stdout", "text": Text(HOSTILE)})
        ),
    )
    session.edit(
        account,
        lambda cells: cells[0]["outputs"].append(
            Map({"output_type": "display_data", "data": {"text/html": HOSTILE, "text/plain": "plain words"}})
        ),
    )
    events = [
        Event(one.seq, 1000 + SLOWLY * one.seq, one.kind, one.account, one.document, one.update, one.detail)
        for one in session.events
    ]
    desk.application.store_recording(interview, [event.to_line() for event in events])
    return interview


def fetched(page: Page, address: str) -> tuple[int, str]:
    status, text = page.evaluate(
        "async (url) => { const a = await fetch(url); return [a.status, await a.text()]; }", address
    )
    return status, text


def source(page: Page, number: int) -> str:
    return page.get_by_role("region", name=f"Source of cell {number}").inner_text()


def test_a_recording_is_walked_by_keyboard_and_its_moments_have_addresses(desk, open_as, recorded):
    page = open_as()
    page.goto(f"{desk.url}interviews/{recorded}")
    page.get_by_role("link", name="Replay the recording").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.get_by_text("Nothing is open at this moment.")).to_be_visible()

    page.locator("main").focus()
    page.keyboard.press("End")
    expect(page.get_by_text("plain words")).to_be_visible()
    assert source(page, 1) == "# hm 😀\ndef f(x):\n    return x\n"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("Zoë 漢: pasted 45 characters from outside").first).to_be_visible()
    pasted = page.get_by_text("import something_long_from_elsewhere as other")
    expect(pasted).to_have_attribute("title", re.compile("Zoë 漢.*45 characters pasted from outside"))
    who = page.locator("[data-cell=b]").get_by_role("button", name="Who wrote this")
    who.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="45 characters pasted from outside: import")).to_be_visible()
    expect(who).to_be_focused()
    expect(who).to_have_attribute("aria-expanded", "true")
    at = int(re.search(r"[?&]t=(\d+)", page.url)[1])
    assert Axe().run(page).response["violations"] == []

    page.goto(f"{desk.url}interviews/{recorded}/replay?t={at - 5000}")
    expect(page.get_by_role("region", name="Source of cell 1")).to_contain_text("def f(x)")
    expect(pasted).to_have_count(0)


def test_a_recording_plays_to_its_end_and_skips_pauses(desk, open_as, recorded):
    page = open_as()
    page.goto(f"{desk.url}interviews/{recorded}/replay")

    page.get_by_label("Speed").select_option("64")
    page.get_by_role("button", name="Play").click()

    expect(page.get_by_text("plain words")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=30_000)
    assert source(page, 1) == "# hm 😀\ndef f(x):\n    return x\n"
    assert page.title() != "taken"
    page.get_by_role("button", name="Change before in cell 2").click()
    expect(page.get_by_role("region", name="Source of cell 2")).to_contain_text("import something")


def test_a_recording_of_a_running_interview_is_followed(desk, open_as):
    interview = desk.interview("Still running", "Max")
    account = candidate_account(interview)
    session = Session(account)
    session.edit(account, lambda cells: cells.append(cell("a")))
    write(session, account, "first")
    store = desk.application.store_recording
    store(interview, [event.to_line() for event in session.events])
    page = open_as()
    page.goto(f"{desk.url}interviews/{interview}/replay")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.locator("main").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("region", name="Source of cell 1")).to_have_text("first")

    write(session, account, ", then more", at=5)
    store(interview, [event.to_line() for event in session.events])

    expect(page.get_by_role("region", name="Source of cell 1")).to_have_text("first, then more", timeout=20_000)


def test_a_saved_replay_plays_without_a_network_and_runs_nothing_of_the_candidates(
    desk, open_as, browser, recorded, tmp_path
):
    page = open_as()
    page.goto(f"{desk.url}interviews/{recorded}/replay")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a page").click()
    saved = tmp_path / "replay.html"
    download.value.save_as(saved)

    alone = browser.new_context(offline=True).new_page()
    faults: list[str] = []
    alone.on("pageerror", lambda error: faults.append(str(error)))
    alone.goto(saved.as_uri())
    expect(alone.get_by_role("button", name="Play")).to_be_visible()
    alone.locator("main").focus()
    alone.keyboard.press("End")

    expect(alone.get_by_text("plain words")).to_be_visible()
    assert source(alone, 1) == "# hm 😀\ndef f(x):\n    return x\n"
    assert "taken" not in alone.title()
    assert faults == []
    alone.context.close()


def test_the_raw_events_can_be_taken_away_with_their_chain(desk, open_as, recorded):
    page = open_as()

    _, text = fetched(page, f"{desk.url}interviews/{recorded}/replay/recording.jsonl")

    first, *lines = text.splitlines()
    assert json.loads(first) == {"format": "assay-recording-1", "interview": recorded}
    assert len(lines) == desk.application.store_recording.head(recorded).seq
    assert json.loads(lines[-1])["sha256"] == desk.application.store_recording.head(recorded).digest.hex()


def test_who_may_not_see_a_recording_gets_the_answer_of_what_is_not_there(desk, open_as, recorded):
    desk.member("only-viewing", TeamRole.VIEWER)
    page = open_as("only-viewing")

    for part in ("", "/timeline", "/segments/0", "/recording.jsonl", "/offline.html"):
        refused = fetched(page, f"{desk.url}interviews/{recorded}/replay{part}")
        nothing = fetched(page, f"{desk.url}interviews/zzzzzzzzzz/replay{part}")
        assert refused[0] == 404
        assert refused == nothing


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits(desk, open_as, recorded, width, tmp_path):
    page = open_as(width=width)
    page.goto(f"{desk.url}interviews/{recorded}/replay?t=180000")
    expect(page.get_by_role("region", name="Source of cell 1")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / f"replay-{width}.png", full_page=True)
