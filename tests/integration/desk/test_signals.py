"""What a candidate does around the work, seen by a real service: both sides read the same log, and a person judges."""

import pytest
from e2e.conftest import wait_for
from integration.desk.test_lists import shot
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import Locator, Page, expect

from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.position import Position
from assay_hub.domain.signals import TOLD, Level, SignalKind

OUTSIDE = "import something_long_from_elsewhere as other"
PASTE = """(content, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
FLOOD = """address => new Promise(resolve => {
    const socket = new WebSocket(address);
    socket.onopen = () => {
        for (let turn = 0; turn < 1000; turn += 1) {
            socket.send(JSON.stringify({ type: turn % 2 ? "left" : "here", chars: 1e9, forged: turn }));
        }
    };
    socket.onclose = event => resolve(event.code);
})"""


@pytest.fixture
def interview(desk) -> str:
    position = desk.application.positions.save(desk.admin, Position("", "Watched closely", signals=Level.FULL))
    return desk.interview("Signals on both sides", position=position.id, questions=("on-call-shifts",))


def enter(desk, open_as, interview: str) -> Page:
    """Open the interview's link as its candidate."""
    page = open_as(quiet=False)
    page.context.clear_cookies()
    page.goto(desk.application.make_links.for_candidate(desk.admin, interview))
    return page


def say_the_truth(page: Page) -> None:
    """Let a page know whether it has the focus; drivers tell every page that it does, again after each navigation."""
    page.context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})


def kinds(desk, interview: str, *, over: bool = True) -> list[SignalKind]:
    """Return the kinds of the signals that are over, or that still last."""
    with desk.application.database.read() as records:
        return [one.kind for one in records.signals(interview) if bool(one.until or one.detail) is over]


def lines(page: Page) -> list[str]:
    return page.locator("[data-signal]").all_inner_texts()


def test_both_sides_read_the_same_log_and_a_person_judges(desk, open_as, interview):
    page = enter(desk, open_as, interview)
    for words in TOLD.values():
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("button", name="Enter the room").click()
    cell = page.frame_locator("iframe").locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.wait_for(timeout=90_000)
    say_the_truth(page)

    leave_and_come_back(desk, page, interview, cell)
    copy_the_task_and_paste(desk, page, interview, cell)
    own = wait_for(lambda: own_log(page), "the paste, in the candidate's log")
    shot(page, "signals-candidate")
    staff = open_as()
    staff.goto(f"{desk.url}interviews/{interview}")
    staff.get_by_role("link", name="Signals: what was observed").click()

    assert lines(staff) == own
    for part in ("second page for", "left the page for", "characters of the task", f"pasted {len(OUTSIDE)} characters"):
        assert sum(part in line for line in own) == 1, own
    judge(staff)
    staff.get_by_role("link", name="Replay from").first.click()
    expect(staff.get_by_text("had the room open in a second page").first).to_be_attached()
    page.goto(f"{desk.url}room/{interview}/signals")
    assert lines(page)[: len(own)] == own
    assert "other window" not in page.content()
    assert_accessible(page)

    page.goto(f"{desk.url}room/{interview}")
    assert page.evaluate(FLOOD, page.url.replace("http", "ws", 1) + "/live") == 1008
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    assert len(desk.application.signals.log(desk.admin, interview).signals) < 60


def leave_and_come_back(desk, page: Page, interview: str, cell: Locator) -> None:
    cell.click()  # into the frame
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    second = page.context.new_page()
    second.goto(page.url)
    wait_for(lambda: kinds(desk, interview, over=False), "the second page is noticed")
    assert kinds(desk, interview, over=False) == [SignalKind.SECOND]
    page.bring_to_front()
    second.close()
    wait_for(lambda: kinds(desk, interview) == [SignalKind.SECOND], "the second page is gone")
    elsewhere = page.context.new_page()
    elsewhere.bring_to_front()
    wait_for(lambda: kinds(desk, interview, over=False) == [SignalKind.LEFT], "the page is left")
    page.bring_to_front()
    wait_for(lambda: SignalKind.LEFT in kinds(desk, interview), "the candidate is back")
    elsewhere.close()


def copy_the_task_and_paste(desk, page: Page, interview: str, cell: Locator) -> None:
    page.locator(".assay-statement h2").first.click()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.assay-statement'))")
    page.keyboard.press("Control+c")
    wait_for(lambda: SignalKind.TASK_COPIED in kinds(desk, interview), "the copy is noticed")
    cell.click()
    cell.evaluate(PASTE, OUTSIDE)


def own_log(page: Page) -> list[str]:
    """Open and close the log in the candidate's room; return its lines when all four are there."""
    page.locator(".assay-recording").evaluate("details => { details.open = true; }")
    page.get_by_role("link", name="See what was observed so far").click()
    page.locator("[data-room=log-place] ol").wait_for()
    found = lines(page)
    page.get_by_role("button", name="Close").click()
    return found if len(found) == 4 else []


def judge(staff: Page) -> None:
    assert_accessible(staff)
    staff.get_by_text("Give a verdict on signal 1").click()
    staff.get_by_label("Explained").first.check()
    staff.get_by_label("Why").first.fill("She showed me the other window.")
    staff.get_by_role("button", name="Keep the verdict").first.click()
    expect(staff.get_by_text("She showed me the other window.")).to_be_visible()
    staff.set_viewport_size({"width": 390, "height": 800})
    assert_no_sideways_scroll(staff)
    shot(staff, "signals-390")


def test_accommodations_are_for_those_who_hold_it_and_shown_to_the_candidate_alone(desk, open_as, interview):
    page = open_as()
    page.goto(f"{desk.url}interviews/{interview}")
    page.get_by_role("link", name="Accommodations").click()
    page.get_by_label("Left the page").check()
    page.get_by_label("Time: so many times as long").fill("9")
    page.get_by_label("Note").fill("Looks away to think.")
    page.locator("form[action$=accommodations]").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("1 to 4")
    expect(page.get_by_label("Note")).to_have_value("Looks away to think.")
    assert_accessible(page)

    page.get_by_label("Time: so many times as long").fill("1.5")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"{desk.url}interviews/{interview}")

    kept = desk.application.accommodations.of(desk.admin, interview)[1]
    assert kept == Accommodation(frozenset({SignalKind.LEFT}), "Looks away to think.", 1.5)
    assert "Looks away" not in page.content()
    candidate = enter(desk, open_as, interview)
    expect(candidate.get_by_text("90 minutes are planned")).to_be_visible()
    expect(candidate.get_by_text(TOLD[SignalKind.LEFT])).to_have_count(0)
    expect(candidate.get_by_text(TOLD[SignalKind.SECOND])).to_be_visible()
    page.goto(f"{desk.url}signals")
    expect(page.get_by_role("heading", name="Signals: on whom they fall")).to_be_visible()
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert_no_sideways_scroll(page)
