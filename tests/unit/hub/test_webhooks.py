"""Webhooks: who keeps them, which addresses they take, and when a delivery is tried again."""

import contextlib
import ipaddress
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.search import AuditSearch
from assay_hub.domain.webhook import (
    Answer,
    Delivery,
    DeliveryState,
    checked_url,
    is_allowed_address,
)

URL = "https://hooks.example.org/assay?key=s3cret"
CREATED = ("interview.created",)
NEVER = [
    "0.0.0.0",  # noqa: S104  # an address that must be refused
    "127.0.0.1",
    "127.8.9.10",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:c0a8:1::1",
    "2001::1",
    "2001:db8::1",
]


def delivery(**changes: object) -> Delivery:
    return replace(Delivery("hook", "msg_1", "interview.created", "abcdefghij", "{}", START, START), **changes)


def queued(world, hook) -> list[Delivery]:
    return world.webhooks.deliveries(world.admin, hook.id)[1]


@pytest.mark.parametrize("address", NEVER)
def test_an_address_of_no_public_network_is_never_called(address):
    assert not is_allowed_address(ipaddress.ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_a_public_address_is_called(address):
    assert is_allowed_address(ipaddress.ip_address(address), allow_private=False)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.1", "::"]
)
def test_no_setting_lets_link_local_multicast_or_unspecified_addresses_be_called(address):
    assert not is_allowed_address(ipaddress.ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "fd00::1", "100.64.0.1"])
def test_private_addresses_are_called_when_the_settings_say_so(address):
    assert is_allowed_address(ipaddress.ip_address(address), allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_address_is_judged_alike(address):
    mapped = ipaddress.ip_address(f"::ffff:{address}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) + (int(address) << 80) + 1)

    allowed = {is_allowed_address(one, allow_private=False) for one in (address, mapped, translated, sixtofour)}

    assert len(allowed) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@hooks.example.org/",
        "https://hooks.example.org@127.0.0.1/",
        "https://hooks.example.org/#x",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:6379/",
        "https://hooks.example.org:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://hooks.example.org/a b",
        "https://hooks.example.org\\@127.0.0.1/",
        "https://hooks.example.org/\r\nX-Evil: 1",
        "https://exämple.org/",
        "https://hooks.example.org/" + "x" * 2000,
    ],
)
def test_an_address_that_cannot_or_may_not_be_called_is_refused(world, url):
    with pytest.raises(BadInputError) as refusal:
        world.webhooks.create(world.admin, url, CREATED)

    assert set(refusal.value.fields) == {"url"}
    assert world.webhooks.all(world.admin) == []


@given(st.text(max_size=60))
def test_no_text_breaks_the_check_of_an_address(text):
    for url in (text, f"https://{text}", f"https://{text}/x"):
        with contextlib.suppress(BadInputError):
            assert checked_url(url, allow_private=False).startswith("https://")


@pytest.mark.parametrize("events", [(), ("interview.created", "nonsense"), ("webhook.test",)])
def test_events_that_there_are_not_are_refused(world, events):
    with pytest.raises(BadInputError):
        world.webhooks.create(world.admin, URL, events)


@pytest.mark.parametrize("role", [role for role in TeamRole if role is not TeamRole.ADMIN])
def test_whoever_is_no_admin_hears_that_there_is_nothing_here(world, role):
    person = world.member("mel", role)
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()

    (one,) = queued(world, hook)
    attempts = [
        world.webhooks.all,
        lambda by: world.webhooks.deliveries(by, hook.id),
        lambda by: world.webhooks.create(by, URL, CREATED),
        lambda by: world.webhooks.change(by, hook.id, URL, CREATED),
        lambda by: world.webhooks.set_active(by, hook.id, active=False),
        lambda by: world.webhooks.rotate(by, hook.id),
        lambda by: world.webhooks.test(by, hook.id),
        lambda by: world.webhooks.redeliver(by, hook.id, one.id),
        lambda by: world.webhooks.delete(by, hook.id),
    ]

    for attempt in attempts:
        for by in (person, world.stranger):
            with pytest.raises(NotFoundError):
                attempt(by)
    assert world.webhooks.all(world.admin) == [hook]


