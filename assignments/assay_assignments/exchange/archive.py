"""Zip files from strangers: read within bounds or refused with a reason; and zip files that are the same each time."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from assay_assignments.grading.files import is_safe

MAX_ARCHIVE_BYTES = 64_000_000
MAX_FILES = 2_000
MAX_FILE_BYTES = 50_000_000
MAX_BYTES = 200_000_000
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db"})


class BadArchiveError(ValueError):
    """A zip file that is not unpacked; the text says why."""


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip file by their paths; hidden ones, and what systems leave behind, are passed over.

    Nothing is written. What could be a trap is refused as a whole: paths out of the folder, links, files that are there
    twice, and more files or bytes than a library of questions has.

    Raises:
        BadArchiveError: it cannot be read, or is refused.
    """
    if len(content) > MAX_ARCHIVE_BYTES:
        raise BadArchiveError(f"the zip file is larger than {MAX_ARCHIVE_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, OSError, ValueError) as error:
        if isinstance(error, BadArchiveError):
            raise
        raise BadArchiveError(f"this is no zip file that can be read: {error}") from error


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(archive.infolist()) > MAX_FILES:
        raise BadArchiveError(f"the zip file has more than {MAX_FILES} entries")
    for entry in entries:
        if problem := _problem(entry):
            raise BadArchiveError(f"{entry.filename[:200]!r} {problem}")
    _once(entry.filename for entry in entries)
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for entry in entries:
        with archive.open(entry) as file:
            # The size that the archive names may be a lie.
            read = file.read(min(MAX_FILE_BYTES, left) + 1)
        if len(read) > MAX_FILE_BYTES:
            raise BadArchiveError(f"{entry.filename!r} is larger than {MAX_FILE_BYTES} bytes")
        left -= len(read)
        if left < 0:
            raise BadArchiveError(f"the files are larger than {MAX_BYTES} bytes together")
        if not _passed_over(entry.filename):
            files[entry.filename] = read
    return files


def _problem(entry: zipfile.ZipInfo) -> str:
    if not is_safe(entry.filename):
        return "is no path that can be unpacked"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        return "is a link or a device"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return "is compressed in a way that is not read here"
    if entry.file_size > MAX_FILE_BYTES:
        return f"is larger than {MAX_FILE_BYTES} bytes"
    return ""


def _once(paths: Iterable[str]) -> None:
    """Refuse a file that is there twice, also on disks that do not tell cases apart, or that is a folder as well."""
    seen: set[str] = set()
    folders: set[str] = set()
    for path in (path.casefold() for path in paths):
        if path in seen:
            raise BadArchiveError(f"{path[:200]!r} is there more than once")
        seen.add(path)
        folders.update(map(str, PurePosixPath(path).parents))
    if both := seen & folders:
        raise BadArchiveError(f"{min(both)[:200]!r} is a file and a folder")


def _passed_over(path: str) -> bool:
    return any(part.startswith(".") or part in _IGNORED for part in PurePosixPath(path).parts)
