"""One live interview as its people see it: two browsers, a container, a submission, points."""

import io
import json
import zipfile

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import wait_for

from assay_hub.adapters.replay import replay
from assay_hub.cli.main import main

SOLUTION = """def merge_shifts(shifts):
    merged = []
    for start, end in sorted(shift for shift in shifts if shift[0] < shift[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged

print("merged", merge_shifts([(1, 2), (2, 3)]))
"""


def both_in_the_room(installation, interview, person):
    """Return the interviewer and the candidate of an interview, each in the room with the notebook open."""
    staff, candidate = person(), person()
    staff.open(installation.application.make_links.for_staff("interviewer", interview.id))
    candidate.open(interview.link)
    candidate.page.get_by_role("button", name="Enter the room").click()
    for somebody in (staff, candidate):
        somebody.wait_for_notebook()
    return staff, candidate


@pytest.fixture
def room(installation, person):
    """An interview with both people in their room and the notebook open."""
    interview = installation.new_interview("Shifts", "on-call-shifts")
    staff, candidate = both_in_the_room(installation, interview, person)
    return interview, staff, candidate


def prompt(somebody, cell):
    """Return what stands before a cell: "[ ]:" before its first run."""
    return somebody.cell(cell).locator(".jp-InputPrompt").inner_text().replace("[ ]:", "")


def place_of(page):
    """Return what of the room has the keyboard: its id, or its words."""
    return page.evaluate("document.activeElement.id || document.activeElement.innerText")


def violations(page):
    return [(found["id"], found["nodes"][0]["target"]) for found in Axe().run(page).response["violations"]]


def test_an_interview_from_the_link_to_the_points(installation, room):
    interview, staff, candidate = room
    answer = candidate.cell(0).locator(".cm-content")

    answer.click()
    candidate.page.keyboard.press("Control+a")
    candidate.page.keyboard.insert_text(SOLUTION)
    wait_for(lambda: "merged.append" in staff.text_of(0), "the candidate's text at the interviewer's")
    staff.notebook.get_by_text("Sam", exact=True).first.wait_for()
    staff.type_into(0, "\n# well done")
    wait_for(lambda: "# well done" in candidate.text_of(0), "the interviewer's text at the candidate's")
    candidate.notebook.get_by_text("Interviewer", exact=True).first.wait_for()
    candidate.cell(0).locator(".cm-content").click()
    candidate.page.keyboard.press("Control+Enter")
    staff.notebook.get_by_text("merged [(1, 3)]").wait_for()

    candidate.page.get_by_role("button", name="Submit …").click()
    candidate.page.get_by_role("button", name="Submit now").click()
    candidate.page.wait_for_url("**/receipt")

    submission = installation.application.review.submission(installation.admin, interview.id)
    archive = zipfile.ZipFile(io.BytesIO(installation.application.artefacts.get(submission.artefact)))
    notebook = nbformat.reads(archive.read("on-call-shifts.ipynb").decode(), as_version=4)
    sources = [cell.source for cell in notebook.cells]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0] == SOLUTION + "\n# well done"
    replayed = replay(installation.recorded(interview.id)).cells("on-call-shifts.ipynb")
    assert [cell.text for cell in replayed] == sources
    (typed,) = [cell.runs for cell in replayed if "merged.append" in cell.text]
    by_whom = {run.account: run.text for run in typed if run.text.strip()}
    assert SOLUTION.strip() in by_whom[f"cand-{interview.id}"]
    assert "# well done" in by_whom["interviewer"]

    staff.open(f"{installation.desk}interviews/{interview.id}/result")
    staff.page.get_by_text("3 of 8 points").first.wait_for()
    assert violations(staff.page) == []


def test_the_rooms_pages_have_no_accessibility_violation(installation, person, room):
    _, staff, candidate = room
    newcomer = person()

    newcomer.open(installation.new_interview("Welcome", "sensor-pipeline").link)

    assert violations(newcomer.page) == []
    assert violations(staff.page) == []
    assert violations(candidate.page) == []


