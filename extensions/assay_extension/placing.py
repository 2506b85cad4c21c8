"""Placing the released files of a manifest: each once, never over a candidate's work."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assay_protocol.manifest import ReleasedFile
from assay_protocol.recording import Kind

from .recorder import Recorder
from .volume import write_atomically

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Placed:
    """What became of a manifest's files.

    Attributes:
        placed: paths of the files that were written now.
        kept: paths that were placed before, also when the candidate has deleted them since, or that existed already.
    """

    placed: tuple[str, ...]
    kept: tuple[str, ...]


class Placing:
    """Places files in the workspace's folder and remembers which.

    A file is placed once. When the candidate deletes it, a repeated manifest does not bring it back: the service sends
    its manifest again whenever a workspace starts, and a deletion is the candidate's own act, like an edit.

    Args:
        folder: the workspace's folder.
        memory: the file that remembers what was placed.
        recorder: takes the events.
    """

    def __init__(self, folder: Path, memory: Path, recorder: Recorder) -> None:
        self._folder = folder
        self._memory = memory
        self._recorder = recorder
        self._placed: dict[str, str] = json.loads(memory.read_bytes()) if memory.exists() else {}

    def place(self, files: tuple[ReleasedFile, ...]) -> Placed:
        """Place the files that never were.

        Raises:
            OSError: a file could not be written; those before it are placed and remembered.
        """
        placed: list[str] = []
        kept: list[str] = []
        for file in files:
            if file.path not in self._placed and self._write(file):
                placed.append(file.path)
                detail = {"sha256": file.sha256, "bytes": len(file.content)}
                self._recorder.append(Kind.MATERIALISED, document=file.path, detail=detail)
            else:
                kept.append(file.path)
            self._remember(file)
        return Placed(tuple(placed), tuple(kept))

    def _remember(self, file: ReleasedFile) -> None:
        if self._placed.setdefault(file.path, file.sha256) == file.sha256:
            write_atomically(self._memory, json.dumps(self._placed).encode())

    def _write(self, file: ReleasedFile) -> bool:
        """Write a file that does not exist; False when something of its name does."""
        path = PurePosixPath(file.path)
        try:
            with _folder(self._folder, path.parent.parts) as folder:
                return _write_new(folder, path.name, file.content)
        except OSError as error:
            # The candidate put a link or a file where the manifest wants a folder: that is theirs, and stays.
            if error.errno in {errno.ELOOP, errno.ENOTDIR}:
                return False
            raise


@contextmanager
def _folder(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """Open a folder below ``root`` by descriptors, made when missing, following no link."""
    descriptor = os.open(root, _FOLDER_FLAGS)
    try:
        for part in parts:
            with suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=descriptor)
            inner = os.open(part, _FOLDER_FLAGS, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _write_new(folder: int, name: str, content: bytes) -> bool:
    temporary = f".{name}.placing"
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o644, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        # A hard link, unlike a rename, fails when the name is taken.
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        os.fsync(folder)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary, dir_fd=folder)
    return True
