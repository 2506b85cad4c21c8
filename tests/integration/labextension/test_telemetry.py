"""The page reports pastes, copies and whether it is looked at: in order, in batches, and without any content."""

from collections.abc import Callable
from typing import Any

from integration.labextension.people import Person, Workspace, eventually
from playwright.sync_api import Route

SECRET = "Zanzibar"  # a word of the clipboard, which no request may hold


class Receiver:
    """Takes the place of the server extension at the page's network."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.bodies: list[str] = []
        self.events: list[dict[str, Any]] = []
        person.page.route("**/assay/browser-events**", self.receive)

    def receive(self, route: Route) -> None:
        body = route.request.post_data_json
        assert body is not None
        self.bodies.append(route.request.post_data or "")
        self.events += body["events"]
        route.fulfill(status=204)

    def named(self, name: str) -> list[dict[str, Any]]:
        self.person.page.wait_for_timeout(50)  # lets playwright deliver what was requested
        return [event for event in self.events if event["name"] == name]


def test_pastes_and_copies_are_reported_by_size_and_origin_never_by_content(
    workspace: Workspace, people: Callable[[], Person]
):
    workspace.write("paste.ipynb", "inside = 'page'", "")
    person = people()
    receiver = Receiver(person)
    person.opens(workspace, "paste.ipynb")
    foreign = f"{SECRET} = 1\n" * 20

    person.editor(0).click()
    person.page.keyboard.press("Control+a")
    person.page.keyboard.press("Control+c")
    person.editor(1).click()
    person.page.keyboard.press("Control+v")
    person.page.evaluate("text => navigator.clipboard.writeText(text)", foreign)
    person.editor(1).click()
    person.page.keyboard.press("Control+v")

    pastes = eventually(lambda: len(found := receiver.named("paste")) >= 2 and found, "both pastes are reported")
    assert [(paste["chars"], paste["from"]) for paste in pastes] == [(15, "page"), (len(foreign), "outside")]
    assert [copy["chars"] for copy in receiver.named("copy")] == [15]
    assert [event["n"] for event in receiver.events] == list(range(1, len(receiver.events) + 1))
    assert not any(SECRET in body or "inside" in body for body in receiver.bodies)


def test_leaving_the_page_is_reported_with_what_was_waiting(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("leave.ipynb", "")
    person = people()
    receiver = Receiver(person)
    person.opens(workspace, "leave.ipynb")

    leave = "dispatchEvent(new Event('blur')); dispatchEvent(new PageTransitionEvent('pagehide'))"
    with person.page.expect_request("**/assay/browser-events**", timeout=1000):  # the timer sends every 2 s
        person.page.evaluate(leave)

    eventually(lambda: receiver.named("blur"), "the last event arrives")


def test_a_server_without_the_route_is_left_in_peace(workspace: Workspace, people: Callable[[], Person]):
    workspace.write("quiet.ipynb", "")
    person = people()
    requests: list[str] = []
    person.page.on("request", lambda request: requests.append(request.url))
    person.opens(workspace, "quiet.ipynb")

    person.page.evaluate("window.dispatchEvent(new Event('blur'))")
    with person.page.expect_response("**/assay/browser-events**", timeout=10_000) as answer:
        pass
    person.page.wait_for_timeout(4500)  # two more rounds, in which nothing is to be sent

    assert answer.value.status == 404
    assert len([url for url in requests if "browser-events" in url]) == 1
    assert person.view.locator(".jp-Dialog").count() == 0
