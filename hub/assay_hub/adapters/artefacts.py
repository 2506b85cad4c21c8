"""Artefacts as files named by the SHA-256 of their content."""

import hashlib
import os
import re
import tempfile
from pathlib import Path


class FolderArtefacts:
    """Keeps artefacts below one folder; a file has its name only when it is complete and on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their key; the same bytes are kept once."""
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        return key

    def get(self, key: str) -> bytes:
        """Return the bytes under a key.

        Raises:
            KeyError: there is nothing under this key.
        """
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def has(self, key: str) -> bool:
        """Whether there is something under a key."""
        return self._path(key).exists()

    def delete(self, key: str) -> None:
        """Let go of the bytes under a key; nothing happens if there are none."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise KeyError(key)
        return self._folder / key[:2] / key
