"""Editing one notebook together: recorded in order, under the right name, and never lost."""

import asyncio

import pytest
from integration.extension.served import Page, Server, manifest, notebook, opened, until


@pytest.fixture
def workspace(server: Server) -> Server:
    server.put_manifest(manifest(("a.ipynb", notebook(""))))
    return server


def test_two_people_see_each_others_text_and_the_recording_names_them(workspace: Server):
    async def scenario() -> None:
        ann, bob = Page(workspace, "ann"), Page(workspace, "bob")
        async with opened(ann, bob):
            ann.write("one ")
            await until(lambda: bob.text == "one ", "bob sees ann's text")
            bob.write("two")
            await until(lambda: ann.text == "one two", "ann sees bob's text")
            await until(lambda: workspace.text() == "one two", "the file is saved")

    asyncio.run(scenario())

    accounts = [event.account for event in workspace.edits("a.ipynb")]
    assert [account for account in accounts if account] == ["ann", "bob"]
