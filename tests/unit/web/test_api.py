"""The REST API over a real store, with the hub's word on tokens given by the test."""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fakes import FakeClock
from store import new_database
from tornado.web import HTTPError

from assay_config.settings import Settings
from assay_hub.bootstrap import Application
from assay_hub.domain.access import TeamRole
from assay_hub.domain.answer import KEPT
from assay_hub.domain.plan import Plan
from assay_hub.domain.signals import Signal, SignalKind
from assay_hub.domain.team import Member
from assay_hub.representations.render import API_PATH
from assay_hub.web.app import create_app

ACCESS = "access:services!service=assay"
READ, WRITE, ADMIN = "custom:assay:read", "custom:assay:write", "custom:assay:admin"
ALL = (ACCESS, READ, WRITE, ADMIN)
UNKNOWN = "aaaaaaaaaa"


class FakeHubOAuth:
    """The hub, as far as it says whose a token is."""

    access_scopes = frozenset({ACCESS})

    def __init__(self) -> None:
        self.tokens: dict[str, dict[str, Any]] = {}
        self.breaks = False

    async def user_for_token(self, token: str, *, sync: bool) -> dict[str, Any] | None:
        assert sync is False
        if self.breaks:
            raise HTTPError(500)
        return self.tokens.get(token)

    def check_scopes(self, needed: frozenset[str], model: dict[str, Any]) -> set[str]:
        return set(needed) & set(model["scopes"])

    def token(self, account: str, *scopes: str, kind: str = "user") -> str:
        name = f"token-{len(self.tokens)}"
        self.tokens[name] = {"kind": kind, "name": account, "scopes": list(scopes)}
        return name


class Service:
    """The service with its API, called without a network."""

    def __init__(self, folder, database: str = "") -> None:
        self.application = Application(Settings(data=folder, database=database), "token")
        if not database:
            new_database(folder).close()
        self.app = create_app(self.application)
        self.api = next(route.app for route in self.app.routes if getattr(route, "name", "") == "api")
        self.hub = FakeHubOAuth()
        self.app.state.context.sessions.auth = self.hub
        self.admin = self.application.team.person("interviewer")
        self.token = self.hub.token("interviewer", *ALL)

    def member(self, account: str, role: TeamRole, *scopes: str) -> str:
        """Return a token of a new member."""
        now = self.application.clock.now()
        with self.application.database.write() as records:
            records.save_member(Member(account, account.capitalize(), "", role, active=True, joined_at=now))
        return self.hub.token(account, *(scopes or ALL))

    def interview(self, **plan: Any):
        return self.application.create_interview(self.admin, replace(Plan("Talk", "Sam"), **plan))

    def ask(self, method: str, path: str, token: str | None = None, **request: Any) -> httpx.Response:
        """Make a request; an empty token sends none."""
        origin = self.application.settings.origin("desk")
        sent = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {sent}"} if sent else {}), **request.pop("headers", {})}

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=origin) as client:
                return await client.request(method, API_PATH + path, headers=headers, **request)

        return asyncio.run(asked())


def opened(folder, database: str = "") -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTERHUB_API_TOKEN", "token")
        patch.setenv("JUPYTERHUB_CLIENT_ID", "service-assay")
        service = Service(folder, database)
    yield service
    service.application.database.close()


@pytest.fixture
def service(tmp_path) -> Iterator[Service]:
    yield from opened(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Service]:
    """One service for requests that are refused."""
    yield from opened(tmp_path_factory.mktemp("shared"))


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"urn:assay:problem:{code}"), body
    return body


def wrong(answer: httpx.Response) -> set[str]:
    return {one["field"] for one in answer.json()["errors"]}


