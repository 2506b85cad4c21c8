"""One Assay with a real hub and no workspaces, and people in front of browsers that may never break a page's policy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import Installation, run
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sharing import Shared
from visitor import Visitor

from assay_hub.domain.access import TeamRole
from assay_hub.domain.team import Member


class Desk(Installation):
    """An installation whose workspaces are processes, since nobody enters a room here."""

    def __init__(self, data: Any) -> None:
        super().__init__(data, ASSAY_WORKSPACE__ENGINE="process", ASSAY_LOGIN__ALLOW_ALL="true")

    def _clean(self) -> None:
        """Leave nothing to give back: there were no containers."""

    def join(self, account: str, role: TeamRole) -> None:
        """Let somebody into the team."""
        with self.application.database.write() as records:
            at = datetime.now(UTC)
            records.save_member(Member(account, account.capitalize(), "", role, active=True, joined_at=at))

    def visitor(self, account: str) -> Visitor:
        """Somebody signed in without a browser."""
        visitor = Visitor(self.port)
        assert visitor.get(self.sign_in_link(account)).status_code == 200
        return visitor


_shared: Shared[Desk] = Shared(__file__)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _shared.after(nextitem)


def pytest_sessionfinish() -> None:
    _shared.end()


@contextmanager
def _running(data: Path) -> Iterator[Desk]:
    """Run an Assay with a team of four."""
    with run(Desk(data)) as running:
        for account, role in (
            ("grace", TeamRole.INTERVIEWER),
            ("rosa", TeamRole.REVIEWER),
            ("vic", TeamRole.VIEWER),
        ):
            running.join(account, role)
        yield running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One Assay for the tests of this folder."""
    return _shared.get(lambda: _running(tmp_path_factory.mktemp("desk")))


@pytest.fixture
def page_of(desk: Desk, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give pages of people who are signed in; a script that broke or a policy that was hurt fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            faults.append(message.text)

    def make(account: str = "interviewer", **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "timezone_id": "Europe/Berlin", **options}
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(desk.sign_in_link(account))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []
