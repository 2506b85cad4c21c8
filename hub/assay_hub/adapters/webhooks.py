"""Calls receivers on other networks, and nothing else: every address is checked at the moment it is connected to.

The name of a receiver is resolved once, every address that it stands for is checked, and the connection goes to one of
those very addresses, while TLS still proves the name. So a name that means something else a moment later reaches
nothing, however it is written (decimal, octal, mapped, …): what counts is the address of the socket.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import httpcore
import httpx
from standardwebhooks.webhooks import Webhook as Signature

from assay_hub.domain.webhook import KEPT_CHARACTERS, Answer, Parcel, is_allowed_address, is_allowed_port

TIMEOUT_SECONDS = 15.0
_REDIRECTS = range(300, 400)
_READ_BYTES = 4 * KEPT_CHARACTERS

_NAMES = ThreadPoolExecutor(50, thread_name_prefix="names")  # of its own: names that hang must hold up nothing else

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses that a host name stands for."""


class RefusedTargetError(Exception):
    """The receiver is at an address that is never called."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host as this machine knows them."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_NAMES, look_up)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be called."""

    def __init__(self, resolver: Resolver, *, allow_private: bool) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a checked address of the host; TLS is told the host all the same."""
        addresses = await self._addresses(host, port)
        failure: Exception = httpcore.ConnectError("the name stands for no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        """Refuse."""
        raise RefusedTargetError("sockets of this machine are never called")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        if not is_allowed_port(port):
            raise RefusedTargetError(f"port {port} is never called")
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        for address in addresses:
            if not is_allowed_address(ipaddress.ip_address(address), allow_private=self._allow_private):
                raise RefusedTargetError(f"{host} is an address of a private network, which is never called")
        return addresses


class CheckedCourier:
    """Sends requests to receivers outside; follows no redirect, keeps no connection and no cookie.

    Args:
        allow_private: whether receivers on this machine and on private networks, and without TLS, are fine.
        resolver: returns the addresses of a name.
        tls: what proves the receiver's name; the usual authorities without it.
        timeout: seconds for a whole exchange.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._allow_private = allow_private
        self._tls = tls or httpx.create_ssl_context()
        self._network = _CheckedNetwork(resolver, allow_private=allow_private)
        self._timeout = timeout

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Answer:
        """Send something and return what came of it; nothing that the receiver does is an error."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(url, body, headers, method)
        except TimeoutError:
            return Answer(None, f"No answer within {self._timeout:g} seconds.")
        except RefusedTargetError as error:
            return Answer(None, f"Refused: {error}.")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError) as error:
            return Answer(None, f"{type(error).__name__}: {error}"[:KEPT_CHARACTERS])
        except (httpcore.UnsupportedProtocol, ValueError, OSError) as error:
            return Answer(None, f"This address cannot be called: {error}"[:KEPT_CHARACTERS])

    async def _send(self, url: str, body: bytes, headers: Mapping[str, str], method: str) -> Answer:
        target = httpcore.URL(url)
        if target.scheme != b"https" and not self._allow_private:
            raise RefusedTargetError("only https is called")
        lines = {"Host": _host_of(target), "User-Agent": "Assay", "Connection": "close", **headers}
        pool = httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._network, max_connections=1)
        async with pool, pool.stream(method, target, headers=list(lines.items()), content=body) as answer:
            if answer.status in _REDIRECTS:
                return Answer(answer.status, "Redirects are not followed: enter the address that this one leads to.")
            read = b""
            with suppress(httpcore.NetworkError, httpcore.ProtocolError):
                async for chunk in answer.aiter_stream():
                    read += chunk
                    if len(read) >= _READ_BYTES:
                        break
            text = read.decode("utf-8", "replace").replace("\0", "\ufffd")
            return Answer(answer.status, text[:KEPT_CHARACTERS])


def _host_of(url: httpcore.URL) -> str:
    host = url.host.decode("ascii")
    shown = f"[{host}]" if ":" in host else host
    return shown if url.port is None else f"{shown}:{url.port}"


@dataclass(frozen=True)
class SignedPost:
    """Sends a parcel in the form of Standard Webhooks 1.0."""

    courier: CheckedCourier

    async def __call__(self, parcel: Parcel) -> Answer:
        """Sign and send a parcel, and return what came of it."""
        delivery = parcel.delivery
        if not parcel.secrets:
            return Answer(None, "The secret of this webhook cannot be read on this installation. Make a new one.")
        signatures = [Signature(one).sign(delivery.message, parcel.at, delivery.payload) for one in parcel.secrets]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery.message,
            "webhook-timestamp": str(int(parcel.at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        return await self.courier.send(parcel.url, delivery.payload.encode(), headers)
