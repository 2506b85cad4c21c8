"""A real Chromium, and pages that may never break their policy."""

from collections.abc import Callable, Iterator

import pytest
from integration.web.stage import Stage
from playwright.sync_api import Browser, ConsoleMessage, Page

from assay_hub.domain.access import Role


@pytest.fixture
def stage_for() -> Iterator[Callable[[Role], Stage]]:
    started: list[Stage] = []

    def start(role: Role, questions: int = 2) -> Stage:
        stage = Stage(role, questions=questions)
        stage.start()
        started.append(stage)
        return stage

    yield start
    for stage in started:
        stage.stop()


@pytest.fixture
def candidate_stage(stage_for: Callable[[Role], Stage]) -> Stage:
    return stage_for(Role.CANDIDATE)


@pytest.fixture
def interviewer_stage(stage_for: Callable[[Role], Stage]) -> Stage:
    return stage_for(Role.INTERVIEWER)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page of 1024 by 768 that fails its test if a script broke or the policy stopped something."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    opened = context.new_page()
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            faults.append(message.text)

    opened.on("console", hear)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []
