"""Somebody who only watches attacks the workspace in every way that a page of theirs could."""

import asyncio
import json

import pytest
import websockets.sync.client
from integration.extension.served import Kernel, Page, Server, manifest, notebook, opened, until
from pycrdt import Array, Doc, Map, Text, create_sync_message, create_update_message
from websockets.exceptions import InvalidStatus

from assay_protocol.manifest import Manifest, Participant
from assay_protocol.recording import Event, Kind

PEOPLE = {"ann": True, "olga": False}


@pytest.fixture
def workspace(server: Server) -> Server:
    server.put_manifest(manifest(("a.ipynb", notebook("kept")), ("data.csv", b"x"), people=PEOPLE))
    return server


def refused(server: Server) -> set[tuple[str | None, str]]:
    return {(event.account, event.detail["what"]) for event in server.events() if event.kind is Kind.REFUSED}


def by_olga(server: Server) -> list[Event]:
    return [event for event in server.events() if event.account == "olga" and event.kind in {Kind.EDIT, Kind.FILE}]


def step2(update: bytes) -> bytes:
    message = bytearray(create_update_message(update))
    message[1] = 1
    return bytes(message)


def foreign_document() -> bytes:
    """Return a document that has nothing in common with the notebook, as an update."""
    document: Doc = Doc()
    cells = document.get("cells", type=Array)
    cells.append(Map({"cell_type": "code", "source": Text("forged"), "id": "x", "metadata": Map(), "outputs": Array()}))
    return document.get_update()


MALFORMED = [
    b"\x00",
    b"\x00\x00",
    b"\x00\x01",
    b"\x00\x02",
    b"\x00\x00\x05ab",
    b"\x00\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x00\x07\x01\x00",
    b"\x00\x01\x03\xff\xff\xff",
    b"\x02save",
    b"\x02\x04save\x01",
    b"\x01\x03\x01\x01\x01",
    b"\x09\x00",
]


def test_no_message_of_a_watcher_changes_the_document_for_anybody(workspace: Server):
    async def scenario() -> tuple[str, str]:
        ann, olga = Page(workspace, "ann"), Page(workspace, "olga")
        async with opened(ann, olga):
            olga.write(" forged")
            del olga.source[0:2]
            olga.send(create_update_message(olga.document.get_update()))
            olga.send(step2(olga.document.get_update()))
            olga.send(create_update_message(foreign_document()))
            olga.send(step2(foreign_document()))
            for message in MALFORMED:
                olga.send(message)
                await asyncio.sleep(0.05)
            await asyncio.wait_for(olga.synced.wait(), 20)  # some of them end the connection, hers alone
            ann.write(" and more")
            await until(lambda: workspace.text() == "kept and more", "the file is saved")
            late = Page(workspace, "ann")
            async with opened(late):
                return ann.text, late.text

    assert asyncio.run(scenario()) == ("kept and more", "kept and more")
    assert by_olga(workspace) == []
    assert refused(workspace) == {("olga", "document")}
    assert {event.account for event in workspace.edits("a.ipynb")} <= {"ann", None}


def test_a_deletion_alone_is_an_attempt_and_an_echo_is_none(workspace: Server):
    async def scenario() -> bool:
        ann, olga = Page(workspace, "ann"), Page(workspace, "olga")
        async with opened(ann, olga):
            ann.write("!")
            await until(lambda: olga.text == "kept!")
            olga.send(create_update_message(olga.document.get_update()))
            olga.send(step2(olga.document.get_update()))
            ann.write("?")
            await until(lambda: olga.text == "kept!?")
            quiet = not refused(workspace)
            del olga.source[0:1]
            await until(lambda: bool(refused(workspace)), "the attempt is recorded")
            return quiet

    assert asyncio.run(scenario())
    assert refused(workspace) == {("olga", "document")}


