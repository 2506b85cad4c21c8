"""The whole of Assay as ``make run`` starts it, and real browsers to open its links."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
import httpx
import pytest
from playwright.sync_api import BrowserContext, Page
from sharing import Shared
from visitor import Visitor

import assay_hub.domain.access
from assay_config.secrets import secret
from assay_config.settings import Settings
from assay_hub.bootstrap import Application
from assay_hub.domain.access import Action
from assay_hub.domain.plan import Plan
from assay_hub.domain.search import Search
from assay_protocol.recording import genesis, link

ROOT = Path(__file__).parents[2]
_SHOWN_SOURCE = """content => [...content.querySelectorAll(".cm-line")].map(line => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll("[class*=remote]").forEach(mark => mark.remove());
    return copy.textContent.replaceAll("\\u2060", "").replaceAll("\\u200b", "");
}).join("\\n")"""
_LINK = re.compile(r"^\s+(interviewer|candidate)\s+(http\S+)$")


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 90) -> Any:
    """Return the first true value of a condition; fail when it does not come in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def free_ports() -> int:
    """Return the first of four free ports in a row."""
    for port in range(8200 + os.getpid() % 500, 9900, 4):
        try:
            for offset in range(4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    pytest.fail("no four free ports in a row")


def processes_of(data: Path) -> dict[int, str]:
    """Return the processes of the installation in a data folder: process to command line."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if str(data) in command + environment:
            found[int(entry.name)] = command
    return found


@dataclass(frozen=True)
class NewInterview:
    """An interview of a test's own."""

    id: str
    link: str


class Installation:
    """One running Assay with a data folder and ports of its own."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_ports()
        self.environment = {**os.environ, "ASSAY_DATA": str(data), "ASSAY_PORT": str(self.port), **settings}
        self.output: list[str] = []
        self.links: dict[str, str] = {}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait for its two links."""
        self.output, self.links = [], {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assay_hub.cli", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        wait_for(lambda: len(self.links) == 2 or self.process.poll() is not None, "two links", 400)
        assert len(self.links) == 2, "\n".join(self.output)

    def _read(self) -> None:
        for line in self.process.stdout:
            self.output.append(line.rstrip())
            if found := _LINK.match(line.rstrip()):
                self.links[found[1]] = found[2]

    def stop(self) -> None:
        """Press Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, "\n".join(self.output)
        self._reader.join(10)
        self.process.stdout.close()

    def end(self) -> None:
        """End what a failed test left, and give back what outlives a hub on purpose."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self._clean()

    def _clean(self) -> None:
        """Give back what outlives a hub on purpose: containers, networks and mounted disks."""
        client = docker.from_env()
        mark = f"assay-{self.application.settings.installation}-"
        for container in client.containers.list(all=True, filters={"name": mark}):
            container.remove(force=True)
        for network in client.networks.list(filters={"name": mark}):
            network.remove()
        client.close()
        for line in Path("/proc/mounts").read_text().splitlines():
            if line.split()[1].startswith(str(self.data)):
                subprocess.run(["umount", "--lazy", line.split()[1]], check=True)

    @property
    def url(self) -> str:
        return f"http://assay.localhost:{self.port}"

    @property
    def desk_host(self) -> str:
        return f"desk.assay.localhost:{self.port}"

    @property
    def interview_id(self) -> str:
        """The sample interview."""
        listed = self.application.find_interviews(self.admin, Search(text="Sample interview")).interviews
        return listed[0].id

    @property
    def first_question(self) -> str:
        """The question whose notebook the sample's room opens with."""
        interview = self.application.review.find(self.admin, Action.SEE_DETAILS, self.interview_id)
        return interview.questions[0].id

    @cached_property
    def application(self) -> Application:
        """The use cases on this installation's database, as an administrator's shell has them."""
        return Application(Settings(data=self.data, port=self.port, library=ROOT / "assignments" / "library"))

    @property
    def admin(self) -> assay_hub.domain.access.Person:
        return self.application.team.person("interviewer")

    def sign_in_link(self, account: str) -> str:
        return self.application.make_links.for_staff(account)

    def new_interview(self, title: str, *questions: str) -> NewInterview:
        """Create an interview with its candidate's link."""
        chosen = questions or ["sensor-pipeline"]
        interview = self.application.create_interview(self.admin, Plan(title, "Sam", questions=tuple(chosen)))
        return NewInterview(interview.id, self.application.make_links.for_candidate(self.admin, interview.id))

    def staff(self) -> Visitor:
        """The interviewer, signed in without a browser."""
        visitor = Visitor(self.port)
        assert visitor.get(self.sign_in_link("interviewer")).status_code == 200
        return visitor

    def candidate(self, interview: NewInterview) -> Visitor:
        """The candidate of an interview, signed in without a browser."""
        visitor = Visitor(self.port)
        assert visitor.get(interview.link).status_code == 200
        return visitor

    def revoke(self, staff: Visitor, interview_id: str) -> None:
        """Revoke all links of an interview through its page."""
        page = f"{self.desk}interviews/{interview_id}"
        for one in self.application.review.details(self.admin, interview_id).links:
            answer = staff.post(f"{page}/links/{one.id}/revoke", {"csrf": staff.csrf(page)})
            assert answer.status_code == 303, answer.text

    def recorded(self, interview_id: str) -> list[bytes]:
        """The stored recording, after checking its hash chain and that no number is missing."""
        with self.application.database.read() as records:
            stored = list(records.lines(interview_id))
            assert records.gaps(interview_id) == []
        digest = genesis(interview_id)
        for place, line in enumerate(stored, 1):
            digest = link(digest, line.line)
            assert (line.seq, line.digest) == (place, digest)
        return [line.line for line in stored]

    @property
    def desk(self) -> str:
        return f"http://desk.assay.localhost:{self.port}/services/assay/"

    @property
    def hub_log(self) -> str:
        return (self.data / "hub.log").read_text(errors="replace")

    def http(self, host: str, **options: Any) -> httpx.Client:
        """Return a client for one of the host names, whatever libc thinks of ``*.localhost``."""
        headers = {"Host": f"{host}:{self.port}", **options.pop("headers", {})}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30, **options)

    def ask_hub(self, method: str, path: str) -> httpx.Response:
        """Call the hub's API as the service."""
        token = secret(self.data, "service").hex()
        with self.http("assay.localhost", headers={"Authorization": f"token {token}"}) as client:
            return client.request(method, f"/hub/api/{path}")

    def stop_workspaces(self) -> None:
        """Ask the hub to stop every workspace."""
        for user in self.ask_hub("GET", "users?state=active&limit=1000").json():
            if user["name"].startswith("iv-"):
                self.ask_hub("DELETE", f"users/{user['name']}/server")

    def pid_of(self, *words: str) -> int:
        """Return the process of this installation whose command line has all these words."""

        def find() -> int:
            found = processes_of(self.data).items()
            return next((pid for pid, command in found if all(word in command for word in words)), 0)

        return wait_for(find, f"a process {words}")


@contextmanager
def run(running: Installation) -> Iterator[Installation]:
    """Have an installation run inside."""
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.end()


_shared: Shared[Installation] = Shared(__file__)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _shared.after(nextitem)


def pytest_sessionfinish() -> None:
    _shared.end()


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    """One Assay for all tests that leave it as they found it; no module leaves workspaces running."""
    running = _shared.get(lambda: run(Installation(tmp_path_factory.mktemp("assay"))))
    yield running
    running.stop_workspaces()


@pytest.fixture
def own_installation(tmp_path) -> Iterator[Installation]:
    """An Assay for a test that breaks things."""
    with run(Installation(tmp_path / "data")) as running:
        yield running


@pytest.fixture
def new_context(browser) -> Iterator[Callable[[], BrowserContext]]:
    """Make browser contexts, each a person of its own; they are closed at the end of the test."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        context.set_default_timeout(60_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


class Person:
    """Somebody in front of a browser."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.console: list[str] = []
        self.page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))

    def open(self, address: str) -> None:
        self.page.goto(address)

    @property
    def notebook(self) -> Any:
        """The workspace inside the room."""
        return self.page.frame_locator("iframe")

    def frame(self) -> Any:
        """The workspace's frame, for running script in it."""

        def find() -> Any:
            return next((one for one in self.page.frames if urlsplit(one.url).netloc.startswith("iv-")), None)

        return wait_for(find, "the workspace's frame")

    def wait_for_notebook(self) -> None:
        self.notebook.locator(".jp-Notebook .jp-Cell").first.wait_for()
        wait_for(lambda: self.notebook.locator(".jp-Notebook .cm-content").count() > 0, "an editor")
        self.notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()

    def cell(self, index: int) -> Any:
        return self.notebook.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def type_into(self, index: int, text: str) -> None:
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text, delay=15)

    def text_of(self, index: int) -> str:
        """Return the source that the editor shows, without the names at other people's cursors."""
        return self.cell(index).locator(".cm-content").evaluate(_SHOWN_SOURCE)


@pytest.fixture
def person(new_context) -> Callable[[], Person]:
    """Make people."""
    return lambda: Person(new_context())


@pytest.fixture(scope="module")
def person_of_the_module(browser) -> Iterator[Callable[..., Person]]:
    """Make people who stay for all tests of a module."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> Person:
        opened.append(browser.new_context(viewport={"width": 1280, "height": 900}, **options))
        opened[-1].set_default_timeout(60_000)
        return Person(opened[-1])

    yield make
    for context in opened:
        context.close()
