"""Subnets for interviews, names of their interfaces, and the rules that close the host."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_spawner.network import (
    Firewall,
    PoolExhaustedError,
    allocate,
    check_bridge_prefix,
    locate,
    subnets,
    subnets_in_use,
)

POOL = IPv4Network("172.30.0.0/24")


@st.composite
def networks(draw: st.DrawFn) -> IPv4Network:
    length = draw(st.integers(20, 32))
    address = draw(st.integers(int(IPv4Network("172.29.255.0/24")[0]), int(IPv4Network("172.30.1.0/24")[-1])))
    return IPv4Network((address, length), strict=False)


@given(used=st.lists(networks(), max_size=40))
def test_an_allocated_network_lies_in_the_pool_and_overlaps_nothing(used: list[IPv4Network]) -> None:
    try:
        found = allocate(POOL, used)
    except PoolExhaustedError:
        assert all(any(each.subnet.overlaps(other) for other in used) for each in subnets(POOL))
        return

    assert found.subnet.subnet_of(POOL)
    assert not any(found.subnet.overlaps(other) for other in used)


@given(count=st.integers(1, 64))
def test_interviews_get_different_networks_users_and_interfaces(count: int) -> None:
    used: list[IPv4Network] = []
    found = []
    for _ in range(count):
        found.append(allocate(POOL, used))
        used.append(found[-1].subnet)

    assert len({each.index for each in found}) == count
    assert len({each.bridge("asy") for each in found}) == count
    assert len({each.container for each in found} | {each.gateway for each in found}) == 2 * count


def test_a_full_pool_says_what_to_do() -> None:
    with pytest.raises(PoolExhaustedError, match="enlarge the pool"):
        allocate(POOL, [each.subnet for each in subnets(POOL)])


@given(index=st.integers(0, 63))
def test_a_network_is_found_again_by_its_subnet(index: int) -> None:
    network = list(subnets(POOL))[index]

    assert locate(POOL, network.subnet) == network


def test_a_subnet_of_another_pool_is_not_ours() -> None:
    assert locate(POOL, IPv4Network("10.0.0.0/30")) is None
    assert locate(POOL, POOL) is None


@given(prefix=st.from_regex(r"[a-z]{1,7}", fullmatch=True), index=st.integers(0, 63))
def test_an_interface_name_fits_the_system(prefix: str, index: int) -> None:
    name = list(subnets(POOL))[index].bridge(check_bridge_prefix(prefix))

    assert name.startswith(prefix)
    assert len(name) <= 15


@pytest.mark.parametrize("prefix", ["", "UPPER", "asy+", "a b", "toolongx", "1"])
def test_a_prefix_that_would_match_other_interfaces_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="bridge prefix"):
        check_bridge_prefix(prefix)


def test_the_engines_listing_is_read_with_all_its_gaps() -> None:
    listing = [
        {"IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}, {"Subnet": "fd00::/64"}]}},
        {"IPAM": {"Config": None}},
        {"IPAM": {"Config": [{}]}},
        {},
    ]

    assert subnets_in_use(listing) == [IPv4Network("172.17.0.0/16")]


RULES = Firewall("asy", 8001)


def listing(*input_rules: str, own: list[str]) -> str:
    return "\n".join(["-P INPUT ACCEPT", "-N ASSAY-ASY", *input_rules, *own])


def test_rules_are_in_force_when_nothing_comes_before_them() -> None:
    own = RULES.rules(ipv6=False)

    assert RULES.in_force(listing(RULES.jump, "-A INPUT -j ACCEPT", own=own), ipv6=False)
    assert RULES.in_force(listing("-A INPUT -i other+ -j ASSAY-OTHER", RULES.jump, own=own), ipv6=False)


def test_rules_are_not_in_force_behind_others_or_incomplete() -> None:
    own = RULES.rules(ipv6=False)

    assert not RULES.in_force("-P INPUT ACCEPT", ipv6=False)
    assert not RULES.in_force(listing("-A INPUT -j ACCEPT", RULES.jump, own=own), ipv6=False)
    assert not RULES.in_force(listing(RULES.jump, own=own[:-1]), ipv6=False)
    assert not RULES.in_force(listing(RULES.jump, own=["-A ASSAY-ASY -j ACCEPT", *own]), ipv6=False)
    assert not RULES.in_force(listing(own=own), ipv6=False)


def test_over_ipv6_not_even_the_hub_answers() -> None:
    assert not any("dport" in rule for rule in RULES.rules(ipv6=True))


def test_the_last_rule_rejects_everything_else() -> None:
    for ipv6 in (False, True):
        assert "-j REJECT" in RULES.rules(ipv6=ipv6)[-1]


def test_a_rule_in_the_wrong_place_is_moved() -> None:
    script = RULES.restore_script(listing("-A INPUT -j ACCEPT", RULES.jump, own=[]), ipv6=False).splitlines()

    assert script.index("-D INPUT -i asy+ -j ASSAY-ASY") < script.index("-I INPUT 1 -i asy+ -j ASSAY-ASY")
    assert script[0] == "*filter"
    assert script[-1] == "COMMIT"
