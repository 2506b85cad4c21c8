"""Cursors and presence: what a page says of itself is passed on under its authenticated name only."""

import json
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Decoder, YMessageType, create_awareness_message, write_var_uint


class BadAwarenessError(ValueError):
    """A message that is no awareness update."""


@dataclass
class ClientIds:
    """Which account uses which Y client id in a room: the account that used it first.

    A page draws a new id whenever it loads. A page that sends under the id of another is either echoing what it heard
    or forging.
    """

    owners: dict[int, str | None] = field(default_factory=dict)

    def claim(self, client_id: int, account: str | None) -> bool:
        """Whether ``account`` owns the id, which it does from the first use on; ``None`` is the server."""
        return self.owners.setdefault(client_id, account) == account

    def owned_by(self, account: str) -> list[int]:
        """Return the ids of an account."""
        return [client_id for client_id, owner in self.owners.items() if owner == account]


def _states(message: bytes) -> list[tuple[int, int, Any]]:
    try:
        body = Decoder(message[1:]).read_message()
        decoder = Decoder(body or b"")
        return [
            (decoder.read_var_uint(), decoder.read_var_uint(), json.loads(decoder.read_var_string() or "null"))
            for _ in range(decoder.read_var_uint())
        ]
    except (ValueError, IndexError, RuntimeError, RecursionError) as error:
        raise BadAwarenessError(str(error)) from error


def _entry(client_id: int, clock: int, state: Any) -> bytes:
    text = json.dumps(state, separators=(",", ":")).encode()
    return write_var_uint(client_id) + write_var_uint(clock) + write_var_uint(len(text)) + text


def under_own_name(message: bytes, account: str, user: dict[str, Any], ids: ClientIds) -> bytes | None:
    """Return an awareness message with the sender's own states only, each carrying the sender's identity.

    Args:
        message: the message as it came, its type byte included.
        account: the authenticated sender.
        user: the sender's identity model.
        ids: the client ids of the room; new ones become the sender's.

    Returns:
        The message to pass on, or None when nothing in it is the sender's own.

    Raises:
        BadAwarenessError: the message cannot be read.
    """
    own: list[bytes] = []
    for client_id, clock, state in _states(message):
        if state is not None and not isinstance(state, dict):
            raise BadAwarenessError("a state is neither an object nor null")
        claimed = (state or {}).get("user")
        foreign = isinstance(claimed, dict) and claimed.get("username") not in {None, account}
        known = client_id in ids.owners
        if foreign or (state is None and not known) or not ids.claim(client_id, account):
            continue
        if state is not None and claimed is not None:
            state = {**state, "user": user}  # noqa: PLW2901 - the rewritten state is what goes on
        own.append(_entry(client_id, clock, state))
    return create_awareness_message(write_var_uint(len(own)) + b"".join(own)) if own else None


def gone(client_ids: list[int], clocks: dict[int, int]) -> bytes:
    """Return the awareness message that says that pages have left.

    Args:
        client_ids: their client ids.
        clocks: the last clock of each id.
    """
    entries = [_entry(client_id, clocks.get(client_id, 0) + 1, None) for client_id in client_ids]
    return create_awareness_message(write_var_uint(len(entries)) + b"".join(entries))


def is_awareness(message: bytes) -> bool:
    """Whether a message is an awareness message."""
    return message[:1] == bytes([YMessageType.AWARENESS])
