r"""The recording of an interview: its events, their line format and the hash chain over the lines.

One event is one line of UTF-8 JSON without a line feed inside; the bytes of the line as the workspace wrote them are
what is chained, so nobody has to agree on a canonical form. The chain starts at ``genesis(interview)`` and goes on with
``link(previous, line)``: SHA-256 over the previous digest followed by the line without its final ``\n``.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_LINE_BYTES = 16 * 1024 * 1024
"""A longer line is refused by the reader: no single edit is larger."""

MAX_EVENTS = 2_000_000
"""No recording has more."""


class Kind(StrEnum):
    """What an event is about. A stored name is never renamed."""

    STARTED = "started"
    """The recorder started; ``detail``: ``{"dropped_bytes": n}``, the torn last line of a crash, 0 without one; or
    ``{"lost": [first, last]}``, the numbers of events that only the service still has."""
    MATERIALISED = "materialised"
    """A released file was placed; ``detail``: ``{"sha256": hex, "bytes": n}``."""
    DOCUMENT = "document"
    """A document's room was loaded or renamed; ``update`` holds its whole state as one Y update, replacing what came
    before; ``detail``: ``{"room": id, "clients": {Y client id: account or null}}``."""
    EDIT = "edit"
    """One Y update of ``document``, sent by ``account`` (``None``: the server itself, after a change on disk)."""
    JOINED = "joined"
    LEFT = "left"
    RUN_STARTED = "run-started"
    """``detail``: ``{"cell": id or "", "run": message id, "bytes": size of the code}``."""
    RUN_FINISHED = "run-finished"
    """``detail``: ``{"cell", "run", "status": "ok" | "error" | "aborted", "error": exception name or ""}``."""
    KERNEL = "kernel"
    """``detail``: ``{"action": "started" | "stopped" | "restarted" | "died"}``."""
    BROWSER = "browser"
    """Something that only the participant's page can see; ``detail`` is the page's own claim: ``{"name", ...}``."""
    FILE = "file"
    """A participant changed a file through the server's file interface, not by editing a shared document; ``detail``:
    ``{"action": "created" | "saved" | "renamed" | "deleted", "to": new path}``, the last for a rename only."""
    REFUSED = "refused"
    """Somebody who only watches tried to change something, and it was not done; ``detail``: ``{"what": "document" |
    "kernel" | "files"}``. At most one a minute for each account and kind."""
    SNAPSHOT = "snapshot"
    """A snapshot was taken; ``detail``: ``{"sha256", "bytes"}``."""


class BadLineError(ValueError):
    """A line that is no event."""


@dataclass(frozen=True)
class Event:
    """One thing that happened in a workspace.

    Attributes:
        seq: 1 for the first event of an interview, rising by one without a gap.
        at: seconds since the epoch by the workspace's clock.
        kind: what it is about.
        account: the authenticated hub account that did it; ``None`` for the server itself.
        document: path of the notebook or file, relative to the workspace's root; empty when it is about none.
        update: a Y update (``EDIT``, ``DOCUMENT``), else empty.
        detail: see ``Kind``.
    """

    seq: int
    at: float
    kind: Kind
    account: str | None = None
    document: str = ""
    update: bytes = b""
    detail: dict[str, Any] = field(default_factory=dict)

    def to_line(self) -> bytes:
        r"""Return the event as one line, without the final ``\n``."""
        body: dict[str, Any] = {
            "seq": self.seq,
            "at": round(self.at, 6),
            "kind": self.kind.value,
            "account": self.account,
        }
        if self.document:
            body["document"] = self.document
        if self.update:
            body["update"] = base64.b64encode(self.update).decode("ascii")
        if self.detail:
            body["detail"] = self.detail
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_line(cls, line: bytes) -> "Event":
        """Read one line.

        Raises:
            BadLineError: the line is not UTF-8, no JSON object, too long, or a member has the wrong type.
        """
        if len(line) > MAX_LINE_BYTES:
            raise BadLineError(f"line of {len(line)} bytes")
        try:
            body = json.loads(line)
            event = cls(
                seq=body["seq"],
                at=float(body["at"]),
                kind=Kind(body["kind"]),
                account=body["account"],
                document=body.get("document", ""),
                update=base64.b64decode(body.get("update", ""), validate=True),
                detail=body.get("detail", {}),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise BadLineError(f"{type(error).__name__}: {error}") from error
        well_typed = (
            type(event.seq) is int
            and event.seq > 0
            and (event.account is None or isinstance(event.account, str))
            and isinstance(event.document, str)
            and isinstance(event.detail, dict)
        )
        if not well_typed:
            raise BadLineError("a member has the wrong type")
        return event


def genesis(interview_id: str) -> bytes:
    """Return the 32 bytes on which the chain of an interview starts."""
    return hashlib.sha256(b"assay-recording-1\n" + interview_id.encode()).digest()


def link(previous: bytes, line: bytes) -> bytes:
    r"""Return the digest after ``line`` (without its ``\n``), given the 32-byte digest before it."""
    return hashlib.sha256(previous + line).digest()
