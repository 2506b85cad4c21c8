"""A batch from its upload to its file of grades: real containers, a browser, and a keyboard."""

import csv
import io
import json
import os
import zipfile
from pathlib import Path

from e2e.conftest import ROOT, wait_for
from integration.web.test_pages import assert_accessible
from playwright.sync_api import Page, expect

QUESTION = "sensor-pipeline"
PEOPLE = ("ada", "bea", "dov", "emre", "fatou")


def handed_in() -> bytes:
    """Return what people handed in: solutions, one that nobody can read, and one that was not begun."""
    source = json.loads((ROOT / "assignments" / "library" / QUESTION / "question.ipynb").read_bytes())
    begun = json.loads(json.dumps(source))
    solution = next(cell for cell in begun["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    solution["source"] = "def parse(line):\n    return None\n"
    notebooks = dict.fromkeys(PEOPLE, json.dumps(source)) | {"dov": json.dumps(begun), "emre": "no notebook"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for person, content in notebooks.items():
            archive.writestr(f"course/submitted/{person}/pipeline/{QUESTION}.ipynb", content)
    return packed.getvalue()


def press_until(page: Page, name: str) -> None:
    """Go on with the Tab key to a link or button, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not get to {name}")


def watch(page: Page) -> None:
    """Watch the progress, which goes on by itself, to the end, and look at the grades."""
    page.evaluate("window.sameDocument = true")
    expect(page.locator("#progress")).to_contain_text("of 5 graded")
    shot(page, "batch-running-1280")
    expect(page.locator("#progress")).to_contain_text("All 5 graded", timeout=240_000)
    expect(page.locator("#progress")).to_contain_text("needs a person to look at it")
    grid = page.locator(".assay-grid tbody tr")
    expect(grid.filter(has_text="ada")).to_contain_text("8 / 8")
    expect(grid.filter(has_text="emre")).to_contain_text("0 / 8")
    expect(grid.filter(has_text="emre")).to_contain_text("needs review")
    assert page.evaluate("window.sameDocument"), "the grid fills by itself"
    assert_accessible(page)


def mark_by_keyboard(page: Page) -> None:
    """Grade what needs review, then go among everybody, and back to the grid."""
    press_until(page, "Grade by hand")
    expect(page.get_by_role("heading", name="emre")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("1.5")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("This was no notebook.")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#count")).to_have_text("0 people.")
    page.goto(f"{page.url.partition('?')[0]}/begin")
    first = page.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    page.keyboard.press("0")
    page.keyboard.press("s")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_have_text("Taken back.")
    page.keyboard.press("g")
    expect(page.locator("#count")).to_have_text("5 people.")


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("ASSAY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_batch_is_uploaded_graded_watched_marked_by_keyboard_and_exported(installation, new_context):
    page = new_context().new_page()
    page.goto(installation.sign_in_link("interviewer"))
    page.goto(f"{installation.desk}batches/new")
    page.get_by_label("Title").fill("Pipelines")
    page.locator(f'[value="{QUESTION}"]').check()
    page.get_by_label("Zip file").set_input_files(
        {"name": "all.zip", "mimeType": "application/zip", "buffer": handed_in()}
    )
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("status")).to_contain_text("5 people with 5 notebooks")
    expect(page.locator("option[value=auto]")).to_contain_text("nbgrader")
    page.get_by_role("button", name="Keep this and grade").click()

    watch(page)
    mark_by_keyboard(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download all grades as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    points = {row["person"]: float(row["points"]) for row in rows}
    assert points["ada"] == points["bea"] == points["fatou"] == 8
    assert points["emre"] == 1.5
    assert points["dov"] < 8


def test_a_service_that_is_killed_in_a_batch_grades_the_rest_and_nothing_twice(own_installation):
    installation = own_installation
    find, admin = installation.application.find_batches, installation.admin
    files = {f"{person}/{QUESTION}.ipynb": handed_in_by(person) for person in PEOPLE}
    batch = upload(installation, files)
    wait_for(lambda: find.one(admin, batch)[1].counts.done >= 1, "the first notebook to be graded", 120)

    os.kill(installation.pid_of("assay_hub.web"), 9)

    wait_for(lambda: not find.one(admin, batch)[1].counts.left, "the rest to be graded", 240)
    counts = find.one(admin, batch)[1].counts
    assert (counts.done, counts.failed) == (5, 0)


def handed_in_by(person: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(handed_in())) as archive:
        return archive.read(f"course/submitted/{person}/pipeline/{QUESTION}.ipynb")


def upload(installation, files: dict[str, bytes]) -> str:
    """Upload files as a batch, keep them, and return its id."""
    staff = installation.staff()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    origin = {"Origin": installation.desk.partition("/services")[0], "Sec-Fetch-Site": "same-origin"}
    url = f"{installation.desk}batches/new"
    data = {"csrf": staff.csrf(url), "layout": "auto", "title": "Killed", "question": QUESTION}
    held = staff.request("POST", url, headers=origin, data=data, files={"file": ("x.zip", packed.getvalue())})
    at = installation.desk + held.headers["location"].partition("/services/assay/")[2]
    kept = staff.post(at, {"csrf": staff.csrf(at), "then": "keep"})
    return kept.headers["location"].rpartition("/")[2]
