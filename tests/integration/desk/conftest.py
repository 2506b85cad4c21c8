"""A real Assay with people in its team, and a browser for each of them; workspaces are local processes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e.conftest import Installation, _run
from playwright.sync_api import Browser, ConsoleMessage, Page

from assay_hub.domain.access import TeamRole
from assay_hub.domain.plan import Plan


class Desk:
    """The installation and what tests put into it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.application = installation.application
        self.admin = installation.admin

    @property
    def url(self) -> str:
        return self.installation.desk

    def interview(self, title: str, candidate: str = "Sam", **plan: Any) -> str:
        return self.application.create_interview(self.admin, Plan(title, candidate, **plan)).id

    def member(self, account: str, role: TeamRole) -> None:
        self.application.team.add(self.admin, account, "", "", role)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    running = Installation(
        tmp_path_factory.mktemp("assay"), ASSAY_WORKSPACE__ENGINE="process", ASSAY_LOGIN__JOINS_AS=""
    )
    for installation in _run(running):
        yield Desk(installation)


@pytest.fixture
def open_as(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """Open pages for people who are signed in; a broken script or a stop by the policy fails the test.

    A page that holds a workspace is not ``quiet``: what happens in its frame is not ours.
    """
    contexts = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            faults.append(message.text)

    def open_page(account: str = "interviewer", width: int = 1280, *, quiet: bool = True, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        if quiet:
            page.on("console", hear)
            page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(desk.installation.sign_in_link(account))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