def test_an_interview_is_created_read_changed_and_found(service):
    made = service.ask(
        "POST",
        "/interviews",
        json={
            "title": "First round",
            "candidate_name": "Zoë",
            "scheduled_at": "2026-12-01T10:00:00+01:00",
            "time_zone": "Europe/Berlin",
            "tags": ["ml", "senior"],
            "duration_seconds": 2700,
        },
    )
    read = service.ask("GET", f"/interviews/{made.json()['id']}")
    patched = service.ask(
        "PATCH",
        f"/interviews/{made.json()['id']}",
        json={"title": "Second round", "tags": None},
        headers={"If-Match": read.headers["etag"]},
    )
    found = service.ask("GET", "/interviews", params={"q": "second zoë"})

    assert made.status_code == 201
    assert made.headers["location"] == made.json()["links"]["self"] == f"{API_PATH}/interviews/{made.json()['id']}"
    assert made.json()["scheduled_at"] == "2026-12-01T09:00:00Z"
    assert made.json()["interviewers"] == ["interviewer"]
    assert made.headers["etag"] == read.headers["etag"]
    assert read.json() == made.json()
    assert patched.json() == {**read.json(), "title": "Second round", "tags": [], "revision": 2}
    assert patched.headers["etag"] != read.headers["etag"]
    assert [one["id"] for one in found.json()["items"]] == [made.json()["id"]]
    assert found.json()["next"] is None
    assert made.headers["cache-control"] == "no-store"


def test_a_change_needs_the_version_that_it_was_made_from(service):
    interview = service.interview()
    path = f"/interviews/{interview.id}"
    etag = service.ask("GET", path).headers["etag"]

    missing = service.ask("PATCH", path, json={"title": "A"})
    first = service.ask("PATCH", path, json={"title": "B"}, headers={"If-Match": f'"other", {etag}'})
    second = service.ask("PUT", path, json={"title": "C", "candidate_name": "X"}, headers={"If-Match": etag})
    weak = service.ask("PATCH", path, json={"title": "D"}, headers={"If-Match": f"W/{first.headers['etag']}"})
    formless = service.ask("PATCH", path, json={"title": "D"}, headers={"If-Match": "abc"})

    problem(missing, 428, "precondition-needed")
    problem(second, 412, "conflict")
    problem(weak, 412, "conflict")
    problem(formless, 422, "bad-input")
    assert second.headers["etag"] == first.headers["etag"]
    assert service.ask("GET", path).json()["title"] == "B"
    assert service.ask("POST", f"{path}/cancel").status_code == 428
    assert service.ask("POST", f"{path}/reopen").status_code == 428
    assert service.ask("POST", f"{path}/questions", json={"question": "x"}).status_code == 428


def test_a_change_between_reading_and_writing_is_a_conflict_too(service, monkeypatch):
    interview = service.interview()
    path = f"/interviews/{interview.id}"
    etag = service.ask("GET", path).headers["etag"]
    checked = Plan.checked

    def meanwhile(plan):
        monkeypatch.setattr(Plan, "checked", checked)
        service.application.edit_interview(service.admin, interview.id, replace(interview.plan, title="Theirs"))
        return checked(plan)

    monkeypatch.setattr(Plan, "checked", meanwhile)
    answer = service.ask("PATCH", path, json={"title": "Mine"}, headers={"If-Match": etag})

    problem(answer, 412, "conflict")
    assert answer.headers["etag"] == service.ask("GET", path).headers["etag"]
    assert service.ask("GET", path).json()["title"] == "Theirs"


