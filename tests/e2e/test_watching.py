"""People who watch, people and questions that change while an interview is live, and interviews that are reopened."""

import logging
import time
from dataclasses import replace

import pytest
from e2e.conftest import wait_for
from e2e.test_interview import violations

from assay_hub.adapters.replay import replay
from assay_hub.adapters.signing import Ed25519Verifier
from assay_hub.domain.access import Action, TeamRole
from assay_hub.domain.interview import State
from assay_hub.domain.team import Member
from assay_protocol.recording import Event, Kind

_log = logging.getLogger(__name__)

WRITE_ANYWAY = """async () => {
    const codes = {};
    const root = location.pathname.replace(/notebooks.*/, "");
    const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
    const ask = async (method, path, body) => {
        const headers = { "X-XSRFToken": xsrf, "Content-Type": "application/json" };
        const answer = await fetch(root + path, { method, headers, body: JSON.stringify(body) });
        codes[`${method} ${path.split("/")[1]}`] = answer.status;
    };
    await ask("PUT", "api/contents/forged.txt", { type: "file", format: "text", content: "forged" });
    await ask("POST", "api/kernels", {});
    await ask("DELETE", "api/contents/on-call-shifts.ipynb");
    const panel = window.jupyterapp?.shell.currentWidget;
    const cell = panel?.content.model.sharedModel.cells[0];
    cell?.setSource("forged");
    panel?.sessionContext.session?.kernel?.requestExecute({ code: "open('forged.txt', 'w')" });
    const listed = await (await fetch(root + "api/kernels", { headers: { "X-XSRFToken": xsrf } })).json();
    const address = `${location.origin.replace("http", "ws")}${root}api/kernels/${listed[0].id}/channels?session_id=x`;
    const socket = new WebSocket(address);
    await new Promise(resolve => { socket.onopen = resolve; });
    const header = { msg_id: "m", msg_type: "execute_request", session: "x", username: "", version: "5.3", date: "" };
    socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, buffers: [], channel: "shell",
        content: { code: "open('forged.txt', 'w')", silent: false } }));
    return codes;
}"""


def add_member(installation, account, role=TeamRole.INTERVIEWER):
    with installation.application.database.write() as records:
        now = installation.application.clock.now()
        records.save_member(Member(account, account.capitalize(), "", role, active=True, joined_at=now))


def change(installation, interview, **changes):
    """Change the plan of an interview as another process does, of which the service is not told."""
    found = installation.application.review.find(installation.admin, Action.SEE_DETAILS, interview.id)
    installation.application.edit_interview(installation.admin, interview.id, replace(found.plan, **changes))


def enter(installation, interview, who, account):
    who.open(installation.application.make_links.for_staff(account, interview.id))


def events(installation, interview):
    return [Event.from_line(line) for line in installation.recorded(interview.id)]


def attempts(installation, interview):
    return {(e.account, e.detail["what"]) for e in events(installation, interview) if e.kind is Kind.REFUSED}


@pytest.fixture
def room(installation, person):
    """An interview with its candidate and its interviewer in the room."""
    interview = installation.new_interview("Watched", "on-call-shifts")
    staff, candidate = person(), person()
    enter(installation, interview, staff, "interviewer")
    candidate.open(interview.link)
    candidate.page.get_by_role("button", name="Enter the room").click()
    for somebody in (staff, candidate):
        somebody.wait_for_notebook()
    return interview, staff, candidate


