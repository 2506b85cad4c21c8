"""What the service makes of what pages in a room say, true or forged."""

import asyncio
import json
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketState
from world import World

from assay_hub.domain.access import Role
from assay_hub.domain.attendance import RELOAD_SECONDS, SECOND_SECONDS
from assay_hub.domain.position import Position
from assay_hub.domain.signals import MAX_OF_A_KIND, Level
from assay_hub.web import live
from assay_hub.web.background import observing
from assay_hub.web.background.observing import ENDURED_A_MINUTE, FLOODED, RoomObserver
from assay_hub.web.live import CLOSED_BY_US, Rooms, Visit

FORGED = [
    "",
    "null",
    "[]",
    "[" * 150,
    '"here"',
    "{}",
    '{"type": null}',
    '{"type": ["left"]}',
    '{"type": {"left": 1}}',
    '{"type": "copied"}',
    '{"type": "copied", "chars": "many"}',
    '{"type": "copied", "chars": -5}',
    '{"type": "copied", "chars": 1e999}',
    '{"type": "copied", "chars": true}',
    '{"type": "copied", "chars": NaN}',
    '{"type": "judge", "signal": "left", "verdict": "ignore"}',
    "\ud800",
    "x" * 60_000,
]


class FakeSocket:
    """A page's end of a websocket: what it says, and then the code with which it goes."""

    def __init__(self, *said: str, code: int = 1001) -> None:
        self.said = list(said)
        self.code = code
        self.closed: list[int] = []
        self.told: list[Any] = []
        self.application_state = WebSocketState.CONNECTED

    async def receive_text(self) -> str:
        await asyncio.sleep(0)
        if not self.said or self.closed:
            raise WebSocketDisconnect(self.code)
        return self.said.pop(0)

    async def send_json(self, message: Any) -> None:
        self.told.append(message)

    async def close(self, code: int, reason: str) -> None:
        self.closed.append(code)
        del reason


@pytest.fixture
def world(tmp_path):
    opened = World(tmp_path)
    yield opened
    opened.database.close()


@pytest.fixture
def interview(world):
    return world.live_interview()


@pytest.fixture
def observer(world):
    return RoomObserver(world.observe)


def visit(world, interview, socket: FakeSocket | None = None, role: Role = Role.CANDIDATE) -> Visit:
    person = world.candidate(interview) if role is Role.CANDIDATE else world.staff
    return Visit(socket or FakeSocket(), interview.id, person, role)


def words(world, interview) -> list[str]:
    return [one.signal.words for one in world.signals.log(world.staff, interview.id).signals]


async def let_pass(world, observer: RoomObserver, monkeypatch, seconds: float) -> None:
    """Let time pass and the observer look at its clock."""
    world.clock.pass_by(seconds=seconds)
    monkeypatch.setattr(observing, "_TICK_SECONDS", 0.001)
    observer.start()
    await asyncio.sleep(0.05)
    observer._ticking.cancel()


def say(what: str, **more: Any) -> str:
    return json.dumps({"type": what, **more})


def serve(observer: RoomObserver, *visits: Visit) -> None:
    async def state_of(_: str) -> dict[str, Any]:
        return {"type": "gone"}

    async def still_allowed(_: Visit) -> bool:
        return True

    async def both() -> None:
        rooms = Rooms(state_of, still_allowed, observer)
        await asyncio.gather(*(rooms.serve(one) for one in visits))
        assert rooms.occupied() == set()

    asyncio.run(both())


def test_leaving_and_coming_back_is_timed_by_the_server(world, interview, observer):
    page = visit(world, interview)

    async def steps() -> None:
        await observer.came(page)
        await observer.heard(page, say("here"))
        await observer.heard(page, say("left", at=0, until=10**12))
        world.clock.pass_by(seconds=42)
        await observer.heard(page, say("here", seconds=1))

    asyncio.run(steps())

    assert words(world, interview) == ["left the page for 42 seconds"]


def test_a_lost_connection_and_a_second_page_are_told_after_a_while(world, interview, observer, monkeypatch):
    first, second, again = (visit(world, interview) for _ in range(3))

    async def steps() -> None:
        for page in (first, second):
            await observer.came(page)
            await observer.heard(page, say("here"))
        await let_pass(world, observer, monkeypatch, SECOND_SECONDS)
        await observer.gone(second, 1001)
        world.clock.pass_by(seconds=30)
        await observer.gone(first, 1006)
        await let_pass(world, observer, monkeypatch, RELOAD_SECONDS)
        await observer.came(again)
        world.clock.pass_by(seconds=5)
        await observer.heard(again, say("here"))

    asyncio.run(steps())

    assert words(world, interview)[0] == "had the room open in a second page for 20 seconds"
    assert words(world, interview)[1].startswith("lost the connection for 1")