def test_who_may_not_know_of_an_interview_gets_the_very_answer_of_what_is_not_there(service):
    interview = service.interview(viewers=("interviewer",))
    eve = service.member("eve", TeamRole.INTERVIEWER)
    star = {"If-Match": "*"}
    calls = [
        ("GET", "", {}),
        ("PATCH", "", {"json": {"title": "x"}, "headers": star}),
        ("PUT", "", {"json": {"title": "x", "candidate_name": "x", "interviewers": ["eve"]}, "headers": star}),
        ("POST", "/cancel", {"headers": star}),
        ("POST", "/reopen", {"headers": star}),
        ("POST", "/copy", {}),
        ("POST", "/questions", {"json": {"question": "x"}, "headers": star}),
        ("GET", "/links", {}),
        ("POST", "/links", {}),
        ("DELETE", "/links/0011223344556677", {}),
        ("GET", "/history", {}),
        ("GET", "/submission", {}),
        ("GET", "/result", {}),
        ("GET", "/signals", {}),
    ]

    for method, path, request in calls:
        answers = [
            service.ask(
                method, f"/interviews/{one}{path}", eve, **{**request, "headers": {**request.get("headers", {})}}
            )
            for one in (interview.id, UNKNOWN, "x", "%00", "%ff")
        ]
        assert {answer.content for answer in answers} == {answers[0].content}, (method, path)
        assert {str(sorted(answer.headers.items())) for answer in answers} == {str(sorted(answers[0].headers.items()))}
        problem(answers[0], 404, "not-found")
    assert service.ask("GET", "/interviews", eve).json()["items"] == []


def test_who_may_see_but_not_change_gets_the_same_answer_as_well(service):
    interview = service.interview()
    vera = service.member("vera", TeamRole.VIEWER)

    seen = service.ask("GET", f"/interviews/{interview.id}", vera)
    refused = service.ask("PATCH", f"/interviews/{interview.id}", vera, json={}, headers={"If-Match": "*"})

    assert seen.json()["role"] == "viewer"
    problem(refused, 404, "not-found")
    problem(service.ask("GET", f"/interviews/{interview.id}/links", vera), 404, "not-found")
    problem(service.ask("POST", "/interviews", vera, json={"title": "x", "candidate_name": "y"}), 404, "not-found")


@pytest.mark.parametrize("sent", ["", "unknown", "token with spaces", "tök", "a" * 600, "x\ty"])
def test_a_token_that_the_hub_does_not_know_is_refused(shared, sent):
    answer = shared.ask("GET", "/me", "", headers={"Authorization": f"Bearer {sent}".encode("latin-1")})

    problem(answer, 401, "token-needed")
    assert answer.headers["www-authenticate"] == 'Bearer realm="assay"'


def test_a_token_too_narrow_is_refused_and_told_what_it_lacks(service):
    narrow = {
        service.hub.token("interviewer", READ): ("GET", "/me", ACCESS),
        service.hub.token("interviewer", ACCESS): ("GET", "/me", READ),
        service.hub.token("interviewer", ACCESS, READ): ("POST", "/interviews", WRITE),
        service.hub.token("interviewer", ACCESS, READ, WRITE): ("GET", "/audit", ADMIN),
    }

    for token, (method, path, lacking) in narrow.items():
        answer = service.ask(method, path, token)
        problem(answer, 403, "scope-needed")
        assert answer.headers["www-authenticate"] == (
            f'Bearer realm="assay", error="insufficient_scope", scope="{lacking}"'
        )


def test_no_candidate_workspace_service_or_stranger_gets_in_whatever_their_token_says(service):
    interview = service.interview()
    service.member("gone", TeamRole.ADMIN)
    with service.application.database.write() as records:
        records.save_member(replace(records.member("gone"), active=False))
    tokens = [service.hub.token(one, *ALL) for one in (interview.candidate, interview.workspace, "assay-agent", "gone")]
    tokens.append(service.hub.token("interviewer", *ALL, kind="service"))

    for token in tokens:
        problem(service.ask("GET", f"/interviews/{interview.id}", token), 403, "not-allowed")


def test_a_session_cookie_opens_nothing(service):
    answer = service.ask("GET", "/me", "", headers={"Cookie": "__Host-assay-session=anything; assay-session=anything"})

    problem(answer, 401, "token-needed")


def test_a_hub_that_does_not_answer_is_said_to(service):
    service.hub.breaks = True

    problem(service.ask("GET", "/me"), 502, "hub-refused")


