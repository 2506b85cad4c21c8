"""Starting and stopping: by hand and by `assay run`, nothing is left behind and nothing is made twice."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import docker
import httpx
import pytest
from e2e.conftest import ROOT, free_ports, processes_of, wait_for
from visitor import Visitor

from assay_config.secrets import secret
from assay_config.settings import Settings
from assay_hub.domain.search import Search
from assay_protocol.names import workspace_account


@pytest.fixture
def hub_by_hand(tmp_path):
    """A hub as an administrator starts it in a shell, and its settings."""
    settings = Settings(data=tmp_path / "data", port=free_ports(), library=ROOT / "assignments" / "library")
    environment = {**os.environ, "ASSAY_DATA": str(settings.data), "ASSAY_PORT": str(settings.port)}
    command = [str(Path(sys.executable).with_name("jupyterhub")), "-f", "jupyterhub_config.py"]
    with (tmp_path / "log").open("wb") as log:
        hub = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    yield hub, settings
    for pid in processes_of(settings.data):
        os.kill(pid, signal.SIGKILL)
    hub.wait()


def answers(visitor, address):
    """Return what an address answers, ``None`` while nobody does."""
    try:
        answer = visitor.request("GET", address)
    except httpx.TransportError:
        return None
    return answer if answer.status_code == 200 else None


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("to_whom", [os.kill, os.killpg], ids=["to the hub alone", "as Ctrl-C does"])
def test_the_hub_starts_by_hand_and_ends_with_all_of_its_processes(hub_by_hand, to_whom):
    hub, settings = hub_by_hand
    visitor = Visitor(settings.port)

    health = wait_for(lambda: answers(visitor, f"{settings.desk_url}health"), "the service")
    login = visitor.get(f"{settings.url}/hub/login")

    assert health.json() == {"status": "ok"}
    assert login.status_code == 200
    assert 'name="password"' in login.text
    assert len(processes_of(settings.data)) >= 3
    to_whom(hub.pid, signal.SIGINT)
    hub.wait(60)
    wait_for(lambda: processes_of(settings.data) == {}, "the end of every process")
    assert not any(listening(port) for port in range(settings.port, settings.service_port + 1))


def test_ctrl_c_leaves_no_process_and_a_second_start_makes_nothing_again(own_installation):
    first = own_installation
    sample, candidate_link = first.interview_id, first.links["candidate"]
    candidate, room = Visitor(first.port), f"{first.desk}room/{sample}"
    assert candidate.get(candidate_link).status_code == 200
    candidate.post(f"{room}/enter", {"csrf": candidate.csrf(room)})
    with first.http(
        "assay.localhost", headers={"Authorization": f"token {secret(first.data, 'service').hex()}"}
    ) as hub:
        user = f"/hub/api/users/{workspace_account(sample)}"
        wait_for(lambda: hub.get(user).json().get("servers", {}).get("", {}).get("ready"), "the workspace")
    client = docker.from_env()
    mark = {"name": f"assay-{first.application.settings.installation}-"}
    assert len(client.containers.list(filters=mark)) == 1
    assert "Creating a sample interview …" in first.output
    kept = {path: path.read_bytes() for path in (first.data / "secrets").iterdir()}

    first.stop()

    assert processes_of(first.data) == {}
    assert client.containers.list(filters=mark) == []
    client.close()
    assert not any(listening(first.port + offset) for offset in range(4))
    assert str(first.data) not in Path("/proc/mounts").read_text()

    first.start()

    said = "\n".join(first.output)
    assert "Creating" not in said
    assert "Building" not in said
    listed = first.application.find_interviews(first.admin, Search()).interviews
    assert [one.id for one in listed] == [sample]
    assert {path: path.read_bytes() for path in (first.data / "secrets").iterdir()} == kept
    for link in (candidate_link, first.links["candidate"], first.links["interviewer"]):
        answer = Visitor(first.port).get(link)
        assert answer.status_code == 200
        assert "Sample interview" in answer.text
    # And in the middle of a start: the disk is mounted before there is a container.
    candidate.get(candidate_link)
    candidate.post(f"{room}/enter", {"csrf": candidate.csrf(first.desk + f"room/{sample}")})
    wait_for(lambda: str(first.data) in Path("/proc/mounts").read_text(), "a mounted disk")

    first.stop()

    assert str(first.data) not in Path("/proc/mounts").read_text()
    assert processes_of(first.data) == {}
