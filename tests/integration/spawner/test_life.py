"""From the first start of a workspace to its deletion, with everything that may die on the way."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from integration.spawner.live_hub import LiveHub, new_account, until

from assay_spawner.firewall import enforce, withdraw
from assay_spawner.network import Firewall

TEXT = {"type": "file", "format": "text", "content": "kept"}


@pytest.fixture
def engine() -> Iterator[docker.APIClient]:
    client = docker.APIClient(version="auto")
    yield client
    client.close()


def container(engine: docker.APIClient, hub: LiveHub, account: str) -> Any:
    return engine.inspect_container(f"{hub.name}-{account}")


def keeps_its_text(hub: LiveHub, account: str) -> bool:
    try:
        answer = hub.workspace(account, "GET", "api/contents/kept.txt", timeout=5)
        if answer.status_code == 403:  # a workspace that was started again knows nobody until the service tells it
            hub.admit(account)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and answer.json()["content"] == "kept"


def log_in(browser: httpx.Client, name: str) -> None:
    form = browser.get("/hub/login").text
    found = re.search(r'name="_xsrf" value="([^"]+)"', form)
    assert found
    browser.post("/hub/login", data={"username": name, "password": "x", "_xsrf": found[1]})


@pytest.fixture
def account(hub: LiveHub) -> str:
    name = new_account()
    hub.launch(name)
    assert hub.workspace(name, "PUT", "api/contents/kept.txt", json=TEXT).status_code == 201
    return name


def test_a_container_is_locked_down_as_the_engine_sees_it(hub: LiveHub, engine: docker.APIClient, account: str) -> None:
    host = container(engine, hub, account)["HostConfig"]

    assert host["ReadonlyRootfs"]
    assert host["Init"]
    assert host["CapDrop"] == ["ALL"]
    assert sorted(host["CapAdd"]) == ["KILL", "SETGID", "SETPCAP", "SETUID"]
    assert host["Memory"] == host["MemorySwap"] == 1024**3
    assert host["PidsLimit"] == 256
    assert host["CpuQuota"] == 100_000
    assert host["PortBindings"] in (None, {})
    assert not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["NetworkMode"] == f"{hub.name}-{account}"
    assert engine.inspect_network(f"{hub.name}-{account}")["Internal"]


def test_a_killed_container_comes_back_with_its_files(hub: LiveHub, engine: docker.APIClient, account: str) -> None:
    before = container(engine, hub, account)

    os.kill(before["State"]["Pid"], signal.SIGKILL)

    until(
        lambda: container(engine, hub, account)["State"]["StartedAt"] != before["State"]["StartedAt"],
        seconds=60,
        what="the engine starts it again",
    )
    until(lambda: keeps_its_text(hub, account), seconds=60, what="it answers with its files")
    assert hub.server(account)["ready"]


def test_a_killed_server_comes_back_with_its_files(hub: LiveHub, engine: docker.APIClient, account: str) -> None:
    processes = engine.top(f"{hub.name}-{account}", ps_args="-eo pid,args")["Processes"]
    server = next(int(pid) for pid, command in processes if "jupyterhub-singleuser" in command.split()[1])
    started = container(engine, hub, account)["State"]["StartedAt"]

    os.kill(server, signal.SIGKILL)

    until(
        lambda: container(engine, hub, account)["State"]["StartedAt"] != started, seconds=60, what="it is started again"
    )
    until(lambda: keeps_its_text(hub, account), seconds=60, what="it answers with its files")


def test_a_killed_launcher_is_replaced(hub: LiveHub, account: str) -> None:
    with hub.kernel(account) as kernel:
        ran = kernel.run(
            "import os, signal\n"
            "launcher = [int(p) for p in os.listdir('/proc') if p.isdigit()\n"
            "            and b'launcher.py' in open(f'/proc/{p}/cmdline', 'rb').read()]\n"
            "os.kill(min(launcher), signal.SIGKILL)\n"
        )
    assert ran.error == ""

    def works() -> bool:
        with hub.kernel(account) as kernel:
            return kernel.run("print('well')").out == "well\n"

    until(works, seconds=60, what="a new kernel runs")


def test_files_and_the_kernels_own_survive_stop_and_start(hub: LiveHub, account: str) -> None:
    with hub.kernel(account) as kernel:
        kernel.run(
            "import os; open('own.txt', 'w').write('own'); open(os.path.expanduser('~/.own'), 'w').write('home')"
        )

    hub.stop(account)
    hub.launch(account)

    assert keeps_its_text(hub, account)
    with hub.kernel(account) as kernel:
        ran = kernel.run("import os; print(open(os.path.expanduser('~/.own')).read()); os.unlink('own.txt')")
    assert ran.out == "home\n"
    assert ran.error == ""


def test_a_stop_with_pages_open_takes_seconds(hub: LiveHub, account: str) -> None:
    with hub.kernel(account) as kernel, hub.kernel(account):
        kernel.run("import threading; threading.Thread(target=threading.Event().wait).start()")

        seconds = hub.stop(account)

    assert seconds < 15  # the time of grace, the engine's part, and a busy machine; stock took 60


def test_the_network_stays_the_same_from_start_to_start(hub: LiveHub, engine: docker.APIClient, account: str) -> None:
    before = engine.inspect_network(f"{hub.name}-{account}")["IPAM"]["Config"]

    hub.stop(account)
    hub.launch(account)

    assert engine.inspect_network(f"{hub.name}-{account}")["IPAM"]["Config"] == before


def test_a_missing_volume_stops_the_container_from_starting(
    hub: LiveHub, engine: docker.APIClient, account: str
) -> None:
    mount = hub.folder / "volumes" / "mounts" / account
    engine.stop(f"{hub.name}-{account}", timeout=1)
    subprocess.run(["umount", str(mount)], check=True)

    with pytest.raises(docker.errors.APIError, match=r"bind source path does not exist|no such file"):
        engine.start(f"{hub.name}-{account}")


def test_deleting_an_account_gives_everything_back_but_the_files(
    hub: LiveHub, engine: docker.APIClient, account: str
) -> None:
    volumes = hub.folder / "volumes"

    assert hub.api.delete(f"/hub/api/users/{account}").status_code == 204

    assert engine.networks(names=[f"{hub.name}-{account}"]) == []
    assert engine.containers(all=True, filters={"name": f"{hub.name}-{account}"}) == []
    assert not (volumes / "mounts" / account).exists()
    assert (volumes / f"{account}.ext4").stat().st_size == 64 * 1024 * 1024
    hub.launch(account)
    assert keeps_its_text(hub, account)


@pytest.mark.parametrize("name", ["ann", "iv-short", "iv-../etc", "cand-abcdefghij"])
def test_nobody_but_an_interview_gets_a_workspace(hub: LiveHub, engine: docker.APIClient, name: str) -> None:
    name = name.replace("/", "%2F")
    hub.api.post(f"/hub/api/users/{name}")
    answer = hub.api.post(f"/hub/api/users/{name}/server")

    assert answer.status_code >= 400
    assert engine.containers(all=True, filters={"name": f"{hub.name}-{name}"}) == []


def test_rules_that_were_taken_away_are_back_with_the_next_start(hub: LiveHub, account: str) -> None:
    firewall = Firewall(hub.name, hub.hub_port)
    subprocess.run(["iptables", "-w", "-F", firewall.chain], check=True)
    subprocess.run(["iptables", "-w", "-I", "INPUT", "1", "-i", f"{hub.name}zz", "-j", "ACCEPT"], check=True)

    try:
        hub.launch(new_account())

        listing = subprocess.run(["iptables", "-w", "-S"], capture_output=True, text=True, check=True).stdout
        assert firewall.in_force(listing, ipv6=False)
    finally:
        subprocess.run(["iptables", "-w", "-D", "INPUT", "-i", f"{hub.name}zz", "-j", "ACCEPT"], check=True)
    listing = subprocess.run(["ip6tables", "-w", "-S"], capture_output=True, text=True, check=True).stdout
    assert firewall.in_force(listing, ipv6=True)
    assert hub.server(account)["ready"]


def test_two_hubs_do_not_disturb_each_others_rules(hub: LiveHub) -> None:
    mine, other = Firewall(hub.name, hub.hub_port), Firewall("x" + hub.name, hub.hub_port + 1)

    async def both() -> None:
        for firewall in (mine, other, mine, other):
            await enforce(firewall)

    try:
        asyncio.run(both())
        listing = subprocess.run(["iptables", "-w", "-S"], capture_output=True, text=True, check=True).stdout
        assert mine.in_force(listing, ipv6=False)
        assert other.in_force(listing, ipv6=False)
    finally:
        asyncio.run(withdraw(other))


def test_a_killed_hub_adopts_what_runs_and_nobody_is_asked_to_confirm(
    hub: LiveHub, engine: docker.APIClient, account: str
) -> None:
    before = container(engine, hub, account)

    hub.kill()
    hub.start()

    until(lambda: hub.server(account).get("ready"), seconds=60, what="it is adopted")
    assert container(engine, hub, account)["State"]["StartedAt"] == before["State"]["StartedAt"]
    until(lambda: keeps_its_text(hub, account), seconds=60, what="it answers with its files")
    address = f"http://127.0.0.1:{hub.port}"
    with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as browser:
        log_in(browser, "ann")
        answer = browser.get(f"/user/{account}/files/kept.txt")
    assert answer.status_code == 200, answer.text[:500]
    assert answer.text == "kept", "a page to confirm instead of the file"


def test_a_hub_brings_back_what_stopped_while_it_was_away(hub: LiveHub, engine: docker.APIClient, account: str) -> None:
    hub.kill()
    engine.stop(f"{hub.name}-{account}", timeout=5)
    subprocess.run(["umount", str(hub.folder / "volumes" / "mounts" / account)], check=True)

    hub.start()

    until(lambda: hub.server(account).get("ready"), seconds=60, what="it runs again")
    until(lambda: keeps_its_text(hub, account), seconds=60, what="it answers with its files")


def test_nothing_of_the_hub_listens_on_every_interface(hub: LiveHub, account: str) -> None:
    assert hub.server(account)["ready"]

    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]

    ports = {f"{port:04X}" for port in (hub.port, hub.hub_port, hub.proxy_port)}
    open_to_all = [line for line in listening if line.split()[3] == "0A" and line.split()[1].startswith("00000000:")]
    assert not [line for line in open_to_all if line.split()[1].split(":")[1] in ports]