def test_a_request_sent_again_with_its_key_changes_nothing_again(service):
    key = {"Idempotency-Key": "k1"}
    plan = {"title": "Once", "candidate_name": "Sam"}

    first = service.ask("POST", "/interviews", json=plan, headers=key)
    again = service.ask("POST", "/interviews", json=plan, headers=key)
    other = service.ask("POST", "/interviews", json={**plan, "title": "Other"}, headers=key)
    theirs = service.ask("POST", "/interviews", service.member("bob", TeamRole.INTERVIEWER), json=plan, headers=key)

    assert (again.status_code, again.content) == (201, first.content)
    assert [again.headers[name] for name in ("etag", "location")] == [first.headers[n] for n in ("etag", "location")]
    assert again.headers["idempotent-replayed"] == "true"
    problem(other, 422, "key-reused")
    assert theirs.json()["id"] != first.json()["id"]
    assert len(service.ask("GET", "/interviews").json()["items"]) == 2


def test_a_narrower_token_does_not_get_an_answer_by_its_key(service):
    key = {"Idempotency-Key": "k1"}
    service.ask("POST", "/interviews", json={"title": "Once", "candidate_name": "Sam"}, headers=key)

    narrow = service.hub.token("interviewer", ACCESS, READ)

    answer = service.ask("POST", "/interviews", narrow, json={"title": "Once", "candidate_name": "Sam"}, headers=key)
    problem(answer, 403, "scope-needed")


def test_a_request_that_failed_leaves_its_key_free(service):
    key = {"Idempotency-Key": "k1"}

    refused = service.ask("POST", "/interviews", json={"title": "", "candidate_name": "Sam"}, headers=key)
    done = service.ask("POST", "/interviews", json={"title": "Good", "candidate_name": "Sam"}, headers=key)

    assert (refused.status_code, done.status_code) == (422, 201)


def test_a_duplicate_of_a_request_that_is_worked_on_is_refused(service):
    interview = service.interview()
    answers: list[httpx.Response] = []
    made = service.application.make_links.candidate_link

    class Slow:
        """Sends the same request again while the first is being worked on."""

        def candidate_link(self, by, interview_id):
            if not answers:
                answers.append(service.ask("POST", f"/interviews/{interview_id}/links", headers=key))
            return made(by, interview_id)

    key = {"Idempotency-Key": "k1"}
    service.application.__dict__["make_links"] = Slow()
    first = service.ask("POST", f"/interviews/{interview.id}/links", headers=key)

    assert first.status_code == 201
    problem(answers[0], 409, "key-in-use")


