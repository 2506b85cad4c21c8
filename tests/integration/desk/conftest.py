"""A real Assay with people in its team, and a browser for each of them; workspaces are local processes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from e2e.conftest import Installation, run
from playwright.sync_api import Browser, ConsoleMessage, Page
from sharing import Shared

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
        """Have somebody in the team, whoever of the folder's tests had them there before."""
        with self.application.database.read() as records:
            known = records.member(account)
        if known is None:
            self.application.team.add(self.admin, account, "", "", role)
        else:
            self.application.team.change(self.admin, replace(known, role=role, active=True))


_shared: Shared[Installation] = Shared(__file__)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _shared.after(nextitem)


def pytest_sessionfinish() -> None:
    _shared.end()


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    def make() -> AbstractContextManager[Installation]:
        data = tmp_path_factory.mktemp("assay")
        return run(
            Installation(data, ASSAY_WORKSPACE__ENGINE="process", ASSAY_LOGIN__JOINS_AS="", ASSAY_SURVEY__ASK="true")
        )

    return Desk(_shared.get(make))


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
