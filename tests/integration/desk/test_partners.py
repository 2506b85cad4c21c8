"""Applicant tracking systems at the real endpoints, held to recorded requests and answers."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import START, FakeClock, FakeMailer
from integration.desk.certificate import certificate
from integration.desk.receiver import receiving

from assay_config.settings import Settings
from assay_hub.adapters.database import migrate
from assay_hub.adapters.partners import PartnerTeller
from assay_hub.adapters.webhooks import CheckedCourier
from assay_hub.bootstrap import Application
from assay_hub.domain.access import Action, TeamRole
from assay_hub.domain.audit import SERVICE, Deed, Entry
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.partner import Standing, System, offered_id
from assay_hub.domain.position import Template
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.domain.search import AuditSearch, Search
from assay_hub.domain.team import Member
from assay_hub.web.app import create_app
from assay_hub.web.attempts import MOST

CONTRACTS = Path(__file__).parent / "contracts"
CALLBACK = "https://app.greenhouse.io/integrations/testing_partners/take_home_tests/12345"
LIBRARY = Path(__file__).parents[3] / "assignments" / "library"


class Desk:
    """The service with one connection, and the placeholders of the contracts."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data=folder, port=8999, library=LIBRARY)
        migrate(settings.database_url)
        self.application = Application(settings, "token")
        self.clock, self.mailer = FakeClock(), FakeMailer()
        vars(self.application).update(clock=self.clock, mailer=self.mailer)
        question = self.application.library.all()[0].id
        template = Template(
            "t" * 10, "Analyst, round one", "Analyst", "", (question,), timedelta(minutes=45), ("x",), "n"
        )
        with self.application.database.write() as records:
            records.save_template(template)
            for account, role in (("root", TeamRole.ADMIN), ("ada", TeamRole.INTERVIEWER)):
                records.save_member(Member(account, account.capitalize(), "", role, active=True, joined_at=START))
        self.admin, self.ada = self.application.team.person("root"), self.application.team.person("ada")
        self.known = {"test": offered_id(template.id), "callback": CALLBACK, "desk": settings.desk_url}
        self.origin = settings.origin("desk")
        self.app = create_app(self.application)
        self.key = ""

    def connect(self, system: str, callback_key: str = "") -> None:
        _, self.key = self.application.connections.create(self.admin, system, "Ours", "ada", callback_key)

    def call(self, system: str, request: dict[str, Any], key: str | None = None, forwarded: str = "") -> Any:
        token = base64.b64encode(f"{self.key if key is None else key}:".encode()).decode()
        path, body = f"{system}/{request['path']}", request.get("body")
        return self.http(request["method"], path, f"Basic {token}", body, forwarded)

    def http(self, method: str, path: str, authorization: str, body: Any = None, forwarded: str = "") -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.origin) as client:
                headers = {"Authorization": authorization, "X-Forwarded-For": forwarded or "198.51.100.1"}
                return await client.request(method, f"/services/assay/partners/{path}", json=body, headers=headers)

        return asyncio.run(ask())

    def hold_to(self, system: str, name: str) -> None:
        """Make a recorded request and compare the whole answer; an id that is new in it is remembered."""
        contract = self.filled(json.loads((CONTRACTS / f"{system}.json").read_text())[name])
        answer = self.call(system, contract["request"])
        given = answer.json()
        if "order" not in self.known and answer.status_code == 200 and isinstance(given, dict):
            results = given.get("results", given)
            if isinstance(results, dict) and set(results) <= {"partner_interview_id", "assessment_id"}:
                self.known["order"] = next(iter(results.values()))
                contract = self.filled(contract)
        assert (answer.status_code, given) == (contract["status"], contract["response"])

    def filled(self, contract: Any) -> Any:
        text = json.dumps(contract)
        for name, value in self.known.items():
            text = text.replace(f"{{{name}}}", value)
        return json.loads(text)

    @property
    def interviews(self) -> tuple[Interview, ...]:
        return self.application.find_interviews(self.admin, Search()).interviews

    def enter(self) -> None:
        (interview,) = self.interviews
        self.known["interview"] = interview.id
        self.save(interview.enter(self.clock.now()))

    def submit(self, grading: GradingState) -> None:
        (interview,) = self.interviews
        self.clock.pass_by(hours=1)
        self.save(interview.submit(self.clock.now()))
        self.grade(grading)

    def grade(self, grading: GradingState, points: float = 5.0) -> None:
        (interview,) = self.interviews
        cells = (CellResult("a", "A", 5.0, 6.0, "passed", ""), CellResult("b", "B", None, 2.0, "needs review", ""))
        given = {"points": points, "max_points": 8.0, "cells": cells} if grading is GradingState.DONE else {}
        with self.application.database.write() as records:
            records.save_grade(Grade(interview.id, interview.questions[0].id, grading, **given))
        self.note("graded")

    def note(self, what: str) -> None:
        """Put into the log that the interview was graded, as grading does."""
        with self.application.database.write() as records:
            records.log(Entry(self.clock.now(), SERVICE, Deed.GRADED, self.interviews[0].id, {"what": what}))

    def save(self, interview: Interview) -> None:
        with self.application.database.write() as records:
            records.save_interview(interview)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token")
    monkeypatch.setenv("JUPYTERHUB_CLIENT_ID", "service-assay")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/services/assay/")
    made = Desk(tmp_path)
    yield made
    made.application.database.close()


