"""Who may call what: every address of the running server, asked by everybody."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets.sync.client
from integration.extension.served import BASE, HERE, Server, manifest, notebook
from websockets.exceptions import InvalidStatus

from assay_protocol import names, routes

LIST_ROUTES = """
import json, sys
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(["--config=" + sys.argv[1], "--no-browser"], new_httpserver=False)
def walk(router):
    for rule in router.rules:
        inner = getattr(rule.target, "rules", None)
        if inner is not None:
            yield from walk(rule.target)
        elif hasattr(rule.matcher, "regex"):
            yield rule.matcher.regex.pattern, getattr(rule.target, "__name__", "")
print("ROUTES" + json.dumps(sorted(set(walk(app.web_app.default_router)))))
"""
PAGES = ("tree", "notebooks/a.ipynb", "edit/data.csv", "lab", "api", "api/nbconvert", "api/status", "api/me")
FOR_PARTICIPANTS = (
    ("GET", "tree"),
    ("GET", "notebooks/a.ipynb"),
    ("GET", "lab"),
    ("GET", "api/me"),
    ("GET", "api/status"),
    ("GET", "api/contents"),
    ("GET", "api/contents/a.ipynb"),
    ("GET", "api/contents/a.ipynb/checkpoints"),
    ("GET", "api/kernelspecs"),
    ("GET", "api/kernels"),
    ("GET", "api/sessions"),
    ("GET", "api/nbconvert"),
    ("GET", "files/a.ipynb"),
    ("GET", "lab/api/settings"),
    ("PUT", "api/collaboration/session/a.ipynb"),
)
FOR_NOBODY = (
    ("POST", "api/shutdown"),
    ("GET", "api/terminals"),
    ("POST", "api/terminals"),
    ("GET", "nbconvert/html/a.ipynb"),
    ("POST", "api/nbconvert"),
    ("GET", "api/config/notebook"),
    ("PUT", "api/config/notebook"),
    ("PUT", "lab/api/settings/x"),
    ("PUT", "lab/api/workspaces/x"),
    ("GET", "lab/api/extensions"),
    ("POST", "lab/api/extensions"),
    ("POST", "lab/api/plugins"),
    ("GET", "lab/api/news"),
    ("POST", "api/events"),
    ("GET", "api/fileid/path?id=x"),
    ("POST", "api/fileid/index?path=a.ipynb"),
    ("GET", "api/spec.yaml"),
    ("GET", "metrics"),
    ("GET", "view/a.ipynb"),
    ("GET", "consoles/x"),
    ("GET", "terminals/x"),
    ("GET", "lsp/status"),
    ("POST", "api/contents/a.ipynb/trust"),
    ("POST", "api/contents/a.ipynb/checkpoints/recording"),
    ("PUT", "api/collaboration/fork/json:notebook:x"),
    ("GET", "api/collaboration/timeline/a.ipynb?format=json&type=notebook"),
    ("PUT", "api/collaboration/undo_redo/x"),
    ("GET", "formgrader"),
    ("GET", "../other/"),
)
FOR_THE_AGENT = (
    ("GET", routes.STATUS),
    ("PUT", routes.MANIFEST),
    ("GET", routes.RECORDING + "?after=0"),
    ("POST", routes.RECORDING),
    ("POST", routes.SNAPSHOT),
    ("POST", routes.DISCONNECT),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("access"))
    running.start()
    try:
        people = {"ann": True, "ruth": False}
        running.put_manifest(manifest(("a.ipynb", notebook("1")), ("data.csv", b"x"), people=people))
        yield running
    finally:
        running.stop()


def body_for(method: str) -> dict[str, Any]:
    return {} if method == "GET" else {"json": {"format": "json", "type": "notebook"}}


def registered_routes(folder: Path) -> list[tuple[str, str]]:
    server = Server(folder)
    server.volume.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES, str(HERE / "served_by_tokens.py")],
        env=server.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    listed = next(line for line in run.stdout.splitlines() if line.startswith("ROUTES"))
    return [tuple(pair) for pair in json.loads(listed.removeprefix("ROUTES"))]


def example_of(pattern: str) -> str:
    """Return some path that the pattern of a route may match."""
    path = pattern.removesuffix("$").removeprefix(BASE.rstrip("/")).lstrip("/")
    for group in ("(?P<path>(?:(?:/[^/]+)+|/?))", "(?P<path>(?:/[^/]+)+|/?)"):
        path = path.replace(group, "/a.ipynb")
    depth, plain = 0, ""
    for letter in path.replace("(?<!/checkpoints)(?<!/trust)", ""):
        depth += letter == "("
        plain += letter if depth == 0 and letter not in "?\\+*" else "x" if letter == "(" and depth == 1 else ""
        depth -= letter == ")"
    return plain


def test_a_stranger_is_refused_at_every_route_that_the_server_has(shared: Server, tmp_path: Path):
    found = registered_routes(tmp_path)
    assert len(found) > 50

    answers = {}
    for pattern, handler in found:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            path = example_of(pattern)
            response = shared.request(method, path, "mallory", **body_for(method), follow_redirects=False)
            if response.status_code < 400:
                answers[f"{method} {path} ({handler})"] = response.status_code

    # What is left over are page shells, programs and the stranger's own name: nothing of the interview.
    harmless = (
        "static/",
        "lab",
        "tree",
        "notebooks",
        "edit",
        "api/me",
        "api ",
        "./",
        "favicon",
        "logo",
        " (",
        "oauth",
        "x ",
    )
    assert not [name for name in answers if not name.split(" ", 1)[1].startswith(harmless)]


@pytest.mark.parametrize(("method", "path"), FOR_NOBODY)
@pytest.mark.parametrize("account", ["ann", "mallory", names.AGENT])
def test_addresses_that_nobody_needs_do_not_exist(shared: Server, method: str, path: str, account: str):
    assert shared.request(method, path, account, **body_for(method)).status_code == 404


@pytest.mark.parametrize(("method", "path"), FOR_PARTICIPANTS)
def test_participants_reach_what_pages_need_and_strangers_do_not(shared: Server, method: str, path: str):
    assert shared.request(method, path, "ann", **body_for(method)).status_code in {200, 201}
    assert shared.request(method, path, "ruth", **body_for(method)).status_code in {200, 201}
    if not path.startswith(("tree", "notebooks", "lab", "api/me")):
        assert shared.request(method, path, "mallory", **body_for(method)).status_code == 403
        assert shared.request(method, path, names.AGENT, **body_for(method)).status_code == 403
    assert shared.request(method, path, None, **body_for(method)).status_code in {302, 403}


@pytest.mark.parametrize(("method", "path"), FOR_THE_AGENT)
def test_only_the_agent_calls_the_agents_routes(shared: Server, method: str, path: str):
    for account in ("ann", "ruth", "mallory", None):
        response = shared.request(method, path, account, **body_for(method), follow_redirects=False)
        assert response.status_code in {302, 403}
        if response.status_code == 403:
            assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "api/contents/new.txt"), ("DELETE", "api/contents/data.csv"), ("POST", "api/kernels")],
)
def test_a_reader_changes_nothing(shared: Server, method: str, path: str):
    body = {"type": "file", "format": "text", "content": "x"}
    assert shared.request(method, path, "ruth", json=body).status_code == 403


def test_a_page_of_another_origin_opens_no_websocket(shared: Server):
    session = shared.request("PUT", "api/collaboration/session/a.ipynb", "ann", **body_for("PUT")).json()
    room = f"api/collaboration/room/json:notebook:{session['fileId']}?sessionId={session['sessionId']}"
    for path in (room, "api/collaboration/room/JupyterLab:globalAwareness", "api/events/subscribe"):
        url = (shared.url + path).replace("http", "ws", 1)
        with pytest.raises(InvalidStatus) as refused:
            websockets.sync.client.connect(url, origin="http://evil.localhost", additional_headers={"Cookie": "as=ann"})
        assert refused.value.response.status_code == 403


def test_a_stranger_makes_no_room(shared: Server):
    url = f"{shared.url}api/collaboration/room/json:notebook:x".replace("http", "ws", 1)
    for headers in ({}, {"Authorization": "token mallory"}, {"Authorization": f"token {names.AGENT}"}):
        with pytest.raises(InvalidStatus) as refused:
            websockets.sync.client.connect(url, additional_headers=headers)
        assert refused.value.response.status_code == 403


def test_a_participant_is_shown_under_the_name_of_the_manifest(shared: Server):
    identity = shared.get("api/me", "ann").json()["identity"]

    assert identity["username"] == "ann"
    assert identity["display_name"] == "Ann"
    assert identity["color"] == "#112233"


def test_every_answer_carries_the_policy(shared: Server):
    for path in (*PAGES, "files/a.ipynb", "static/favicons/favicon.ico", routes.STATUS, "nowhere"):
        headers = shared.get(path, "ann").headers
        assert "frame-ancestors 'self' http://desk.assay.localhost:9999" in headers["Content-Security-Policy"], path
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_speaks_to_the_room_that_frames_it_and_to_no_other(shared: Server):
    page = shared.get("notebooks/a.ipynb", "ann").text

    assert '"assayRoomOrigin": "http://desk.assay.localhost:9999"' in page


def test_a_script_among_the_files_is_not_served_as_one(shared: Server):
    for name in ("x.js", "x.mjs"):
        (shared.volume / "notebooks" / name).write_text("top.ran = 1")
        answer = shared.get(f"files/{name}", "ann")
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_link_out_of_the_workspace_leads_nowhere(shared: Server):
    secret = shared.volume / "record" / "people.json"
    (shared.volume / "notebooks" / "link.json").symlink_to(secret)
    (shared.volume / "notebooks" / "folder").symlink_to(shared.volume / "record")
    before = secret.read_bytes()

    for path in ("link.json", "folder/people.json"):
        assert shared.get(f"api/contents/{path}", "ann").status_code == 404
        assert shared.get(f"files/{path}", "ann").status_code == 404
        body = {"type": "file", "format": "text", "content": "forged"}
        assert shared.request("PUT", f"api/contents/{path}", "ann", json=body).status_code in {404, 500}
    assert secret.read_bytes() == before
