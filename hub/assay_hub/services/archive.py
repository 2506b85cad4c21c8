"""Packs what was handed in into a zip file, and unpacks it within a bound."""

import io
import zipfile
from collections.abc import Mapping

_EARLIEST = (1980, 1, 1, 0, 0, 0)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(archive: bytes, max_bytes: int) -> Mapping[str, bytes]:
    """Return the files of a submission, path to content.

    Raises:
        ValueError: it is no zip file, or its content is larger than ``max_bytes`` bytes.
    """
    files: dict[str, bytes] = {}
    left = max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for member in opened.infolist():
                with opened.open(member) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise ValueError("the submission unpacks to more than is accepted")
                files[member.filename] = content
    except zipfile.BadZipFile as error:
        raise ValueError("the submission is no zip file") from error
    return files
