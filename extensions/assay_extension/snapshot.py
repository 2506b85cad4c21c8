"""Taking the candidate's work as one zip file: the same bytes for the same files, bounded, no link followed."""

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_FILES: Final = 2000
_CHUNK: Final = 1024 * 1024
_SHOWN: Final = 5
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16
_OPEN_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class SnapshotTooLargeError(Exception):
    """The files are over the bound.

    Attributes:
        largest: ``(path, bytes)`` of the largest files, the largest first.
    """

    def __init__(self, largest: tuple[tuple[str, int], ...]) -> None:
        super().__init__(", ".join(f"{path} ({size} bytes)" for path, size in largest))
        self.largest = largest


@dataclass(frozen=True)
class _Found:
    path: str
    size: int


def take_snapshot(folder: Path, shared: Mapping[str, bytes], *, max_bytes: int, max_files: int = MAX_FILES) -> bytes:
    """Return a zip of the regular, visible files below ``folder``.

    Args:
        folder: the workspace's folder; cells may write to it at the same time.
        shared: contents of shared documents by path, taken instead of their files.
        max_bytes: bound of all contents together, before compression.
        max_files: bound of their number.

    Raises:
        SnapshotTooLargeError: a bound is exceeded; nothing was read beyond it.
    """
    found = {file.path: file for file in _walk(folder, max_files)}
    found |= {path: _Found(path, len(content)) for path, content in shared.items()}
    if len(found) > max_files or sum(file.size for file in found.values()) > max_bytes:
        raise SnapshotTooLargeError(_largest(found.values()))
    left = max_bytes
    taken: list[_Found] = []
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(found, key=lambda text: text.encode()):
            content = shared[path] if path in shared else _read(folder, path, left)
            if content is None:
                continue
            left -= len(content)
            taken.append(_Found(path, len(content)))
            if left < 0:
                raise SnapshotTooLargeError(_largest(taken))
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = _MODE
            archive.writestr(entry, content)
    return target.getvalue()


def _largest(files: Iterable[_Found]) -> tuple[tuple[str, int], ...]:
    by_size = sorted(files, key=lambda file: (-file.size, file.path))
    return tuple((file.path, file.size) for file in by_size[:_SHOWN])


def _walk(folder: Path, max_files: int) -> Iterator[_Found]:
    """Yield visible regular files with a name in UTF-8; at most one more than ``max_files``."""
    count = 0
    for base, folders, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if _is_fit(name))
        inside = os.path.relpath(base, folder)
        for name in sorted(filter(_is_fit, names)):
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield _Found(name if inside == "." else f"{inside}/{name}", status.st_size)
                count += 1
                if count > max_files:
                    return


def _is_fit(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not name.startswith(".") and "\\" not in name and name.isprintable()


def _read(folder: Path, path: str, bound: int) -> bytes | None:
    """Return a file's content, up to one byte over ``bound``; None when it is gone or no regular file any more."""
    *folders, name = path.split("/")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in [*folders, name]:
            inner = os.open(part, _OPEN_FLAGS, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = bytearray()
        while len(content) <= bound:
            chunk = os.read(descriptor, min(_CHUNK, bound + 1 - len(content)))
            if not chunk:
                break
            content += chunk
        return bytes(content)
    except OSError:
        return None
    finally:
        os.close(descriptor)