def test_keys_are_forgotten_after_a_day_and_their_answers_lie_sealed(service):
    interview = service.interview()
    key = {"Idempotency-Key": "k1"}
    first = service.ask("POST", f"/interviews/{interview.id}/links", headers=key)
    again = service.ask("POST", f"/interviews/{interview.id}/links", headers=key)
    secret = first.json()["address"].partition("token=")[2]
    stored = b"".join(path.read_bytes() for path in service.application.settings.folder.glob("assay.sqlite*"))

    service.api.state.repeats._clock = clock = FakeClock()
    clock.time = service.application.clock.now() + KEPT
    later = service.ask("POST", f"/interviews/{interview.id}/links", headers=key)

    assert again.json()["address"] == first.json()["address"]
    assert secret
    assert secret.encode() not in stored
    assert later.json()["address"] != first.json()["address"]


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "k" * 256])
def test_a_key_of_another_form_is_refused(shared, key):
    headers = {"Idempotency-Key": key.encode("latin-1")}

    answer = shared.ask("POST", "/interviews", json={"title": "T", "candidate_name": "S"}, headers=headers)

    problem(answer, 422, "bad-input")
    assert wrong(answer) == {"Idempotency-Key"}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"title": ""}, {"title"}),
        ({"title": None}, {"title"}),
        ({"title": "   "}, {"title"}),
        ({"title": "a\u0000b"}, {"title"}),
        ({"title": "\ud800"}, {"title"}),
        ({"title": "\u202e"}, {"title"}),
        ({"colour": "blue"}, {"colour"}),
        ({"duration_seconds": "3600"}, {"duration_seconds"}),
        ({"duration_seconds": 10**30}, {"duration_seconds"}),
        ({"duration_seconds": True}, {"duration_seconds"}),
        ({"duration_seconds": 3600.5}, {"duration_seconds"}),
        ({"scheduled_at": "2026-12-01T10:00:00"}, {"scheduled_at"}),
        ({"scheduled_at": "2026-12-01"}, {"scheduled_at"}),
        ({"scheduled_at": 1700000000}, {"scheduled_at"}),
        ({"scheduled_at": "0001-01-01T00:00:00+14:00"}, {"scheduled_at"}),
        ({"scheduled_at": "9999-12-31T23:59:59-14:00"}, {"scheduled_at"}),
        ({"time_zone": "Mars/Base"}, {"time_zone"}),
        ({"candidate_email": "@"}, {"candidate_email"}),
        ({"interviewers": ["nobody"]}, {"interviewers"}),
        ({"interviewers": ["x", 1]}, {"interviewers.1"}),
        ({"observers": "interviewer"}, {"observers"}),
        ({"position": "abcdefghij"}, {"position"}),
        ({"kind": "dead"}, {"kind"}),
        ({"tags": ["x" * 51], "title": ""}, {"tags.0", "title"}),
        ({"questions": ["../../etc"]}, {"questions.0"}),
    ],
)
def test_what_cannot_be_used_is_named_field_by_field(shared, change, fields):
    interview = shared.interview()
    before = len(shared.ask("GET", "/interviews?limit=200").json()["items"])
    body = {"title": "T", "candidate_name": "S", **change}

    created = shared.ask("POST", "/interviews", content=encoded(body), headers=JSON)
    patched = shared.ask(
        "PATCH", f"/interviews/{interview.id}", content=encoded(change), headers={**JSON, "If-Match": "*"}
    )

    problem(created, 422, "bad-input")
    assert wrong(created) == fields
    assert wrong(patched) == fields
    assert len(shared.ask("GET", "/interviews?limit=200").json()["items"]) == before


JSON = {"Content-Type": "application/json"}


def encoded(body) -> bytes:
    """Return JSON, also with half a character, which httpx refuses."""
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"title": NaN}',
        b'{"a":' * 100_000,
        b'{"title": 1' + b"0" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_object_is_refused(shared, body):
    answer = shared.ask("POST", "/interviews", content=body, headers=JSON)

    problem(answer, 422, "bad-input")
    assert wrong(answer)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "text/html"]
)
def test_only_json_is_read(shared, kind):
    answer = shared.ask("POST", "/interviews", content=b'{"title": "T"}', headers={"Content-Type": kind})

    problem(answer, 415, "media-type")


def test_nothing_is_ever_a_page(service):
    html = {"Accept": "text/html"}

    for method, path, status in [
        ("GET", "/nowhere", 404),
        ("GET", "/", 404),
        ("GET", "/interviews/", 404),
        ("TRACE", "/interviews", 405),
        ("DELETE", "/me", 405),
        ("GET", f"/interviews/{UNKNOWN}", 404),
        ("GET", "/interviews?limit=0", 422),
    ]:
        answer = service.ask(method, path, headers=html)
        assert answer.status_code == status, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "<" not in answer.text
    assert service.ask("GET", "/me", "", headers=html).status_code == 401


def encoded_cursor(*parts) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode("ascii").rstrip("=")