def test_greenhouse_orders_a_test_and_follows_it_to_its_score(desk):
    desk.connect("greenhouse")

    desk.hold_to("greenhouse", "list_tests")
    desk.hold_to("greenhouse", "send_test")
    desk.hold_to("greenhouse", "sent")
    desk.enter()
    desk.hold_to("greenhouse", "started")
    desk.submit(GradingState.QUEUED)
    desk.hold_to("greenhouse", "submitted")
    desk.grade(GradingState.DONE)
    desk.hold_to("greenhouse", "complete")
    desk.hold_to("greenhouse", "unknown_order")
    desk.hold_to("greenhouse", "response_error")


def test_ashby_lists_starts_and_cancels(desk):
    desk.connect("ashby")

    for name in ("list", "start", "cancel", "cancel", "unknown_test"):
        desk.hold_to("ashby", name)

    assert [one.state for one in desk.interviews] == [State.CANCELLED]


def test_the_interview_is_made_as_the_member_from_the_template_and_the_candidate_is_invited(desk):
    desk.connect("greenhouse")

    desk.hold_to("greenhouse", "send_test")

    (interview,) = desk.interviews
    assert (interview.title, interview.candidate_name) == ("Analyst", "Harry Potter")
    assert (interview.interviewers, interview.created_by) == (("ada",), "ada")
    assert interview.duration == timedelta(minutes=45)
    (letter,) = desk.mailer.sent
    assert letter.email == "hpotter@hogwarts.example"


@pytest.mark.parametrize(("system", "name"), [("greenhouse", "send_test"), ("ashby", "start")])
def test_the_same_order_again_makes_no_second_interview_and_sends_no_second_letter(desk, system, name):
    desk.connect(system)

    for _ in range(3):
        desk.hold_to(system, name)

    assert len(desk.interviews) == 1
    assert len(desk.mailer.sent) == 1


def test_after_a_cancellation_the_same_order_makes_a_new_interview(desk):
    desk.connect("ashby")
    desk.hold_to("ashby", "start")
    desk.hold_to("ashby", "cancel")
    first = desk.known.pop("order")

    desk.hold_to("ashby", "start")

    assert desk.known["order"] != first
    assert len(desk.interviews) == 2


def test_an_order_that_could_not_be_made_can_be_made_right_away_again(desk):
    desk.connect("greenhouse")
    create = desk.application.partners.create

    def broken(*_: object) -> Interview:
        raise BadInputError("The question is gone.")

    vars(desk.application)["partners"] = replace(desk.application.partners, create=broken)
    contract = desk.filled(json.loads((CONTRACTS / "greenhouse.json").read_text())["send_test"])
    refused = desk.call("greenhouse", contract["request"])
    vars(desk.application)["partners"] = replace(desk.application.partners, create=create)

    assert refused.status_code == 422
    desk.hold_to("greenhouse", "send_test")
    assert len(desk.interviews) == 1


