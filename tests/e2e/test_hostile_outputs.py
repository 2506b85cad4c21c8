"""Hostile outputs in the interviewer's browser, and what script on the workspace's origin could do if one ran."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from e2e import hostile
from e2e.conftest import NewInterview, Person, wait_for
from e2e.test_interview import both_in_the_room
from e2e.test_links import sign_up
from playwright.sync_api import Error

from assay_hub.web.routes import interviews, room

NOTE = "not for the candidate"


@dataclass
class Attacked:
    """One interview with a hostile candidate, and both in their room."""

    interview: NewInterview
    staff: Person
    candidate: Person


@pytest.fixture(scope="module")
def attacked(installation, person_of_the_module):
    """The interview that all tests attack which leave it as they found it."""
    interview = installation.new_interview("Attacked", "on-call-shifts")
    staff, candidate = both_in_the_room(installation, interview, person_of_the_module)
    staff.page.get_by_label("Private notes").fill(NOTE)
    wait_for(lambda: note_of(installation, interview) == NOTE or staff.page.wait_for_timeout(20), "the kept note")
    return Attacked(interview, staff, candidate)


def note_of(installation, interview):
    return installation.application.review.note(installation.admin, interview.id)


def was_attacked(person):
    """Whether a script of an output ran in any frame of this person's pages."""
    return any("attacked" in line for line in person.console)


def go_to(person, script):
    """Bring the workspace's frame to another page."""
    frame = person.frame()
    with frame.expect_navigation():
        frame.evaluate(script)


def press_everything(person):
    """Click whatever a hostile output offers, and follow nobody's pop-up."""
    offered = person.notebook.locator(".attack, .jp-OutputArea-output a, .jp-RenderedMarkdown a, mjx-container *").all()
    for one in offered:
        one.dispatch_event("click")
    return len(offered)


def test_charts_tables_and_widgets_show_for_the_interviewer(attacked):
    hostile.run(attacked.candidate, hostile.CHARTS)

    output = attacked.staff.cell(0).locator(".jp-OutputArea")
    output.locator("img[src^='data:image/png']").wait_for()
    output.get_by_text("chart").wait_for()
    output.locator(".widget-slider").get_by_text("how many").wait_for()


def by_running(_installation, attacked):
    hostile.run(attacked.candidate, hostile.displaying())


def through_the_document(installation, attacked):
    token = hostile.page_token(attacked.candidate)
    hostile.write_into_document(installation, attacked.interview.id, "on-call-shifts.ipynb", token)


def in_a_file(_installation, attacked):
    written = json.dumps(hostile.hostile_notebook())
    hostile.run(attacked.candidate, f"open('hostile.ipynb', 'w').write({written!r})\nprint('writ' + 'ten')")
    attacked.staff.notebook.get_by_text("written", exact=True).wait_for()
    go_to(attacked.staff, "location.href = location.href.replace('on-call-shifts', 'hostile')")


@pytest.mark.parametrize("attack", [by_running, through_the_document, in_a_file])
def test_no_hostile_output_runs_script_at_the_interviewer(installation, attacked, attack):
    attacked.staff.console.clear()

    attack(installation, attacked)

    attacked.staff.notebook.locator(".seen").last.wait_for()
    assert press_everything(attacked.staff) > 2
    go_to(attacked.staff, "location.reload()")
    attacked.staff.notebook.locator(".seen").last.wait_for()
    assert not was_attacked(attacked.staff)
    attacked.staff.frame().evaluate(hostile.MARK)
    wait_for(lambda: attacked.staff.page.wait_for_timeout(20) or was_attacked(attacked.staff), "the mark is heard")


@pytest.mark.parametrize(
    "reading",
    [
        "parent.document.getElementById('notes').value",
        "top.document.cookie",
        "parent.localStorage.length",
        "parent.sessionStorage.length",
        "top.location.href",
        "parent.notes.value",
        "parent.frameElement",
        "open(document.location.ancestorOrigins[0] + '/services/assay/').document.body.innerText",
    ],
)
def test_script_in_the_workspace_reads_nothing_of_the_room_around_it(attacked, reading):
    with pytest.raises(Error, match=r"SecurityError|Cannot read properties of null"):
        attacked.staff.frame().evaluate(reading)


