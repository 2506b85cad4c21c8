"""The shared document of a notebook or file: recorded in order, before anybody hears of a change."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import nbformat
from jupyter_server_ydoc.rooms import DocumentRoom
from jupyter_server_ydoc.utils import OutOfBandChanges
from pycrdt import TransactionEvent

from assay_protocol.recording import Kind

from .awareness import ClientIds
from .documents import KnownContents, digest, rebuild
from .recorder import Recorder, RecordingError
from .updates import BadUpdateError, read_footprint, read_state

UPDATE_BYTES: Final = 4 * 1024 * 1024
"""One message of a page; a larger one closes its websocket."""
DOCUMENT_BYTES: Final = 11 * 1024 * 1024
"""The state of one document, bounded by what one line of the recording can hold in base 64."""
SAVE_ATTEMPTS: Final = 5
LONGEST_SAVE_DELAY: Final = 5.0
"""Seconds after a change when the file is written although typing goes on."""


class DocumentTooLargeError(Exception):
    """The document, or the file it is loaded from, is over ``DOCUMENT_BYTES``."""


@dataclass(frozen=True)
class Applicable:
    """The update can be applied."""


@dataclass(frozen=True)
class Incomplete:
    """The update rests on something that the page has not sent yet; the page is asked for it."""


@dataclass(frozen=True)
class Refused:
    """The update must not be applied.

    Attributes:
        code: websocket close code for its sender.
        reason: one sentence.
    """

    code: int
    reason: str


class RecordedRoom(DocumentRoom):
    """A document whose every change is in the recording before it is broadcast.

    The document is never changed across an ``await``: upstream's ``aset`` holds a transaction open meanwhile, into
    which a page's message would fall and be recorded as the server's.

    Args:
        arguments: those of ``DocumentRoom``, without a store: the recording is the store.
        recorder: takes the events.
        known: what the files last held.
        on_failure: called once when a change could not be recorded; the room must then be dropped.

    Attributes:
        sender: the account whose message is being applied right now; ``None`` for the server's own changes.
        ids: which account uses which client id.
        recorded_path: the path under which changes are recorded; pages can change the one in the document itself.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        known: KnownContents,
        on_failure: Callable[["RecordedRoom"], None],
        **arguments: Any,
    ) -> None:
        super().__init__(ystore=None, **arguments)
        self._recorder = recorder
        self._known = known
        self._on_failure = on_failure
        self.sender: str | None = None
        self.ids = ClientIds()
        self.recorded_path = self._file.path
        self.failed = False
        self._bytes = 0
        self._unsaved_since = 0.0

    async def initialize(self) -> None:
        """Load the document from the recording, or from its file when it has none, and record its whole state.

        Raises:
            DocumentTooLargeError: see there.
            RecordingError: the state could not be recorded.
        """
        if self.ready_event.is_set():
            return
        model = await self._file.load_content(self._file_format, self._file_type)
        if (model.get("size") or 0) > DOCUMENT_BYTES:
            raise DocumentTooLargeError(self._file.path)
        stale = False
        async with self._update_lock:
            events = self._recorder.history(self.room_id)
            if events:
                rebuild(events, self.ydoc, self.ids)
                stale = self._take_over_file(model["content"])
            else:
                await self._apply_deterministic_source_content(model["content"])
            self._document.path = self._file.path
            self._start_recording()
            self._known.add(self._file.file_id, digest(model["content"]))
        self.ready = True
        if stale:
            self._save_to_disc()

    def _take_over_file(self, content: Any) -> bool:
        """Decide between recording and file when they differ; True when the file has to be written again."""
        if self._document.get() == content:
            return False
        if self._known.has(self._file.file_id, digest(content)):
            return True
        self._document.set(content)
        return False

    def _start_recording(self) -> None:
        state = self.ydoc.get_update()
        if len(state) > DOCUMENT_BYTES:
            raise DocumentTooLargeError(self._file.path)
        for client_id in read_state(self.ydoc.get_state()):
            self.ids.claim(client_id, None)
        self._record_state(state)
        self._subscription = self.ydoc.observe(self._changed)

    def _record_state(self, state: bytes) -> None:
        self.recorded_path = self._file.path
        clients = {str(client_id): owner for client_id, owner in self.ids.owners.items()}
        detail = {"room": self.room_id, "clients": clients}
        self._recorder.append(Kind.DOCUMENT, document=self.recorded_path, update=state, detail=detail)
        self._bytes = len(state)

    async def _watch_ready(self) -> None:
        # The document is observed from the moment it is loaded, and once only: upstream observes after a task switch,
        # and again whenever the room's tasks are restarted after an error.
        await self.ready_event.wait()
        self.ydoc_observed.set()

    def _changed(self, event: TransactionEvent) -> None:
        """Record a change, then hand it to the task that broadcasts; an exception must not leave an observer."""
        if self.failed:
            return
        update = event.update
        try:
            self._recorder.append(Kind.EDIT, account=self.sender, document=self.recorded_path, update=update)
        except RecordingError:
            self.failed = True
            self.log.exception("A change of %s could not be recorded", self._file.path)
            asyncio.get_running_loop().call_soon(self._on_failure, self)
            return
        self._bytes += len(update)
        self._update_send_stream.send_nowait(update)

    def judge(self, account: str, update: bytes) -> Applicable | Incomplete | Refused:
        """Decide on an update before it is applied, and note the client ids it uses as the account's.

        Args:
            account: the authenticated sender, who may edit.
            update: one Y update.
        """
        if len(update) > UPDATE_BYTES:
            return Refused(1009, "The change is too large.")
        try:
            footprint = read_footprint(update)
        except BadUpdateError as error:
            return Refused(1007, f"The change cannot be read: {error}.")
        state = read_state(self.ydoc.get_state())
        if not footprint.is_complete(state):
            return Incomplete()
        if not all(self.ids.claim(client_id, account) for client_id in footprint.authors(state)):
            return Refused(4403, "The change is made under the name of another page.")
        if self._bytes + len(update) > DOCUMENT_BYTES:
            self._bytes = len(self.ydoc.get_update())
            if self._bytes + len(update) > DOCUMENT_BYTES:
                return Refused(4413, "The document is too large.")
        return Applicable()

    def would_change(self, update: bytes) -> bool:
        """Whether an update, which will not be applied, says anything that the document does not hold."""
        try:
            footprint = read_footprint(update)
        except BadUpdateError:
            return True
        state = self.ydoc.get_state()
        if footprint.authors(read_state(state)):
            return True
        return footprint.removes_beyond(read_footprint(self.ydoc.get_update(state)))

    def _on_filepath_change(self) -> None:
        super()._on_filepath_change()
        try:
            self._record_state(self.ydoc.get_update())
        except RecordingError:
            self.failed = True
            asyncio.get_running_loop().call_soon(self._on_failure, self)

    async def _on_outofband_change(self) -> None:
        try:
            model = await self._file.load_content(self._file_format, self._file_type)
        except Exception:  # the edge to the contents manager; what is no notebook any more is written over
            self.log.exception("%s changed on disk and cannot be read", self._file.path)
            return
        if (model.get("size") or 0) > DOCUMENT_BYTES:
            self.log.warning("%s changed on disk and is too large to be shared", self._file.path)
            return
        if self._known.has(self._file.file_id, digest(model["content"])):
            # A file that somebody touched, or put back from an earlier save, holds nothing new.
            self._save_to_disc()
            return
        async with self._update_lock:
            if self._document.get() != model["content"]:
                self._document.set(model["content"])
            self._document.dirty = False
        self._known.add(self._file.file_id, digest(model["content"]))

    def as_file(self) -> bytes:
        """Return the content that the document's file would have."""
        content = self._document.get()
        if self._file_type == "notebook":
            notebook = nbformat.from_dict(content)
            text = nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"
            return str(text).encode("utf-8", "replace")
        return str(content).encode("utf-8", "replace")

    async def _maybe_save_document(self, saving_document: "asyncio.Task[None] | None", save_now: bool = False) -> None:  # noqa: FBT001, FBT002 - upstream's signature
        if saving_document is not None and not saving_document.done():
            saving_document.cancel()
        with suppress(asyncio.CancelledError):
            if not save_now:
                now = asyncio.get_running_loop().time()
                self._unsaved_since = self._unsaved_since or now
                # Upstream waits for a pause in typing, which may not come for minutes.
                longest = max(0.0, self._unsaved_since + LONGEST_SAVE_DELAY - now)
                await asyncio.sleep(min(self._save_delay or 0, longest))
            self._unsaved_since = 0.0
            await self.save()

    async def save(self) -> bool:
        """Write the document to its file; a change on disk that nobody recorded is taken over first.

        Returns:
            Whether the file now holds the document.
        """
        for _ in range(SAVE_ATTEMPTS):
            content = self._document.get()
            self._known.add(self._file.file_id, digest(content))
            model = {"format": self._file_format, "type": self._file_type, "content": content}
            try:
                saved = await self._file.maybe_save_content(model)
            except OutOfBandChanges:
                await self._on_outofband_change()
                continue
            except Exception:  # the edge to the contents manager, which raises whatever its disk does
                self.log.exception("%s could not be saved", self._file.path)
                return False
            if saved is not None:
                async with self._update_lock:
                    with self.ydoc.transaction():
                        self._document.dirty = False
                        self._document.hash = saved["hash"]
            return saved is not None
        return False
