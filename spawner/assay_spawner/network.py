"""The network of each interview and the rules that close the host to it, as values; nothing here touches the machine.

A network holds one container. Its gateway is the host, where only the hub's API answers.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

LABEL: Final = "assay.interview"
"""Label of networks and containers; its value is the hub account."""

_PREFIX_LENGTH: Final = 30
_MAX_BRIDGE_NAME: Final = 15
_CHAIN_START: Final = "ASSAY-"


class PoolExhaustedError(Exception):
    """Every subnet of the pool is in use."""


@dataclass(frozen=True)
class InterviewNetwork:
    """A subnet of four addresses: network, gateway, container, broadcast.

    Attributes:
        subnet: the subnet.
        index: its place in the pool, from 0; stable, because the pool is a setting.
    """

    subnet: IPv4Network
    index: int

    @property
    def gateway(self) -> IPv4Address:
        """The host's address in it, where the hub's API listens."""
        return self.subnet[1]

    @property
    def container(self) -> IPv4Address:
        """The workspace's address in it."""
        return self.subnet[2]

    def bridge(self, prefix: str) -> str:
        """Return the name of its interface on the host: ``prefix`` and the subnet in hexadecimal."""
        return f"{prefix}{int(self.subnet.network_address):08x}"


def check_bridge_prefix(prefix: str) -> str:
    """Return ``prefix`` if interface names can start with it.

    Raises:
        ValueError: it is empty, too long, or has other characters than lower-case letters.
    """
    if not re.fullmatch(r"[a-z]+", prefix) or len(prefix) > _MAX_BRIDGE_NAME - 8:
        raise ValueError(f"a bridge prefix is one to {_MAX_BRIDGE_NAME - 8} lower-case letters, not {prefix!r}")
    return prefix


def subnets(pool: IPv4Network) -> Iterator[InterviewNetwork]:
    """Yield every interview network of a pool, in order."""
    for index, subnet in enumerate(pool.subnets(new_prefix=_PREFIX_LENGTH)):
        yield InterviewNetwork(subnet, index)


def allocate(pool: IPv4Network, used: Collection[IPv4Network]) -> InterviewNetwork:
    """Return the first network of ``pool`` that overlaps none in ``used``.

    Raises:
        PoolExhaustedError: there is none.
    """
    near = [subnet for subnet in used if subnet.overlaps(pool)]
    large = [subnet for subnet in near if subnet.prefixlen < _PREFIX_LENGTH]
    # The many small ones are compared by lookup, the few large ones one by one.
    taken = {subnet.supernet(new_prefix=_PREFIX_LENGTH) for subnet in near if subnet.prefixlen >= _PREFIX_LENGTH}
    for network in subnets(pool):
        if network.subnet not in taken and not any(network.subnet.overlaps(other) for other in large):
            return network
    raise PoolExhaustedError(f"No free subnet in {pool}: delete ended interviews or enlarge the pool.")


def locate(pool: IPv4Network, subnet: IPv4Network) -> InterviewNetwork | None:
    """Return the interview network that ``subnet`` is, or ``None`` when it is not one of the pool."""
    if subnet.prefixlen != _PREFIX_LENGTH or not subnet.subnet_of(pool):
        return None
    return InterviewNetwork(subnet, (int(subnet.network_address) - int(pool.network_address)) >> 2)


def subnets_in_use(engine_networks: Collection[dict[str, Any]]) -> list[IPv4Network]:
    """Return the IPv4 subnets of networks as the engine lists them."""
    found = []
    for network in engine_networks:
        for part in (network.get("IPAM") or {}).get("Config") or []:
            text = part.get("Subnet", "")
            if text and ":" not in text:
                found.append(IPv4Network(text, strict=False))
    return found


def bridge_options(network: InterviewNetwork, prefix: str) -> dict[str, str]:
    """Return the engine's options of an interview's network."""
    return {
        "com.docker.network.bridge.name": network.bridge(prefix),
        "com.docker.network.bridge.enable_icc": "false",
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }


@dataclass(frozen=True)
class Firewall:
    """The rules on the host for what comes from workspaces.

    Attributes:
        prefix: of the names of the interfaces to which the rules apply.
        port: TCP port of the hub's API.
    """

    prefix: str
    port: int

    @property
    def chain(self) -> str:
        """Name of the chain, one per hub on a machine."""
        return f"{_CHAIN_START}{self.prefix.upper()}"

    @property
    def jump(self) -> str:
        """The rule of INPUT that leads into the chain, as ``iptables -S`` prints it."""
        return f"-A INPUT -i {self.prefix}+ -j {self.chain}"

    def rules(self, *, ipv6: bool) -> list[str]:
        """Return the chain's rules as ``iptables -S`` prints them: answers, the hub's API over IPv4, nothing else.

        The host takes a packet for any of its addresses on any of its interfaces; ``--limit-iface-in`` keeps a
        workspace from the gateways of its neighbours.
        """
        own = "-m addrtype --dst-type LOCAL --limit-iface-in"
        hub = f"-A {self.chain} -p tcp -m tcp --dport {self.port} {own} -j ACCEPT"
        unreachable = "icmp6-port-unreachable" if ipv6 else "icmp-port-unreachable"
        return [
            f"-A {self.chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            *([] if ipv6 else [hub]),
            f"-A {self.chain} -j REJECT --reject-with {unreachable}",
        ]

    def in_force(self, listing: str, *, ipv6: bool) -> bool:
        """Whether the output of ``iptables -S`` shows exactly these rules, before any other that INPUT has.

        Only the chains of other hubs on the machine, which see other interfaces, may come earlier.
        """
        lines = listing.splitlines()
        first = next(
            (line for line in lines if line.startswith("-A INPUT ") and (line == self.jump or not _foreign(line))), ""
        )
        own = [line for line in lines if line.startswith(f"-A {self.chain} ")]
        return first == self.jump and own == self.rules(ipv6=ipv6)

    def restore_script(self, listing: str, *, ipv6: bool) -> str:
        """Return what ``iptables-restore --noflush`` needs to put the rules in force, given ``iptables -S``."""
        drop = [line.replace("-A", "-D", 1) for line in listing.splitlines() if line == self.jump]
        insert = self.jump.replace("-A INPUT", "-I INPUT 1", 1)
        lines = ["*filter", f":{self.chain} - [0:0]", *self.rules(ipv6=ipv6), *drop, insert, "COMMIT"]
        return "\n".join(lines) + "\n"


def _foreign(rule: str) -> bool:
    return re.fullmatch(rf"-A INPUT -i [a-z]+\+ -j {_CHAIN_START}[A-Z]+", rule) is not None
