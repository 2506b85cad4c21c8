"""A blind reviewer asks for everything: every page, file and endpoint, and reads nowhere who the candidate is."""

import asyncio
import base64
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_plus

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from recorded import Session as Recorded
from recorded import cell, write
from unit.web.test_api import Service, opened
from unit.web.test_endpoints import endpoints

from assay_hub.bootstrap import PREFIX
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.blind import pseudonym
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.result import Grade, GradingState, Submission
from assay_hub.domain.score_card import Score, keys_of
from assay_hub.representations.render import API_PATH
from assay_hub.web.api.app import ROUTERS

NAME, EMAIL, BEFORE = "Wilhelmina Quastel", "mina@quastelhof.example.org", "Wilhelmyna Kwastel"
TELLING = ("wilhelmina", "quastel", "mina@", "wilhelmyna", "kwastel")
QUESTION = "on-call-shifts"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Desk:
    """A service with one blind interview that has been through everything."""

    def __init__(self, service: Service) -> None:
        self.service, self.app = service, service.application
        role = self.app.positions.save(service.admin, Position("", "Analyst", blind=True))
        plan = Plan(
            title=f"Talk with {NAME}",
            candidate_name=BEFORE,
            candidate_email=EMAIL,
            position=role.id,
            scheduled_at=self.app.clock.now(),
            internal_notes=f"{NAME} comes from Quastelhof",
            tags=("python", "quastel", NAME.lower()),
            interviewers=("interviewer",),
            questions=(QUESTION,),
        )
        made = self.app.create_interview(service.admin, plan)
        self.interview = self.app.edit_interview(service.admin, made.id, replace(plan, candidate_name=NAME))
        self.role = role
        self._lived(self.interview)

    def _lived(self, interview: Interview) -> None:
        candidate = Person(interview.candidate, NAME)
        self.link = self.app.make_links.candidate_link(self.service.admin, interview.id)[0]
        self.app.enter_room(candidate, interview.id)
        told = Recorded(interview.candidate, "interviewer")
        told.edit(interview.candidate, lambda cells: cells.append(cell("a")))
        write(told, interview.candidate, "def f(): pass")
        self.app.store_recording(interview.id, [event.to_line() for event in told.events])
        archive, now = io.BytesIO(), self.app.clock.now()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr(f"{QUESTION}.ipynb", json.dumps(NOTEBOOK))
        artefact = self.app.artefacts.put(archive.getvalue())
        notebook = self.app.artefacts.put(json.dumps(NOTEBOOK).encode())
        receipt = Receipt(interview.id, "a" * 64, len(archive.getvalue()), now.isoformat(), 1, "b" * 64, "c" * 64, "d")
        with self.app.database.write() as records:
            records.log(Entry(now, "interviewer", Deed.INVITED, interview.id, {"to": EMAIL}))
            records.add_submission(Submission(interview.id, now, artefact, receipt))
            records.save_grade(
                Grade(interview.id, QUESTION, GradingState.DONE, "graded", 3, 4, autograded=notebook, isolated=True)
            )
            found = records.interview(interview.id)
            assert found is not None
            records.save_interview(found.submit(now).close(now))

    def locked(self, account: str) -> None:
        """Have somebody give a card."""
        person, cards = self.app.team.person(account), self.app.score_cards
        own = cards.open(person, self.interview.id)
        saved = cards.save(person, self.interview.id, dict.fromkeys(keys_of(own.rubric), Score(3)), 0)
        cards.lock(person, self.interview.id, saved.revision)

    def ask(self, account: str, method: str, path: str, **sent: object) -> httpx.Response:
        """Ask for a page as somebody who is signed in, or for an endpoint with their token."""
        return self.ask_with(account, method, path, {}, **sent)

    def ask_with(self, account: str, method: str, path: str, more: dict[str, str], **sent: object) -> httpx.Response:
        """Do the same with headers of one's own."""
        sessions, hub = self.app_context.sessions, self.service.hub
        token = hub.token(account, "access:services!service=assay", *(f"custom:assay:{one}" for one in SCOPES))
        cookie = sessions._fernet.encrypt(json.dumps({"token": token, "id": "x"}).encode()).decode()
        origin = self.app.settings.origin("desk")
        headers = {"Origin": origin, "Accept": "text/html", "X-CSRF-Token": sessions._csrf("x")}
        if path.startswith(API_PATH):
            headers = {"Authorization": f"Bearer {token}"}

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.service.app)
            async with httpx.AsyncClient(transport=transport, base_url=origin) as client:
                cookies = {"Cookie": f"{sessions._cookie}={cookie}"}
                return await client.request(method, path, headers=headers | cookies | more, **sent)  # type: ignore[arg-type]

        return asyncio.run(asked())

    @property
    def app_context(self):
        return self.service.app.state.context

    def paths(self) -> Iterator[str]:
        """Yield the address of every page, file and endpoint that can be read."""
        known = {
            "interview_id": self.interview.id,
            "position_id": self.role.id,
            "question_id": QUESTION,
            "number": "0",
            "account": "interviewer",
            "link_id": self.link.id,
        }
        pages: FastAPI = self.service.app
        routes = [(PREFIX.rstrip("/"), route) for route in endpoints(pages.routes)]
        routes += [(API_PATH, route) for router in ROUTERS for route in router.routes]
        for prefix, route in routes:
            if isinstance(route, APIRoute) and "GET" in route.methods and route.path != SIGNS_IN:
                names = {name: known.get(name, "aaaaaaaaaa") for name in route.param_convertors}
                yield prefix + route.path.format(**names)


