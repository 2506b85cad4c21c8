"""A workspace that dies and comes back costs nobody a click, and the page around it knows how things stand."""

from collections.abc import Callable

from integration.labextension.people import DEADLINE_S, KERNEL_IS_THERE, Person, Workspace, eventually
from playwright.sync_api import expect

KERNEL_ID = "jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.id"
LISTENING_PAGE = """<!doctype html><title>room</title><script>
window.states = [];
addEventListener("message", (event) => { if (event.data.source === "assay-workspace") states.push(event.data.state); });
</script><iframe src="{address}" width="1100" height="800"></iframe>"""


def test_two_people_type_and_run_on_after_the_server_was_killed(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("killed.ipynb", "answer = 41", "print(answer + 1)")
    one, other = people(), people()
    one.opens(workspace, "killed.ipynb")
    other.opens(workspace, "killed.ipynb")
    one.runs(0)
    expect(one.cell(0).locator(".jp-InputPrompt")).to_have_text("[1]:")
    one.editor(0).click()
    one.page.keyboard.press("End")
    one.page.keyboard.type(" # before")
    expect(other.editor(0)).to_contain_text("# before")
    # A file older than the store of updates takes back what was typed since: the server's to mend, not the page's.
    eventually(lambda: "# before" in workspace.read("killed.ipynb").cells[0].source, "the notebook is saved")

    workspace.kill()
    one.page.keyboard.type(" # without")
    one.page.wait_for_timeout(3000)  # the outage, during which the pages try in vain
    workspace.start()

    expect(other.editor(0)).to_contain_text("# before # without")
    one.page.keyboard.type(" # after")
    expect(other.editor(0)).to_contain_text("# before # without # after")
    for person in (one, other):
        person.page.wait_for_function(KERNEL_IS_THERE)
        expect(person.view.locator(".jp-Dialog")).to_have_count(0)
    eventually(lambda: len({person.page.evaluate(KERNEL_ID) for person in (one, other)}) == 1, "both have one kernel")
    other.runs(0)
    other.runs(1)
    for person in (one, other):
        expect(person.output(1)).to_have_text("42")


def test_two_sessions_of_one_notebook_end_up_with_one_kernel(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("twice.ipynb", "1 + 1")
    one, other = people(), people()
    address = f"{workspace.url}notebooks/twice.ipynb?token={workspace.token}"
    for person in (one, other):
        person.page.goto(address, wait_until="commit")  # both at once, as an interview starts

    for person in (one, other):
        person.page.wait_for_function(KERNEL_IS_THERE)

    def kernels() -> set[str]:
        listed = one.page.evaluate("fetch('/api/sessions').then((answer) => answer.json())")
        return {session["kernel"]["id"] for session in listed if session["path"] == "twice.ipynb"}

    def seen() -> set[str]:
        return {person.page.evaluate(KERNEL_ID) for person in (one, other)}

    eventually(lambda: len(kernels()) == 1 and seen() == kernels(), "one kernel is left, and both pages use it")


def test_the_page_around_learns_what_happens(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("framed.ipynb", "1 + 1")
    person = people()
    address = f"{workspace.url}notebooks/framed.ipynb?token={workspace.token}"
    person.page.route(
        "**/room.html",
        lambda route: route.fulfill(content_type="text/html", body=LISTENING_PAGE.replace("{address}", address)),
    )
    person.page.goto(workspace.url + "room.html")
    person.view = person.page.frame_locator("iframe")
    person.page.frames[-1].wait_for_function(KERNEL_IS_THERE, timeout=DEADLINE_S * 1000)

    person.runs(0)

    expect(person.output(0)).to_have_text("2")
    for state in ("ready", "kernel-busy", "kernel-idle", "saved"):
        person.page.wait_for_function(f"states.includes('{state}')")
    workspace.kill()
    person.page.wait_for_function("states.includes('disconnected')")
    workspace.start()
    person.page.wait_for_function("states.lastIndexOf('ready') > states.indexOf('disconnected')")
