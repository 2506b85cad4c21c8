"""A hostile candidate against other people: a kernel that takes all it can get, and a tab that outstays a revoke."""

import pytest
from e2e import hostile
from e2e.conftest import wait_for
from e2e.test_interview import both_in_the_room

from assay_hub.adapters.replay import replay

HOG = "hogs = []\nwhile True: hogs.append(bytearray(b'x') * (8 << 20))"
HOLD = "held = bytearray(b'x') * (400 << 20)\nwhile True: held[:] = held"
FORKS = "import os\nwhile True:\n try: os.fork()\n except OSError: pass"
BOMBS = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {HOG!r}])
for code in ({HOLD!r}, {FORKS!r}): subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
while True: pass
"""


@pytest.fixture
def bombed(installation, person):
    """The account of a workspace whose kernel takes all that it can get, until the end of the test."""
    interview = installation.new_interview("Bombed", "on-call-shifts")
    candidate = person()
    candidate.open(interview.link)
    candidate.page.get_by_role("button", name="Enter the room").click()
    candidate.wait_for_notebook()
    hostile.run(candidate, BOMBS)
    account = f"iv-{interview.id}"
    try:
        wait_for(lambda: len(hostile.processes(installation, account)) > 50, "the fork bomb", 120)
        yield account
    finally:
        candidate.context.close()
        installation.ask_hub("DELETE", f"users/{account}/server")


def test_a_second_interview_answers_while_the_first_is_attacked_from_its_kernel(installation, person, bombed):
    interview = installation.new_interview("Calm", "on-call-shifts")
    staff, candidate = person(), person()
    staff.open(installation.application.make_links.for_staff("interviewer", interview.id))
    staff.wait_for_notebook()
    candidate.open(interview.link)
    candidate.page.get_by_role("button", name="Enter the room").click()
    candidate.wait_for_notebook()
    hostile.run(candidate, "print(6 * 7)")
    staff.notebook.get_by_text("42", exact=True).wait_for()

    assert len(hostile.processes(installation, bombed)) > 50


WATCH = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...all) {
            super(...all);
            const seen = { url: this.url, opened: 0, closed: 0 };
            window.sockets.push(seen);
            this.addEventListener("open", () => { seen.opened = Date.now() / 1000 });
            this.addEventListener("close", () => { seen.closed = Date.now() / 1000 });
        }
    };
"""
INTO_THE_WORKSPACE = ("room/json:notebook", "room/JupyterLab", "channels", "events")


def open_sockets(tab):
    tab.wait_for_timeout(20)
    return [one for one in tab.evaluate("window.sockets") if one["opened"] and not one["closed"]]


def test_revoking_closes_the_candidates_connections_into_the_workspace_for_good(installation, person):
    interview = installation.new_interview("Revoked", "on-call-shifts")
    staff, candidate = both_in_the_room(installation, interview, person)
    # A tab without the room: its pages try again and again, and nothing on them gives a connection up.
    tab, visitor = candidate.context.new_page(), installation.staff()
    tab.add_init_script(WATCH)
    tab.goto(candidate.frame().url)
    for part in INTO_THE_WORKSPACE:
        wait_for(lambda part=part: part in str(open_sockets(tab)), f"a websocket to {part}")
    staff.type_into(0, "\n# kept")
    wait_for(lambda: "# kept" in candidate.text_of(0), "the interviewer's text at the candidate's")
    opened = len(tab.evaluate("window.sockets"))

    installation.revoke(visitor, interview.id)

    wait_for(lambda: not open_sockets(tab), "the end of all websockets")
    staff.notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
    staff.type_into(0, " and on")
    wait_for(lambda: "# kept and on" in recorded_text(installation, interview), "the text in the recording")
    assert [one for one in tab.evaluate("window.sockets")[opened:] if one["opened"]] == []
    tab.reload()
    tab.get_by_label("Password").wait_for()


def recorded_text(installation, interview):
    cells = replay(installation.recorded(interview.id)).cells("on-call-shifts.ipynb")
    return "".join(cell.text for cell in cells)
