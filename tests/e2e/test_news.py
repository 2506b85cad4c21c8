"""News on the real service: webhooks that arrive, calendars that anybody can subscribe to, and nothing for the rest."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from e2e.conftest import Installation, wait_for
from standardwebhooks.webhooks import Webhook

from assay_hub.domain.plan import Plan


class Inbox(http.server.ThreadingHTTPServer):
    """Receives news on this machine."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    settings = {"ASSAY_WEBHOOKS__ALLOW_PRIVATE": "true", "ASSAY_WORKSPACE__ENGINE": "process"}
    running = Installation(tmp_path_factory.mktemp("assay"), **settings)
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.end()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def between(text: str, before: str, after: str) -> str:
    return text.split(before, 1)[1].split(after, 1)[0]


def test_an_admin_makes_a_webhook_hears_of_an_interview_and_sends_it_again(installation, inbox):
    staff = installation.staff()
    page = f"{installation.desk}webhooks"
    url = f"http://127.0.0.1:{inbox.server_port}/in"

    made = staff.post(page, {"url": url, "event": "interview.created", "csrf": staff.csrf(page)})
    secret = between(made.text, 'id="secret" readonly value="', '"')
    one = f"{installation.desk}webhooks/{between(made.text, 'webhooks/', '/')}"
    interview = installation.new_interview("Heard of")
    wait_for(lambda: inbox.received, "news")

    headers, body = inbox.received[0]
    assert Webhook(secret).verify(body, headers)["data"] == {"id": interview.id}
    wait_for(lambda: "Delivered" in staff.get(one).text, "the log")
    assert secret not in staff.get(one).text
    again = between(staff.get(one).text, "/deliveries/", '"')
    assert staff.post(f"{one}/deliveries/{again}", {"csrf": staff.csrf(one)}).status_code == 303
    wait_for(lambda: len(inbox.received) == 2, "the message again")
    assert inbox.received[1][0]["webhook-id"] == headers["webhook-id"]


def test_a_calendar_is_served_to_whoever_knows_its_address_and_to_nobody_else(installation):
    staff = installation.staff()
    page = f"{installation.desk}calendar"
    create, plan = installation.application.create_interview, Plan("In the calendar", "Sam")
    interview = create(installation.admin, replace(plan, scheduled_at=datetime.now(UTC) + timedelta(days=1)))

    made = staff.post(page, {"csrf": staff.csrf(page)})
    address = between(made.text, 'id="address" readonly value="', '"')
    with installation.http(installation.desk_host.partition(":")[0]) as nobody:
        path = address.split(str(installation.port), 1)[1]
        feed = nobody.get(path)
        wrong = nobody.get(path.replace(".ics", "x.ics"))
    file = staff.get(f"{installation.desk}interviews/{interview.id}/calendar.ics")

    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [str(one["SUMMARY"]) for one in icalendar.Calendar.from_ical(feed.content).walk("VEVENT")] == [
        "In the calendar"
    ]
    assert (wrong.status_code, file.status_code) == (404, 200)


@pytest.mark.parametrize("path", ["webhooks", "webhooks/0000000000000000", "connections", "calendar"])
def test_a_candidate_gets_the_page_of_what_does_not_exist(installation, path):
    candidate = installation.candidate(installation.new_interview("Nosy"))

    refused = candidate.get(installation.desk + path)
    nothing = candidate.get(f"{installation.desk}nosuchpage")

    assert refused.status_code == nothing.status_code == 404
    assert "There is nothing here." in refused.text


def test_without_a_mail_server_the_page_shows_a_text_to_copy(installation):
    staff = installation.staff()
    interview = installation.new_interview("To be copied")
    page = f"{installation.desk}interviews/{interview.id}"

    shown = staff.post(f"{page}/invitation", {"csrf": staff.csrf(page)})

    assert shown.status_code == 200
    text = between(shown.text, 'id="invitation-text"', "</textarea>")
    assert "/hub/invite?token=" in text


def test_a_connected_system_reaches_its_endpoints_through_the_hubs_proxy(installation):
    staff = installation.staff()
    page = f"{installation.desk}connections"
    form = {"system": "greenhouse", "name": "Ours", "account": "interviewer", "csrf": staff.csrf(page)}

    key = between(staff.post(page, form).text, 'id="key" readonly value="', '"')
    with installation.http(installation.desk_host.partition(":")[0]) as system:
        answer = system.get("/services/assay/partners/greenhouse/list_tests", auth=(key, ""))
        refused = system.get("/services/assay/partners/greenhouse/list_tests", auth=("wrong", ""))

    assert (answer.status_code, answer.json()) == (200, [])
    assert refused.status_code == 401
