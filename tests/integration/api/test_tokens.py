"""Tokens of a real hub: which open the API, and which do not."""

from pathlib import Path

import pytest
from e2e.conftest import wait_for
from integration.api.conftest import ACCESS, ADMIN, READ, WRITE
from visitor import Visitor

from assay_config.secrets import secret


def refused(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:assay:problem:{code}"), answer.text


def test_a_member_gets_a_token_and_uses_it_in_either_form(desk, token):
    mine = token(ACCESS, WRITE)

    for scheme in ("Bearer", "token"):
        answer = desk.call("GET", "/me", mine, scheme)
        assert answer.json()["account"] == "interviewer"
        assert answer.json()["scopes"] == [READ, WRITE]
    created = desk.call("POST", "/interviews", mine, json={"title": "By API", "candidate_name": "Zoë"})
    assert created.status_code == 201
    assert desk.call("GET", f"/interviews/{created.json()['id']}", mine).json() == created.json()


def test_a_narrower_token_is_refused(desk, token):
    for scopes, method, path in [
        ((READ,), "GET", "/me"),
        ((ACCESS,), "GET", "/me"),
        ((ACCESS, READ), "POST", "/interviews"),
        ((ACCESS, READ), "DELETE", "/templates/aaaaaaaaaa"),
        ((ACCESS, WRITE), "GET", "/audit"),
        ((ACCESS, WRITE), "PUT", "/members/interviewer"),
    ]:
        refused(desk.call(method, path, token(*scopes)), 403, "scope-needed")
    assert desk.call("GET", "/audit", token(ACCESS, ADMIN)).status_code == 200


def test_no_token_an_unknown_and_a_session_are_refused(desk, staff):
    page = staff.request("GET", f"{desk.desk}api/v1/me", headers={"Accept": "application/json"})

    refused(page, 401, "token-needed")
    refused(desk.call("GET", "/me", "0" * 64), 401, "token-needed")
    assert staff.get(desk.desk).status_code == 200


def test_a_token_ends_when_it_is_revoked_or_expires(desk, staff):
    revoked = desk.new_token(staff, "interviewer", ACCESS, READ)
    expiring = desk.new_token(staff, "interviewer", ACCESS, READ, expires_in=2)["token"]
    before = [desk.call("GET", "/me", one).status_code for one in (revoked["token"], expiring)]

    desk.hub(staff, "DELETE", f"/users/interviewer/tokens/{revoked['id']}")

    assert before == [200, 200]
    for one in (revoked["token"], expiring):
        wait_for(lambda one=one: desk.call("GET", "/me", one).status_code == 401, "the end of a token", 10)
        refused(desk.call("GET", "/me", one), 401, "token-needed")


def test_a_candidate_may_have_a_token_and_it_opens_nothing(desk):
    interview = desk.new_interview("For a candidate")
    candidate = desk.candidate(interview)
    account = f"cand-{interview.id}"

    theirs = desk.new_token(candidate, account, ACCESS, READ, WRITE, ADMIN)["token"]

    for path in ("/me", "/interviews", f"/interviews/{interview.id}", f"/interviews/{interview.id}/submission"):
        refused(desk.call("GET", path, theirs), 403, "not-allowed")
    refused(desk.call("POST", "/interviews", theirs, json={"title": "x", "candidate_name": "y"}), 403, "not-allowed")


def test_no_token_in_reach_of_a_workspace_opens_the_api(desk):
    interview = desk.new_interview("With a workspace")
    account = f"iv-{interview.id}"
    service = secret(desk.data, "service").hex()
    with desk.http("assay.localhost", headers={"Authorization": f"token {service}"}) as hub:
        hub.post(f"/hub/api/users/{account}")
        hub.post(f"/hub/api/users/{account}/server", json={})
        inside = wait_for(lambda: _environment(account), "the workspace's process", 60)
        asked = {"scopes": [ACCESS, READ, WRITE, ADMIN]}
        forged = hub.post(f"/hub/api/users/{account}/tokens", json=asked)

    refused(desk.call("GET", "/me", inside["JUPYTERHUB_API_TOKEN"]), 403, "not-allowed")
    refused(desk.call("GET", f"/interviews/{interview.id}", inside["JUPYTERHUB_API_TOKEN"]), 403, "not-allowed")
    refused(desk.call("GET", "/me", service), 403, "not-allowed")
    if forged.status_code == 201:
        refused(desk.call("GET", "/me", forged.json()["token"]), 403, "not-allowed")
    with desk.http("assay.localhost", headers={"Authorization": f"token {service}"}) as hub:
        hub.delete(f"/hub/api/users/{account}/server")


def _environment(account) -> dict[str, str]:
    """Return the variables of a workspace's server, which all code in it can read."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            lines = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        found = dict(line.partition("=")[::2] for line in lines)
        if found.get("JUPYTERHUB_USER") == account and found.get("JUPYTERHUB_API_TOKEN"):
            return found
    return {}


def test_the_description_is_public_and_says_nothing_of_this_installation(desk):
    with desk.http("desk.assay.localhost") as client:
        answer = client.get("/services/assay/api/v1/openapi.json")

    assert answer.json()["openapi"] == "3.1.0"
    assert str(desk.port) not in answer.text
    assert str(desk.data) not in answer.text


def test_a_member_who_leaves_loses_the_api_with_their_token_in_hand(desk, token):
    link = desk.sign_in_link("dora")
    dora = Visitor(desk.port)
    assert dora.get(link).status_code == 200
    theirs = desk.new_token(dora, "dora", ACCESS, READ)["token"]
    before = desk.call("GET", "/me", theirs)

    left = {"name": "Dora", "role": "viewer", "active": False}
    changed = desk.call("PUT", "/members/dora", token(ACCESS, ADMIN), json=left, headers={"If-Match": "*"})

    assert (before.status_code, changed.status_code) == (200, 200)
    refused(desk.call("GET", "/me", theirs), 403, "not-allowed")


@pytest.mark.parametrize("host", ["assay.localhost", "iv-abcdefghij.assay.localhost", "evil.example"])
def test_the_api_answers_on_its_own_host_only(desk, token, host):
    mine = token(ACCESS, READ)

    with desk.http(host) as client:
        answer = client.get("/services/assay/api/v1/me", headers={"Authorization": f"Bearer {mine}"})

    assert answer.status_code in {302, 404}
    assert "interviewer" not in answer.text