def test_lists_come_in_pages_that_name_the_next(service):
    for title in ("C", "A", "B"):
        service.interview(title=title, tags=(title.lower(),))

    shown = []
    for path in ("/interviews?sort=title&limit=2", "/tags?limit=2"):
        first = service.ask("GET", path)
        address = first.headers["link"].removeprefix("<").removesuffix('>; rel="next"')
        second = service.ask("GET", address.removeprefix(API_PATH))
        assert "link" not in second.headers
        assert second.json()["next"] is None
        shown.append([first.json()["items"], second.json()["items"]])

    assert [[one["title"] for one in page] for page in shown[0]] == [["A", "B"], ["C"]]
    assert shown[1] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "AAAA", "eyJ4IjoxfQ", "W10", "%00", "W251bGwsbnVsbF0", "9" * 1900, "9" * 3000),
        encoded_cursor("-date", "0001-01-01T00:00:00+14:00", "x"),
        encoded_cursor("-date", "2026-12-01T00:00:00Z", "\ud800"),
        encoded_cursor("-date", "2026-12-01T00:00:00Z", "\0"),
        encoded_cursor("-date", None, 1),
    ],
)
@pytest.mark.parametrize("path", ["/interviews", "/members", "/tags", "/audit", "/positions", "/templates"])
def test_a_cursor_that_is_none_of_ours_is_refused_or_finds_nothing(shared, path, cursor):
    answer = shared.ask("GET", f"{path}?cursor={cursor}")

    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 422:
        problem(answer, 422, "bad-input")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=1_0", "limit=9999999999999999999999", "limit=%20", "colour=blue", "state=gone",
     "since=yesterday", "since=2026-01-01", "since=0001-01-01T00:00:00%2B14:00", "q=%00", "tag=%00", "sort=colour"],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_refused_by_its_name(shared, query):
    answer = shared.ask("GET", f"/interviews?{query}")

    problem(answer, 422, "bad-input")
    assert wrong(answer) == {query.partition("=")[0]} or wrong(answer) == {f"{query.partition('=')[0]}.0"}


def test_the_filters_are_those_of_the_list(service):
    sam = service.interview(candidate_name="Sam", tags=("ml",))
    service.interview(candidate_name="Zoë")

    for query in ("q=SAM", "tag=ml", "interviewer=interviewer&q=sam", "state=created&tag=ml", "kind=live&tag=ml"):
        found = service.ask("GET", f"/interviews?{query}").json()["items"]
        assert [one["id"] for one in found] == [sam.id], query
    assert service.ask("GET", "/interviews?state=live").json()["items"] == []
    assert service.ask("GET", "/interviews?since=2100-01-01T00:00:00Z").json()["items"] == []


def test_an_interview_is_cancelled_reopened_and_copied(service):
    interview = service.interview()
    path = f"/interviews/{interview.id}"

    class NoWorkspaces:
        def stop_workspace(self, account):
            assert account == interview.workspace

    service.application.__dict__["hub"] = NoWorkspaces()
    cancelled = service.ask("POST", f"{path}/cancel", headers={"If-Match": service.ask("GET", path).headers["etag"]})
    twice = service.ask("POST", f"{path}/cancel", headers={"If-Match": cancelled.headers["etag"]})
    reopened = service.ask("POST", f"{path}/reopen", headers={"If-Match": cancelled.headers["etag"]})
    copied = service.ask("POST", f"{path}/copy")
    history = service.ask("GET", f"{path}/history").json()["items"]

    assert cancelled.json()["state"] == "cancelled"
    problem(twice, 409, "wrong-state")
    assert reopened.json()["state"] == "created"
    assert copied.status_code == 201
    assert copied.json()["id"] != interview.id
    assert [one["deed"] for one in history] == ["reopened", "cancelled", "created"]


def test_links_are_made_listed_and_never_shown_again(service):
    interview = service.interview()
    path = f"/interviews/{interview.id}/links"

    made = service.ask("POST", path)
    listed = service.ask("GET", path)

    assert "token=" in made.json()["address"]
    assert made.headers["location"] == made.json()["links"]["self"]
    assert [one["id"] for one in listed.json()["items"]] == [made.json()["id"]]
    assert "address" not in listed.json()["items"][0]
    assert made.json()["address"].partition("token=")[2] not in listed.text


