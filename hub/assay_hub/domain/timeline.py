"""A recording made ready to be looked at: cut into segments, each with a whole frame and the steps that follow it.

A player gets a segment and plays or seeks in it by itself. Times are whole milliseconds since the recording's start.
All of it is derived from the recording and can be made again at any time; its form is described in docs/replay.md.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Any

SEGMENT_STEPS = 500


@dataclass(frozen=True)
class Marker:
    """A moment to jump to.

    Attributes:
        at: milliseconds since the recording's start.
        kind: one of the protocol's kinds, or the name of what a page claims.
        account: who; empty for the server.
        detail: bounded, for people to read.
    """

    at: int
    kind: str
    account: str
    document: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Segment:
    """A part of a timeline.

    Attributes:
        number: 0 for the first.
        first_seq: the first event of the recording that it shows.
        last_seq: the last one.
        first_at: milliseconds of the first event since the recording's start.
        last_at: of the last one.
        markers: its moments to jump to.
        body: its frame and steps, as compressed JSON.
    """

    number: int
    first_seq: int
    last_seq: int
    first_at: int
    last_at: int
    markers: tuple[Marker, ...]
    body: bytes


def pack(body: dict[str, Any]) -> bytes:
    """Return the body of a segment as it is kept."""
    return zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), 9)


def unpack(body: bytes) -> dict[str, Any]:
    """Return the body of a segment."""
    unpacked: dict[str, Any] = json.loads(zlib.decompress(body))
    return unpacked


def as_of(body: dict[str, Any], at: int) -> dict[str, list[list[Any]]]:
    """Return the frame of a segment with its steps up to a moment applied; the player does the same.

    Args:
        body: of a segment.
        at: milliseconds since the recording's start.

    Returns:
        For each document its cells: id, kind, text and outputs.
    """
    frame = {
        document: [
            [cell_id, kind, "".join(piece[3] for piece in pieces), outputs] for cell_id, kind, pieces, outputs in cells
        ]
        for document, cells in body["frame"].items()
    }
    for step in body["steps"]:
        if step[0] > at:
            break
        _apply(frame, step)
    return frame


def _apply(frame: dict[str, list[list[Any]]], step: list[Any]) -> None:
    _, what, _, document, *rest = step
    if what == "cells":
        frame[document] = [
            [cell_id, kind, "".join(piece[3] for piece in pieces), outputs]
            for cell_id, kind, pieces, outputs in rest[0]
        ]
    elif what == "gone":
        frame.pop(document, None)
    elif what in {"text", "outputs"}:
        cell = next(cell for cell in frame[document] if cell[0] == rest[0])
        if what == "outputs":
            cell[3] = rest[1]
        else:
            place, deleted, inserted = rest[1:4]
            units = cell[2].encode("utf-16-le", "surrogatepass")
            after = units[: 2 * place] + inserted.encode("utf-16-le", "surrogatepass") + units[2 * (place + deleted) :]
            cell[2] = after.decode("utf-16-le", "surrogatepass")