def test_an_observer_sees_everything_live_and_changes_nothing_even_by_script(installation, room, person):
    interview, _, candidate = room
    add_member(installation, "olga", TeamRole.REVIEWER)
    observer = person()
    change(installation, interview, observers=("olga",))

    enter(installation, interview, observer, "olga")
    observer.cell(0).locator(".cm-content").wait_for()
    candidate.page.get_by_text("observer, here").wait_for()
    observer.page.get_by_text("You are watching.").wait_for()
    candidate.cell(0).locator(".cm-content").click()
    candidate.page.keyboard.press("Control+a")
    candidate.page.keyboard.insert_text("print('seen by', 'all')")
    wait_for(lambda: "seen by" in observer.text_of(0), "the candidate's text at the observer's")
    candidate.page.keyboard.press("Control+Enter")
    observer.notebook.get_by_text("seen by all").wait_for()

    before = candidate.text_of(0)
    observer.cell(0).locator(".cm-content").click()
    observer.page.keyboard.type("forged")
    observer.page.keyboard.press("Control+Enter")
    observer.page.keyboard.press("Escape")
    observer.page.keyboard.type("ddbx")
    codes = observer.frame().evaluate(WRITE_ANYWAY)
    candidate.type_into(0, "\n# later")
    wait_for(lambda: "# later" in observer.text_of(0), "typing goes on at the observer's")

    assert set(codes.values()) == {403}
    assert candidate.text_of(0) == before + "\n# later"
    assert "forged" not in candidate.text_of(0)
    wait_for(lambda: attempts(installation, interview) >= {("olga", "files"), ("olga", "kernel")}, "her attempts")
    assert {e.account for e in events(installation, interview) if e.kind is Kind.EDIT} <= {
        f"cand-{interview.id}",
        "interviewer",
        None,
    }
    assert observer.page.get_by_role("button", name="End interview").count() == 0
    assert observer.page.locator("[data-room=restart]").count() == 0
    observer.page.get_by_label("Private notes").fill("calm")
    observer.page.get_by_text("Saved", exact=True).wait_for()
    assert violations(observer.page) == []
    assert observer.notebook.locator(".jp-Dialog").count() == 0


def test_an_observer_sees_a_widget_that_was_there_before(installation, room, person):
    interview, _, candidate = room
    add_member(installation, "olga", TeamRole.REVIEWER)
    change(installation, interview, observers=("olga",))
    candidate.cell(0).locator(".cm-content").click()
    candidate.page.keyboard.press("Control+a")
    candidate.page.keyboard.insert_text("import ipywidgets\nipywidgets.IntSlider(value=7)")
    candidate.page.keyboard.press("Control+Enter")
    candidate.notebook.locator(".widget-slider").first.wait_for()
    observer = person()

    enter(installation, interview, observer, "olga")

    observer.notebook.locator(".widget-readout").first.wait_for()
    assert observer.notebook.locator(".widget-readout").first.text_content() == "7"


def test_an_administrator_who_is_not_named_enters_types_and_is_shown(installation, room, person):
    interview, _, candidate = room
    add_member(installation, "root", TeamRole.ADMIN)
    admin = person()

    enter(installation, interview, admin, "root")
    admin.wait_for_notebook()
    admin.type_into(0, "\n# from the admin")

    wait_for(lambda: "# from the admin" in candidate.text_of(0), "the administrator's text")
    candidate.page.get_by_text("admin, here").wait_for()
    admin.page.reload()
    admin.wait_for_notebook()
    assert "# from the admin" in admin.text_of(0)


def test_somebody_who_is_taken_out_is_gone_within_five_seconds_and_somebody_added_comes_in(installation, room, person):
    interview, _, _ = room
    for account in ("olga", "bob"):
        add_member(installation, account)
    observer, bob = person(), person()
    change(installation, interview, observers=("olga",))
    enter(installation, interview, observer, "olga")
    observer.cell(0).locator(".cm-content").wait_for()
    frame = observer.frame()
    frame.evaluate(
        "() => { window.top_closed = new Promise(resolve => { const socket = new WebSocket("
        "location.href.replace('http', 'ws').replace(/notebooks.*/, 'api/events/subscribe'));"
        "socket.onclose = event => resolve(event.code); }); }"
    )

    started = time.monotonic()
    change(installation, interview, observers=(), interviewers=("interviewer", "bob"))
    observer.page.get_by_text("You no longer have access").wait_for()
    taken = time.monotonic() - started

    assert observer.page.locator("iframe").count() == 0
    wait_for(
        lambda: any(e.kind is Kind.LEFT and e.account == "olga" for e in events(installation, interview)),
        "her sockets closed",
    )
    _log.info("taken out after %.2f s", taken)
    enter(installation, interview, bob, "bob")
    bob.wait_for_notebook()
    bob.type_into(0, "\n# bob")
    bob.notebook.get_by_text("# bob").wait_for()