def test_one_key_brings_the_keyboard_out_of_the_notebook_and_back_to_where_it_was(room):
    _, _, candidate = room
    page, answer = candidate.page, candidate.cell(0).locator(".cm-content")
    answer.focus()
    before = candidate.text_of(0)

    page.keyboard.press("Alt+Shift+J")
    wait_for(lambda: place_of(page) == "panel", "the keyboard in the panel")
    page.keyboard.press("Alt+Shift+K")
    page.keyboard.press("Alt+Shift+J")
    wait_for(lambda: place_of(page) == "workspace", "the keyboard in the workspace")
    page.keyboard.type("# back", delay=15)
    wait_for(lambda: "# back" in candidate.text_of(0), "the text where the keyboard was")
    page.keyboard.press("Alt+Shift+J")
    wait_for(lambda: place_of(page) == "Show the task", "the keyboard at the button")

    assert candidate.text_of(0).replace("# back", "") == before


def test_a_slider_moves_for_both_without_a_reload(installation, person):
    interview = installation.new_interview("Deliveries", "late-deliveries")
    staff, candidate = both_in_the_room(installation, interview, person)
    index = candidate.notebook.locator(".jp-Notebook .jp-CodeCell").count() - 1
    for cell in (0, 1, index):
        candidate.cell(cell).locator(".cm-content").click()
        if cell == 1:
            candidate.page.keyboard.press("Control+a")
            candidate.page.keyboard.insert_text(
                "def clean(raw):\n    return pd.DataFrame({'distance_km': [1.0, 5.0], 'minutes': [20.0, 50.0]})\n"
            )
        candidate.page.keyboard.press("Control+Enter")
        wait_for(lambda place=cell: "]:" in prompt(candidate, place) and "*" not in prompt(candidate, place), "the run")

    for somebody in (candidate, staff):
        somebody.notebook.locator(".widget-slider").first.wait_for()
        somebody.notebook.locator(".jp-OutputArea img").first.wait_for()
    handle = candidate.notebook.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    candidate.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    candidate.page.mouse.down()
    candidate.page.mouse.move(box["x"] - 60, box["y"] + box["height"] / 2, steps=5)
    candidate.page.mouse.up()

    readouts = [somebody.notebook.locator(".widget-readout").first for somebody in (candidate, staff)]
    wait_for(lambda: readouts[0].text_content() == readouts[1].text_content() != "10", "the slider at the other's")


def test_a_receipt_is_verified_by_the_command_line(installation, room, tmp_path, monkeypatch, capsys):
    interview, _, candidate = room
    candidate.page.get_by_role("button", name="Submit …").click()
    candidate.page.get_by_role("button", name="Submit now").click()
    candidate.page.wait_for_url("**/receipt")
    monkeypatch.setenv("ASSAY_DATA", str(installation.data))

    with candidate.page.expect_download() as download:
        candidate.page.get_by_role("link", name="Download").first.click()
    receipt = tmp_path / "receipt.json"
    download.value.save_as(receipt)

    assert main(["receipt", "verify", str(receipt)]) == 0
    assert interview.id in capsys.readouterr().out
    forged = {**json.loads(receipt.read_text()), "size": 1}
    receipt.write_text(json.dumps(forged))
    assert main(["receipt", "verify", str(receipt)]) == 1


def test_a_revoked_candidate_is_out_without_a_reload(installation, room):
    interview, _, candidate = room
    frame = candidate.frame()
    frame.evaluate(
        "() => { window.closed_at = 0; const socket = new WebSocket(location.href.replace('http', 'ws')"
        ".replace(/notebooks.*/, 'api/events/subscribe')); socket.onclose = () => { window.closed_at = Date.now() }; }"
    )

    installation.revoke(installation.staff(), interview.id)

    candidate.page.get_by_text("You no longer have access").wait_for()
    assert candidate.page.locator("iframe").count() == 0


def test_a_second_submission_and_one_while_the_kernel_is_busy(installation, room):
    interview, _, candidate = room
    candidate.cell(0).locator(".cm-content").click()
    candidate.page.keyboard.press("Control+a")
    candidate.page.keyboard.insert_text("while True: pass")
    candidate.page.keyboard.press("Control+Enter")
    candidate.notebook.get_by_text("[*]:").first.wait_for()
    visitor = installation.candidate(interview)
    room_page = f"{installation.desk}room/{interview.id}"
    token = visitor.csrf(room_page)

    first = visitor.post(f"{room_page}/submit", {"csrf": token})
    second = visitor.post(f"{room_page}/submit", {"csrf": token})

    assert first.status_code == second.status_code == 303
    receipts = {visitor.get(f"{room_page}/receipt.json").text for _ in range(2)}
    assert len(receipts) == 1
