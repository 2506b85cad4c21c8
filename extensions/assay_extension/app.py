"""The server extension: puts recorder, rooms, access and routes into the workspace's Jupyter server."""

import time
from collections.abc import Callable
from typing import Any

from jupyter_server.utils import url_path_join
from jupyter_server_ydoc.app import YDocExtension
from jupyter_server_ydoc.utils import decode_file_path
from jupyter_server_ydoc.websocketserver import exception_logger
from tornado import web
from tornado.routing import Rule

from assay_protocol import routes

from . import handlers
from .access import Closed
from .browser_events import Rate
from .contents import RecordedContentsHandler
from .documents import KnownContents
from .people import People
from .placing import Placing
from .recorder import Recorder
from .rooms import RecordedRoom
from .snapshot import take_snapshot
from .sockets import PRESENCE_ROOM, PresenceRoom, QuietEvents, RoomHandler, SessionHandler
from .volume import Volume
from .workspace import SETTING, Workspace

RESTART_CODE = 1012


class WorkspaceApp(YDocExtension):
    """Editing together, recorded; replaces the stock collaboration extension, whose pages it serves unchanged."""

    name = "assay_extension"
    app_name = "Assay workspace"
    description = "The workspace of one interview"

    clock: Callable[[], float] = staticmethod(time.time)

    def initialize_settings(self) -> None:
        """Open the volume; without it the server must not start."""
        super().initialize_settings()
        self.volume = Volume.from_environment()
        self.volume.prepare()
        recorder = Recorder(self.volume.recording, self.clock)
        self.workspace = Workspace(self.volume, recorder, People(self.volume.people))
        self.known = KnownContents(self.volume.known)
        self.placing = Placing(self.volume.notebooks, self.volume.placed, recorder)
        self.settings[SETTING] = self.workspace

    def initialize_handlers(self) -> None:
        """Add the routes, and the gate before all routes of the server."""
        super().initialize_handlers()
        room = next(rule[2] for rule in self.handlers if rule[1].__name__ == "YDocWebSocketHandler")
        placing = {"placing": self.placing}
        self.handlers[:] = [
            (r"/api/collaboration/room/(.*)", RoomHandler, {**room, "room_for": self.room_for}),
            (r"/api/collaboration/session/(.*)", SessionHandler),
            (r"/api/contents(?P<path>(?:/[^/]+)+|/?)(?<!/checkpoints)(?<!/trust)", RecordedContentsHandler),
            (r"/api/nbconvert", handlers.NoExportsHandler),
            (r"/api/events/subscribe", QuietEvents),
            (r"/api/me", handlers.ParticipantHandler),
            (f"/{routes.STATUS}", handlers.StatusHandler),
            (f"/{routes.MANIFEST}", handlers.ManifestHandler, placing),
            (f"/{routes.RECORDING}", handlers.RecordingHandler),
            (f"/{routes.SNAPSHOT}", handlers.SnapshotHandler, {"snapshot": self.snapshot}),
            (f"/{routes.DISCONNECT}", handlers.DisconnectHandler),
            (f"/{routes.BROWSER_EVENTS}", handlers.BrowserEventsHandler, {"rate": Rate()}),
        ]
        gate = Rule(Closed(url_path_join(self.serverapp.base_url, "/")), handlers.ClosedHandler)
        self.serverapp.web_app.default_router.rules.insert(0, gate)

    async def room_for(self, room_id: str) -> Any:
        """Return the started room of an id, made when there is none; the caller holds the room's lock.

        Raises:
            tornado.web.HTTPError: 404 when the id names no file, or a file in another form than its own.
        """
        rooms = self.ywebsocket_server
        if rooms.room_exists(room_id):
            return await rooms.get_room(room_id)
        if room_id == PRESENCE_ROOM:
            room: Any = PresenceRoom(room_id=room_id, log=self.log, exception_handler=exception_logger)
        else:
            room = self._document_room(room_id)
        await rooms.start_room(room)
        rooms.add_room(room_id, room)
        return room

    def _document_room(self, room_id: str) -> RecordedRoom:
        if room_id.count(":") < 2:  # noqa: PLR2004 - format, type and file id
            raise web.HTTPError(404)
        file_format, file_type, file_id = decode_file_path(room_id)
        path = self.serverapp.web_app.settings["file_id_manager"].get_path(file_id)
        # One room per file: two documents of the same file would overwrite each other.
        own_form = ("json", "notebook") if str(path).endswith(".ipynb") else ("text", "file")
        if path is None or (file_format, file_type) != own_form:
            raise web.HTTPError(404)
        self.workspace.documents[room_id] = path
        return RecordedRoom(
            recorder=self.workspace.recorder,
            known=self.known,
            on_failure=self._drop,
            room_id=room_id,
            file_format=file_format,
            file_type=file_type,
            file=self.file_loaders[file_id],
            logger=self.serverapp.event_logger,
            log=self.log,
            save_delay=self.document_save_delay,
            exception_handler=exception_logger,
        )

    def _drop(self, room: RecordedRoom) -> None:
        """Drop a room whose last change is not recorded; pages come back to what the recording holds."""
        self.ywebsocket_server.rooms.pop(room.room_id, None)
        for client in list(room.clients):
            client.close(RESTART_CODE, "This change could not be recorded.")

    def document_rooms(self) -> list[RecordedRoom]:
        """Return the rooms of the documents that are open."""
        return [room for room in self.ywebsocket_server.rooms.values() if isinstance(room, RecordedRoom) and room.ready]

    async def snapshot(self, max_bytes: int) -> tuple[int, bytes]:
        """Save the shared documents and take a snapshot.

        Returns:
            The number of the last event before it, and the zip.

        Raises:
            SnapshotTooLargeError: see there.
        """
        for room in self.document_rooms():
            await room.save()
        seq = self.workspace.recorder.seq
        shared = {room.recorded_path: room.as_file() for room in self.document_rooms()}
        return seq, take_snapshot(self.volume.notebooks, shared, max_bytes=max_bytes)

    async def stop_extension(self) -> None:
        """Save the shared documents and close the recording."""
        for room in self.document_rooms():
            await room.save()
        await super().stop_extension()
        self.workspace.recorder.close()
