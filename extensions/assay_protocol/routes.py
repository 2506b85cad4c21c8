"""The routes of the workspace extension, below the workspace's base URL; only the agent's identity may call them.

``STATUS``: GET answers JSON ``{"interview", "seq", "documents": [path], "kernels": n, "people": [account]}``.
``MANIFEST``: PUT of ``Manifest.to_json()`` answers JSON ``{"placed": [path], "kept": [path]}``.
``RECORDING``: GET ``?after=SEQ`` answers ``application/x-ndjson`` without end: every event after SEQ, each as it
happens, and an empty line at least every ``HEARTBEAT_SECONDS``; 400 ``bad-position`` when it ends before SEQ. POST of
JSON ``{"after": SEQ}`` then lets it go on from there, and answers JSON ``{"seq"}``.
``SNAPSHOT``: POST ``?max_bytes=N`` answers ``application/zip`` with the headers ``Assay-Sha256`` (of the body) and
``Assay-Seq`` (the last event before it).
``DISCONNECT``: POST of JSON ``{"account"}`` answers JSON ``{"closed": n}``: the account's websockets are closed and its
further requests refused.

``BROWSER_EVENTS`` is the exception: participants post ``{"page", "events": [{"n", "name", ...}]}`` there as themselves.
Errors are problem documents (``assay_protocol.problem``).
"""

from typing import Final

STATUS: Final = "assay/status"
MANIFEST: Final = "assay/manifest"
RECORDING: Final = "assay/recording"
SNAPSHOT: Final = "assay/snapshot"
DISCONNECT: Final = "assay/disconnect"
BROWSER_EVENTS: Final = "assay/browser-events"
HEARTBEAT_SECONDS: Final = 5.0
