"""The stored recording of an interview: where it stands, and whether it is whole."""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assay_protocol.recording import BadLineError, Event, genesis, link


@dataclass(frozen=True)
class Head:
    """The end of the stored recording.

    Attributes:
        seq: number of the last stored event, 0 when there is none.
        digest: of the hash chain after it, 32 bytes.
    """

    seq: int
    digest: bytes


@dataclass(frozen=True)
class StoredLine:
    """One event as it is kept: the workspace's own bytes, and the chain's digest after it."""

    seq: int
    line: bytes
    digest: bytes
    received_at: datetime


@dataclass(frozen=True)
class Gap:
    """A place where the recording is not whole, said aloud.

    Attributes:
        after_seq: the last event before it.
        reason: what happened, in words.
    """

    after_seq: int
    noticed_at: datetime
    reason: str


@dataclass(frozen=True)
class Check:
    """What came of reading a recording from its start to its end.

    Attributes:
        events: how many there are.
        head: its end, as computed.
        broken_at: the first event whose stored digest is not the one that follows from the events before it.
        missing: first and last number of events that are not there.
        passed: the stored digest at the event that was asked for; ``None`` when it is not there.
    """

    events: int
    head: Head
    broken_at: int | None
    missing: tuple[tuple[int, int], ...]
    passed: bytes | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed and nothing is missing."""
        return self.broken_at is None and not self.missing


def check(interview_id: str, lines: Iterable[StoredLine], at: int = 0) -> Check:
    """Read a recording and say whether it is whole, and what digest it has at an event."""
    events, seq, digest = 0, 0, genesis(interview_id)
    passed: bytes | None = None
    broken_at: int | None = None
    missing: list[tuple[int, int]] = []
    for line in lines:
        digest = link(digest, line.line)
        if digest != line.digest and broken_at is None:
            broken_at = line.seq
        if line.seq != seq + 1:
            missing.append((seq + 1, line.seq - 1))
        if line.seq == at:
            passed = line.digest
        events, seq = events + 1, line.seq
    return Check(events, Head(seq, digest), broken_at, tuple(missing), passed)


def began(first: StoredLine | None) -> datetime | None:
    """Return when a recording began, given its first event; ``None`` without one.

    The workspace's clock says so, on which the timeline counts, but never that it was later than we had the event.
    """
    if first is None:
        return None
    try:
        return min(datetime.fromtimestamp(Event.from_line(first.line).at, UTC), first.received_at)
    except (BadLineError, ValueError, OverflowError, OSError):
        return first.received_at


FORMAT = "assay-recording-1"


class BadExportError(ValueError):
    """A file that is no exported recording."""


def header(interview_id: str) -> bytes:
    """Return the first line of an exported recording."""
    return json.dumps({"format": FORMAT, "interview": interview_id}).encode() + b"\n"


def exported(line: StoredLine) -> bytes:
    """Return an event as a line of an exported recording.

    A JSON object: ``event``, the event as the workspace wrote it, a text (``event_base64`` where its bytes are no
    UTF-8); ``sha256``, the digest of the chain after it; ``received_at``, when the service had it.
    """
    body: dict[str, str] = {"received_at": line.received_at.isoformat(), "sha256": line.digest.hex()}
    try:
        body["event"] = line.line.decode()
    except UnicodeDecodeError:
        body["event_base64"] = base64.b64encode(line.line).decode("ascii")
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"


def imported(lines: Iterable[bytes]) -> tuple[str, Iterator[StoredLine]]:
    """Read an exported recording: the interview, and its events.

    Raises:
        BadExportError: it is no exported recording; for a line in its middle, when that line is read.
    """
    rest = iter(lines)
    first = _object(next(rest, b""))
    if first.get("format") != FORMAT or not isinstance(first.get("interview"), str):
        raise BadExportError("This is no exported recording.")
    return first["interview"], map(_imported, rest)


def _imported(line: bytes) -> StoredLine:
    body = _object(line)
    try:
        raw = base64.b64decode(body["event_base64"]) if "event_base64" in body else body["event"].encode()
        seq = int(json.loads(raw)["seq"])
        return StoredLine(seq, raw, bytes.fromhex(body["sha256"]), datetime.fromisoformat(body["received_at"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise BadExportError(f"A line is no event of a recording: {line[:80]!r}") from error


def _object(line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadExportError(f"A line is no JSON: {line[:80]!r}") from error
    if not isinstance(body, dict):
        raise BadExportError(f"A line is no JSON object: {line[:80]!r}")
    return body
