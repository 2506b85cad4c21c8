"""Staff sign in at a provider of their own, named by the settings; real OAuth 2 with PKCE on loopback."""

import base64
import hashlib
import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from e2e.conftest import Installation
from visitor import Visitor

CLIENT = ("assay", "a secret of the test's own")
CONFIGURED = """
[login]
authenticator = "oauthenticator.generic.GenericOAuthenticator"
admins = ["ada.lovelace"]

[login.options]
client_id = "{client[0]}"
client_secret = "{client[1]}"
authorize_url = "{url}/authorize"
token_url = "{url}/token"
userdata_url = "{url}/userinfo"
username_claim = "preferred_username"
login_service = "the test's provider"
scope = ["openid"]
# Even a list that names them gives nobody the accounts that mean power.
allowed_users = ["grace", "iv-abcdefghij", "cand-abcdefghij", "assay-agent"]
"""


@dataclass
class Provider:
    """A provider that knows one person at a time and gives each code and token once.

    Attributes:
        person: who sits in front of the browser.
        rounds: what came with each code that was given out.
        tokens: whose each access token is.
    """

    person: str = ""
    rounds: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def authorize(self, query):
        """Return where to send the browser of somebody who agrees."""
        code = secrets.token_hex(8)
        self.rounds[code] = {**query, "person": self.person}
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form):
        """Return a token for a code, ``None`` to whoever did not begin this round."""
        begun = self.rounds.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if (
            begun is None
            or (form["client_id"], form["client_secret"]) != CLIENT
            or begun["code_challenge"] != challenge.decode()
            or begun["redirect_uri"] != form["redirect_uri"]
        ):
            return None
        token = secrets.token_hex(8)
        self.tokens[token] = begun["person"]
        return {"access_token": token, "token_type": "bearer", "scope": "openid"}


def handler_of(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(asked.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            else:
                person = provider.tokens.pop(self.headers["Authorization"].removeprefix("Bearer "), None)
                self.say({"preferred_username": person} if person else None)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.say(provider.exchange({name: values[0] for name, values in parse_qs(body).items()}))

        def say(self, answer):
            self.send_response(200 if answer else 401)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer or {"error": "access_denied"}).encode())

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture(scope="module")
def provider():
    made = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(made))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def installation(provider, tmp_path_factory):
    """An Assay whose staff sign in at the provider; no workspace is needed here."""
    data = tmp_path_factory.mktemp("assay")
    (data / "assay.toml").write_text(CONFIGURED.format(client=CLIENT, url=provider.url))
    running = Installation(data, ASSAY_WORKSPACE__ENGINE="process")
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.end()


def sign_in(installation, provider, person):
    """Walk from the front page through the provider, as a browser does, and return visitor and last answer."""
    visitor = Visitor(installation.port)
    provider.person = person
    login = visitor.get(installation.desk)
    assert "the test&#39;s provider" in login.text
    button = unescape(re.search(r'href=[\'"]([^\'"]*/oauth_login[^\'"]*)', login.text)[1])
    to_provider = visitor.request("GET", installation.url + button)
    back = httpx.get(to_provider.headers["location"], follow_redirects=False)
    return visitor, visitor.get(back.headers["location"])


def test_a_login_at_the_provider_gives_a_staff_session(installation, provider):
    visitor, page = sign_in(installation, provider, "Ada.Lovelace")

    assert page.status_code == 200
    assert "Signed in as" in page.text
    assert "ada.lovelace" in page.text.lower()
    assert "Sample interview" in page.text
    assert visitor.get(f"{installation.desk}new").status_code == 200
    assert visitor.get(f"{installation.url}/hub/admin").status_code == 200


def test_somebody_who_is_allowed_is_staff_and_no_administrator(installation, provider):
    visitor, page = sign_in(installation, provider, "grace")

    assert page.status_code == 200
    assert "Signed in as <strong>Grace</strong>" in page.text
    assert visitor.get(installation.desk + "audit").status_code == 404
    assert visitor.get(f"{installation.desk}new").status_code == 200
    assert visitor.get(f"{installation.url}/hub/admin").status_code == 403


@pytest.mark.parametrize("person", ["mallory", "iv-abcdefghij", "cand-abcdefghij", "assay-agent", "Assay-Agent"])
def test_whom_the_provider_knows_is_not_staff_by_that_alone(installation, provider, person):
    visitor, page = sign_in(installation, provider, person)

    assert page.status_code == 403
    assert visitor.request("GET", installation.desk).status_code == 302
    assert not any("hub-login" in name for jar in visitor.cookies.values() for name in jar)


def test_a_code_of_somebody_elses_round_is_refused(installation, provider):
    provider.person = "ada.lovelace"
    stranger, victim = Visitor(installation.port), Visitor(installation.port)
    begun = stranger.request("GET", f"{installation.url}/hub/oauth_login")
    back = httpx.get(begun.headers["location"], follow_redirects=False)

    answer = victim.get(back.headers["location"])

    assert answer.status_code == 400
    assert not any("hub-login" in name for jar in victim.cookies.values() for name in jar)


def test_links_work_beside_the_provider(installation):
    interview = installation.new_interview("By link")

    candidate = Visitor(installation.port).get(interview.link)
    staff = Visitor(installation.port).get(installation.sign_in_link("ada.lovelace"))

    assert (candidate.status_code, staff.status_code) == (200, 200)
    assert "By link" in candidate.text
    assert "Signed in as" in staff.text
