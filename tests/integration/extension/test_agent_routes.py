"""What the service asks a workspace for: manifest, recording, snapshot, disconnecting; and what pages report."""

import asyncio
import io
import json
import os
import time
import zipfile
from dataclasses import replace

import httpx
import pytest
import websockets
from integration.extension.served import Kernel, Page, Server, manifest, notebook, opened, until

from assay_protocol import names, routes
from assay_protocol.recording import Event, Kind


def snapshot(server: Server, bound: int = 10**7) -> httpx.Response:
    return server.request("POST", f"{routes.SNAPSHOT}?max_bytes={bound}", names.AGENT)


async def everything_from(kernel: Kernel) -> None:
    while True:
        await kernel.socket.recv()


def members(response: httpx.Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_manifest_places_each_file_once_and_overwrites_nothing(server: Server):
    files = (("a.ipynb", notebook("1")), ("data/x.csv", b"x"), ("mine.txt", b"released"))
    (server.volume / "notebooks" / "mine.txt").write_text("the candidate's")

    first = server.put_manifest(manifest(*files))
    (server.volume / "notebooks" / "data" / "x.csv").unlink()
    again = server.put_manifest(manifest(*files, ("later.ipynb", notebook("2"))))
    server.kill()
    server.start()
    after_restart = server.put_manifest(manifest(*files))

    assert first == {"placed": ["a.ipynb", "data/x.csv"], "kept": ["mine.txt"]}
    assert again == {"placed": ["later.ipynb"], "kept": ["a.ipynb", "data/x.csv", "mine.txt"]}
    assert after_restart == {"placed": [], "kept": ["a.ipynb", "data/x.csv", "mine.txt"]}
    assert (server.volume / "notebooks" / "mine.txt").read_text() == "the candidate's"
    assert not (server.volume / "notebooks" / "data" / "x.csv").exists()
    assert (server.volume / "notebooks" / "a.ipynb").stat().st_mode & 0o777 == 0o644
    placed = [event.document for event in server.events() if event.kind is Kind.MATERIALISED]
    assert placed == ["a.ipynb", "data/x.csv", "later.ipynb"]


def test_a_manifest_that_would_leave_the_workspace_is_refused(server: Server):
    outside = server.volume / "record"
    (server.volume / "notebooks").mkdir(exist_ok=True)
    (server.volume / "notebooks" / "data").symlink_to(outside)

    through_link = server.put_manifest(manifest(("data/people.json", b"forged")))
    bad = server.request(
        "PUT",
        routes.MANIFEST,
        names.AGENT,
        json={"interview": "x", "participants": [], "files": [{"path": "../x", "content": ""}]},
    )

    assert through_link["placed"] == []
    assert (outside / "people.json").read_bytes() != b"forged"
    assert (bad.status_code, bad.json()["type"]) == (400, "urn:assay:problem:bad-manifest")


def test_the_recording_is_streamed_from_any_event_and_goes_on_live(server: Server):
    server.put_manifest(manifest(("a.ipynb", notebook(""))))

    async def scenario() -> tuple[list[Event], float]:
        got: list[Event] = []
        blank = 0
        headers = {"Authorization": f"token {names.AGENT}"}
        page = Page(server, "ann")
        async with opened(page), httpx.AsyncClient(timeout=30) as client:
            url = f"{server.url}{routes.RECORDING}?after=2"
            async with client.stream("GET", url, headers=headers) as response:
                assert response.status_code == 200
                written = 0.0
                async for line in response.aiter_lines():
                    if line:
                        got.append(Event.from_line(line.encode()))
                    else:
                        blank += 1
                    if got and got[-1].kind is Kind.DOCUMENT:
                        written = time.monotonic()
                        page.write("live")
                    if any(event.account == "ann" and event.kind is Kind.EDIT for event in got) and blank:
                        return got, written
        raise AssertionError("the stream ended")

    got, _ = asyncio.run(scenario())

    assert [event.seq for event in got] == list(range(3, 3 + len(got)))


def test_a_position_that_the_recording_has_not_reached_is_refused(server: Server):
    for after in ("999", "-1", "x"):
        response = server.get(f"{routes.RECORDING}?after={after}", names.AGENT)
        assert (response.status_code, response.json()["type"]) == (400, "urn:assay:problem:bad-position")


def test_a_recording_that_lost_events_goes_on_after_those_that_the_service_has(server: Server):
    def go_on(after: object) -> httpx.Response:
        return server.request("POST", routes.RECORDING, names.AGENT, json={"after": after})

    (begun,) = server.events()

    refused = [go_on(after) for after in (-1, "7", True, 2_000_000, None)]
    again = [go_on(7), go_on(7), go_on(3)]
    server.kill()
    server.start()

    assert [(answer.status_code, answer.json()["type"]) for answer in refused] == [
        (400, "urn:assay:problem:bad-position")
    ] * 5
    assert [answer.json() for answer in again] == [{"seq": 8}] * 3
    assert server.events()[0] == begun
    assert [(event.seq, event.detail) for event in server.events()[1:]] == [
        (8, {"lost": [2, 7]}),
        (9, {"dropped_bytes": 0}),
    ]


def test_a_torn_last_line_is_cut_off_and_told(server: Server):
    server.kill()
    recording = server.volume / "record" / "recording.jsonl"
    with recording.open("ab") as file:
        file.write(b'{"seq":2,"at":1')
    server.start()

    assert [event.detail for event in server.events()] == [{"dropped_bytes": 0}, {"dropped_bytes": 15}]


def test_a_snapshot_holds_what_was_typed_a_moment_ago_while_the_kernel_is_busy(server: Server):
    server.put_manifest(manifest(("a.ipynb", notebook("")), ("data.csv", b"x\n")))
    folder = server.volume / "notebooks"
    (folder / ".hidden").write_text("x")
    (folder / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")

    async def scenario() -> tuple[httpx.Response, httpx.Response]:
        page, kernel = Page(server, "ann"), Kernel(server, "ann")
        async with opened(page), kernel.opened():
            await kernel.execute("import time\nwhile True: time.sleep(0.01)")
            page.write("typed just now")
            await until(lambda: any(event.account == "ann" for event in server.edits("a.ipynb")))
            first = await asyncio.to_thread(snapshot, server)
            (folder / "a.ipynb").write_text("what a cell wrote over it")
            second = await asyncio.to_thread(snapshot, server)
            return first, second

    first, second = asyncio.run(scenario())

    assert first.status_code == 200
    assert sorted(members(first)) == ["a.ipynb", "data.csv"]
    assert "typed just now" in members(first)["a.ipynb"].decode()
    taken = [event for event in server.events() if event.kind is Kind.SNAPSHOT]
    assert taken[0].detail["sha256"] == first.headers["Assay-Sha256"]
    assert taken[0].seq == int(first.headers["Assay-Seq"]) + 1
    assert json.loads(members(second)["a.ipynb"])["nbformat"] == 4


def test_a_snapshot_over_its_bound_names_the_largest_files(server: Server):
    server.put_manifest(manifest(("small.txt", b"x"), ("large.txt", b"x" * 5000)))

    response = snapshot(server, 1000)

    assert (response.status_code, response.json()["type"]) == (413, "urn:assay:problem:snapshot-too-large")
    assert "large.txt (5000 bytes)" in response.json()["detail"]


def test_runs_are_recorded_with_who_asked_and_how_they_ended(server: Server):
    server.put_manifest(manifest(people={"ann": True, "bob": True, "ruth": False}))

    async def scenario() -> None:
        kernel = Kernel(server, "ann")
        async with kernel.opened() as anns:
            await anns.execute("1/0", cell="cell-a")
            await until(lambda: any(event.kind is Kind.RUN_FINISHED for event in server.events()))
            async with Kernel(server, "bob").opened(kernel.kernel_id) as bobs:
                await bobs.ask("execute_request", {"code": "2+2"}, channel="control", cell="cell-b")
                await bobs.ask("debug_request", {"command": "evaluate"}, channel="control")
                finished = lambda: [event for event in server.events() if event.kind is Kind.RUN_FINISHED]  # noqa: E731
                await until(lambda: len(finished()) == 2)
            async with Kernel(server, "ruth").opened(kernel.kernel_id) as ruths:
                await ruths.execute("open('written', 'w')")
            await asyncio.to_thread(server.request, "POST", f"api/kernels/{kernel.kernel_id}/restart", "ann")
            await asyncio.to_thread(server.request, "DELETE", f"api/kernels/{kernel.kernel_id}", "ann")

    asyncio.run(scenario())

    started = [event for event in server.events() if event.kind is Kind.RUN_STARTED]
    finished = [event for event in server.events() if event.kind is Kind.RUN_FINISHED]
    assert [(event.account, event.detail["cell"], event.detail["bytes"]) for event in started] == [
        ("ann", "cell-a", 3),
        ("bob", "cell-b", 3),
    ]
    assert [(event.account, event.detail["status"], event.detail["error"]) for event in finished] == [
        ("ann", "error", "ZeroDivisionError"),
        ("bob", "ok", ""),
    ]
    actions = [event.detail["action"] for event in server.events() if event.kind is Kind.KERNEL]
    assert actions == ["started", "restarted", "stopped"]
    assert not (server.volume / "notebooks" / "written").exists()


def test_disconnecting_closes_every_websocket_and_refuses_what_comes_after(server: Server):
    server.put_manifest(manifest(("a.ipynb", notebook(""))))

    async def scenario() -> tuple[dict[str, int], list[int], list[int]]:
        ann, bob, kernel = Page(server, "ann"), Page(server, "bob"), Kernel(server, "bob")
        async with opened(ann, bob), kernel.opened() as bobs:
            answer = await asyncio.to_thread(
                server.request, "POST", routes.DISCONNECT, names.AGENT, json={"account": "bob"}
            )
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(everything_from(bobs), 10)
            await until(lambda: 403 in bob.statuses, "the tab's reconnection is refused")
            ann.write("alone")
            await until(lambda: server.text() == "alone")
            return answer.json(), list(bob.close_codes), list(ann.close_codes)

    answer, bobs, anns = asyncio.run(scenario())

    assert answer == {"closed": 2}
    assert bobs[0] == 4403
    assert anns == []
    assert server.get("api/contents", "bob").status_code == 403


def test_pages_report_under_their_own_account_and_within_bounds(server: Server):
    server.put_manifest(manifest())
    paste = {"n": 1, "name": "paste", "chars": 500}

    def post(body: object, account: str = "ann") -> int:
        return server.request("POST", routes.BROWSER_EVENTS, account, content=json.dumps(body)).status_code

    assert post({"page": "p1", "events": [paste]}) == 204
    assert post({"page": "p1", "events": [{"n": 1, "name": "unheard-of"}]}) == 400
    assert post({"page": "p1", "events": [paste] * 201}) == 400
    assert post({"page": "x" * 70_000, "events": []}) == 400
    assert post([]) == 400
    assert post({"page": "p1", "events": [paste]}, "mallory") == 403
    assert post({"page": "p1", "events": [paste]}, names.AGENT) == 403
    assert 429 in [post({"page": "p1", "events": []}) for _ in range(60)]
    reported = [event for event in server.events() if event.kind is Kind.BROWSER]
    assert [(event.account, event.detail["name"], event.detail["chars"]) for event in reported] == [
        ("ann", "paste", 500)
    ]


def test_what_a_candidate_was_told_is_not_observed_never_reaches_the_recording(server: Server):
    released = manifest(("a.ipynb", notebook("1")))
    server.put_manifest(replace(released, unreported=frozenset({"paste", "blur"})))
    events = [{"n": 1, "name": "paste", "chars": 5}, {"n": 2, "name": "run"}, {"n": 3, "name": "blur"}]

    answer = server.request("POST", routes.BROWSER_EVENTS, "ann", content=json.dumps({"page": "p1", "events": events}))

    assert answer.status_code == 204
    assert [event.detail["name"] for event in server.events() if event.kind is Kind.BROWSER] == ["run"]
