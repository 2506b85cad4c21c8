"""Refuses request bodies over the bound, before anything reads them whole."""

import json
from collections.abc import Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay_protocol.problem import MEDIA_TYPE, Problem

DRAINED_BYTES = 50_000_000


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Too large - Assay</title></head>
<body><main><h1>This is too large.</h1>
<p>At most {} bytes can be sent at once. Go back with your browser: what you entered is still
there. Make it shorter.</p>
</main></body></html>
"""
_HEADERS = ((b"content-security-policy", b"default-src 'none'"), (b"cache-control", b"no-store"))


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """ASGI middleware that answers 413 to a body over ``max_bytes``, whether or not its length was declared.

    Args:
        app: what is asked.
        max_bytes: most bytes of a body.
        larger: beginnings of paths that take more, the most special first, with how much.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        max_bytes = next((most for start, most in self._larger.items() if path.startswith(start)), self._max_bytes)
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or len(declared) > 12 or int(declared) > max_bytes:  # noqa: PLR2004
            await self._drain(receive)
            await self._refuse(send, headers, max_bytes)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            # Whoever reads the body may make something of its own of our error; the answer is ours all the same.
            if received <= max_bytes:
                await send(message)

        with suppress(_TooLargeError):
            await self._app(scope, counted, watched)
        if received > max_bytes:
            await self._drain(receive)
            await self._refuse(send, headers, max_bytes)

    async def _drain(self, receive: Receive) -> None:
        """Read on for a while: a proxy that is still sending when we answer tells the browser that we are down."""
        left = DRAINED_BYTES
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                return

    async def _refuse(self, send: Send, asked: dict[bytes, bytes], max_bytes: int) -> None:
        problem = Problem(413, "too-large", "This request is too large.", f"The bound is {max_bytes} bytes.")
        page = b"text/html" in asked.get(b"accept", b"")
        body = _PAGE.format(max_bytes) if page else json.dumps(problem.to_dict())
        kind = b"text/html; charset=utf-8" if page else MEDIA_TYPE.encode()
        headers = [(b"content-type", kind), (b"connection", b"close"), *(_HEADERS if page else ())]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
