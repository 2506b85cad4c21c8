"""What a hostile candidate has: outputs that are meant to run script, and the ways to get them into a notebook."""

import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import docker
import websockets.sync.client
from e2e.conftest import Installation, Person
from jupyter_ydoc import YNotebook
from pycrdt import Doc, TransactionEvent, create_sync_message, create_update_message, handle_sync_message

MARK = "console.log(/atta/.source+/cked/.source)"
"""A script without quotes that says ``attacked`` on the console of whatever page runs it."""

_HTML = (
    f"<script>{MARK}</script>",
    f"<img src=x onerror='{MARK}'>",
    f"<iframe srcdoc='<script>{MARK}</script>'></iframe>",
    f"<iframe src='javascript:{MARK}'></iframe>",
    f"<iframe src='data:text/html,<script>{MARK}</script>'></iframe>",
    "<iframe src='../files/hostile.html'></iframe><script src='../files/hostile.js'></script>",
    f"<svg onload='{MARK}'><script>{MARK}</script><animate onbegin='{MARK}' attributeName=x dur=1s></svg>",
    f"<details open ontoggle='{MARK}'>x</details><video><source onerror='{MARK}'></video>",
    f"<object data='data:text/html,<script>{MARK}</script>'></object><embed src='javascript:{MARK}'>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror={MARK}>'>",
    f"<noscript><p title='</noscript><img src=x onerror={MARK}>'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{MARK}'><base href='../files/'>",
    f"<form action='javascript:{MARK}'><button class=attack>form</button></form>",
    f"<a class=attack href='javascript:{MARK}'>link</a><a class=attack href=' java&#10;script:{MARK}'>link</a>",
)
BUNDLES: list[dict[str, Any]] = [
    *({"text/html": text} for text in _HTML),
    {"text/markdown": f"<img src=x onerror='{MARK}'><script>{MARK}</script> [link](javascript:{MARK})"},
    {"text/latex": f"$\\href{{javascript:{MARK}}}{{formula}}$"},
    {"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{MARK}"><script>{MARK}</script></svg>'},
    {"application/javascript": MARK, "text/plain": "x"},
    {"text/javascript": MARK, "text/plain": "x"},
    {"application/vnd.vega.v5+json": {"signals": [{"name": "x", "init": MARK}]}, "text/plain": "x"},
    {"application/vnd.jupyter.widget-view+json": {"model_id": f"<img src=x onerror='{MARK}'>"}, "text/plain": "x"},
    {"text/html": "<b class='seen'>seen</b>"},
]
_TRUSTED = {"trusted": True}
_ISOLATED = {"isolated": True, "text/html": {"isolated": True}, "trusted": True}
SHOWN = [*((data, _ISOLATED) for data in BUNDLES[:3]), *((data, _TRUSTED) for data in BUNDLES)]
"""Each output with its metadata, the harmless one that says that all have arrived last."""

WIDGETS = f"""
import ipywidgets as widgets
evil = "<img src=x onerror='{MARK}'><a class=attack href='javascript:{MARK}'>link</a>"
display(widgets.HTML(evil), widgets.HTMLMath(evil), widgets.Label(evil))
display(widgets.Text(description=evil, description_allow_html=True), widgets.Button(description=evil))
"""
FILES = f"""
open("hostile.js", "w").write("{MARK}")
open("hostile.html", "w").write("<script>{MARK}</script><script src=hostile.js></script>")
"""
CHARTS = """%matplotlib inline
import ipywidgets, pandas as pd, matplotlib.pyplot as plt
plt.plot([1, 2]); plt.show()
display(pd.DataFrame({"column": [1, 2]}).style.set_caption("chart"), ipywidgets.IntSlider(description="how many"))
"""


def displaying() -> str:
    """Return the source of a cell that displays all hostile outputs and widgets."""
    shown = f"import json\nfor data, metadata in json.loads({json.dumps(SHOWN)!r}):\n"
    return f"{FILES}{WIDGETS}{shown}    display(data, raw=True, metadata=metadata)\n"


def hostile_notebook() -> dict[str, Any]:
    """Return a notebook that claims that its hostile outputs are trusted."""
    outputs = [{"output_type": "display_data", "data": data, "metadata": metadata} for data, metadata in SHOWN]
    code = {"cell_type": "code", "id": "forged", "source": "forged", "outputs": outputs, "execution_count": 1}
    attachments = {"x.svg": BUNDLES[16]}
    text = f"<img src=x onerror='{MARK}'>\n\n![x](attachment:x.svg)\n\n[link](javascript:{MARK})"
    markdown = {"cell_type": "markdown", "id": "markdown", "source": text, "attachments": attachments}
    raw = {"cell_type": "raw", "id": "raw", "source": f"<script>{MARK}</script>"}
    cells = [{**cell, "metadata": {"trusted": True}} for cell in (code, markdown, raw)]
    return {"cells": cells, "metadata": {"trusted": True, "signature": "x"}, "nbformat": 4, "nbformat_minor": 5}


def page_token(person: Person) -> str:
    """Return the token that a workspace's page holds for its viewer."""
    config = person.frame().evaluate("document.getElementById('jupyter-config-data').textContent")
    return str(json.loads(config)["token"])


def run(person: Person, source: str, cell: int = 0) -> None:
    """Replace the source of a cell and run it, without waiting for its end."""
    person.cell(cell).locator(".cm-content").click()
    person.page.keyboard.press("Control+a")
    person.page.keyboard.insert_text(source)
    person.page.keyboard.press("Control+Enter")


def write_into_document(installation: Installation, interview: str, name: str, token: str) -> None:
    """Add the hostile cells to a shared document over its websocket, as a program of the candidate's would."""
    host, base = f"iv-{interview}.assay.localhost", f"/user/iv-{interview}/api/collaboration"
    headers = {"Authorization": f"token {token}"}
    with installation.http(host, headers=headers) as client:
        session = client.put(f"{base}/session/{name}", json={"format": "json", "type": "notebook"}).json()
    url = f"ws://{host}:{installation.port}{base}/room/json:notebook:{session['fileId']}"
    connection = socket.create_connection(("127.0.0.1", installation.port))
    document: Doc[Any] = Doc()
    with websockets.sync.client.connect(
        f"{url}?sessionId={session['sessionId']}", sock=connection, additional_headers=headers
    ) as room:
        room.send(create_sync_message(document))
        while not len(document.get("cells", type=YNotebook(Doc())._ycells.__class__)):
            message = room.recv(20)
            reply = handle_sync_message(message[1:], document) if message[0] == 0 else None
            if reply is not None:
                room.send(reply)
        _append(document, room.send)
        room.ping().wait(20)


def _append(document: Any, send: Callable[[bytes], None]) -> None:
    def changed(event: TransactionEvent) -> None:
        send(create_update_message(event.update))

    subscription = document.observe(changed)
    notebook = YNotebook(document)
    for cell in hostile_notebook()["cells"]:
        notebook.append_cell(cell)
    document.unobserve(subscription)


_KEPT = {
    "assay": [
        f"select * from {table}"  # noqa: S608
        for table in ("interviews", "interviewers", "interview_questions", "links", "notes", "submissions", "grades")
    ],
    "jupyterhub": [
        "select id, name, admin, cookie_id from users",
        "select * from users_info",
        "select * from user_role_map",
        "select * from groups",
        "select id, user_id, scopes from shares",
        "select * from share_codes",
        "select user_id, server_id from spawners",
        "select prefix from api_tokens where client_id = 'jupyterhub'",
    ],
}


def kept(installation: Installation) -> list[tuple[str, list[Any]]]:
    """Return all in the databases that an attack might change: not what a running interview writes by itself."""
    found = []
    for database, queries in _KEPT.items():
        with closing(sqlite3.connect(f"file:{installation.data}/{database}.sqlite?mode=ro", uri=True)) as connection:
            found += [(query, connection.execute(query).fetchall()) for query in queries]
    return found


def processes(installation: Installation, account: str) -> list[int]:
    """Return the processes of a workspace, by their numbers on the host."""
    client = docker.from_env()
    container = client.containers.get(f"assay-{installation.application.settings.installation}-{account}")
    listed = container.top()
    client.close()
    column = listed["Titles"].index("PID")
    return [int(process[column]) for process in listed["Processes"]]