def alone_in_the_workspace(installation, attacked, staff):
    """Sign somebody in as the interviewer, on a page of the workspace without the room around it."""
    staff.open(installation.sign_in_link("interviewer"))
    staff.open(attacked.staff.frame().url)
    staff.page.locator(".jp-Notebook").wait_for()


@pytest.fixture(scope="module")
def unbounded(installation, attacked, person_of_the_module):
    """The interviewer once more, on a page of the workspace without sandbox and without Content-Security-Policy.

    What holds here holds for a workspace whose server serves whatever page the candidate wants, in a tab of its own.
    """
    staff = person_of_the_module(bypass_csp=True)
    alone_in_the_workspace(installation, attacked, staff)
    return staff


def paths_of_the_service(interview, method):
    """Return every path of the service that answers a method, for this interview."""
    names = {"{interview_id}": interview.id, "{question_id}": "on-call-shifts", "{link_id}": "x"}
    for part in (interviews, room):
        for route in part.router.routes:
            if method in (getattr(route, "methods", None) or ()):
                path = route.path
                for name, value in names.items():
                    path = path.replace(name, value)
                yield path.lstrip("/")


def answers(person, script, address, *more):
    """Run a script in the workspace that asks for an address; return the statuses that came."""
    seen = []

    def note(response):
        if response.url == address:
            seen.append(response.status)

    person.context.on("response", note)
    person.frame().evaluate(script, [address, *more])
    wait_for(lambda: person.page.wait_for_timeout(20) or seen, f"an answer of {address}")
    person.context.remove_listener("response", note)
    for popup in person.context.pages[1:]:
        popup.close()
    return seen


POST_BLINDLY = """([address, body]) => fetch(address, {
    method: "POST", mode: "no-cors", credentials: "include",
    body: typeof body === "string" ? body : new URLSearchParams(body)
}).then(answer => { if (answer.type !== "opaque") throw Error("readable") })"""
POST_A_FORM = """([address, fields]) => {
    const form = document.body.appendChild(document.createElement("form"));
    Object.assign(form, { method: "post", action: address, target: "_blank" });
    for (const [name, value] of Object.entries(fields))
        form.append(Object.assign(document.createElement("input"), { name, value }));
    form.submit();
}"""
OPEN = "([address]) => { open(address) }"
LISTEN = """address => new Promise(done => {
    const socket = new WebSocket(address), heard = [];
    socket.onmessage = event => heard.push(event.data);
    socket.onclose = event => done([event.code, heard]);
})"""
FORGED = {"csrf": "0" * 64, "text": "forged", "title": "forged", "candidate_name": "Eve", "question": "on-call-shifts"}


def test_script_in_the_workspace_changes_and_reads_nothing_at_the_service(installation, attacked, unbounded):
    before = hostile.kept(installation)
    desk = installation.desk

    for path in paths_of_the_service(attacked.interview, "POST"):
        for script in (POST_BLINDLY, POST_A_FORM):
            assert answers(unbounded, script, desk + path, FORGED) == [403], path
    for path in paths_of_the_service(attacked.interview, "GET"):
        answers(unbounded, OPEN, desk + path)
        with pytest.raises(Error, match="Failed to fetch"):
            unbounded.frame().evaluate("address => fetch(address, { credentials: 'include' })", desk + path)
    live = f"{desk}room/{attacked.interview.id}/live".replace("http", "ws")

    assert unbounded.frame().evaluate(LISTEN, live) == [4403, []]
    assert hostile.kept(installation) == before


def test_script_in_the_workspace_changes_nothing_at_the_hub(installation, attacked, unbounded):
    sign_up(installation, "eve")
    idle = "iv-abcdefghij"  # an interview whose workspace is stopped
    assert installation.ask_hub("POST", f"users/{idle}").status_code == 201
    before = hostile.kept(installation)
    hub = f"{installation.url}/hub/"
    # A session id and a token that belong together, though they are the candidate's.
    own = {cookie["name"]: cookie["value"] for cookie in attacked.candidate.context.cookies(hub)}
    for name in ("_xsrf", "jupyterhub-session-id"):
        toss(unbounded, f"{name}={own[name]}; domain=assay.localhost; path=/hub")
        toss(unbounded, f"{name}={own[name]}; domain=assay.localhost; path=/hub/api/users")
    fields = {"_xsrf": own["_xsrf"], "new_password": "eve eve eve", "new_password_confirmation": "eve eve eve"}
    user = json.dumps({"usernames": ["eve"], "admin": True})

    for path in ("users", "users/mallory", "users/interviewer/tokens", "shutdown", "proxy", "groups/staff"):
        assert answers(unbounded, POST_BLINDLY, f"{hub}api/{path}?_xsrf={own['_xsrf']}", user) == [403], path
    for path in ("change-password/eve", "change-password", "spawn", "login", "invite?token=x"):
        assert answers(unbounded, POST_A_FORM, hub + path, fields) == [403], path
    for path in ("authorize/eve", "discard/eve"):
        assert answers(unbounded, OPEN, hub + path) == [403], path
    assert answers(unbounded, OPEN, f"{hub}spawn/{idle}")[-1] >= 400

    assert hostile.kept(installation) == before