def test_attempts_are_recorded_once_a_minute_so_that_they_cannot_fill_the_recording(workspace: Server):
    for number in range(20):
        workspace.request("PUT", f"api/contents/{number}.txt", "olga", json={"type": "file"})

    events = [event for event in workspace.events() if event.kind is Kind.REFUSED]
    assert [(event.account, event.detail) for event in events] == [("olga", {"what": "files"})]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "api/contents/new.txt"),
        ("PUT", "api/contents/a.ipynb"),
        ("POST", "api/contents"),
        ("POST", "api/contents/a.ipynb/checkpoints"),
        ("PATCH", "api/contents/data.csv"),
        ("DELETE", "api/contents/data.csv"),
        ("POST", "api/kernels"),
        ("POST", "api/sessions"),
        ("POST", "assay/browser-events"),
    ],
)
def test_every_writing_request_of_a_watcher_is_refused(workspace: Server, method: str, path: str):
    body = {"type": "file", "format": "text", "content": "forged", "path": "new.txt"}

    assert workspace.request(method, path, "olga", json=body).status_code == 403

    assert sorted(path.name for path in (workspace.volume / "notebooks").iterdir()) == ["a.ipynb", "data.csv"]
    assert workspace.text() == "kept"
    assert workspace.get("api/kernels", "ann").json() == []


def test_a_watcher_stops_no_kernel_and_no_session_and_forks_nothing(workspace: Server):
    session = {"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": "python3"}}
    running = workspace.request("POST", "api/sessions", "ann", json=session).json()
    kernel = running["kernel"]["id"]
    attempts = [
        ("DELETE", f"api/kernels/{kernel}"),
        ("POST", f"api/kernels/{kernel}/interrupt"),
        ("POST", f"api/kernels/{kernel}/restart"),
        ("PATCH", f"api/sessions/{running['id']}"),
        ("DELETE", f"api/sessions/{running['id']}"),
    ]

    codes = {workspace.request(method, path, "olga", json={"name": "x"}).status_code for method, path in attempts}
    fork = workspace.request("PUT", "api/collaboration/fork/json:notebook:x", "olga", json={})

    assert codes == {403}
    assert fork.status_code == 404
    assert workspace.get("api/sessions", "ann").json()[0]["kernel"]["id"] == kernel
    assert refused(workspace) == {("olga", "kernel")}


def test_a_watcher_runs_nothing_and_hears_what_others_run(workspace: Server):
    forged = {"code": "open('written', 'w')", "silent": False}

    async def scenario() -> list[dict]:
        kernel = Kernel(workspace, "ann")
        async with kernel.opened() as anns, Kernel(workspace, "olga").opened(kernel.kernel_id) as olgas:
            for channel in ("shell", "control", "stdin", "iopub", "nowhere"):
                await olgas.ask("execute_request", forged, channel=channel)
                await olgas.ask("input_reply", {"value": "x"}, channel=channel)
                await olgas.ask("shutdown_request", {"restart": False}, channel=channel)
                await olgas.ask("interrupt_request", {}, channel=channel)
                await olgas.ask("comm_open", {"comm_id": "c", "target_name": "other", "data": {}}, channel=channel)
                await olgas.ask("comm_msg", {"comm_id": "c", "data": {"method": "update"}}, channel=channel)
            await olgas.socket.send(b"\x00")
            await olgas.socket.send("[]")
            asked = await olgas.ask("kernel_info_request", {})
            await anns.execute("print(6 * 7)")
            heard: list[dict] = []
            async with asyncio.timeout(30):
                while not any(one["header"]["msg_type"] == "stream" for one in heard) or not any(
                    one["header"]["msg_type"] == "kernel_info_reply" and one["parent_header"]["msg_id"] == asked
                    for one in heard
                ):
                    heard.append(json.loads(await olgas.socket.recv()))
            return heard

    heard = asyncio.run(scenario())

    assert "42\n" in [one["content"].get("text") for one in heard]
    assert {event.account for event in workspace.events() if event.kind is Kind.RUN_STARTED} == {"ann"}
    assert not (workspace.volume / "notebooks" / "written").exists()
    assert refused(workspace) == {("olga", "kernel")}


