"""The keeper of the workspaces in which questions are edited: who is put out, what is stopped."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from fakes import FakeHub

from assay_hub.domain.errors import HubRefusedError, WrongStateError
from assay_hub.services.authoring import Admitted
from assay_hub.web.background import authoring
from assay_hub.web.background.authoring import QuestionWorkspaces
from assay_hub.web.background.workspaces import Status
from assay_protocol.manifest import Participant
from assay_protocol.names import question_account

ONE = "aaaaaaaaaa"


class FakeAuthor:
    """The use case, with what it was asked for."""

    def __init__(self, hub: FakeHub) -> None:
        self.hub = hub
        self.open = {ONE}
        self.writers = {"ada", "ida"}
        self.told: list[set[str]] = []
        self.ended: list[str] = []
        self.refuses = False

    def __call__(self, editing_id: str, visitors: set[str]) -> Admitted:
        if self.refuses:
            raise HubRefusedError("The workspace does not come up.")
        self.hub.start_workspace(question_account(editing_id))
        admitted = self.due(editing_id, visitors)
        self.tell(admitted)
        return admitted

    def due(self, editing_id: str, visitors: set[str]) -> Admitted:
        if editing_id not in self.open:
            raise WrongStateError("This question is not edited any more.")
        people = sorted(set(visitors) & self.writers)
        return Admitted(editing_id, tuple(Participant(one, one, "#000000") for one in people), "artefact")

    def tell(self, admitted: Admitted) -> None:
        self.told.append({person.account for person in admitted.participants})

    def open_ones(self) -> set[str]:
        return self.open

    def pause(self, editing_id: str) -> None:
        self.hub.stop_workspace(question_account(editing_id))

    def end(self, editing_id: str) -> None:
        self.ended.append(editing_id)
        self.hub.stop_workspace(question_account(editing_id))


@pytest.fixture
def kept(monkeypatch) -> SimpleNamespace:
    monkeypatch.setattr(authoring, "LOOK_SECONDS", 0.01)
    hub = FakeHub()
    author = FakeAuthor(hub)
    return SimpleNamespace(hub=hub, author=author, keeper=QuestionWorkspaces(hub, author))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.01)


def run(kept, steps) -> None:
    async def all_of_it() -> None:
        kept.keeper.start()
        try:
            await steps()
        finally:
            await kept.keeper.stop()

    asyncio.run(all_of_it())


def test_somebody_who_loses_the_right_is_put_out_without_doing_anything(kept):
    async def steps() -> None:
        await kept.keeper.visit(ONE, "ada")
        await kept.keeper.visit(ONE, "ida")
        await until(lambda: bool(kept.author.told) and kept.author.told[-1] == {"ada", "ida"})
        kept.author.writers = {"ada"}
        await until(lambda: kept.author.told[-1] == {"ada"})

    run(kept, steps)


def test_a_second_visitor_is_let_in_before_their_page_is_answered(kept):
    async def steps() -> None:
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: kept.author.told == [{"ada"}])
        state = await kept.keeper.visit(ONE, "ida")
        assert (state.status, kept.author.told[-1]) == (Status.READY, {"ada", "ida"})

    run(kept, steps)


def test_a_visitor_without_the_right_is_never_told_to_a_workspace(kept):
    async def steps() -> None:
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: bool(kept.author.told))
        await kept.keeper.visit(ONE, "eve")
        await kept.keeper.visit(ONE, "ada")

    run(kept, steps)

    assert not any("eve" in told for told in kept.author.told)


def test_a_workspace_that_nobody_looks_at_is_stopped_and_starts_again(kept, monkeypatch):
    account = question_account(ONE)

    async def steps() -> None:
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: account in kept.hub.running)
        monkeypatch.setattr(authoring, "PAUSE_SECONDS", 0.05)
        await until(lambda: account not in kept.hub.running)
        monkeypatch.setattr(authoring, "PAUSE_SECONDS", 60.0)
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: account in kept.hub.running)

    run(kept, steps)

    assert kept.author.ended == []


def test_a_workspace_of_a_question_that_was_closed_is_thrown_away(kept):
    kept.hub.running.add(question_account("bbbbbbbbbb"))
    kept.hub.running.add("iv-cccccccccc")

    async def steps() -> None:
        await until(lambda: kept.author.ended == ["bbbbbbbbbb"])

    run(kept, steps)

    assert "iv-cccccccccc" in kept.hub.running


def test_a_workspace_that_does_not_come_up_says_why_and_is_tried_again(kept):
    kept.author.refuses = True
    states = []

    async def steps() -> None:
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: kept.keeper.state(ONE).status is Status.FAILED)
        states.append(kept.keeper.state(ONE).message)
        kept.author.refuses = False
        await kept.keeper.visit(ONE, "ada")
        await until(lambda: kept.keeper.state(ONE).status is Status.READY)

    run(kept, steps)

    assert states == ["The workspace does not come up."]
