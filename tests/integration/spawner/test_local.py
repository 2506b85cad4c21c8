"""The workspace as a plain process, for machines without a container engine."""

from collections.abc import Iterator

import pytest
from integration.spawner.live_hub import LiveHub, new_account, until

TEXT = {"type": "file", "format": "text", "content": "kept"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHub]:
    folder = tmp_path_factory.mktemp("local")
    config = {"LocalWorkspaceSpawner": {"volume_dir": f"{folder}/volumes"}}
    live = LiveHub(folder, spawner="assay_spawner.LocalWorkspaceSpawner", config=config)
    try:
        live.start()
        yield live
    finally:
        for account in live.tokens:
            live.stop(account)
        live.close()


def test_a_local_workspace_runs_code_keeps_files_and_says_what_it_lacks(hub: LiveHub) -> None:
    account = new_account()

    hub.launch(account)

    hub.admit(account)
    assert hub.workspace(account, "PUT", "api/contents/kept.txt", json=TEXT).status_code == 201
    with hub.kernel(account) as kernel:
        assert kernel.run("import os; print(os.path.basename(os.getcwd()))").out == "notebooks\n"
    assert f"NO ISOLATION: {account}" in (hub.folder / "hub.log").read_text()
    hub.stop(account)
    hub.launch(account)
    hub.admit(account)
    assert hub.workspace(account, "GET", "api/contents/kept.txt").json()["content"] == "kept"
    assert (hub.folder / "volumes" / account / "notebooks" / "kept.txt").read_text() == "kept"


def test_a_killed_hub_adopts_local_workspaces(hub: LiveHub) -> None:
    account = new_account()
    hub.launch(account)
    hub.admit(account)

    hub.kill()
    hub.start()

    until(lambda: hub.server(account).get("ready"), seconds=60, what="it is adopted")
    assert hub.workspace(account, "GET", "api/contents").status_code == 200


def test_nobody_but_an_interview_gets_a_process(hub: LiveHub) -> None:
    hub.api.post("/hub/api/users/ann")

    assert hub.api.post("/hub/api/users/ann/server").status_code >= 400