SCOPES = ("read", "write", "admin")
SIGNS_IN = "/sign-in"
"""Leads to the hub, before anybody is known."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    for service in opened(tmp_path_factory.mktemp("blind")):
        for account, role in (
            ("rea", TeamRole.REVIEWER),
            ("oto", TeamRole.INTERVIEWER),
            ("vic", TeamRole.VIEWER),
            ("done", TeamRole.REVIEWER),
        ):
            service.member(account, role)
        made = Desk(service)
        made.locked("interviewer")
        made.locked("done")
        yield made


def told(answer: httpx.Response) -> str:
    """Return all that an answer says: headers, body, and what is packed into it."""
    said = [str(answer.url), *(f"{name}: {value}" for name, value in answer.headers.items()), answer.text]
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            said += [*packed.namelist(), *(packed.read(one).decode("utf-8", "replace") for one in packed.namelist())]
    said = [*said, *(unquote_plus(one) for one in said)]
    return "\n".join(said).replace("\r\n ", "").lower()


def telling(answer: httpx.Response) -> set[str]:
    """Return what an answer gives away."""
    return {one for one in TELLING if one in told(answer)}


def test_no_page_file_or_endpoint_tells_a_blind_reviewer_who_the_candidate_is(desk):
    read = 0
    for account in ("rea", "oto", "vic", "done"):
        for path in desk.paths():
            answer = desk.ask(account, "GET", path)

            assert answer.status_code != 500, (account, path, answer.text[:2_000])
            assert not telling(answer), (account, path, answer.status_code)
            read += answer.status_code == 200

    assert read > 60


def test_the_same_walk_finds_the_name_as_somebody_who_held_the_interview(desk):
    found = {path for path in desk.paths() if telling(desk.ask("interviewer", "GET", path))}

    pages = {one.removeprefix(PREFIX) for one in found if not one.startswith(API_PATH)}
    here = f"interviews/{desk.interview.id}"
    assert {"", "interviews.csv", here, f"{here}/result", f"{here}/calendar.ics", f"{here}/replay"} <= pages
    assert f"{here}/replay/offline.html" in pages
    assert f"{here}/replay/timeline" in pages
    assert {f"{API_PATH}/interviews", f"{API_PATH}/{here}", f"{API_PATH}/{here}/history"} <= found


def test_blind_reviewers_read_the_same_pseudonym_everywhere(desk):
    shown, here = pseudonym(desk.interview.id), f"interviews/{desk.interview.id}"

    for path in ("", "interviews.csv", here, f"{here}/result", f"{here}/replay", f"{here}/replay/offline.html"):
        assert shown in desk.ask("rea", "GET", PREFIX + path).text, path
    names = desk.ask("rea", "GET", f"{PREFIX}{here}/replay/timeline").json()["names"]
    assert names[desk.interview.candidate] == shown
    assert desk.ask("rea", "GET", f"{API_PATH}/{here}").json()["candidate_name"] == shown


@pytest.mark.parametrize("words", ["Wilhelmina", "quastel", EMAIL, "mina@"])
def test_no_search_finds_the_interview_by_who_it_is(desk, words):
    for account, found in (("rea", False), ("oto", False), ("vic", False), ("interviewer", True)):
        page = desk.ask(account, "GET", PREFIX, params={"q": words})
        sheet = desk.ask(account, "GET", f"{PREFIX}interviews.csv", params={"q": words})
        listed = desk.ask(account, "GET", f"{API_PATH}/interviews", params={"q": words})
        assert (f"interviews/{desk.interview.id}" in page.text) is found
        assert (desk.interview.id in sheet.text) is found
        assert bool(listed.json()["items"]) is found


def test_no_tag_finds_or_suggests_who_it_is(desk):
    for tag in ("quastel", NAME.lower()):
        found = desk.ask("rea", "GET", f"{API_PATH}/interviews", params={"tag": tag})
        assert found.json()["items"] == []
    assert desk.ask("rea", "GET", f"{API_PATH}/tags", params={"q": "q"}).json()["items"] == []
    assert "python" in desk.ask("rea", "GET", f"{API_PATH}/tags").json()["items"]


@pytest.mark.parametrize("order", ["candidate", "-candidate", "title", "-title"])
def test_no_order_and_no_cursor_tells_who_it_is(desk, order):
    for number in range(3):
        name = f"Anna {number}" if number else "Zora"
        desk.app.create_interview(desk.service.admin, Plan(f"T{number}", name, interviewers=("interviewer",)))
    params = {"sort": order, "limit": "1"}

    for _ in range(20):
        answer = desk.ask("rea", "GET", f"{API_PATH}/interviews", params=params)
        cursor = answer.json()["next"]
        assert not telling(answer)
        if not cursor:
            break
        params["cursor"] = cursor
        assert "uastel" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    else:
        pytest.fail("the pages go round")


def test_downloads_and_copies_by_a_blind_reviewer_name_nobody(desk):
    chosen = {"deed": "download", "id": desk.interview.id}

    packed = desk.ask("rea", "POST", f"{PREFIX}bulk", data=chosen)
    copied = desk.ask("oto", "POST", f"{API_PATH}/interviews/{desk.interview.id}/copy")
    draft = desk.ask("oto", "GET", f"{PREFIX}new", params={"copy": desk.interview.id})
    filled = desk.ask("oto", "GET", draft.headers["location"])

    assert packed.headers["content-type"] == "application/zip"
    assert pseudonym(desk.interview.id).lower() in told(packed)
    assert copied.status_code == 201
    for answer in (packed, copied, draft, filled):
        assert not telling(answer)
