"""Puts the rules of ``assay_spawner.network`` in force on this machine, as often as asked, without a moment open."""

import asyncio
from pathlib import Path
from typing import Final

from assay_spawner.network import Firewall
from assay_spawner.programs import environment

_IPV6: Final = Path("/proc/sys/net/ipv6")
_lock = asyncio.Lock()


class FirewallError(Exception):
    """The rules could not be put in force; the text has what iptables said."""


async def enforce(firewall: Firewall) -> None:
    """Make sure that the rules are in force, over IPv4 and, where the machine has it, IPv6.

    Raises:
        FirewallError: iptables is missing or refused.
    """
    async with _lock:
        await _enforce(firewall, "iptables", ipv6=False)
        if _IPV6.exists():
            await _enforce(firewall, "ip6tables", ipv6=True)


async def withdraw(firewall: Firewall) -> None:
    """Take the rules away.

    Raises:
        FirewallError: iptables is missing or refused.
    """
    async with _lock:
        for program in ("iptables", "ip6tables") if _IPV6.exists() else ("iptables",):
            listing = (await _run(program, "-w", "-S")).splitlines()
            for _ in range(listing.count(firewall.jump)):
                await _run(program, "-w", *firewall.jump.replace("-A", "-D", 1).split())
            if f"-N {firewall.chain}" in listing:
                await _run(program, "-w", "-F", firewall.chain)
                await _run(program, "-w", "-X", firewall.chain)


async def _enforce(firewall: Firewall, program: str, *, ipv6: bool) -> None:
    listing = await _run(program, "-w", "-S")
    if firewall.in_force(listing, ipv6=ipv6):
        return
    await _run(f"{program}-restore", "-w", "--noflush", sent=firewall.restore_script(listing, ipv6=ipv6))
    if not firewall.in_force(await _run(program, "-w", "-S"), ipv6=ipv6):
        raise FirewallError(f"{program} took the rules of {firewall.chain}, but does not show them.")


async def _run(*command: str, sent: str = "") -> str:
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment()
        )
    except FileNotFoundError as error:
        raise FirewallError(f"{command[0]} is not installed (apt-get install iptables).") from error
    out, errors = await process.communicate(sent.encode())
    if process.returncode:
        raise FirewallError(f"{' '.join(command)}: {errors.decode(errors='replace').strip()}")
    return out.decode()