def test_a_secret_is_returned_once_and_stored_only_under_a_seal(world, tmp_path):
    hook, secret = world.webhooks.create(world.admin, URL, CREATED)

    assert secret.startswith("whsec_")
    assert secret not in repr(hook)
    for file in ("assay.sqlite", "assay.sqlite-wal"):
        assert secret.removeprefix("whsec_").encode() not in (tmp_path / file).read_bytes()
    world.interview()
    (parcel,) = world.deliver.take([], 10)
    assert parcel.secrets == (secret,)
    assert secret not in repr(parcel)


def test_after_a_rotation_both_secrets_sign_for_a_day_and_then_only_the_new_one(world):
    hook, old = world.webhooks.create(world.admin, URL, CREATED)
    _, new = world.webhooks.rotate(world.admin, hook.id)
    world.interview()

    (first,) = world.deliver.take([], 10)
    world.clock.pass_by(hours=25)
    (second,) = world.deliver.take([], 10)

    assert first.secrets == (new, old)
    assert second.secrets == (new,)


def test_news_is_thin_and_goes_only_to_active_webhooks_that_want_it(world):
    wants, _ = world.webhooks.create(world.admin, URL, CREATED)
    other, _ = world.webhooks.create(world.admin, URL, ["interview.cancelled"])
    paused, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.webhooks.set_active(world.admin, paused.id, active=False)

    interview = world.interview(title="Secret title", internal_notes="secret notes")

    (one,) = queued(world, wants)
    assert (queued(world, other), queued(world, paused)) == ([], [])
    assert one.payload == (
        '{"type": "interview.created", "timestamp": "2026-11-20T09:00:00+00:00", "data": {"id": "'
        + interview.id
        + '"}}'
    )


def test_a_delivery_is_tried_ten_times_over_three_days_and_then_has_failed():
    one, now, waits = delivery(), START, []
    while one.state is DeliveryState.WAITING:
        one = one.after(Answer(500, "no"), now, 0)
        waits.append(one.next_at - now)
        now = one.next_at

    assert one.state is DeliveryState.FAILED
    assert one.attempts == 10
    assert waits[:4] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]
    assert timedelta(days=3) < now - START < timedelta(days=4)


@given(st.floats(0, 1), st.integers(0, 8))
def test_jitter_adds_at_most_a_tenth_to_a_wait(jitter, attempts):
    plain = delivery(attempts=attempts).after(Answer(None, ""), START, 0).next_at - START
    later = delivery(attempts=attempts).after(Answer(None, ""), START, jitter).next_at - START

    assert plain <= later <= plain * 1.1


@pytest.mark.parametrize("status", [200, 204, 299])
def test_an_answer_of_success_ends_a_delivery(status):
    done = delivery(last_error="earlier").after(Answer(status, "thanks"), START, 0)

    assert (done.state, done.last_status, done.last_error) == (DeliveryState.DELIVERED, status, "")


@pytest.mark.parametrize("status", [None, 100, 301, 400, 404, 429, 503])
def test_any_other_answer_is_tried_again_and_little_of_it_is_kept(status):
    waiting = delivery().after(Answer(status, "x" * 5_000), START, 0)

    assert waiting.state is DeliveryState.WAITING
    assert waiting.last_error == "x" * 500


