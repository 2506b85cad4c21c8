"""Uploaded zip files, held in a folder until somebody keeps or discards what is in them; none is unpacked there."""

import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from assay_hub.domain.errors import BadInputError
from assay_hub.ports.batches import UploadedFiles

MAX_ENTRIES = 20_000
_MAX_PATH = 400
_MAX_DEPTH = 12
_UTF8 = 0x800
_ENCRYPTED = 0x1
_REFUSED_SHOWN = 200
_DIRECTORY_SIZE = 5
_ENTRY_BYTES = 46 + _MAX_PATH + 150


class FolderUploads:
    """Zip files in one folder.

    Args:
        folder: where they are held.
        file_bytes: most bytes of one file in them.
        max_bytes: most bytes of all files in one of them together.
    """

    def __init__(self, folder: Path, file_bytes: int, max_bytes: int) -> None:
        self._folder = folder
        self._file_bytes = file_bytes
        self._max_bytes = max_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, file: BinaryIO) -> str:
        """Hold a zip file and return its key.

        Raises:
            BadInputError: it is no zip file, or holds more than is taken.
        """
        key = secrets.token_hex(16)
        path = self._path(key)
        try:
            with path.open("xb") as held:
                os.fchmod(held.fileno(), 0o600)
                shutil.copyfileobj(file, held, 1 << 20)
            with _opened(path) as archive:
                self._check(archive.infolist())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return key

    def files(self, key: str) -> UploadedFiles:
        """Return what a zip file holds.

        Raises:
            KeyError: it is not held any more.
        """
        path = self._held(key)
        with _opened(path) as archive:
            kept, refused = self._entries(archive)
        return UploadedFiles(
            tuple((path, info.file_size) for path, info in kept.items()), tuple(refused[:_REFUSED_SHOWN])
        )

    def read(self, key: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return some of its files.

        Raises:
            KeyError: it is not held any more.
            BadInputError: a file is broken, or larger than it says.
        """
        with self.reading(key) as read:
            return read(paths)

    @contextmanager
    def reading(self, key: str) -> Iterator[Callable[[Sequence[str]], Mapping[str, bytes]]]:
        """Return what reads some of its files, again and again: its table of contents is read once.

        Raises:
            KeyError: it is not held any more.
        """
        with _opened(self._held(key)) as archive:
            kept, _ = self._entries(archive)
            yield lambda paths: {path: _content(archive, kept[path], path) for path in paths}

    def delete(self, key: str) -> None:
        """Let go of a zip file; nothing happens if it is not held."""
        if re.fullmatch(r"[0-9a-f]{32}", key):
            self._path(key).unlink(missing_ok=True)

    def _held(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{32}", key) or not self._path(key).is_file():
            raise KeyError(key)
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.zip"

    def _check(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_ENTRIES:
            raise _refusal(f"It holds {len(entries)} files; at most {MAX_ENTRIES} are taken.")
        if sum(entry.file_size for entry in entries) > self._max_bytes:
            raise _refusal(f"Unpacked it is larger than {self._max_bytes // 1_000_000} MB.")

    def _entries(self, archive: zipfile.ZipFile) -> tuple[dict[str, zipfile.ZipInfo], list[tuple[str, str]]]:
        kept: dict[str, zipfile.ZipInfo] = {}
        refused: list[tuple[str, str]] = []
        for info in archive.infolist():
            path = _name(info)
            if info.is_dir():
                continue
            if reason := self._fault(info, path, kept):
                refused.append((_shown(path), reason))
            else:
                kept[path] = info
        return kept, refused

    def _fault(self, info: zipfile.ZipInfo, path: str, kept: Mapping[str, zipfile.ZipInfo]) -> str:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            return "is no ordinary file"
        if not _is_safe(path):
            return "has a path that is not taken"
        if path in kept:
            return "is there twice; the first one counts"
        if info.flag_bits & _ENCRYPTED:
            return "is encrypted"
        return "is too large" if info.file_size > self._file_bytes else ""


def _opened(path: Path) -> zipfile.ZipFile:
    """Open a zip file, but none whose table of contents alone would fill the memory."""
    try:
        with path.open("rb") as file:
            end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001  # the very place that ZipFile reads
        if end is not None and end[_DIRECTORY_SIZE] > MAX_ENTRIES * _ENTRY_BYTES:
            raise _refusal(f"At most {MAX_ENTRIES} files are taken.")
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _refusal("It is no zip file, or it is broken.") from error


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> bytes:
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _refusal(f"{_shown(path)} in it is broken.") from error
    if len(content) != info.file_size:
        raise _refusal(f"{_shown(path)} in it is not of the size that it says.")
    return content


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's path; many programs write UTF-8 without saying so."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return info.orig_filename


def _is_safe(path: str) -> bool:
    pure = PurePosixPath(path)
    if not path or len(path) > _MAX_PATH or not 0 < len(pure.parts) <= _MAX_DEPTH or str(pure) != path:
        return False
    if not path.isprintable() or "\\" in path or ":" in pure.parts[0][1:2]:
        return False
    return not pure.is_absolute() and ".." not in pure.parts


def _shown(path: str) -> str:
    return "".join(one if one.isprintable() else "�" for one in path)[:_MAX_PATH]


def _refusal(reason: str) -> BadInputError:
    return BadInputError("This file cannot be taken.", reason, fields={"file": reason})