def test_a_question_is_added_by_keyboard_and_appears_for_everybody_without_a_reload(room):
    _, staff, candidate = room
    for somebody in (staff, candidate):
        somebody.page.evaluate("window.never_reloaded = true")
    opener = staff.page.get_by_role("button", name="Add a question …")
    opener.focus()
    staff.page.keyboard.press("Enter")
    staff.page.get_by_role("dialog", name="Add a question").wait_for()
    assert violations(staff.page) == []
    staff.page.get_by_label("Question", exact=True).select_option("sensor-pipeline")
    staff.page.get_by_label("Question", exact=True).focus()
    staff.page.keyboard.press("Tab")

    started = time.monotonic()
    staff.page.keyboard.press("Enter")
    tabs = [somebody.page.locator("[data-room=questions] button").nth(1) for somebody in (candidate, staff)]
    for tab in tabs:
        tab.wait_for()
    _log.info("the question appeared for both after %.2f s", time.monotonic() - started)

    assert candidate.page.locator("[data-room=announce]").text_content().startswith("A question was added: ")
    for somebody, tab in zip((candidate, staff), tabs, strict=True):
        assert somebody.page.evaluate("window.never_reloaded")
        tab.click()
        somebody.page.locator("section.assay-statement[data-question=sensor-pipeline]").wait_for()
        assert "sensor-pipeline" in somebody.page.locator("iframe").get_attribute("src")
        somebody.wait_for_notebook()
    candidate.type_into(0, "\n# in the new one")
    wait_for(lambda: "# in the new one" in staff.text_of(0), "typing in the new notebook")
    assert staff.page.locator("[data-room=add-choice] option[value=sensor-pipeline]").count() == 0
    assert violations(candidate.page) == []


def test_a_link_that_is_opened_again_in_the_same_browser_leads_back_into_the_room(installation):
    interview = installation.new_interview("Again", "on-call-shifts")
    visitor = installation.candidate(interview)

    again = visitor.get(interview.link)

    assert again.status_code == 200
    assert f"/room/{interview.id}/enter" in again.text


def test_a_reopened_interview_is_submitted_again_with_a_second_receipt(installation, room):
    interview, staff, candidate = room
    candidate.type_into(0, "\n# first")
    wait_for(lambda: "# first" in staff.text_of(0), "the text")
    receipts = []

    def submit():
        candidate.page.get_by_role("button", name="Submit …").click()
        candidate.page.get_by_role("button", name="Submit now").click()
        candidate.page.wait_for_url("**/receipt")
        receipts.append(installation.application.review.submission(installation.admin, interview.id))

    submit()
    staff.page.get_by_text("has been handed in").wait_for()
    visitor = installation.staff()
    details = f"{installation.desk}interviews/{interview.id}"
    answer = visitor.post(f"{installation.desk}room/{interview.id}/end", {"csrf": visitor.csrf(details)})
    assert answer.status_code == 303

    reopened = installation.application.edit_interview.reopen(installation.admin, interview.id)
    assert reopened.state is State.LIVE
    candidate.open(interview.link)
    for somebody in (candidate, staff):
        somebody.wait_for_notebook()
    assert "# first" in candidate.text_of(0)
    candidate.type_into(0, "\n# second")
    wait_for(lambda: "# second" in staff.text_of(0), "the text after reopening")
    submit()

    assert [one.number for one in receipts] == [1, 2]
    assert all(Ed25519Verifier().verify(one.receipt) for one in receipts)
    assert receipts[0].artefact != receipts[1].artefact
    candidate.page.get_by_text("Submission").first.wait_for()
    replayed = replay(installation.recorded(interview.id)).cells("on-call-shifts.ipynb")
    assert any("# first" in cell.text and "# second" in cell.text for cell in replayed)