def test_a_receiver_that_is_gone_pauses_its_webhook(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()
    (parcel,) = world.deliver.take([], 10)

    world.deliver.finish(parcel.delivery, Answer(410, "gone"))

    assert not world.webhooks.all(world.admin)[0].active
    assert queued(world, hook)[0].state is DeliveryState.FAILED
    with world.database.read() as records:
        assert records.audit(AuditSearch(account="assay"))[0].deed is Deed.WEBHOOK_CHANGED


def test_what_was_taken_is_kept_from_others_and_due_again_when_its_taker_died(world):
    world.webhooks.create(world.admin, URL, CREATED)
    world.interview()

    (first,) = world.deliver.take([], 10)
    meanwhile = world.deliver.take([], 10)
    world.clock.pass_by(seconds=61)
    (again,) = world.deliver.take([], 10)

    assert meanwhile == []
    assert again.delivery.message == first.delivery.message
    assert again.delivery.attempts == 0


def test_a_webhook_that_is_being_called_gets_nothing_more_and_the_others_do(world):
    slow, _ = world.webhooks.create(world.admin, URL, CREATED)
    quick, _ = world.webhooks.create(world.admin, URL, CREATED)
    for _ in range(3):
        world.interview()

    taken = world.deliver.take([slow.id], 10)

    assert [parcel.delivery.webhook for parcel in taken] == [quick.id]


def test_what_waits_for_a_paused_webhook_waits_on(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()
    world.webhooks.set_active(world.admin, hook.id, active=False)

    paused = world.deliver.take([], 10)
    with pytest.raises(BadInputError):
        world.webhooks.test(world.admin, hook.id)
    world.webhooks.set_active(world.admin, hook.id, active=True)

    assert paused == []
    assert len(world.deliver.take([], 10)) == 1


def test_a_message_that_failed_is_sent_again_under_the_same_id(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()
    (parcel,) = world.deliver.take([], 10)
    world.deliver.finish(replace(parcel.delivery, attempts=9), Answer(500, "no"))
    nothing = world.deliver.take([], 10)

    world.webhooks.redeliver(world.admin, hook.id, parcel.delivery.id)

    (again,) = world.deliver.take([], 10)
    assert nothing == []
    assert again.delivery.message == parcel.delivery.message


def test_a_delivery_of_another_webhook_is_not_found(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    other, _ = world.webhooks.create(world.admin, URL, ["interview.cancelled"])
    world.interview()
    (one,) = queued(world, hook)

    with pytest.raises(NotFoundError):
        world.webhooks.redeliver(world.admin, other.id, one.id)


def test_a_deleted_webhook_takes_its_deliveries_along_and_an_answer_that_comes_late_does_no_harm(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()
    (parcel,) = world.deliver.take([], 10)

    world.webhooks.delete(world.admin, hook.id)
    world.deliver.finish(parcel.delivery, Answer(200, ""))

    assert world.webhooks.all(world.admin) == []


def test_the_audit_log_tells_of_every_change_and_never_the_whole_address(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.webhooks.rotate(world.admin, hook.id)
    world.webhooks.delete(world.admin, hook.id)

    with world.database.read() as records:
        told = records.audit(AuditSearch(deed="webhook-changed"))
    assert [entry.details["what"] for entry in told] == ["deleted", "secret rotated", "created"]
    assert all("s3cret" not in str(entry.details) for entry in told)


def test_deliveries_are_forgotten_after_a_month_but_not_while_they_wait(world):
    hook, _ = world.webhooks.create(world.admin, URL, CREATED)
    world.interview()
    (parcel,) = world.deliver.take([], 10)
    world.deliver.finish(parcel.delivery, Answer(200, ""))
    world.interview()

    world.clock.pass_by(days=31)
    forgotten = world.deliver.forget()

    assert forgotten == 1
    assert [one.state for one in queued(world, hook)] == [DeliveryState.WAITING]


def test_a_key_that_is_not_the_installations_opens_no_secret(world):
    world.webhooks.create(world.admin, URL, CREATED)
    world.interview()

    (parcel,) = replace(world.deliver, sealer=type(world.deliver.sealer)(b"x" * 32)).take([], 10)

    assert parcel.secrets == ()
