"""Webhooks, deliveries, orders and calendars on a real SQLite and a real PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from fakes import START
from integration.hub.test_database import INTERVIEW

from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.partner import Connection, Order, Standing, System
from assay_hub.domain.webhook import Delivery, DeliveryState, Webhook

HOOK = Webhook("a" * 16, "https://hooks.example.org/", "sealed", ("interview.created",), True, "ada", START)  # noqa: FBT003
OTHER = replace(HOOK, id="b" * 16, created_at=START + timedelta(seconds=1))
LATER = START + timedelta(minutes=1)


def delivery(hook: Webhook, message: str, **changes: object) -> Delivery:
    plain = Delivery(hook.id, message, "interview.created", "abcdefghij", "{}", START, START)
    return replace(plain, **changes)


def test_due_deliveries_are_taken_one_a_webhook_and_only_once(database):
    with database.write() as records:
        for hook in (HOOK, OTHER):
            records.save_webhook(hook)
            for message in ("first", "second"):
                records.add_delivery(delivery(hook, f"{message} of {hook.id}"))
        records.add_delivery(delivery(HOOK, "not due", next_at=START + timedelta(days=1)))

    with database.write() as records:
        due = records.has_due_delivery(START)
        taken = records.take_due_deliveries(START, LATER, [OTHER.id], 10)
        rest = records.take_due_deliveries(START, LATER, [], 10)
        records.save_delivery(replace(taken[0], state=DeliveryState.DELIVERED, last_status=200))

    with database.read() as records:
        assert due
        assert [one.message for one in taken] == [f"first of {HOOK.id}"]
        assert {one.message for one in rest} == {f"second of {HOOK.id}", f"first of {OTHER.id}"}
        assert records.delivery(HOOK.id, taken[0].id).state is DeliveryState.DELIVERED
        assert records.webhooks() == [HOOK, OTHER]
        assert len(records.deliveries(HOOK.id, 0, 2)) == 2


def test_a_webhook_goes_with_its_deliveries_and_old_ones_go_by_themselves(database):
    with database.write() as records:
        records.save_webhook(HOOK)
        records.save_webhook(OTHER)
        records.add_delivery(delivery(HOOK, "gone with it"))
        records.add_delivery(delivery(OTHER, "over", state=DeliveryState.FAILED))
        records.add_delivery(delivery(OTHER, "waits"))

    with database.write() as records:
        records.delete_webhook(HOOK.id)
        forgotten = records.delete_deliveries(LATER)

    with database.read() as records:
        assert forgotten == 1
        assert [one.message for one in records.deliveries(OTHER.id, 0, 10)] == ["waits"]
        assert records.webhook(HOOK.id) is None


def test_orders_that_are_not_settled_are_taken_once_and_again_when_their_interview_changes(database):
    connection = Connection("c" * 16, System.ASHBY, "Ours", "ada", "h" * 64, "root", START, "sealed")
    order = Order("1" * 36, connection.id, "k" * 64, START, START, "abcdefghij")
    told = replace(order, id="2" * 36, key="l" * 64, interview="bbbbbbbbbb", told=Standing.COMPLETE, settled=True)
    with database.write() as records:
        records.save_connection(connection)
        for one in (order, told):
            records.save_order(one)

    with database.write() as records:
        first = records.take_untold_orders(START, LATER, 10)
        second = records.take_untold_orders(START, LATER, 10)
        records.log(Entry(START, "ada", Deed.READ_DETAILS, told.interview))
        third = records.take_untold_orders(START, LATER, 10)
        records.log(Entry(START, "ada", Deed.REOPENED, told.interview))
        fourth = records.take_untold_orders(START, LATER, 10)
        records.save_order(told)

    with database.read() as records:
        assert (first, second, third) == ([order], [], [])
        assert fourth == [replace(told, settled=False)]
        assert records.connection_of("h" * 64) == records.connection(connection.id) == connection
        assert records.order_of(connection.id, "l" * 64) == told
        assert records.order("x" * 16, order.id) is None


def test_a_calendar_holds_what_somebody_holds_or_watches_in_its_time(database):
    held = replace(INTERVIEW, scheduled_at=START)
    watched = replace(held, id="bbbbbbbbbb", interviewers=("bob",), observers=("ada",), scheduled_at=LATER)
    other = replace(held, id="cccccccccc", interviewers=("bob",))
    undated = replace(held, id="dddddddddd", scheduled_at=None)
    with database.write() as records:
        for one in (held, watched, other, undated):
            records.add_interview(one)

    with database.read() as records:
        assert records.calendar_of("ada", START, LATER + timedelta(1), 10) == [watched, held]
        assert records.calendar_of("ada", START, LATER, 10) == [held]