def test_nobody_without_a_key_of_that_system_is_served(desk):
    desk.connect("greenhouse")
    greenhouse = desk.key
    desk.connect("ashby")
    (first, second), _ = desk.application.connections.all(desk.admin)
    listing = {"method": "GET", "path": "list_tests"}

    for key in ("", "wrong", desk.key, f"{greenhouse}x"):
        assert desk.call("greenhouse", listing, key).status_code == 401
    for value in ("", "Basic", "Basic !!!", "Bearer x", f"Basic {base64.b64encode(bytes([255])).decode()}"):
        assert desk.http("GET", "greenhouse/list_tests", value).status_code == 401
    assert desk.call("ashby", {"method": "POST", "path": "assessment.list", "body": {}}, greenhouse).status_code == 401
    assert desk.call("greenhouse", listing, greenhouse).status_code == 200
    desk.application.connections.revoke(desk.admin, first.id)
    assert desk.call("greenhouse", listing, greenhouse).status_code == 401
    assert second.system is System.ASHBY


def test_a_key_stops_working_when_its_member_leaves(desk):
    desk.connect("greenhouse")
    gone = Member("ada", "Ada", "", TeamRole.INTERVIEWER, active=False, joined_at=START)
    desk.application.team.change(desk.admin, gone)

    assert desk.call("greenhouse", {"method": "GET", "path": "list_tests"}).status_code == 401


def test_one_connection_knows_nothing_of_anothers_orders(desk):
    desk.connect("greenhouse")
    desk.hold_to("greenhouse", "send_test")
    desk.connect("greenhouse")

    status = desk.call(
        "greenhouse", {"method": "GET", "path": f"test_status?partner_interview_id={desk.known['order']}"}
    )

    assert status.status_code == 404


def test_a_key_is_stored_as_a_hash_and_under_a_seal_only(desk):
    desk.connect("greenhouse")

    for file in desk.application.settings.folder.glob("assay.sqlite*"):
        assert desk.key.encode() not in file.read_bytes()


def test_only_admins_keep_connections(desk):
    for attempt in (
        lambda: desk.application.connections.all(desk.ada),
        lambda: desk.application.connections.create(desk.ada, "ashby", "x", "ada"),
        lambda: desk.application.connections.revoke(desk.ada, "x"),
    ):
        with pytest.raises(NotFoundError):
            attempt()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/x",
        "https://app.greenhouse.io.evil.example.org/x",
        "https://evilgreenhouse.io/x",
        "http://app.greenhouse.io/x",
        "https://app.greenhouse.io@evil.example.org/x",
        "https://127.0.0.1/x",
    ],
)
def test_a_callback_that_is_not_greenhouses_own_is_refused_since_the_key_goes_there(desk, url):
    desk.connect("greenhouse")
    desk.known["callback"] = url
    contract = desk.filled(json.loads((CONTRACTS / "greenhouse.json").read_text())["send_test"])

    answer = desk.call("greenhouse", contract["request"])

    assert answer.status_code == 422
    assert desk.interviews == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"partner_test_id": "x", "candidate": None},
        {"partner_test_id": "x", "candidate": {"first_name": "x" * 3000, "last_name": "y", "email": "z"}},
        {"partner_test_id": {"a": 1}, "candidate": {"first_name": "x", "last_name": "y", "email": "z"}},
    ],
)
def test_a_body_that_is_none_is_refused(desk, body):
    desk.connect("greenhouse")

    assert desk.call("greenhouse", {"method": "POST", "path": "send_test", "body": body}).status_code == 422


