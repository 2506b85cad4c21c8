"""Workspaces, a browser and people for the tests of the labextension."""

from collections.abc import Callable, Iterator

import pytest
from integration.labextension.people import Person, Workspace, make_workspace
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A running workspace; everything that it started is gone afterwards."""
    made = make_workspace(tmp_path_factory.mktemp("workspace"))
    yield made
    made.kill()


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A running workspace without the labextension."""
    made = make_workspace(tmp_path_factory.mktemp("stock"), stock=True)
    yield made
    made.kill()


CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture
def people(browser: Browser) -> Iterator[Callable[[], Person]]:
    """Make people, each in a browser context of their own."""
    contexts = []

    def person() -> Person:
        context = browser.new_context(viewport={"width": 1200, "height": 900}, permissions=CLIPBOARD)
        contexts.append(context)
        page = context.new_page()
        return Person(page)

    yield person
    for context in contexts:
        context.close()
