"""Messages between the two processes: four bytes of length, then UTF-8 JSON."""

import json
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

MAX_FRAME_BYTES = 16 * 1024 * 1024
"""JSON grows up to twenty times when it is read; this keeps a hostile message well below the memory of a sandbox."""
_CHUNK = 1 << 20
_IDLE_SECONDS = 0.05


class BadFrameError(Exception):
    """The other side sent something that is no message, or this side was about to."""


class GoneError(Exception):
    """The other side has ended."""


def send(stream: socket.socket, message: dict[str, Any]) -> None:
    """Send one message.

    Raises:
        BadFrameError: too long, or not to be written as JSON.
        GoneError: the other side has ended.
    """
    try:
        body = json.dumps(message, default=lambda value: f"<{type(value).__name__}>").encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise BadFrameError(f"a message that is not JSON: {type(error).__name__}") from error
    if len(body) > MAX_FRAME_BYTES:
        raise BadFrameError(f"a message of {len(body)} bytes; at most {MAX_FRAME_BYTES} are passed on")
    try:
        stream.sendall(struct.pack(">I", len(body)) + body)
    except OSError as error:
        raise GoneError from error


def receive(stream: socket.socket, idle: Callable[[], None] | None = None) -> dict[str, Any]:
    """Return the next message, calling ``idle`` every 50 ms while waiting.

    Raises:
        GoneError: the other side has ended.
        BadFrameError: too long, no JSON, or no object.
    """
    size = struct.unpack(">I", _exactly(stream, 4, idle))[0]
    if size > MAX_FRAME_BYTES:
        raise BadFrameError(f"a message of {size} bytes")
    try:
        message = json.loads(_exactly(stream, size, idle))
    except (ValueError, RecursionError) as error:
        raise BadFrameError(type(error).__name__) from error
    if not isinstance(message, dict):
        raise BadFrameError("no object")
    return message


def _exactly(stream: socket.socket, size: int, idle: Callable[[], None] | None) -> bytes:
    body = bytearray()
    checked = time.monotonic()
    while len(body) < size:
        if idle is not None:
            ready = select.select([stream], [], [], _IDLE_SECONDS)[0]
            if not ready or time.monotonic() - checked > _IDLE_SECONDS:
                checked = time.monotonic()
                idle()
                if stream.fileno() < 0:
                    raise GoneError
            if not ready:
                continue
        try:
            chunk = stream.recv(min(size - len(body), _CHUNK))
        except OSError as error:
            raise GoneError from error
        if not chunk:
            raise GoneError
        body += chunk
    return bytes(body)
