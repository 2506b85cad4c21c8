"""Shared documents as the recording knows them: their state, their pages' ids, and whose content a file holds."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_protocol.recording import Event, Kind

from .awareness import ClientIds
from .updates import BadUpdateError, read_footprint
from .volume import write_atomically

if TYPE_CHECKING:
    from pycrdt import Doc

_KEPT_DIGESTS = 3


def rebuild(events: list[Event], document: "Doc[Any]", ids: ClientIds) -> None:
    """Apply a room's recorded events to an empty document and learn which account uses which client id."""
    for event in events:
        document.apply_update(event.update)
        if event.kind is Kind.DOCUMENT:
            ids.owners.update({int(key): owner for key, owner in event.detail.get("clients", {}).items()})
        for client_id in authors(event.update):
            ids.claim(client_id, event.account)


def authors(update: bytes) -> set[int]:
    """Return the client ids under which a recorded update adds something; empty when it cannot be read."""
    try:
        return set(read_footprint(update).added)
    except BadUpdateError:
        return set()


def digest(content: Any) -> str:
    """Return a digest of a notebook's or text's content that is the same before and after a round trip to a file."""
    text = json.dumps(_plain(content), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # Trust is the server's mark on a loaded cell; files do not hold it.
        return {key: _plain(item) for key, item in value.items() if key != "trusted"}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class KnownContents:
    """Remembers for each file what it last held to the recording's knowledge: as loaded, or as about to be written.

    When a room is loaded, a file with such content is merely older than the recording, which then wins. Any other
    content was written by somebody else and is taken over as a change.

    Args:
        folder: one small file per shared document; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, file_id: str, content_digest: str) -> None:
        """Note that a file holds this content, or is about to; the note survives a killed server."""
        kept = self._kept(file_id)
        if content_digest not in kept[-1:]:
            newest = json.dumps([*kept, content_digest][-_KEPT_DIGESTS:]).encode()
            write_atomically(self._path(file_id), newest, durable=False)

    def has(self, file_id: str, content_digest: str) -> bool:
        """Whether this is one of the file's last known contents."""
        return content_digest in self._kept(file_id)

    def _kept(self, file_id: str) -> list[str]:
        try:
            kept = json.loads(self._path(file_id).read_bytes())
        except (OSError, ValueError):
            return []
        return kept if isinstance(kept, list) else []

    def _path(self, file_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(file_id.encode()).hexdigest()[:32]}.json"
