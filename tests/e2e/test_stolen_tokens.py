"""What a candidate can take from a workspace, even with its server in hand, is good for nothing but that workspace."""

import base64
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from e2e import hostile
from e2e.conftest import NewInterview, Person, wait_for
from e2e.test_hostile_outputs import LISTEN, POST_A_FORM, POST_BLINDLY, answers, toss
from e2e.test_interview import both_in_the_room
from e2e.test_secrets import found
from playwright.sync_api import Error
from visitor import Visitor

from assay_protocol import routes
from assay_spawner.limits import FIRST_KERNEL_UID

LENGTHS = (30, 32, 64)
"""Characters of the tokens of people's logins, of programs, and of the service."""


@dataclass
class Robbed:
    """A running workspace with both its people, and another one that belongs to somebody else."""

    interview: NewInterview
    staff: Person
    candidate: Person
    other: str

    @property
    def account(self) -> str:
        return f"iv-{self.interview.id}"


@pytest.fixture(scope="module")
def robbed(installation, person_of_the_module):
    """Two workspaces that run; the tokens of the first are tried on the second."""
    other = installation.new_interview("Somebody else's", "on-call-shifts")
    visitor = installation.staff()
    page = f"{installation.desk}room/{other.id}"
    assert visitor.post(f"{page}/restart", {"csrf": visitor.csrf(page)}).status_code == 303
    interview = installation.new_interview("Robbed", "on-call-shifts")
    staff, candidate = both_in_the_room(installation, interview, person_of_the_module)
    account = f"iv-{other.id}"
    wait_for(lambda: installation.ask_hub("GET", f"users/{account}").json()["servers"].get("", {}).get("ready"), "both")
    return Robbed(interview, staff, candidate, account)


def memory(process):
    """Return all that a process may change in its memory, as far as it can be read."""
    parts = []
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as content:
        for line in maps:
            place, rights = line.split()[:2]
            begin, end = (int(number, 16) for number in place.split("-"))
            if rights.startswith("rw"):
                content.seek(begin)
                try:
                    parts.append(content.read(end - begin))
                except OSError:  # a part that has never been touched, or is the system's own
                    continue
    return b"".join(parts)


@pytest.fixture(scope="module")
def taken(installation, robbed):
    """Every good token that is in the memory of a process of the workspace, with what the hub says of it."""
    with closing(sqlite3.connect(f"file:{installation.data}/jupyterhub.sqlite?mode=ro", uri=True)) as connection:
        beginnings = [beginning.encode() for (beginning,) in connection.execute("select prefix from api_tokens")]
    tokens = re.compile(b"(?:" + b"|".join(beginnings) + b")[0-9A-Za-z]{20,}")
    holders: dict[str, set[int]] = {}
    for process in hostile.processes(installation, robbed.account):
        for text in tokens.findall(memory(process)):
            for length in LENGTHS:
                holders.setdefault(text[:length].decode(), set()).add(Path(f"/proc/{process}").stat().st_uid)
    with installation.http("assay.localhost") as hub:
        asked = {token: ask(hub, token, "GET", "/hub/api/user") for token in holders}
    return {
        token: {**answer.json(), "holders": holders[token]}
        for token, answer in asked.items()
        if answer.status_code == 200
    }


def ask(client, token, method, path):
    """Use a token as the Authorization of a request."""
    headers = {"Authorization": f"token {token}", "Accept": "application/json"}
    return client.request(method, path, headers=headers, content=b"{}" if method in {"POST", "PUT"} else None)


