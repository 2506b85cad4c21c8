"""Which files a submission may bring along: paths are checked, since what was handed in says where they go."""

from collections.abc import Mapping
from pathlib import PurePosixPath

MAX_FILES = 500
MAX_BYTES = 48 * 1024 * 1024
_MAX_PATH = 200
_MAX_DEPTH = 8


def brought(submission: Mapping[str, bytes], notebook: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files beside the notebook that may be placed, and a remark about each kind that may not."""
    kept: dict[str, bytes] = {}
    room = MAX_BYTES
    unsafe = surplus = 0
    for path, content in sorted(submission.items()):
        if path == notebook:
            continue
        if not is_safe(path):
            unsafe += 1
        elif len(kept) >= MAX_FILES or len(content) > room:
            surplus += 1
        else:
            kept[path] = content
            room -= len(content)
    remarks = []
    if unsafe:
        remarks.append(f"{unsafe} files with a path outside the folder were left out")
    if surplus:
        remarks.append(f"{surplus} files were left out, too many or too large")
    return kept, tuple(remarks)


def is_safe(path: str) -> bool:
    """Whether a path stays inside the folder it is relative to."""
    pure = PurePosixPath(path)
    if not path or len(path) > _MAX_PATH or len(pure.parts) > _MAX_DEPTH or str(pure) != path:
        return False
    if not path.isprintable() or "\\" in path or not _encodable(path):
        return False
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts


def _encodable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
