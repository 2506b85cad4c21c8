"""One locked-down container per interview; where there is no container engine, one process per interview."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay_spawner.local import LocalWorkspaceSpawner
    from assay_spawner.spawner import AssaySpawner

__all__ = ["AssaySpawner", "LocalWorkspaceSpawner"]


def __getattr__(name: str) -> Any:
    """Import a spawner when it is asked for: the image's command line has no need of a hub."""
    if name == "AssaySpawner":
        return importlib.import_module("assay_spawner.spawner").AssaySpawner
    if name == "LocalWorkspaceSpawner":
        return importlib.import_module("assay_spawner.local").LocalWorkspaceSpawner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