HUB = [
    ("GET", "users"),
    ("GET", "services"),
    ("GET", "groups"),
    ("GET", "info"),
    ("GET", "proxy"),
    ("GET", "users/{other}"),
    ("GET", "shares/{account}/"),
    ("GET", "users/interviewer/tokens"),
    ("POST", "users/interviewer/tokens"),
    ("POST", "users/assay-agent/tokens"),
    ("POST", "users/{account}/tokens"),
    ("POST", "users/mallory"),
    ("POST", "users/{account}/server"),
    ("DELETE", "users/{account}/server"),
    ("POST", "users/{other}/server"),
    ("POST", "users/{other}/activity"),
    ("DELETE", "users/interviewer"),
    ("POST", "shutdown"),
]
OTHER = [
    ("GET", "api/contents"),
    ("GET", "api/contents/on-call-shifts.ipynb"),
    ("GET", "files/on-call-shifts.ipynb"),
    ("GET", "api/kernels"),
    ("POST", "api/kernels"),
    ("GET", "notebooks/on-call-shifts.ipynb"),
    ("GET", routes.RECORDING),
    ("PUT", routes.MANIFEST),
    ("POST", routes.SNAPSHOT),
    ("POST", routes.DISCONNECT),
]


def test_the_tokens_in_a_workspace_are_those_of_its_visitors_its_server_and_the_agent(robbed, taken):
    candidate = f"cand-{robbed.interview.id}"

    assert {model["name"] for model in taken.values()} == {"interviewer", candidate, robbed.account, "assay-agent"}
    for model in taken.values():
        own = {
            f"access:servers!server={robbed.account}/",
            *(f"{right}:activity!user={robbed.account}" for right in ("users", "read:users")),
            *(f"read:users:{what}!user={model['name']}" for what in ("name", "groups")),
        }
        assert set(model["scopes"]) <= own
    assert hostile.page_token(robbed.staff) in taken
    assert hostile.page_token(robbed.candidate) in taken


def test_a_token_from_a_workspace_is_good_at_its_own_workspace_alone(installation, robbed, taken):
    before = hostile.kept(installation)
    own = f"{robbed.account}.assay.localhost"
    names = {"account": robbed.account, "other": robbed.other}

    with installation.http(own) as workspace:
        agents = [token for token, model in taken.items() if model["name"] == "assay-agent"]
        status = f"/user/{robbed.account}/{routes.STATUS}"
        assert {ask(workspace, token, "GET", status).status_code for token in agents} == {200}
    with (
        installation.http("assay.localhost") as hub,
        installation.http(f"{robbed.other}.assay.localhost") as other,
        installation.http("desk.assay.localhost") as desk,
    ):
        for token, model in taken.items():
            for method, path in HUB:
                answer = ask(hub, token, method, f"/hub/api/{path.format(**names)}")
                assert answer.status_code in {403, 404}, (model["name"], method, path)
            for method, path in OTHER:
                answer = ask(other, token, method, f"/user/{robbed.other}/{path}")
                assert answer.status_code in {302, 403}, (model["name"], method, path)
            for path in ("", f"room/{robbed.interview.id}", f"interviews/{robbed.interview.id}"):
                answer = ask(desk, token, "GET", f"/services/assay/{path}")
                assert answer.status_code == 401, (model["name"], path)
    assert hostile.kept(installation) == before


def test_what_a_page_of_a_workspace_holds_is_a_session_nowhere_else(installation, robbed):
    held = [cookie["value"] for cookie in robbed.staff.context.cookies(robbed.staff.frame().url)]
    held += [hostile.page_token(robbed.staff), *robbed.staff.frame().evaluate("Object.values(localStorage)")]
    visitor = Visitor(installation.port)
    pages = {
        "__Host-jupyterhub-hub-login": [f"{installation.url}/hub/home", f"{installation.url}/hub/api/user"],
        "__Host-assay-session": [installation.desk, f"{installation.desk}room/{robbed.interview.id}"],
        f"__Host-jupyterhub-user-{robbed.other}": [
            f"{installation.application.settings.origin(robbed.other)}/user/{robbed.other}/{path}"
            for path in ("api/contents", "tree")
        ],
    }

    for name, addresses in pages.items():
        for value in held:
            for address in addresses:
                answer = visitor.request("GET", address, headers={"Cookie": f"{name}={value}"})
                assert answer.status_code in {302, 401, 403}, (name, address)


