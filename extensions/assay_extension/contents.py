"""Files as participants reach them: inside the workspace only, never trusted, never served as a script."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from jupyter_server.files.handlers import FilesHandler
from jupyter_server.services.contents.checkpoints import AsyncCheckpoints
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager
from jupyter_server.services.contents.handlers import ContentsHandler
from tornado import web

from assay_protocol.recording import Kind

from .policy import SCRIPT_TYPES
from .workspace import workspace_of

UPLOAD_BYTES: Final = 8 * 1024 * 1024
"""Bound of one upload; larger data comes with the interview."""
_WRITE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class WorkspaceFilesHandler(FilesHandler):
    """Serves a file for download or as an image, sandboxed."""

    def set_header(self, name: str, value: Any) -> None:
        """Set a header; a script is served as plain text, which no page runs."""
        if name == "Content-Type" and str(value).split(";")[0].strip().lower() in SCRIPT_TYPES:
            value = "text/plain; charset=UTF-8"
        super().set_header(name, value)


class NoCheckpoints(AsyncCheckpoints):
    """Keeps no checkpoints: the recording holds every state, and going back to one would look like nobody's edit."""

    async def create_checkpoint(self, contents_mgr: Any, path: str) -> dict[str, Any]:
        """Say that there is a checkpoint, which pages ask for whenever somebody saves."""
        model: dict[str, Any] = await contents_mgr.get(path, content=False)
        return {"id": "recording", "last_modified": model["last_modified"]}

    async def list_checkpoints(self, path: str) -> list[dict[str, Any]]:
        """Return none."""
        del path
        return []

    async def rename_checkpoint(self, checkpoint_id: str, old_path: str, new_path: str) -> None:
        """Do nothing."""

    async def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Do nothing."""

    async def restore_checkpoint(self, contents_mgr: Any, checkpoint_id: str, path: str) -> None:
        """Refuse.

        Raises:
            tornado.web.HTTPError: 404, always.
        """
        del contents_mgr, checkpoint_id
        raise web.HTTPError(404, f"There are no checkpoints of {path}.")


class WorkspaceContents(AsyncFileContentsManager):
    """The files below the workspace's folder."""

    def _get_os_path(self, path: str) -> str:
        """Return the place of a file.

        Raises:
            tornado.web.HTTPError: 404 when a link on the way leads out of the workspace's folder.
        """
        place: str = super()._get_os_path(path)
        self._check_inside(place, path)
        return place

    @contextmanager
    def atomic_writing(self, os_path: str, *, text: bool = True, encoding: str = "utf-8", **_: Any) -> Iterator[Any]:
        """Yield a file that takes the place of ``os_path`` at the end, in one step.

        Upstream rewrites the file in place, so that a reader, or a server killed meanwhile, leaves half of it; and it
        follows links. Here the folder is opened once, checked, and nothing below it is followed.
        """
        folder_path, name = os.path.split(os_path)
        with self.perm_to_403(os_path):
            folder = os.open(folder_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            temporary = f".{secrets.token_hex(8)}.saving"
            try:
                self._check_inside(str(Path(f"/proc/self/fd/{folder}").readlink()), name)
                descriptor = os.open(temporary, _WRITE_FLAGS, 0o644, dir_fd=folder)
                with os.fdopen(descriptor, "w" if text else "wb", encoding=encoding if text else None) as file:
                    os.fchmod(descriptor, _mode(name, folder))
                    yield file
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                os.close(folder)

    def _check_inside(self, place: str, path: str) -> None:
        root = os.path.realpath(self.root_dir)
        if os.path.commonpath([root, os.path.realpath(place)]) != root:
            raise web.HTTPError(404, f"{path} is outside root contents directory")

    def mark_trusted_cells(self, nb: Any, path: str = "") -> None:
        """Trust no cell: outputs of one participant must not run script in the page of another."""
        del path
        self.notary.mark_cells(nb, trusted=False)

    def check_and_sign(self, nb: Any, path: str = "", **_: Any) -> None:
        """Sign nothing."""


async def _finished(outcome: Any) -> None:
    # Upstream's decorators hide that its methods are coroutines.
    await outcome


def _mode(name: str, folder: int) -> int:
    """Return the mode for a file's new version: a file that a cell wrote stays writable for cells."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return 0o644
    return stat.S_IMODE(status.st_mode) & 0o777 | (0o666 if status.st_uid != os.geteuid() else 0)


class RecordedContentsHandler(ContentsHandler):
    """The files' interface for participants: what they create, upload, rename or delete is recorded.

    A shared document that is open cannot be overwritten this way: it would look like a change by nobody.
    """

    async def put(self, path: str = "") -> None:
        """Upload a file."""
        if len(self.request.body) > UPLOAD_BYTES or "chunk" in (self.get_json_body() or {}):
            raise web.HTTPError(413, f"An upload is at most {UPLOAD_BYTES // 1024 // 1024} MiB.")
        self._refuse_open_document(path)
        await _finished(super().put(path))
        self._record("saved", path)

    async def post(self, path: str = "") -> None:
        """Create or copy a file."""
        await _finished(super().post(path))
        self._record("created", path)

    async def patch(self, path: str = "") -> None:
        """Rename a file."""
        model = self.get_json_body() or {}
        self._refuse_open_document(str(model.get("path", "")))
        await _finished(super().patch(path))
        self._record("renamed", path, to=str(model.get("path", "")))

    async def delete(self, path: str = "") -> None:
        """Delete a file."""
        await _finished(super().delete(path))
        self._record("deleted", path)

    def _refuse_open_document(self, path: str) -> None:
        if path.strip("/") in workspace_of(self).documents.values():
            raise web.HTTPError(409, "This document is open. Edit it in the page.")

    def _record(self, action: str, path: str, **more: str) -> None:
        account = self.current_user.username
        detail = {"action": action, **more}
        workspace_of(self).recorder.append(Kind.FILE, account=account, document=path.strip("/"), detail=detail)