def test_whoever_we_put_out_did_not_lose_their_connection(world, interview, observer, monkeypatch):
    page = visit(world, interview)

    async def steps() -> None:
        await observer.came(page)
        page.dismissed = True
        await observer.gone(page, CLOSED_BY_US)
        await let_pass(world, observer, monkeypatch, 60)

    asyncio.run(steps())

    assert words(world, interview) == []


def test_whoever_we_put_out_is_told_is_not_heard_any_more_and_is_cut_off(world, interview, observer, monkeypatch):
    class Stays(FakeSocket):
        async def receive_text(self) -> str:
            await asyncio.sleep(0)
            if self.closed:
                raise WebSocketDisconnect(self.closed[0])
            return say("left") if {"type": "gone"} in self.told else say("here")

    async def state_of(_: str) -> dict[str, Any]:
        return {"type": "state"}

    async def still_allowed(_: Visit) -> bool:
        return True

    monkeypatch.setattr(live, "HANG_UP_SECONDS", 0.2)
    socket = Stays()
    page = visit(world, interview, socket)

    async def steps() -> None:
        rooms = Rooms(state_of, still_allowed, observer)
        staying = asyncio.create_task(rooms.serve(page))
        await asyncio.sleep(0)
        await rooms.dismiss(interview.id, page.person.account)
        assert rooms.people(interview.id) == set()
        assert socket.closed == []
        await asyncio.wait_for(staying, 5)

    asyncio.run(steps())

    assert socket.told[-1] == {"type": "gone"}
    assert socket.closed == [CLOSED_BY_US]
    assert words(world, interview) == []


def test_forged_messages_change_nothing_and_the_page_goes_on(world, interview, observer):
    socket = FakeSocket(*FORGED, say("here"), say("left"), say("here"))

    serve(observer, visit(world, interview, socket))

    assert words(world, interview) == ["left the page for 1 second"]
    assert socket.closed == []


def test_a_page_that_talks_without_end_is_closed_and_fills_nothing(world, interview, observer):
    other = world.live_interview()
    flood = FakeSocket(*[say("left"), say("here"), say("copied", chars=500)] * ENDURED_A_MINUTE)
    calm = FakeSocket(say("here"), say("left"), say("here"))

    serve(observer, visit(world, interview, flood), visit(world, other, calm))

    assert flood.closed[0] == FLOODED
    assert len(flood.said) > ENDURED_A_MINUTE
    assert len(words(world, interview)) < MAX_OF_A_KIND
    assert words(world, other) == ["left the page for 1 second"]


def test_what_the_pages_of_others_say_is_not_heard(world, observer, monkeypatch):
    position = world.positions.save(world.staff, Position("", "Analyst", signals=Level.FULL))
    interview = world.interview(position=position.id)
    world.enter(world.candidate(interview), interview.id)
    own = visit(world, interview)

    async def steps() -> None:
        await observer.came(own)
        await observer.heard(own, say("here"))
        for role in (Role.INTERVIEWER, Role.OBSERVER, Role.ADMIN):
            page = visit(world, interview, role=role)
            await observer.came(page)
            for word in (say("here"), say("left"), say("copied", chars=500)):
                await observer.heard(page, word)
            await let_pass(world, observer, monkeypatch, 60)
            await observer.gone(page, 1006)

    asyncio.run(steps())

    assert words(world, interview) == []


def test_bytes_instead_of_text_end_the_page_and_nothing_else(world, interview, observer):
    class Bytes(FakeSocket):
        async def receive_text(self) -> str:
            raise KeyError("text")

    serve(observer, visit(world, interview, Bytes()))

    assert words(world, interview) == []


def test_whoever_only_watches_reads_the_planned_time(world, interview, observer):
    state = {
        "type": "state",
        "duration_seconds": 5400.0,
        "planned_seconds": 3600.0,
        "workspace": {"status": "ready", "message": ""},
        "questions": [],
        "let_in": frozenset(),
    }

    async def state_of(_: str) -> dict[str, Any]:
        return state

    async def still_allowed(_: Visit) -> bool:
        return True

    async def told(role: Role) -> Any:
        socket = FakeSocket()
        await Rooms(state_of, still_allowed, observer).serve(visit(world, interview, socket, role))
        return socket.told[0]

    found = {role: asyncio.run(told(role)) for role in (Role.CANDIDATE, Role.INTERVIEWER, Role.ADMIN, Role.OBSERVER)}

    assert {role: one["duration_seconds"] for role, one in found.items()} == {
        Role.CANDIDATE: 5400.0,
        Role.INTERVIEWER: 5400.0,
        Role.ADMIN: 5400.0,
        Role.OBSERVER: 3600.0,
    }
    assert not any("planned_seconds" in one for one in found.values())
