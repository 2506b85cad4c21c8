"""Secrets: generated into the data folder on first use, readable by its owner only."""

import os
import secrets
from pathlib import Path


def secret(folder: Path, name: str) -> bytes:
    """Return the secret ``name`` of this installation: 32 random bytes, the same at every call.

    The file is complete before it has its name, so two processes that start together agree on one secret.

    Args:
        folder: the data folder.
        name: file name below ``secrets/``.
    """
    path = folder / "secrets" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
