"""The analysis of a submission in a browser: graded, analysed and compared by the real service."""

import json
import re
from dataclasses import replace

from e2e.conftest import wait_for
from fakes import zipped
from integration.desk.test_batches import shot
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import expect
from unit.hub.analyses import record

from assay_hub.domain.access import Person
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.result import Grade, GradingState, Submission
from assay_protocol.names import candidate_account

QUESTION = "on-call-shifts"
BRUTE = '''
import os
def merge_shifts(shifts):
    """Merge <script>alert(1)</script> shifts."""
    covered = []
    try:
        for start, end in shifts:
            for other in list(shifts):
                if other[0] <= end and start <= other[1]:
                    start, end = min(start, other[0]), max(end, other[1])
            if start < end and (start, end) not in covered:
                covered.append((start, end))
    except:
        pass
    return sorted(covered)
'''


def handed_in(desk, title: str, candidate: str, source: str) -> str:
    """Have an interview whose candidate ran a few cells and handed in this; return its id."""
    application = desk.application
    interview = desk.interview(title, candidate, questions=(QUESTION,))
    application.enter_room(Person(candidate_account(interview), candidate), interview)
    with application.database.read() as records:
        live = records.interview(interview)
    world = type("World", (), {"store": staticmethod(application.store_recording)})
    record(world, live, ["NameError", "ok", "ok"], f"{QUESTION}.ipynb")
    (ref,) = live.questions
    notebook = json.loads((application.library.release(ref))[0].content)
    cell = next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("solution"))
    cell["source"] = source
    notebook["cells"].append({**cell, "id": "broken", "metadata": {}, "source": "def broken(:\n"})
    artefact = application.artefacts.put(zipped({ref.notebook: json.dumps(notebook).encode()}))
    now = application.clock.now()
    with application.database.write() as records:
        receipt = Receipt(interview, "c" * 64, 3, now.isoformat(), 1, "d" * 64, "e" * 64, "f" * 128)
        records.add_submission(Submission(interview, now, artefact, receipt))
        records.save_interview(replace(live.submit(now)))
        records.save_grade(Grade(interview, ref.id, GradingState.QUEUED))
    return interview


def test_an_analysis_leads_to_the_code_to_moments_and_to_similar_work(desk, open_as):
    other = handed_in(desk, "Another talk", "Mia", BRUTE.replace("covered", "found_so_far"))
    interview = handed_in(desk, "A talk", "Zoë 漢", BRUTE)
    application, admin = desk.application, desk.admin
    wait_for(lambda: not application.analyse.of(admin, interview).waiting, "the analysis")
    page = open_as()

    page.goto(f"{desk.url}interviews/{interview}")
    page.get_by_role("link", name="Code analysis").click()
    expect(page.get_by_text("is not in these figures")).to_be_visible()
    expect(page.get_by_text("Brute force").first).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Lines that ran"))).to_be_visible()
    page.get_by_text("Error handling:").click()
    expect(page.get_by_text("Do not use bare `except`")).to_be_visible()
    assert_accessible(page)
    shot(page, "analysis")
    page.get_by_role("link", name="cell", exact=False).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Cell .*")).first).to_be_visible()
    expect(page.get_by_text("Merge <script>alert(1)</script> shifts.")).to_be_visible()
    assert re.search(r"#c\d+-l\d+$", page.url)
    assert_accessible(page)
    shot(page, "analysis-code")

    page.get_by_role("link", name="Code analysis").click()
    page.get_by_role("link", name="Mia, Another talk").click()
    page.get_by_label("explained").check()
    page.get_by_label("Why").fill("They solved it together, as allowed.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("They solved it together, as allowed.").first).to_be_visible()
    assert_accessible(page)
    shot(page, "analysis-pair")
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (page.url, f"{desk.url}interviews/{interview}/analysis", f"{desk.url}interviews/{other}/analysis"):
        page.goto(address)
        assert_no_sideways_scroll(page)
    shot(page, "analysis-narrow")
    page.get_by_role("link", name=re.compile(r"^0:\d\d$")).first.click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert re.search(r"[?&]t=\d+", page.url)