def test_the_team_is_read_by_all_and_changed_by_admins(service):
    bob = service.member("bob", TeamRole.INTERVIEWER)
    change = {"name": "Robert", "role": "reviewer"}

    tag = service.ask("GET", "/members/bob").headers["etag"]

    refused = service.ask("PUT", "/members/bob", bob, json=change)
    changed = service.ask("PUT", "/members/bob", json=change, headers={"If-Match": tag})
    late = service.ask("PUT", "/members/bob", json={**change, "name": "Rob"}, headers={"If-Match": tag})
    machine = service.ask("PUT", "/members/cand-aaaaaaaaaa", json=change)
    last = service.ask("GET", "/members", bob)

    problem(refused, 404, "not-found")
    problem(late, 412, "conflict")
    assert late.headers["etag"] == changed.headers["etag"]
    problem(machine, 404, "not-found")
    assert (changed.json()["name"], changed.json()["role"]) == ("Robert", "reviewer")
    assert [one["account"] for one in last.json()["items"]] == ["interviewer", "bob"]
    assert service.ask("GET", "/members/bob", bob).json() == changed.json()
    assert service.ask("GET", "/me", bob).json()["role"] == "reviewer"
    problem(service.ask("GET", "/members/nobody"), 404, "not-found")


def test_roles_and_templates_are_kept(service):
    interview = service.interview(tags=("ml",))

    made = service.ask("POST", "/positions", json={"name": "Analyst", "duration_seconds": 1800})
    role, tag = made.json()["links"]["self"].removeprefix(API_PATH), {"If-Match": made.headers["etag"]}
    problem(service.ask("PUT", role, json={"name": "Data analyst"}), 428, "precondition-needed")
    changed = service.ask("PUT", role, json={"name": "Data analyst"}, headers=tag)
    problem(service.ask("PUT", role, json={"name": "Another"}, headers=tag), 412, "conflict")
    template = service.ask("POST", "/templates", json={"interview": interview.id, "name": "Usual"})
    path = template.json()["links"]["self"].removeprefix(API_PATH)

    assert changed.json()["name"] == "Data analyst"
    assert service.ask("GET", "/positions").json()["items"] == [changed.json()]
    assert service.ask("GET", path).json() == template.json()
    assert template.json()["tags"] == ["ml"]
    body = {name: value for name, value in template.json().items() if name not in {"id", "links"}}
    tag, any_version = {"If-Match": template.headers["etag"]}, {"If-Match": "*"}
    edited = service.ask("PUT", path, json={**body, "title": "Another", "duration_seconds": 2700}, headers=tag)
    assert edited.json() == {**template.json(), "title": "Another", "duration_seconds": 2700}
    assert service.ask("GET", path).json() == edited.json()
    problem(service.ask("PUT", path, json={**body, "title": "Late"}, headers=tag), 412, "conflict")
    problem(service.ask("DELETE", path, headers=tag), 412, "conflict")
    for wrong in ({"questions": ["no-such"]}, {"position": UNKNOWN}):
        problem(service.ask("PUT", path, json={**body, **wrong}, headers=any_version), 422, "bad-input")
    problem(service.ask("PUT", f"/templates/{UNKNOWN}", json=body, headers=any_version), 404, "not-found")
    assert service.ask("DELETE", path, headers={"If-Match": edited.headers["etag"]}).status_code == 204
    problem(service.ask("GET", path), 404, "not-found")
    problem(service.ask("PUT", f"/positions/{UNKNOWN}", json={"name": "X"}, headers=any_version), 404, "not-found")


