"""Tests of refunds, with a store and a provider that live in memory."""

import pytest
from fakes import MemoryProvider, MemoryStore

from refunds import RefundError, cents_of, refund, refund_order, share


@pytest.fixture
def store():
    store = MemoryStore()
    store.add_payment("p1", cents=5000, order="o1")
    return store


def test_gives_money_back_once(store):
    provider = MemoryProvider()
    first = refund(store, provider, "p1", 2000, "r1")
    second = refund(store, provider, "p1", 2000, "r1")
    assert first == second
    assert provider.given_back == [("p1", 2000)]


def test_never_gives_back_more_than_was_paid(store):
    with pytest.raises(RefundError):
        refund(store, MemoryProvider(), "p1", 6000, "r1")


def test_reads_amounts():
    assert cents_of("12.50") == 1250
    assert cents_of("12") == 1200


def test_shares():
    assert share(1000, 25) == 250
    assert share(999, 50) == 500


def test_gives_an_order_back(store):
    provider = MemoryProvider()
    requests = iter(["r1", "r2"])
    refunds, left = refund_order(store, provider, "o1", lambda: next(requests))
    assert [one.cents for one in refunds] == [5000]
    assert left == []