@pytest.mark.parametrize("email", ["", "nobody", '"a b"@example.org', "a@b.c\r\nBcc: x@y.z"])
def test_a_candidate_without_an_address_is_refused_before_anything_is_made(desk, email):
    desk.connect("greenhouse")
    contract = desk.filled(json.loads((CONTRACTS / "greenhouse.json").read_text())["send_test"])
    contract["request"]["body"]["candidate"]["email"] = email

    answer = desk.call("greenhouse", contract["request"])

    assert answer.status_code == 422
    assert desk.interviews == ()


def test_greenhouse_is_told_when_a_test_is_complete_at_the_address_that_it_gave(desk, tmp_path):
    server, client = certificate(tmp_path, "app.greenhouse.io")

    async def run() -> None:
        async with receiving(tls=server, statuses=[500, 503, 204, 204]) as receiver:
            teller = PartnerTeller(CheckedCourier(allow_private=True, resolver=local, tls=client))
            desk.known["callback"] = CALLBACK.replace("greenhouse.io", f"greenhouse.io:{receiver.port}")
            await asyncio.to_thread(desk.connect, "greenhouse")
            await asyncio.to_thread(desk.hold_to, "greenhouse", "send_test")
            desk.enter()
            assert await tell(desk, teller) == [True]
            assert receiver.received == []
            desk.submit(GradingState.DONE)
            assert await tell(desk, teller) == [False]
            assert await tell(desk, teller) == [False]
            assert await tell(desk, teller) == []
            desk.clock.pass_by(minutes=6)
            assert await tell(desk, teller) == [True]
            assert await tell(desk, teller) == []

            expected = json.loads((CONTRACTS / "greenhouse.json").read_text())["completed_patch"]["request"]
            headers, body = receiver.received[-1]
            assert receiver.methods[-1] == f"{expected['method']} {expected['path']} HTTP/1.1"
            assert body == expected["body"]
            assert headers["authorization"] == "Basic " + base64.b64encode(f"{desk.key}:".encode()).decode()

    asyncio.run(run())


def test_ashby_is_told_of_every_change(desk, tmp_path):
    server, client = certificate(tmp_path, "api.ashbyhq.com")
    contracts = json.loads((CONTRACTS / "ashby.json").read_text())

    async def run() -> None:
        async with receiving(tls=server) as receiver:
            courier = CheckedCourier(allow_private=True, resolver=local, tls=client)
            address = f"https://api.ashbyhq.com:{receiver.port}/assessment.update"
            teller = PartnerTeller(courier, address, lambda: 1665680638.489)
            await asyncio.to_thread(desk.connect, "ashby", "ashby-key")
            await asyncio.to_thread(desk.hold_to, "ashby", "start")
            assert await tell(desk, teller) == []
            desk.enter()
            assert await tell(desk, teller) == [True]
            desk.submit(GradingState.DONE)
            assert await tell(desk, teller) == [True]

            told = [json.loads(body) for _, body in receiver.received]
            assert told == [desk.filled(contracts[name]) for name in ("update_started", "update_complete")]
            headers, _ = receiver.received[0]
            assert headers["authorization"] == "Basic " + base64.b64encode(b"ashby-key:").decode()

    asyncio.run(run())


def test_an_interview_that_is_opened_and_graded_again_is_told_of_again(desk, tmp_path):
    server, client = certificate(tmp_path, "api.ashbyhq.com")

    async def run() -> None:
        async with receiving(tls=server) as receiver:
            courier = CheckedCourier(allow_private=True, resolver=local, tls=client)
            teller = PartnerTeller(courier, f"https://api.ashbyhq.com:{receiver.port}/x")
            await asyncio.to_thread(desk.connect, "ashby", "ashby-key")
            await asyncio.to_thread(desk.hold_to, "ashby", "start")
            desk.enter()
            desk.submit(GradingState.DONE)
            assert await tell(desk, teller) == [True]
            assert await tell(desk, teller) == []

            desk.application.edit_interview.reopen(desk.ada, desk.interviews[0].id)
            assert await tell(desk, teller) == [True]
            desk.submit(GradingState.DONE)
            assert await tell(desk, teller) == [True]
            desk.grade(GradingState.DONE, points=8.0)
            assert await tell(desk, teller) == [True]
            desk.note("graded again, with the same points")
            assert await tell(desk, teller) == []

            told = [json.loads(body) for _, body in receiver.received]
            assert [one["assessment_status"]["value"] for one in told] == [
                "Complete",
                "Started",
                "Complete",
                "Complete",
            ]
            assert [one["assessment_result"]["value"] for one in told[2:]] == [62.5, 100.0]

    asyncio.run(run())


