"""Words for the moments of a recording, and the page that plays one without a network."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from assay_hub.domain.timeline import Marker
from assay_hub.services.replay import SIGNAL, Opened
from assay_hub.web.pages import STATIC, Pages

_PLAIN = {
    "started": "the recording began",
    "joined": "came in",
    "left": "left",
    "snapshot": "was handed in",
    "hidden": "left the page",
    "visible": "came back to the page",
    "copy": "copied text",
    "cut": "cut text",
    "drop": "dropped something in",
    "open": "opened the notebook",
    "close": "closed the notebook",
    "refused": "tried to change something while watching",
    "unreadable": "something that cannot be shown",
}


def words_for_marker(marker: Marker) -> str:
    """Return what happened in a few words; empty for what is of no use to somebody who watches."""
    written = _WRITTEN.get(marker.kind)
    return written(marker, marker.detail) if written else _PLAIN.get(marker.kind, "")


def _pasted(_marker: Marker, detail: Mapping[str, Any]) -> str:
    origin = {"page": "from this notebook", "outside": "from outside"}.get(str(detail.get("from")), "")
    return f"pasted {detail.get('chars', '?')} characters {origin}".strip()


def _ran(_marker: Marker, detail: Mapping[str, Any]) -> str:
    return "ran a cell" if detail.get("status") == "ok" else f"ran a cell: {detail.get('error') or 'an error'}"


_WRITTEN: Mapping[str, Callable[[Marker, Mapping[str, Any]], str]] = {
    SIGNAL: lambda _marker, detail: str(detail["words"]),
    "paste": _pasted,
    "run-finished": _ran,
    "insert": lambda _marker, detail: f"inserted {detail.get('chars', '?')} characters at once",
    "kernel": lambda _marker, detail: f"the kernel {detail.get('action', 'changed')}",
    "materialised": lambda marker, _detail: f"{marker.document} was added",
    "file": lambda marker, detail: f"{detail.get('action', 'changed')} the file {marker.document}",
}


def moments(opened: Opened) -> list[tuple[Marker, str]]:
    """Return the moments of a recording with their words, for readers without the player."""
    recorded = [marker for segment in opened.segments for marker in segment.markers]
    if opened.observed:  # the room says the same of leaving, and knows when it was only a click beside the notebook
        recorded = [marker for marker in recorded if marker.kind not in {"hidden", "visible"}]
        recorded = sorted([*recorded, *opened.observed], key=lambda marker: marker.at)
    found = ((marker, words_for_marker(marker)) for marker in recorded)
    return [(marker, words) for marker, words in found if words]


def offline_page(pages: Pages, opened: Opened, saved: dict[str, Any]) -> bytes:
    """Return a page with its script, style and recording inside.

    Its own policy allows this one script and style, and no network; what was recorded is data that the script reads.
    """
    script = (STATIC / "dist" / "replay.js").read_text("utf-8")
    style = "".join((STATIC / "dist" / name).read_text("utf-8") for name in ("bootstrap.css", "assay.css"))
    # Nothing in a JSON text can end the element that holds it.
    data = json.dumps(saved, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    script = script.replace("</", "<\\/")
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    )
    text = pages.text("replay_offline.html", opened=opened, script=script, style=style, saved=data, policy=policy)
    return text.encode("utf-8", "replace")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