def toss(person, cookie):
    """Set a cookie by script on the workspace's origin."""
    person.frame().evaluate("cookie => { document.cookie = cookie }", cookie)


def toss_sessions(attacked, person):
    """Set the candidate's sessions in every way that a browser or a server may mistake for the real one."""
    own = attacked.candidate.context.cookies()
    sessions = {cookie["name"]: cookie["value"] for cookie in own if cookie["name"].startswith("__Host-")}
    assert len(sessions) == 3
    for name, value in sessions.items():
        bare = name.removeprefix("__Host-")
        for written in (
            name,
            f"={name}",
            f"\t{name}",
            f"\x85{name}",
            f"\u2000{name}",
            bare,
            f"__host-{bare}",
            f"a=b, {name}",
        ):
            for path in ("/", "/services/assay/", "/hub/"):
                toss(person, f"{written}={value}; domain=assay.localhost; path={path}")
                toss(person, f"{written}={value}; domain=assay.localhost; path={path}; secure")


def test_cookies_of_a_workspace_replace_nobodys_session(installation, attacked, person):
    staff = person()
    alone_in_the_workspace(installation, attacked, staff)

    toss_sessions(attacked, staff)

    staff.open(f"{installation.desk}room/{attacked.interview.id}")
    assert staff.page.get_by_label("Private notes").input_value() == NOTE
    staff.open(f"{installation.url}/hub/home")
    staff.page.locator("#navbar, nav").get_by_text("interviewer").first.wait_for()


def test_cookies_that_push_out_the_interviewers_leave_nobody_signed_in(installation, attacked, person):
    staff = person()
    alone_in_the_workspace(installation, attacked, staff)
    flood = (
        "() => { for (let n = 0; n < 400; n++) document.cookie = `c${n}=1; domain=assay.localhost; path=/; secure` }"
    )

    for _ in range(3):
        staff.frame().evaluate(flood)
        toss_sessions(attacked, staff)

    left = {(cookie["name"], cookie["domain"]) for cookie in staff.context.cookies()}
    assert ("__Host-assay-session", urlsplit(installation.desk).hostname) not in left
    staff.open(f"{installation.desk}room/{attacked.interview.id}")
    staff.page.get_by_label("Password").wait_for()


def test_a_link_to_the_candidates_session_signs_no_interviewer_in_unasked(installation, attacked, person):
    staff, link = person(), attacked.interview.link
    staff.open(installation.application.make_links.for_staff("interviewer", attacked.interview.id))
    staff.wait_for_notebook()
    room_page = staff.page
    sessions = names_and_values(staff.context.cookies())

    staff.frame().evaluate("address => { location.href = address }", link)
    wait_for(
        lambda: room_page.wait_for_timeout(50) or all("iv-" not in one.url for one in room_page.frames), "the frame"
    )
    with staff.context.expect_page() as opened:
        room_page.evaluate("address => { open(address) }", link)
    opened.value.get_by_role("button", name="Go on as Sam").wait_for()

    assert names_and_values(staff.context.cookies()) == sessions
    opened.value.get_by_role("button", name="Go on as Sam").click()
    opened.value.get_by_role("button", name="Submit").wait_for()
    room_page.get_by_text("You no longer have access").wait_for()
    room_page.get_by_label("Private notes").fill("typed into the room of before")
    room_page.get_by_text("Not saved").first.wait_for()
    assert note_of(installation, attacked.interview) == NOTE
    with installation.application.database.read() as records:
        assert records.note(attacked.interview.id, f"cand-{attacked.interview.id}") == ""


def names_and_values(cookies):
    return {(cookie["name"], cookie["value"]) for cookie in cookies if cookie["name"].startswith("__Host-")}
