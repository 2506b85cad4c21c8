"""The websocket of a shared document or of presence: who may say what on it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from jupyter_server_ydoc.handlers import YDocWebSocketHandler
from jupyter_server_ydoc.rooms import TransientRoom
from jupyter_server_ydoc.utils import SERVER_SESSION, MessageType, room_id_from_encoded_path
from pycrdt import YMessageType, YSyncMessageType, create_sync_message, read_message
from tornado import web
from tornado.websocket import WebSocketHandler

from assay_extension.workspace import DISCONNECTED_CODE, Workspace, workspace_of

from .awareness import BadAwarenessError, ClientIds, gone, under_own_name
from .people import identity
from .rooms import UPDATE_BYTES, Applicable, Incomplete, RecordedRoom
from .updates import BadUpdateError, read_state

PRESENCE_ROOM = "JupyterLab:globalAwareness"
_FRAMING_BYTES = 1024
_SYNC_UPDATES = (YSyncMessageType.SYNC_STEP2, YSyncMessageType.SYNC_UPDATE)


class PresenceRoom(TransientRoom):
    """A room without a document that is kept: who is there and where they look."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.ids = ClientIds()


class SessionHandler(APIHandler):
    """Tells a page the room of a file. Upstream asks for the right to write; reading along needs it as well."""

    auth_resource = "contents"

    @web.authenticated
    @authorized(action="read")
    async def put(self, path: str) -> None:
        """Answer the file's id, after which its room is named."""
        try:
            body = json.loads(self.request.body)
            answer = {"format": str(body["format"]), "type": str(body["type"]), "sessionId": SERVER_SESSION}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise web.HTTPError(400, "Name a format and a type.") from error
        if not await ensure_async(self.contents_manager.file_exists(path)):
            raise web.HTTPError(404, f"File {path!r} does not exist")
        files = self.settings["file_id_manager"]
        self.finish(json.dumps({**answer, "fileId": files.get_id(path) or files.index(path)}))