def test_a_watcher_may_ask_how_widgets_stand(workspace: Server):
    make = "import ipywidgets; slider = ipywidgets.IntSlider(value=7)"

    async def scenario() -> list[dict]:
        kernel = Kernel(workspace, "ann")
        async with kernel.opened() as anns, Kernel(workspace, "olga").opened(kernel.kernel_id) as olgas:
            await anns.execute(make)
            await until(lambda: any(event.kind is Kind.RUN_FINISHED for event in workspace.events()), "the run")
            control = {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}}
            await olgas.ask("comm_open", control, version="1.0.0")
            asked = await olgas.ask("comm_msg", {"comm_id": "control", "data": {"method": "request_states"}})
            async with asyncio.timeout(30):
                while True:
                    one = json.loads(await olgas.socket.recv())
                    mine = one["parent_header"].get("msg_id") == asked
                    if mine and one["header"]["msg_type"] == "comm_msg":
                        return list(one["content"]["data"]["states"].values())

    states = asyncio.run(scenario())

    assert 7 in [one["state"].get("value") for one in states]
    assert refused(workspace) == set()


def test_a_watcher_cannot_take_over_the_session_of_somebody_elses_page(workspace: Server):
    session = "candidate-session"

    async def scenario() -> None:
        anns = Kernel(workspace, "ann", session=session)
        async with anns.opened() as page, Kernel(workspace, "olga", session=session).opened(anns.kernel_id):
            await page.execute("1 + 1")
            async with asyncio.timeout(30):
                while json.loads(await page.socket.recv())["header"]["msg_type"] != "execute_reply":
                    pass

    asyncio.run(scenario())


def test_a_watcher_makes_no_shared_document_of_a_plain_file(workspace: Server):
    form = {"format": "text", "type": "file"}
    session = workspace.request("PUT", "api/collaboration/session/data.csv", "olga", json=form).json()
    url = f"{workspace.url}api/collaboration/room/text:file:{session['fileId']}?sessionId={session['sessionId']}"

    with pytest.raises(InvalidStatus) as refusal:
        websockets.sync.client.connect(url.replace("http", "ws", 1), additional_headers={"Authorization": "token olga"})

    assert refusal.value.response.status_code == 403
    assert workspace.request("PUT", "api/contents/data.csv", "ann", json={**form, "content": "y"}).status_code == 200


def test_rights_follow_the_newest_manifest_at_once(workspace: Server):
    async def scenario() -> str:
        ann, olga = Page(workspace, "ann"), Page(workspace, "olga")
        async with opened(ann, olga):
            olga.write("never ")
            olga.send(create_sync_message(olga.document))
        workspace.put_manifest(manifest(people={"ann": True, "olga": True}))
        olga = Page(workspace, "olga")
        async with opened(ann, olga):
            olga.write(" now")
            await until(lambda: ann.text == "kept now")
            workspace.put_manifest(manifest(people={"ann": True, "olga": False}))
            olga.write(" no more")
            ann.write(".")
            await until(lambda: workspace.text() == "kept now.")
            return ann.text

    assert asyncio.run(scenario()) == "kept now."


def test_somebody_who_is_no_longer_listed_is_out_with_every_socket(workspace: Server):
    async def scenario() -> tuple[list[int], list[int]]:
        ann, olga, kernel = Page(workspace, "ann"), Page(workspace, "olga"), Kernel(workspace, "ann")
        async with opened(ann, olga), kernel.opened(), Kernel(workspace, "olga").opened(kernel.kernel_id) as console:
            workspace.put_manifest(manifest(people={"ann": True}))
            await asyncio.wait_for(console.socket.wait_closed(), 30)
            await until(lambda: 403 in olga.statuses, "her page does not come back")
            return list(olga.close_codes), list(ann.close_codes)

    olgas, anns = asyncio.run(scenario())

    assert olgas[0] == 4403
    assert anns == []
    assert workspace.get("api/contents/a.ipynb", "olga").status_code == 403


def test_a_participant_of_an_older_volume_who_is_not_said_to_type_only_watches():
    body = {"account": "ann", "display_name": "Ann", "color": "#112233"}
    old = json.dumps({"interview": "i", "participants": [body], "files": []}).encode()

    assert Manifest.from_json(old).participants == (Participant("ann", "Ann", "#112233", may_edit=False),)
