"""Batches in a browser and without one, on a real service whose submissions are graded by plain processes."""

import io
import os
import re
import zipfile
from pathlib import Path

import httpx
import pytest
from e2e.conftest import ROOT, wait_for
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import Page, expect
from visitor import Visitor

from assay_hub.domain.access import TeamRole
from assay_hub.domain.batch import GridSearch

QUESTION = "sensor-pipeline"
FORMULA = '=HYPERLINK("http://evil.example")'
HOSTILE = {
    "ada": "<img src=x onerror=alert(1)>",
    "bob": FORMULA,
    "cleo": "Cleo \u202egnp.exe",
}


def notebook(question: str) -> bytes:
    """Return the reference solution of a question as somebody might hand it in."""
    return (ROOT / "assignments" / "library" / question / "question.ipynb").read_bytes()


def upload(names: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return packed.getvalue()


def shot(page: Page, name: str) -> None:
    """Keep a picture for people who look at pages themselves."""
    if folder := os.environ.get("ASSAY_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def team(desk):
    for account, role in (("ida", TeamRole.INTERVIEWER), ("rex", TeamRole.REVIEWER), ("vic", TeamRole.VIEWER)):
        desk.member(account, role)
    return desk


@pytest.fixture(scope="module")
def batch(team):
    """A graded batch of three people with names that mean harm; the id of it."""
    visitor = signed_in(team, "interviewer")
    files = {f"{person}/{QUESTION}.ipynb": notebook(QUESTION) for person in HOSTILE}
    people = "\n".join(f'{person},"{name.replace(chr(34), chr(34) * 2)}",' for person, name in HOSTILE.items())
    made = post_upload(team, visitor, upload(files), title="Exercise <b>3</b>", question=QUESTION, people=people)
    preview = made.headers["location"]
    kept = visitor.post(address(team, preview), {"csrf": visitor.csrf(address(team, preview)), "then": "keep"})
    assert kept.status_code == 303, kept.text
    batch_id = kept.headers["location"].rpartition("/")[2]
    find, admin = team.application.find_batches, team.admin
    wait_for(lambda: not find.one(admin, batch_id)[1].counts.left, "the batch to be graded", 240)
    return batch_id


def address(team, path: str) -> str:
    return team.url + path.partition("/services/assay/")[2]


def signed_in(team, account: str) -> Visitor:
    visitor = Visitor(team.installation.port)
    assert visitor.get(team.installation.sign_in_link(account)).status_code == 200
    return visitor


def post_upload(team, visitor: Visitor, content: bytes, **fields: str) -> httpx.Response:
    url = f"{team.url}batches/new"
    origin = {"Origin": team.url.partition("/services")[0], "Sec-Fetch-Site": "same-origin"}
    data = {"csrf": visitor.csrf(url), "layout": "auto", **fields}
    return visitor.request("POST", url, headers=origin, data=data, files={"file": ("x.zip", content)})


def first_work(team, batch_id: str) -> str:
    _, _, page = team.application.find_batches.grid(team.admin, batch_id, GridSearch())
    return f"{team.url}batches/{batch_id}/work/{page.rows[0].submission.id}/{QUESTION}"


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_a_batch_fits_and_has_no_violation(team, batch, open_as, width):
    page = open_as(width=width)

    for path in (
        "batches",
        "batches/new",
        f"batches/{batch}",
        f"batches/{batch}?q=nobody",
        first_work(team, batch).removeprefix(team.url),
        f"batches/{batch}/rubric/{QUESTION}",
        f"batches/{batch}/requests",
    ):
        page.goto(team.url + path)
        for summary in page.locator("summary").all():
            summary.click()
        assert_no_sideways_scroll(page)
        assert_accessible(page)
        shot(page, f"batch-{re.sub('[^a-z]+', '-', path.replace(batch, 'one'))[:30]}-{width}")


def test_names_that_mean_harm_are_text_on_every_page_and_in_every_file(team, batch, open_as):
    page = open_as()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    page.goto(f"{team.url}batches/{batch}")

    for name in ("<img src=x onerror=alert(1)>", FORMULA, "Cleo gnp.exe"):
        expect(page.get_by_role("row").filter(has_text=name)).to_have_count(1)
    assert dialogs == []
    visitor = signed_in(team, "interviewer")
    sheet = visitor.get(f"{team.url}batches/{batch}/grades.csv")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert "\n" + 'bob,"\'=HYPERLINK(""http://evil.example"")"' in sheet.text
    book = visitor.get(f"{team.url}batches/{batch}/grades.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        written = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK" in written
    assert "<f>" not in written
    assert "hyperlink" not in written


def test_work_is_graded_without_script(team, batch, open_as):
    page = open_as(java_script_enabled=False)
    page.goto(first_work(team, batch))

    comment = page.get_by_label("Comment").first
    comment.fill("Well\nsaid <b>")
    page.get_by_label("Extra credit").first.fill("1,5")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("Comment").first).to_have_value("Well\nsaid <b>")
    expect(page.get_by_label("Extra credit").first).to_have_value("1.5")
    page.get_by_label("Points instead").first.fill("much")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("alert")).to_contain_text("no number")
    expect(page.get_by_label("Points instead").first).to_have_value("much")
    page.goto(first_work(team, batch))
    page.get_by_role("button", name="Undo my last change").click()
    expect(page.get_by_role("status")).to_have_text("Taken back.")
    expect(page.get_by_label("Extra credit").first).to_have_value("")


def test_single_keys_can_be_turned_off_and_never_count_while_somebody_types(team, batch, open_as):
    page = open_as()
    page.goto(first_work(team, batch))
    here = page.url

    page.keyboard.press("c")
    page.keyboard.type("jugs")
    expect(page.get_by_label("Comment").first).to_have_value("jugs")
    assert page.url == here
    page.keyboard.press("Escape")
    page.get_by_text("Keyboard", exact=True).click()
    page.get_by_role("button", name="Turn single keys off").click()
    page.keyboard.press("f")
    expect(page.get_by_label("Points instead").first).to_have_value("")
    page.get_by_role("button", name="Turn single keys on").click()
    page.keyboard.press("f")
    expect(page.get_by_label("Points instead").first).not_to_have_value("")


def test_nobody_gets_anywhere_who_may_not(team, batch):
    work = first_work(team, batch)
    reads = [
        f"{team.url}batches/{batch}{path}"
        for path in (
            "",
            "/progress",
            "/begin",
            f"/rubric/{QUESTION}",
            "/requests",
            "/grades.csv",
            "/grades.xlsx",
            "/gradebook.zip",
        )
    ]
    reads += [f"{team.url}batches", f"{team.url}batches/new", work, f"{work}/notebook"]
    changes = [f"{team.url}batches/{batch}/{path}" for path in ("again", "names", "undo", f"rubric/{QUESTION}")]
    changes += [work, f"{work}/again", f"{work}/request", f"{team.url}batches/new"]

    for account in ("vic", "stranger"):
        visitor = signed_in(team, account) if account == "vic" else outsider(team)
        nothing = visitor.get(f"{team.url}batches/aaaaaaaaaa/requests")
        for url in reads:
            answer = visitor.get(url)
            assert (answer.status_code, answer.text) == (404, nothing.text), url
        csrf = visitor.csrf(team.url) if account == "vic" else "0" * 64
        for url in changes:
            assert visitor.post(url, {"csrf": csrf}).status_code in ({404} if account == "vic" else {403, 404}), url
    reviewer = signed_in(team, "rex")
    assert reviewer.get(f"{team.url}batches/{batch}").status_code == 200
    assert reviewer.get(f"{team.url}batches/{batch}/grades.csv").status_code == 404
    assert reviewer.get(f"{team.url}batches/{batch}/gradebook.zip").status_code == 404
    assert reviewer.post(work, {"csrf": "made up"}).status_code == 403


def outsider(team) -> Visitor:
    """A candidate: signed in, and not in the team."""
    visitor = Visitor(team.installation.port)
    interview = team.installation.new_interview("For somebody")
    assert visitor.get(interview.link).status_code == 200
    return visitor


def test_a_large_file_is_read_only_from_those_who_may_send_one(team):
    visitor, admin = signed_in(team, "rex"), signed_in(team, "interviewer")
    large = b"x" * 3_000_000
    origin = {"Origin": team.url.partition("/services")[0], "Sec-Fetch-Site": "same-origin"}

    refused = visitor.request(
        "POST", f"{team.url}batches/new", headers=origin, data={"csrf": "x"}, files={"file": ("x.zip", large)}
    )
    taken = post_upload(team, admin, large, title="Large", question=QUESTION)

    assert refused.status_code == 404
    assert taken.status_code == 422
    assert "no zip file" in taken.text


def test_the_match_is_put_right_before_anything_is_kept(team, open_as, tmp_path):
    file = tmp_path / "handed-in.zip"
    two = {f"ada_{QUESTION}.ipynb": b"{}", f"bob_{QUESTION}.ipynb": b"{}", "strange.ipynb": b"{}", "../x.ipynb": b""}
    file.write_bytes(upload(two))
    page = open_as()
    page.goto(f"{team.url}batches/new")
    page.get_by_label("Title").fill("By hand")
    page.locator(f'[value="{QUESTION}"]').check()
    page.get_by_label("Zip file").set_input_files(file)
    page.get_by_role("button", name="Upload and look").click()

    expect(page.get_by_role("status")).to_contain_text("2 people with 2 notebooks")
    expect(page.get_by_text("1 file that is not taken")).to_be_visible()
    page.get_by_role("button", name="Keep this and grade").click()
    expect(page.get_by_role("alert")).to_contain_text("not complete")
    page.get_by_label("Person of strange.ipynb").fill("cleo")
    page.get_by_label("Question of strange.ipynb").select_option(QUESTION)
    page.get_by_label("Name of bob").fill("Bob Brandt")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("status")).to_contain_text("3 people with 3 notebooks")
    expect(page.get_by_label("Name of bob")).to_have_value("Bob Brandt")
    assert_accessible(page)
    shot(page, "batch-match-1280")
    page.get_by_label("Id of ada").fill("")
    page.get_by_role("button", name="Keep this and grade").click()
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    expect(page.locator(".assay-grid tbody tr")).to_have_count(2)
    expect(page.locator(".assay-grid")).to_contain_text("Bob Brandt")


def test_no_name_is_in_a_page_an_address_or_a_file_of_an_anonymous_batch(team, batch, open_as):
    page = open_as()
    page.goto(f"{team.url}batches/{batch}")
    page.get_by_role("button", name="Hide names").click()
    seen = [page.content(), page.url]
    page.get_by_role("link", name="Grade by hand").click()
    seen += [page.content(), page.url]
    visitor = signed_in(team, "interviewer")
    for path in ("grades.csv", "requests", "progress", "?q=bob"):
        seen.append(visitor.get(f"{team.url}batches/{batch}/{path}".replace("/?", "?")).text.replace('value="bob"', ""))
    book = visitor.get(f"{team.url}batches/{batch}/grades.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        seen += [parts.read(name).decode() for name in parts.namelist()]

    for name in ("onerror", "HYPERLINK", "Cleo", "bob", "cleo"):
        assert not [text[:200] for text in seen if name in text], name
    assert "Person 0001" in seen[0]
    page.goto(f"{team.url}batches/{batch}")
    page.get_by_role("button", name="Show names").click()
    expect(page.locator(".assay-grid")).to_contain_text("Cleo")
