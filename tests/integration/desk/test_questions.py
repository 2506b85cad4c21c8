"""The team's own questions on a real service: pages, workspaces as processes, and those who may not."""

import io
import json
import zipfile

import httpx
import pytest
from e2e.conftest import wait_for
from integration.desk.test_lists import shot
from integration.web.test_pages import assert_accessible, assert_no_sideways_scroll
from playwright.sync_api import expect
from visitor import Visitor

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.plan import Plan
from assay_hub.domain.question import CheckState
from assay_hub.domain.search import AuditSearch
from assay_protocol.names import question_account

SOURCES = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS")


class Writer(Visitor):
    """Somebody of the team without a browser."""

    def __init__(self, desk, account: str) -> None:
        super().__init__(desk.installation.port)
        self.desk = desk
        assert self.get(desk.installation.sign_in_link(account)).status_code == 200

    def page(self, path: str) -> httpx.Response:
        return self.request("GET", self.desk.url + path)

    def send(self, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        return self.post(self.desk.url + path, {"csrf": self.token, **(form or {})})

    @property
    def token(self) -> str:
        """The token of the session, from a page that everybody in the team may open."""
        return self.csrf(self.desk.url)


@pytest.fixture(scope="module")
def team(desk):
    """One member of each kind, and a question that is being edited."""
    for account, role in (("ida", TeamRole.INTERVIEWER), ("rex", TeamRole.REVIEWER), ("vic", TeamRole.VIEWER)):
        desk.member(account, role)
    keep = desk.application.questions
    begun = keep.begin(desk.admin, "live coding", "Confidential limits")
    desk.application.author_questions.open(desk.admin, begun.question)
    return desk


def description(desk, question_id: str, **changes: str) -> dict[str, str]:
    """Return the form that describes a question, as its page shows it."""
    opened = desk.application.questions.open(desk.admin, question_id)
    about = opened.about
    lists = {name: ", ".join(getattr(about, name)) for name in ("topics", "skills", "packages", "files")}
    texts = {name: getattr(about, name) for name in ("title", "kind", "difficulty", "stub", "author", "licence")}
    number = str(opened.newest.number)
    return {**texts, **lists, "minutes": str(about.minutes), "step": "change", "note": "", "base": number} | changes


def finished(desk, question_id: str):
    def newest():
        version = desk.application.questions.versions(desk.admin, question_id)[0]
        return version if version.findings else None

    return wait_for(newest, "the check", 240)


PATHS = [
    ("GET", "questions/new"),
    ("POST", "questions/new"),
    ("POST", "questions/import"),
    ("POST", "questions/confidential-limits/duplicate"),
    ("GET", "questions/confidential-limits/export"),
    ("GET", "questions/on-call-shifts/export"),
    ("POST", "questions/confidential-limits/edit"),
    ("GET", "questions/confidential-limits/edit"),
    ("GET", "questions/confidential-limits/workspace"),
    ("GET", "questions/confidential-limits/check"),
    ("POST", "questions/confidential-limits/check"),
    ("POST", "questions/confidential-limits/versions"),
    ("POST", "questions/confidential-limits/close"),
]


@pytest.mark.parametrize("who", ["rex", "vic", "candidate"])
def test_whoever_may_not_write_questions_gets_the_answer_for_what_does_not_exist(team, who):
    if who == "candidate":
        interview = team.installation.new_interview("Talk")
        visitor = team.installation.candidate(interview)
        token = visitor.csrf(f"{team.url}room/{interview.id}")
    else:
        visitor = Writer(team, who)
        token = visitor.token if who == "rex" else visitor.csrf(team.url)
    form = {"csrf": token, **description(team, "confidential-limits"), "kind": "debugging"}

    answers = {
        (method, path): visitor.request("GET", team.url + path)
        if method == "GET"
        else visitor.post(team.url + path, form)
        for method, path in PATHS
    }

    nothing = visitor.request("GET", f"{team.url}questions/no-such-question/edit")
    assert nothing.status_code == 404
    for (method, path), answer in answers.items():
        assert (method, path, answer.status_code) == (method, path, 404)
        assert answer.text == nothing.text, path
    with team.application.database.read() as records:
        assert [one.number for one in records.versions("confidential-limits")] == [1]
        assert records.editing("confidential-limits") is not None


def _workspace(desk, visitor: Visitor) -> str:
    """Start the workspace of the question and return its address."""
    editing = desk.application.author_questions.find(desk.admin, "confidential-limits")
    fragment = f"{desk.url}questions/confidential-limits/workspace"
    wait_for(lambda: "<iframe" in visitor.request("GET", fragment).text, "the workspace", 90)
    account = question_account(editing.id)
    return f"{desk.application.settings.origin(account)}/user/{account}/"


def test_the_workspace_is_open_to_writers_and_closed_to_everybody_else(team):
    writer = Writer(team, "ida")
    address = _workspace(team, writer)
    writer.get(address + "notebooks/question.ipynb")
    source = writer.request("GET", address + "api/contents/question.ipynb?content=1")
    interview = team.installation.new_interview("Talk")
    others = {
        "reviewer": Writer(team, "rex"),
        "viewer": Writer(team, "vic"),
        "candidate": team.installation.candidate(interview),
        # An administrator of the hub itself, who is no visitor of the page.
        "not visiting": Writer(team, "interviewer"),
    }

    seen = {}
    for name, visitor in others.items():
        for path in ("notebooks/question.ipynb", "api/contents/question.ipynb?content=1", "files/question.ipynb"):
            visitor.get(address)  # logs in as far as the hub lets them
            seen[name, path] = visitor.request("GET", address + path)

    assert source.status_code == 200
    assert all(words in json.dumps(source.json()) for words in SOURCES)
    for (name, path), answer in seen.items():
        assert not any(words in answer.text for words in SOURCES), (name, path)
        assert "notebooks" in path or answer.status_code in {302, 403, 404}, (name, path, answer.status_code)


def test_a_writer_who_loses_the_right_loses_the_workspace_within_seconds(team):
    writer = Writer(team, "ida")
    address = _workspace(team, writer)
    writer.get(address + "notebooks/question.ipynb")
    contents = address + "api/contents/question.ipynb?content=1"
    assert writer.request("GET", contents).status_code == 200
    member = team.application.team.member(team.admin, "ida")

    try:
        team.application.team.change(team.admin, member.__class__(**{**vars(member), "role": TeamRole.REVIEWER}))
        wait_for(lambda: writer.request("GET", contents).status_code in {302, 403, 404}, "the door to close", 15)
        page = writer.page("questions/confidential-limits/edit")
    finally:
        team.application.team.change(team.admin, member)

    assert page.status_code == 404


def test_an_interviews_pages_know_nothing_of_the_workspace(team):
    """Nothing that is for interviews takes the id of a question's workspace for one of theirs."""
    staff = team.installation.staff()
    editing = team.application.author_questions.find(team.admin, "confidential-limits")

    answers = [staff.request("GET", f"{team.url}{path}{editing.id}") for path in ("room/", "interviews/")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_without_a_script_a_question_is_begun_described_saved_and_checked(team):
    writer = Writer(team, "ida")

    begun = writer.send("questions/new", {"kind": "live coding", "title": "Rate limits"})
    edit = writer.page("questions/rate-limits/edit")
    wrong = description(team, "rate-limits", minutes="soon", title="<b>Odd</b>")
    refused = writer.send("questions/rate-limits/versions", wrong)
    described = description(team, "rate-limits", minutes="25", topics="limits", skills="care")
    saved = writer.send("questions/rate-limits/versions", described)
    version = finished(team, "rate-limits")
    page = writer.page("questions/rate-limits")

    assert begun.headers["location"].endswith("/services/assay/questions/rate-limits/edit")
    assert "Open the workspace" in edit.text
    assert refused.status_code == 422
    assert "Give the length in whole minutes." in refused.text
    assert "&lt;b&gt;Odd&lt;/b&gt;" in refused.text
    assert (saved.status_code, version.version, version.state) == (303, "0.2.0", CheckState.FAILED)
    assert {one.title for one in version.findings if one.required and not one.passed} == {"Words"}
    assert "It needs work before anybody can be asked it." in page.text
    assert "still to be done" in page.text
    assert not any(words in page.text for words in SOURCES)
    assert "rate-limits" not in {card.id for card in team.application.library.cards()}


def test_a_copy_of_an_official_question_passes_and_can_be_asked(team):
    writer = Writer(team, "ida")

    copied = writer.send("questions/on-call-shifts/duplicate")
    version = finished(team, "on-call-shifts-copy")
    page = writer.page("questions/on-call-shifts-copy")
    asked = team.application.create_interview(team.admin, Plan("Talk", "Sam", questions=("on-call-shifts-copy",)))

    assert copied.headers["location"].endswith("/services/assay/questions/on-call-shifts-copy/edit")
    assert version.usable, [one for one in version.findings if not one.passed]
    assert "Can be asked" in page.text
    assert asked.questions[0].pinned == version.artefact


def test_a_question_goes_out_to_nbgrader_and_comes_back(team):
    writer = Writer(team, "ida")

    exported = writer.page("questions/late-deliveries/export")
    upload = {"upload": ("course.zip", exported.content, "application/zip")}
    headers = {"Origin": team.url.removesuffix("/services/assay/"), "Sec-Fetch-Site": "same-origin"}
    imported = writer.request(
        "POST", team.url + "questions/import", headers=headers, data={"csrf": writer.token}, files=upload
    )

    assert exported.headers["content-disposition"] == 'attachment; filename="late-deliveries.zip"'
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        assert "source/late-deliveries/late-deliveries.ipynb" in archive.namelist()
    assert imported.status_code == 200
    assert "questions/late-deliveries-2" in imported.text
    assert finished(team, "late-deliveries-2").usable


def test_two_who_save_at_once_are_told_instead_of_overwriting(team):
    writer = Writer(team, "ida")
    keep = team.application.questions
    begun = keep.begin(team.admin, "live coding", "Twice")
    form = description(team, begun.question, minutes="25")

    first = writer.send("questions/twice/versions", form)
    second = writer.send("questions/twice/versions", form | {"minutes": "26"})

    assert (first.status_code, second.status_code) == (303, 412)
    assert "Somebody else changed this meanwhile." in second.text


def test_reading_solutions_is_in_the_log(team):
    with team.application.database.read() as records:
        deeds = {(entry.account, entry.deed) for entry in records.audit(AuditSearch(rows=200))}

    assert ("interviewer", Deed.READ_SOLUTION) in deeds
    assert ("ida", Deed.QUESTION_CHANGED) in deeds


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(team, open_as, width):
    page = open_as("ida", width)

    for path, name in (
        ("questions", "list"),
        ("questions/new", "new"),
        ("questions/rate-limits", "question"),
        ("questions/on-call-shifts", "official"),
        ("questions/on-call-shifts-copy", "copy"),
        ("questions/rate-limits/edit", "edit"),
    ):
        page.goto(team.url + path)
        expect(page.locator("h1")).to_be_visible()
        assert_accessible(page)
        assert_no_sideways_scroll(page)
        shot(page, f"own-{name}-{width}")