def test_script_in_one_workspace_reaches_no_other(installation, robbed, person_of_the_module):
    staff = person_of_the_module(bypass_csp=True)
    staff.open(installation.sign_in_link("interviewer"))
    origin = installation.application.settings.origin(robbed.other)
    staff.open(f"{origin}/user/{robbed.other}/notebooks/on-call-shifts.ipynb")  # signed in there as well
    staff.page.locator(".jp-Notebook").wait_for()
    staff.open(robbed.staff.frame().url)
    staff.page.locator(".jp-Notebook").wait_for()
    frame, api = staff.frame(), f"{origin}/user/{robbed.other}/api/"
    visitor = installation.staff()
    before = [visitor.get(api + path).json() for path in ("contents", "sessions", "kernels")]
    token = frame.evaluate("document.cookie.match(/_xsrf=([^;]+)/)[1]")
    toss(staff, f"_xsrf={token}; domain=assay.localhost; path=/user/{robbed.other}/")

    for path in ("contents", "sessions", "kernels"):
        with pytest.raises(Error, match="Failed to fetch"):
            frame.evaluate("address => fetch(address, { credentials: 'include' })", api + path)
        with pytest.raises(Error, match="Failed to fetch"):
            frame.evaluate(POST_BLINDLY, [api + path, "{}"])
        assert answers(staff, POST_A_FORM, api + path, {"_xsrf": token}) == [403]
    assert [visitor.get(api + path).json() for path in ("contents", "sessions", "kernels")] == before
    for path in ("events/subscribe", "collaboration/room/JupyterLab:globalAwareness", "kernels/x/channels"):
        code, heard = frame.evaluate(LISTEN, (api + path).replace("http", "ws"))
        assert (code, heard) == (1006, [])


LOOK_EVERYWHERE = """
import json, os
wanted = [text[::-1].encode() for text in json.loads({backwards!r})]
seen, found = 0, []
def look(path, limit=1 << 24):
    global seen
    try:
        with open(path, "rb") as file: content = file.read(limit)
    except OSError: return
    seen += 1
    if any(text in content for text in wanted): found.append(path)
for top, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(top, name) not in ("/proc", "/sys", "/opt/venv", "/usr")]
    for name in names:
        if os.path.isfile(os.path.join(top, name)): look(os.path.join(top, name))
for process in set(os.listdir("/proc")) - {{str(os.getpid()), "self", "thread-self"}}:
    for name in ("environ", "cmdline", "mountinfo"): look(f"/proc/{{process}}/{{name}}")
print(seen, "places,", len(found), "hits", *found)
"""


def test_code_in_a_kernel_finds_no_token(robbed, taken):
    assert max(uid for model in taken.values() for uid in model["holders"]) < FIRST_KERNEL_UID
    own = "not-a-token-but-in-a-file"
    placed = f"open('place.txt', 'w').write({own[::-1]!r}[::-1])\n"
    backwards = json.dumps([token[::-1] for token in [*taken, own]])

    hostile.run(robbed.candidate, placed + LOOK_EVERYWHERE.format(backwards=backwards))

    said = robbed.staff.notebook.get_by_text(re.compile(r"\d+ places, \d+ hits")).last.inner_text()
    assert re.fullmatch(r"\d{3,} places, 1 hits /srv/interview/notebooks/place.txt", said.strip())


def test_no_secret_of_the_installation_is_anywhere_in_a_workspace(installation, robbed, taken):
    secrets = [file.read_bytes().strip() for file in (installation.data / "secrets").iterdir()]
    written = {form for secret in secrets for form in (secret, secret.hex().encode(), base64.urlsafe_b64encode(secret))}
    agents = next(token for token, model in taken.items() if model["name"] == "assay-agent").encode()
    client = docker.from_env()
    container = client.containers.get(f"assay-{installation.application.settings.installation}-{robbed.account}")
    texts = [container.logs(), json.dumps(container.attrs).encode()]
    client.close()

    for process in hostile.processes(installation, robbed.account):
        texts += [memory(process), Path(f"/proc/{process}/environ").read_bytes()]

    assert any(agents in text for text in texts)
    assert [secret for secret in written for text in texts if secret in text] == []
    root = f"/proc/{container.attrs['State']['Pid']}/root"
    assert found(root, ["Who was on call?"])
    assert found(root, [secret.decode() for secret in written if secret.isascii()]) == []
