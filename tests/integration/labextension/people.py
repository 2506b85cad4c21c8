"""A real Jupyter server with the built labextension, and people who look at its notebooks in Chromium."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import nbformat
import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

ROOT = Path(__file__).parents[3]
LABEXTENSION = ROOT / "extensions" / "assay_extension" / "labextension"
EDITOR = ".jp-Notebook .jp-Cell .cm-content"
KERNEL_IS_THERE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
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
        try:
            answer = httpx.get(self.url + "api/status", headers={"Authorization": f"token {self.token}"}, timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def kill(self) -> None:
        """End the server and its kernels at once, as a container that dies does."""
        assert self.process is not None
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        self.process.kill()
        self.process.wait()
        for child in children:
            with contextlib.suppress(ProcessLookupError):  # a kernel notices by itself that its server is gone
                os.kill(child, signal.SIGKILL)

    def write(self, name: str, *cells: str, markdown: str = "") -> None:
        """Place a notebook with these code cells, and a markdown cell at the end when there is text for one."""
        made = [nbformat.v4.new_code_cell(cell, id=f"cell{index}") for index, cell in enumerate(cells)]
        if markdown:
            made.append(nbformat.v4.new_markdown_cell(markdown, id="markdown"))
        notebook = nbformat.v4.new_notebook(
            cells=made,
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / "files" / name)

    def read(self, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self.folder / "files" / name, as_version=4)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_config(workspace: Workspace, labextensions: list[str]) -> str:
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
            f"c.LabServerApp.extra_labextensions_path = {labextensions!r}",
            "c.LabServerApp.expose_app_in_browser = True",
            f"c.SQLiteYStore.db_path = {str(workspace.folder / 'updates.db')!r}",
            f"c.BaseFileIdManager.db_path = {str(workspace.folder / 'ids.db')!r}",
            f"c.YDocExtension.session_store_path = {str(workspace.folder / 'sessions.json')!r}",
        ]
    )


def make_workspace(folder: Path, *, stock: bool = False) -> Workspace:
    """Start a server in an empty folder, without the labextension when it is to be a stock one."""
    made = Workspace(folder, free_port())
    (folder / "files").mkdir()
    (folder / "config.py").write_text(server_config(made, [] if stock else [str(LABEXTENSION)]))
    made.start()
    return made


@dataclass
class Person:
    """Somebody who looks at a notebook of the workspace.

    Attributes:
        page: the page in a browser context of its own.
        view: where the notebook is: the page itself, or a frame in it.
    """

    page: Page
    view: Page | FrameLocator = field(init=False)

    def __post_init__(self) -> None:
        self.view = self.page

    def opens(self, workspace: Workspace, name: str, *, lab: bool = False) -> None:
        where = f"lab/workspaces/{secrets.token_hex(4)}/tree/" if lab else "notebooks/"
        self.page.goto(f"{workspace.url}{where}{name}?token={workspace.token}")
        expect(self.view.locator(EDITOR).first).to_be_visible(timeout=DEADLINE_S * 1000)
        self.page.wait_for_function(KERNEL_IS_THERE, timeout=DEADLINE_S * 1000)

    def cell(self, index: int) -> Locator:
        return self.view.locator(".jp-Notebook .jp-Cell").nth(index)

    def editor(self, index: int) -> Locator:
        return self.cell(index).locator(".cm-content")

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-OutputArea-output")

    def runs(self, index: int) -> None:
        self.editor(index).click()
        self.page.keyboard.press("Control+Enter")

    def trusts(self) -> list[bool]:
        """Whether each cell of the notebook is trusted, as the page's own models say."""
        answer = self.page.evaluate("jupyterapp.shell.currentWidget.content.model.cells.length")
        models = "jupyterapp.shell.currentWidget.content.model.cells"
        return [bool(self.page.evaluate(f"{models}.get({index}).trusted")) for index in range(answer)]

    def has_been_attacked(self) -> bool:
        """Whether a script of an output ran: all attacks set the same mark."""
        return bool(self.page.evaluate("window.attacked === true"))
