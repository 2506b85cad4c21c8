"""One real Jupyter server with the built labextension, and two people who look at it in Chromium."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).parents[3]
LABEXTENSION = ROOT / "extensions" / "assay_extension" / "labextension"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EDITOR = ".jp-Notebook .jp-Cell .cm-content"
DEADLINE_S = 60.0
T = TypeVar("T")


def eventually(look: Callable[[], T], what: str) -> T:
    """Return the first true answer of ``look``."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if answer := look():
            return answer
        time.sleep(0.1)  # between two looks at a condition with a deadline
    pytest.fail(f"after {DEADLINE_S} s: {what}")


@dataclass
class Workspace:
    """A Jupyter server as a workspace runs it; can be killed and started again on the same port."""

    folder: Path
    port: int
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", "--config", str(self.folder / "config.py")],
                cwd=home,
                env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self._answers, f"the server answers; see {self.folder / 'server.log'}")

    def _answers(self) -> bool:
        request = urllib.request.Request(self.url + "api/status", headers={"Authorization": f"token {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """End the server and its kernels at once, as a container that dies does."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.process.kill()
        self.process.wait()
        for child in children:
            os.kill(int(child), signal.SIGKILL)

    def write(self, name: str, *cells: str) -> None:
        """Place a notebook with these code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell, id=f"cell{index}") for index, cell in enumerate(cells)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / "files" / name)

    def read(self, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self.folder / "files" / name, as_version=4)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_config(workspace: Workspace) -> str:
    files = workspace.folder / "files"
    return "\n".join(
        [
            "c = get_config()",
            f"c.ServerApp.port = {workspace.port}",
            "c.ServerApp.port_retries = 0",
            "c.ServerApp.ip = '127.0.0.1'",
            "c.ServerApp.open_browser = False",
            "c.ServerApp.allow_root = True",
            f"c.ServerApp.root_dir = {str(files)!r}",
            f"c.IdentityProvider.token = {workspace.token!r}",
            f"c.LabServerApp.extra_labextensions_path = [{str(LABEXTENSION)!r}]",
            f"c.SQLiteYStore.db_path = {str(workspace.folder / 'updates.db')!r}",
            f"c.BaseFileIdManager.db_path = {str(workspace.folder / 'ids.db')!r}",
            f"c.YDocExtension.session_store_path = {str(workspace.folder / 'sessions.json')!r}",
        ]
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A running workspace; everything that it started is gone afterwards."""
    made = Workspace(tmp_path_factory.mktemp("workspace"), free_port())
    (made.folder / "files").mkdir()
    (made.folder / "config.py").write_text(server_config(made))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@dataclass
class Person:
    """Somebody who looks at a notebook of the workspace.

    Attributes:
        page: the page in a browser context of its own.
        said: what the page wrote on its console.
    """

    page: Page
    said: list[str]

    def opens(self, workspace: Workspace, name: str, *, lab: bool = False) -> None:
        where = f"lab/workspaces/{secrets.token_hex(4)}/tree/" if lab else "notebooks/"
        self.page.goto(f"{workspace.url}{where}{name}?token={workspace.token}")
        expect(self.page.locator(EDITOR).first).to_be_visible(timeout=DEADLINE_S * 1000)

    def cell(self, index: int):  # noqa: ANN201 -- Locator, named by playwright only
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def editor(self, index: int):  # noqa: ANN201 -- Locator, named by playwright only
        return self.cell(index).locator(".cm-content")

    def output(self, index: int):  # noqa: ANN201 -- Locator, named by playwright only
        return self.cell(index).locator(".jp-OutputArea-output")

    def runs(self, index: int) -> None:
        self.editor(index).click()
        self.page.keyboard.press("Control+Enter")

    def has_been_attacked(self) -> bool:
        """Whether a script of an output ran: all attacks set the same mark."""
        return bool(self.page.evaluate("window.attacked === true"))


@pytest.fixture
def people(browser: Browser) -> Iterator[Callable[[], Person]]:
    """Make people, each in a browser context of their own."""
    contexts = []

    def person() -> Person:
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []

        def note(message: ConsoleMessage) -> None:
            said.append(f"{message.type}: {message.text}")

        page.on("console", note)
        page.on("pageerror", lambda error: said.append(f"pageerror: {error}"))
        return Person(page, said)

    yield person
    for context in contexts:
        context.close()


def page_config(person: Person) -> dict[str, object]:
    """Return what the server told the page."""
    text = person.page.locator("#jupyter-config-data").text_content() or "{}"
    config = json.loads(text)
    assert isinstance(config, dict)
    return config