def test_what_changes_while_a_system_is_told_is_told_next(desk):
    desk.connect("ashby", "ashby-key")
    desk.hold_to("ashby", "start")
    desk.enter()
    desk.submit(GradingState.DONE)
    desk.clock.pass_by(seconds=31)
    (report,) = desk.application.partners.reports()

    desk.grade(GradingState.DONE, points=8.0)
    desk.application.partners.told(report)

    (again,) = desk.application.partners.reports()
    assert (report.status.score, again.status.score) == (62.5, 100.0)


def test_a_system_that_takes_nothing_is_left_in_peace_until_something_changes(desk):
    desk.connect("ashby", "ashby-key")
    desk.hold_to("ashby", "start")
    desk.enter()
    tried = 0
    for _ in range(30):
        desk.clock.pass_by(hours=30)
        for report in desk.application.partners.reports():
            desk.application.partners.postpone(report)
            tried += 1

    desk.submit(GradingState.DONE)
    (report,) = desk.application.partners.reports()

    assert tried == 10
    assert report.status.standing is Standing.COMPLETE


def test_many_wrong_keys_are_not_looked_at_and_keep_out_nobody_who_was_right(desk):
    desk.connect("greenhouse")
    request = {"method": "GET", "path": "list_tests"}
    assert desk.call("greenhouse", request).status_code == 200

    wrong = [desk.call("greenhouse", request, f"wrong-{number}").status_code for number in range(MOST + 5)]
    right = desk.key
    desk.connect("greenhouse")

    assert wrong == [401] * MOST + [429] * 5
    assert desk.call("greenhouse", request, right).status_code == 200
    assert desk.call("greenhouse", request).status_code == 429
    assert desk.call("greenhouse", request, forwarded="203.0.113.9").status_code == 200


def test_ashby_is_told_of_a_cancellation(desk, tmp_path):
    server, client = certificate(tmp_path, "api.ashbyhq.com")

    async def run() -> None:
        async with receiving(tls=server) as receiver:
            courier = CheckedCourier(allow_private=True, resolver=local, tls=client)
            teller = PartnerTeller(courier, f"https://api.ashbyhq.com:{receiver.port}/x", lambda: 1665680638.489)
            await asyncio.to_thread(desk.connect, "ashby", "ashby-key")
            await asyncio.to_thread(desk.hold_to, "ashby", "start")
            desk.application.edit_interview.cancel(desk.ada, desk.interviews[0].id)
            assert await tell(desk, teller) == [True]

            expected = json.loads((CONTRACTS / "ashby.json").read_text())["update_cancelled"]
            assert json.loads(receiver.received[0][1]) == desk.filled(expected)

    asyncio.run(run())


def test_what_greenhouse_reads_is_in_the_audit_log(desk):
    desk.connect("greenhouse")
    desk.hold_to("greenhouse", "send_test")
    desk.enter()
    desk.submit(GradingState.DONE)
    desk.hold_to("greenhouse", "complete")

    assert desk.application.review.find(desk.ada, Action.SEE_RESULT, desk.known["interview"])
    with desk.application.database.read() as records:
        assert any(entry.deed == "read-result" for entry in records.audit(AuditSearch(account="ada")))


async def tell(desk: Desk, teller: PartnerTeller) -> list[bool]:
    """Do what the background does, half a minute later."""
    desk.clock.pass_by(seconds=31)
    told = []
    for report in desk.application.partners.reports():
        done = await teller.tell(report)
        (desk.application.partners.told if done else desk.application.partners.postpone)(report)
        told.append(done)
    return told


async def local(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]
