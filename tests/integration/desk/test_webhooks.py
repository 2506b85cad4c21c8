"""News, from a change of an interview to a real receiver, and the attacks that a receiver's address can carry."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from integration.desk.certificate import certificate
from integration.desk.receiver import receiving
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from world import World

from assay_hub.adapters.webhooks import CheckedCourier, SignedPost, resolve
from assay_hub.domain.webhook import Delivery, DeliveryState, Webhook
from assay_hub.services.notify import KeepWebhooks
from assay_hub.web.background.news import NewsDelivery

CREATED = ("interview.created",)


@pytest.fixture
def world(tmp_path):
    opened = World(tmp_path)
    opened.clock.time = dt.datetime.now(dt.UTC)
    opened.webhooks = KeepWebhooks(opened.database, opened.sealer, opened.clock, allow_private=True)
    yield opened
    opened.database.close()


@asynccontextmanager
async def delivering(world: World, **options: object) -> AsyncIterator[NewsDelivery]:
    news = NewsDelivery(world.deliver, SignedPost(CheckedCourier(**{"allow_private": True, **options})))
    news.start()
    try:
        yield news
    finally:
        await news.stop()


def deliveries(world: World, hook: Webhook) -> list[Delivery]:
    return world.webhooks.deliveries(world.admin, hook.id)[1]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the condition lies in the database
            await asyncio.sleep(0.02)


def resolver(*addresses: str) -> Callable:
    async def answer(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return answer


def test_a_receiver_can_verify_what_it_gets(world):
    async def run() -> None:
        async with receiving() as receiver, delivering(world):
            hook, secret = world.webhooks.create(world.admin, receiver.url, CREATED)
            interview = world.interview()
            await until(lambda: deliveries(world, hook)[0].state is DeliveryState.DELIVERED)

            ((headers, body),) = receiver.received
            assert Verifier(secret).verify(body, headers)["data"] == {"id": interview.id}
            with pytest.raises(WebhookVerificationError):
                Verifier(secret).verify(body.replace(interview.id, "zzzzzzzzzz"), headers)
            assert receiver.methods == ["POST /news?token=abc HTTP/1.1"]
            assert headers["host"] == f"127.0.0.1:{receiver.port}"
            assert headers["content-type"] == "application/json"

    asyncio.run(run())


def test_both_secrets_verify_while_one_is_being_replaced(world):
    async def run() -> None:
        async with receiving() as receiver, delivering(world):
            hook, old = world.webhooks.create(world.admin, receiver.url, CREATED)
            _, new = world.webhooks.rotate(world.admin, hook.id)
            world.webhooks.test(world.admin, hook.id)
            await receiver.wait_for(1)

            ((headers, body),) = receiver.received
            assert Verifier(old).verify(body, headers)["type"] == "webhook.test"
            assert Verifier(new).verify(body, headers)["type"] == "webhook.test"

    asyncio.run(run())


def test_a_refused_message_comes_again_after_a_restart_under_the_same_id(world):
    async def run() -> None:
        async with receiving(statuses=[500, 503]) as receiver:
            hook, _secret = world.webhooks.create(world.admin, receiver.url, CREATED)
            world.interview()
            async with delivering(world):
                await until(lambda: deliveries(world, hook)[0].attempts == 1)
            world.clock.pass_by(seconds=6)
            async with delivering(world):
                await until(lambda: deliveries(world, hook)[0].attempts == 2)
            world.clock.pass_by(minutes=6)
            async with delivering(world):
                await until(lambda: deliveries(world, hook)[0].state is DeliveryState.DELIVERED)

            ids = {headers["webhook-id"] for headers, _ in receiver.received}
            times = {headers["webhook-timestamp"] for headers, _ in receiver.received}
            assert (len(receiver.received), len(ids), len(times)) == (3, 1, 3)
            assert deliveries(world, hook)[0].attempts == 3

    asyncio.run(run())


def test_a_message_that_was_on_its_way_when_the_service_stopped_is_sent_again(world):
    async def run() -> None:
        async with receiving(manner="hang") as receiver:
            hook, _ = world.webhooks.create(world.admin, receiver.url, CREATED)
            world.interview()
            async with delivering(world):
                await receiver.wait_for(1)
            receiver.manner = "answer"
            world.clock.pass_by(seconds=61)
            async with delivering(world):
                await until(lambda: deliveries(world, hook)[0].state is DeliveryState.DELIVERED)

            first, second = (headers["webhook-id"] for headers, _ in receiver.received)
            assert first == second

    asyncio.run(run())


def test_an_admin_sends_a_message_again(world):
    async def run() -> None:
        async with receiving() as receiver, delivering(world) as news:
            hook, _ = world.webhooks.create(world.admin, receiver.url, CREATED)
            world.interview()
            await until(lambda: deliveries(world, hook)[0].state is DeliveryState.DELIVERED)

            world.webhooks.redeliver(world.admin, hook.id, deliveries(world, hook)[0].id)
            news.wake()

            await receiver.wait_for(2)
            assert receiver.received[0][1] == receiver.received[1][1]

    asyncio.run(run())


@pytest.mark.parametrize("manner", ["hang", "drip", "flood"])
def test_receivers_that_hang_or_flood_hold_nobody_else_up_and_end(world, manner):
    async def run() -> None:
        async with (
            receiving(manner=manner) as bad,
            receiving() as good,
            delivering(world, timeout=2.0),
        ):
            stuck = [world.webhooks.create(world.admin, bad.url, CREATED)[0] for _ in range(30)]
            fine, _ = world.webhooks.create(world.admin, good.url, CREATED)
            for _ in range(3):
                world.interview()

            await until(lambda: {one.state for one in deliveries(world, fine)} == {DeliveryState.DELIVERED})
            await until(lambda: all(deliveries(world, hook)[-1].attempts == 1 for hook in stuck))

            assert len(good.received) == 3
            errors = {deliveries(world, hook)[-1].last_error for hook in stuck}
            if manner == "flood":
                assert bad.sent_bytes < 30 * 20_000_000
            else:
                assert errors == {"No answer within 2 seconds."}

    asyncio.run(run())


def test_little_of_a_long_answer_is_kept(world):
    async def run() -> None:
        async with receiving(statuses=[400], body="é\0" * 100_000) as receiver, delivering(world):
            hook, _ = world.webhooks.create(world.admin, receiver.url, CREATED)
            world.interview()
            await until(lambda: deliveries(world, hook)[0].attempts == 1)

            one = deliveries(world, hook)[0]
            assert (one.last_status, one.last_error) == (400, "é\ufffd" * 250)

    asyncio.run(run())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localtest.example",
    ],
)
def test_no_way_of_writing_this_machine_reaches_it(host):
    async def run() -> None:
        own = resolver("127.0.0.1") if host == "localtest.example" else resolve
        async with receiving() as receiver:
            courier = CheckedCourier(allow_private=False, resolver=own)
            courier._allow_private = True  # so that http is no reason to refuse: the network still is

            answer = await courier.send(f"http://{host}:{receiver.port}/", b"{}", {})

            assert answer.status is None
            assert "private network" in answer.text, answer
            assert receiver.received == []

    asyncio.run(run())


@pytest.mark.parametrize("hidden", ["127.0.0.1", "::1", "169.254.169.254", "64:ff9b::7f00:1"])
def test_one_private_address_among_public_ones_is_enough_to_refuse(hidden):
    async def run() -> None:
        courier = CheckedCourier(allow_private=False, resolver=resolver("93.184.216.34", hidden))

        answer = await courier.send("https://hooks.example.org/", b"{}", {})

        assert "private network" in answer.text

    asyncio.run(run())


def test_a_name_that_changes_its_meaning_is_looked_up_once_and_never_again():
    async def run() -> None:
        asked: list[str] = []

        async def rebinding(host: str, _port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

        async with receiving() as receiver:
            courier = CheckedCourier(allow_private=True, resolver=rebinding)

            answer = await courier.send(f"http://hooks.example.org:{receiver.port}/", b"{}", {})

            assert answer.status == 200
            assert asked == ["hooks.example.org"]
            assert receiver.received[0][0]["host"] == f"hooks.example.org:{receiver.port}"

    asyncio.run(run())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    async def run() -> None:
        async with receiving() as inner, receiving(statuses=[status], location=inner.url) as outer:
            answer = await CheckedCourier(allow_private=True).send(outer.url, b"{}", {})

            assert answer.status == status
            assert "not followed" in answer.text
            assert inner.received == []

    asyncio.run(run())


def test_without_tls_nothing_is_sent_unless_private_receivers_are_fine():
    async def run() -> None:
        courier = CheckedCourier(allow_private=False, resolver=resolver("93.184.216.34"))

        answer = await courier.send("http://hooks.example.org/", b"{}", {})

        assert answer.text == "Refused: only https is called."

    asyncio.run(run())


@pytest.mark.parametrize("port", [22, 25, 3306, 6379])
def test_ports_of_other_services_are_not_called(port):
    async def run() -> None:
        answer = await CheckedCourier(allow_private=True).send(f"https://127.0.0.1:{port}/", b"{}", {})

        assert answer.text == f"Refused: port {port} is never called."

    asyncio.run(run())


def test_tls_proves_the_name_although_the_connection_goes_to_an_address(tmp_path):
    server, client = certificate(tmp_path, "hooks.example.org")

    async def run() -> None:
        async with receiving(tls=server) as receiver:
            courier = CheckedCourier(allow_private=True, resolver=resolver("127.0.0.1"), tls=client)

            right = await courier.send(f"https://hooks.example.org:{receiver.port}/", b"{}", {})
            wrong = await courier.send(f"https://other.example.org:{receiver.port}/", b"{}", {})

            assert right.status == 200
            assert wrong.status is None
            assert "CERTIFICATE_VERIFY_FAILED" in wrong.text
            assert len(receiver.received) == 1

    asyncio.run(run())


@pytest.mark.parametrize("host", ["xn--", "a..b", "-", "x" * 300, "nosuch.invalid", "[fe80::1%25lo]"])
def test_a_host_that_is_none_is_an_answer_and_no_error(host):
    async def run() -> None:
        answer = await CheckedCourier(allow_private=True).send(f"https://{host}/", b"{}", {})

        assert answer.status is None
        assert answer.text

    asyncio.run(run())