class QuietEvents(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The websocket of the server's events, on which nothing is said: upstream tells everybody what each person does.

    Pages open it and try again for ever when it is missing.
    """

    auth_resource = "api"

    @ws_authenticated
    @authorized(action="read")
    async def get(self, *arguments: Any, **options: Any) -> None:  # type: ignore[override]
        """Open the websocket for a participant."""
        opening: Any = super().get(*arguments, **options)
        await opening

    def open(self) -> None:
        """Note the websocket, so that disconnecting the account closes it."""
        super().open()
        workspace_of(self).consoles.add(self.current_user.username, self)

    def on_message(self, message: bytes | str) -> None:
        """Pass over what a page says."""

    def on_close(self) -> None:
        """Forget the websocket."""
        workspace_of(self).consoles.remove(self.current_user.username, self)


class RoomHandler(YDocWebSocketHandler):
    """One page's websocket to a room.

    Unlike upstream's: a room is made only after the request was authorised; a page of another origin is refused; what
    arrives is applied only when its sender may edit at that moment, and under the sender's name alone.
    """

    def initialize(self, *, room_for: Callable[[str], Any], **arguments: Any) -> None:
        """Take the arguments of upstream's handler, and ``room_for(room_id)``, which makes or finds a room."""
        super().initialize(**arguments)
        self._room_for = room_for
        self._sender = ""

    async def prepare(self) -> None:
        """Authenticate and authorise before anything is made for the request.

        Raises:
            tornado.web.HTTPError: 403 for whoever takes no part, comes from elsewhere, or only watches and asks for
                anything but a notebook; 404 for an unknown room.
        """
        prepared: Any = JupyterHandler.prepare(self, _redirect_to_login=False)
        await prepared
        user = self.current_user
        if user is None or not await ensure_async(self.authorizer.is_authorized(self, user, "read", "contents")):
            raise web.HTTPError(403)
        self._sender = user.username
        self._room_id = room_id_from_encoded_path(self.request.path)
        if self._room_id.startswith("text:") and not self.workspace.people.may_edit(self._sender):
            raise web.HTTPError(403)  # to share a plain file takes it from those who write it otherwise
        if not self._websocket_server.started.is_set():
            self.create_task(self._websocket_server.start())
            await self._websocket_server.started.wait()
        async with self._room_lock(self._room_id):
            self.room: Any = await self._room_for(self._room_id)

    @property
    def max_message_size(self) -> int:
        """Bytes of one message; tornado closes the websocket with 1009 on a larger one."""
        return UPDATE_BYTES + _FRAMING_BYTES

    def check_origin(self, origin: str) -> bool:
        """Whether the page that opens the websocket is of this workspace's own origin."""
        return JupyterHandler.check_origin(self, origin)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return workspace_of(self)

    async def open(self, room_id: str) -> None:
        """Begin to serve the page."""
        self.workspace.entered(self._sender, self)
        if self.workspace.people.find(self._sender) is None:  # let out since the request was authorised
            self.close(DISCONNECTED_CODE, "disconnected")
            return
        await super().open(room_id)

    async def on_message(self, message: bytes | str) -> None:
        """Queue a message; a request to save is answered only for people who may edit."""
        if isinstance(message, str) or not message:
            self.close(1003, "Only binary messages.")
            return
        if message[0] == MessageType.RAW and not (
            isinstance(self.room, RecordedRoom) and self.workspace.people.may_edit(self._sender)
        ):
            return
        try:
            await super().on_message(message)
        except (IndexError, RuntimeError, UnicodeDecodeError):
            self.close(1007, "The message cannot be read.")

    async def __anext__(self) -> bytes:
        """Return the next message that the room should apply, with the room's ``sender`` set to its author.

        The room applies it before anything else runs, so that what its document's observer sees is this sender's.
        """
        if isinstance(self.room, RecordedRoom):
            self.room.sender = None
        while True:
            message: bytes = await super().__anext__()
            admitted = self._admit(message)
            if admitted is not None:
                return admitted

    def _admit(self, message: bytes) -> bytes | None:
        person = self.workspace.people.find(self._sender)
        if person is None:
            return None
        if message[0] == YMessageType.AWARENESS:
            try:
                return under_own_name(message, self._sender, identity(person), self.room.ids)
            except BadAwarenessError:
                self.close(1007, "The message cannot be read.")
                return None
        if message[0] == YMessageType.SYNC and len(message) > 1:
            return self._admit_sync(message, may_edit=person.may_edit)
        return None

    def _admit_sync(self, message: bytes, *, may_edit: bool) -> bytes | None:
        try:
            body = read_message(message[2:])
            if message[1] == YSyncMessageType.SYNC_STEP1:
                read_state(body)
                return message
        except (AssertionError, IndexError, RuntimeError, BadUpdateError):
            self.close(1007, "The message cannot be read.")
            return None
        if not may_edit:
            self._drop_update(body)
            return None
        return self._admit_update(message, body) if message[1] in _SYNC_UPDATES else None

    def _drop_update(self, update: bytes) -> None:
        """Pass over what somebody sends who only watches; a page's echo of what it was sent is no attempt."""
        if isinstance(self.room, RecordedRoom) and self.room.would_change(update):
            self.log.warning("Dropped a change of %s by %s, who only watches", self._room_id, self._sender)
            self.workspace.refused(self._sender, "document", self.room.recorded_path)

    def _admit_update(self, message: bytes, update: bytes) -> bytes | None:
        if not isinstance(self.room, RecordedRoom) or self.room.failed:
            return None
        verdict = self.room.judge(self._sender, update)
        if isinstance(verdict, Applicable):
            self.room.sender = self._sender
            return message
        if isinstance(verdict, Incomplete):
            self.write_message(create_sync_message(self.room.ydoc), binary=True)
        else:
            self.log.warning("Refused a change of %s by %s: %s", self._room_id, self._sender, verdict.reason)
            self.close(verdict.code, verdict.reason)
        return None

    def on_close(self) -> None:
        """Tell the others that the page has left, and who has."""
        self.workspace.left(self._sender, self)
        self._say_gone()
        super().on_close()

    def _say_gone(self) -> None:
        if not isinstance(self.room, RecordedRoom | PresenceRoom):
            return
        others = [client for client in self.room.clients if client is not self]
        if any(getattr(client, "_sender", "") == self._sender for client in others):
            return
        states, meta = self.room.awareness.states, self.room.awareness.meta
        left = [client_id for client_id in self.room.ids.owned_by(self._sender) if client_id in states]
        if left:
            message = gone(left, {client_id: meta[client_id]["clock"] for client_id in left})
            self.room.awareness.remove_awareness_states(left, "left")
            for client in others:
                asyncio.ensure_future(client.send(message)).add_done_callback(lambda _: None)