def test_the_audit_log_is_for_admins_and_tells_of_its_readers(service):
    interview = service.interview()
    bob = service.member("bob", TeamRole.INTERVIEWER)
    service.ask("GET", f"/interviews/{interview.id}", bob)

    problem(service.ask("GET", "/audit", bob), 404, "not-found")
    deeds = [one["deed"] for one in service.ask("GET", "/audit?limit=2").json()["items"]]
    page = service.ask("GET", "/audit?limit=1&account=bob&deed=read-details")

    assert deeds == ["read-details", "created"]
    assert page.json()["items"][0]["interview"] == interview.id
    assert service.ask("GET", f"/audit?limit=1&account=bob&cursor={page.json()['next']}").json()["items"] == []


def test_questions_are_found_and_read_without_what_a_candidate_must_not_see(service):
    vera = service.member("vera", TeamRole.VIEWER)

    found = service.ask("GET", "/questions?q=shifts&difficulty=easy")
    read = service.ask("GET", found.json()["items"][0]["links"]["self"].removeprefix(API_PATH))
    hidden = service.ask("GET", "/questions", vera)

    assert [one["id"] for one in found.json()["items"]] == ["on-call-shifts"]
    assert read.json()["statement"]
    assert "HIDDEN TESTS" not in read.text
    assert "BEGIN SOLUTION" not in read.text
    problem(hidden, 404, "not-found")
    for name in ("none", "%00", "..%2f..%2fetc", "a" * 300, "%C3%A4"):
        problem(service.ask("GET", f"/questions/{name}"), 404, "not-found")


def test_a_member_may_not_be_given_a_name_that_hides_or_breaks(service):
    for account, body, status in [
        ("bob", {"name": "\u202eadmin", "role": "viewer"}, 422),
        ("bob", {"name": "Bob", "email": "a@", "role": "viewer"}, 422),
        ("bob", {"name": "Bob", "role": "owner"}, 422),
        ("%00", {"name": "Bob", "role": "viewer"}, 404),
        ("%E2%80%AE", {"name": "Bob", "role": "viewer"}, 404),
        ("a" * 300, {"name": "Bob", "role": "viewer"}, 404),
    ]:
        assert service.ask("PUT", f"/members/{account}", json=body).status_code == status, account
    assert len(service.ask("GET", "/members").json()["items"]) == 1


def test_the_description_needs_no_token(service):
    assert service.ask("GET", "/openapi.json", "").json()["openapi"] == "3.1.0"


def test_a_method_that_a_path_does_not_answer_is_told_which_it_does(service):
    answer = service.ask("POST", f"/interviews/{UNKNOWN}")

    problem(answer, 405, "http")
    assert answer.headers["allow"] == "GET, PATCH, PUT"


def test_signals_are_read_with_their_verdicts_by_those_who_judge(service):
    interview = service.interview()
    signals = [
        Signal("left-r1", SignalKind.LEFT, interview.created_at, interview.created_at + timedelta(seconds=5)),
        Signal("pasted-2", SignalKind.PASTED, interview.created_at + timedelta(seconds=9), detail={"chars": 45}),
    ]
    with service.application.database.write() as records:
        records.save_signals(interview.id, signals)
    service.application.signals.judge(service.admin, interview.id, "left-r1", "explained", "The bell.", 0)
    viewer = service.member("vic", TeamRole.VIEWER)
    path = f"/interviews/{interview.id}/signals"

    first = service.ask("GET", f"{path}?limit=1")
    rest = service.ask("GET", first.links["next"]["url"].removeprefix(API_PATH)).json()["items"]

    (left,), (pasted,) = first.json()["items"], rest
    assert (left["words"], left["replay_ms"], left["links"]) == ("left the page for 5 seconds", None, {})
    assert [(one["verdict"], one["reason"], one["account"]) for one in left["verdicts"]] == [
        ("explained", "The bell.", "interviewer")
    ]
    assert (pasted["words"], pasted["verdicts"]) == ("pasted 45 characters from outside the notebook", [])
    assert service.ask("GET", path, viewer).status_code == 404
