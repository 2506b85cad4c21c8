"""A real store for every test: an SQLite file that the migrations built once."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from assay_hub.adapters.database import SqlDatabase, migrate


@functools.cache
def _built() -> Path:
    """Return an empty database that the migrations built."""
    folder = Path(tempfile.mkdtemp(prefix="assay-store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "assay.sqlite"
    migrate(f"sqlite:///{file}")
    return file


def new_database(folder: Path) -> SqlDatabase:
    """Return an empty database in a folder."""
    return SqlDatabase(f"sqlite:///{shutil.copy(_built(), folder)}")
