"""Reports in a browser, on a real service: read, decided, printed and shared; and answers that nobody sees."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from recorded import Session, cell, write

from assay_hub.domain.access import Action, Person, TeamRole
from assay_hub.domain.interview import Interview
from assay_hub.domain.position import Position
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.representations.render import API_PATH
from assay_protocol.names import candidate_account
from assay_protocol.recording import Event

HOSTILE = "</script><script>document.title='taken'</script>"
ANSWER = "Another gender"


def ended(desk, role: str, candidate: str, share: float) -> Interview:
    """Return an interview that is over, recorded and graded."""
    application = desk.application
    interview_id = desk.interview(f"Round for {candidate}", candidate, questions=("on-call-shifts",), position=role)
    account = candidate_account(interview_id)
    application.enter_room(Person(account, candidate), interview_id)
    session = Session(account, "interviewer")
    session.edit(account, lambda cells: cells.append(cell("a")))
    write(session, account, "x = 1")
    events = [
        Event(one.seq, 1000 + 20.0 * one.seq, one.kind, one.account, "on-call-shifts.ipynb", one.update, one.detail)
        for one in session.events
    ]
    application.store_recording(interview_id, [event.to_line() for event in events])
    with application.database.write() as records:
        started = records.interview(interview_id)
        records.save_interview(started.submit(application.clock.now()))
        cells = (CellResult("t1", "An empty log", 10 * share, 10, "passed", "assert secret() == 17"),)
        records.save_grade(Grade(interview_id, "on-call-shifts", GradingState.DONE, "graded", 10 * share, 10, cells))
    application.measure(application.review.find(desk.admin, Action.SEE_DETAILS, interview_id))
    return started


@pytest.fixture(scope="module")
def role(desk) -> str:
    return desk.application.positions.save(desk.admin, Position("", "Report analyst")).id


@pytest.fixture(scope="module")
def report(desk, role) -> str:
    """Store six interviews for a role, and return the one whose candidate is hostile."""
    for number in range(5):
        ended(desk, role, f"Person {number}", number / 5)
    return ended(desk, role, f"Zoë {HOSTILE}", 0.7).id


def fetched(page: Page, address: str) -> tuple[int, str]:
    status, text = page.evaluate(
        "async (url) => { const a = await fetch(url); return [a.status, await a.text()]; }", address
    )
    return status, text


def fits(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_report_is_read_decided_printed_and_shared(desk, open_as, report, role, tmp_path):
    page = open_as()
    page.goto(f"{desk.url}interviews/{report}")
    page.get_by_role("link", name="Report", exact=True).click()
    expect(page.get_by_role("heading", name="Report", exact=True)).to_be_visible()
    expect(page.get_by_text("percentile 80").first).to_be_visible()
    page.get_by_text("The numbers").first.click()
    expect(page.get_by_text("0 %, 20 %, 40 %, 60 %, 80 %").first).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    for width in (1280, 390):
        fits(page, width)
        page.screenshot(path=tmp_path / f"report-{width}.png", full_page=True)
    fits(page, 1280)

    page.get_by_label("Advance").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Clear and careful.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Clear and careful.")).to_be_visible()
    moment = page.get_by_role("link", name="First edit").get_attribute("href")
    assert moment.endswith(f"interviews/{report}/replay?t=20000")

    page.get_by_role("button", name="Make a PDF").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click(timeout=60_000)
    download.value.save_as(tmp_path / "report.pdf")
    paper = " ".join(
        " ".join(one.extract_text().split())
        for one in PdfReader(io.BytesIO((tmp_path / "report.pdf").read_bytes())).pages
    )
    assert "<script>document.title='taken'</script>" in paper
    assert "Clear and careful." in paper
    assert "secret()" not in paper

    page.goto(f"{desk.url}interviews/{report}/report/share")
    page.get_by_label("Whether each test passed").check()
    page.get_by_label("Message").fill("Thank you\nfor coming.")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", name="This is what the candidate reads")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Share exactly this").click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()

    page.goto(f"{desk.url}roles/{role}/summary")
    expect(page.get_by_text("Over 6 interviews with 6 people")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=tmp_path / "summary-1280.png", full_page=True)
    fits(page, 390)
    page.screenshot(path=tmp_path / "summary-390.png", full_page=True)
    assert page.title() != "taken"


def test_a_candidate_reads_what_is_shared_and_nobody_ever_sees_what_they_answer(desk, open_as, browser, report, role):
    staff = open_as()
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(desk.application.make_links.for_candidate(desk.admin, report))
    page.goto(f"{desk.url}room/{report}/receipt")
    page.get_by_role("link", name="A few questions about fairness").click()
    assert Axe().run(page).response["violations"] == []
    fits(page, 390)
    page.get_by_label(ANSWER).check()
    page.get_by_role("button", name="Send these answers").click()
    expect(page.get_by_text("Done. Thank you.")).to_be_visible()

    # Whoever opens the candidate's link sees the questions and no answer.
    for name in ("Which describes you?", "How old are you?"):
        checked = page.get_by_role("group", name=name).locator("input:checked")
        expect(checked).to_have_value("")
    shared = fetched(page, f"{desk.url}room/{report}/feedback")
    assert shared[0] == 200
    for hidden in ("secret()", "percentile", "Clear and careful", ANSWER):
        assert hidden not in shared[1]
    interview = f"{desk.url}interviews/{report}"
    addresses = [
        *(interview + part for part in ("", "/report", "/report.json", "/report.csv", "/result", "/report/share")),
        *(f"{desk.url}{part}" for part in (f"roles/{role}/summary", f"roles/{role}/impact", "audit", "")),
        *(
            f"{desk.url.removesuffix('/services/assay/')}{API_PATH}{part}"
            for part in ("/audit", f"/interviews/{report}")
        ),
    ]
    for address in addresses:
        _, text = fetched(staff, address)
        assert ANSWER not in text.replace("Not counted, because too few: Woman, Man, Another gender", ""), address
    _, entries = fetched(staff, f"{desk.url}audit")
    assert "survey" not in entries
    assert fetched(staff, f"{desk.url}room/{report}/survey")[0] == 404
    assert fetched(page, f"{desk.url}roles/{role}/impact")[0] == 404
    context.close()


def test_who_may_not_see_a_report_gets_the_answer_of_what_is_not_there(desk, open_as, report, role):
    desk.member("only-viewing", TeamRole.VIEWER)
    page = open_as("only-viewing")

    for part in ("/report", "/report.json", "/report.csv", "/report/pdf", "/report/pdf/file", "/report/share"):
        refused = fetched(page, f"{desk.url}interviews/{report}{part}")
        assert refused[0] == 404
        assert refused == fetched(page, f"{desk.url}interviews/zzzzzzzzzz{part}")
    for part in ("summary", "impact"):
        assert fetched(page, f"{desk.url}roles/{role}/{part}")[0] == 404
