"""Opens the database and brings its schema up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url

from assay_hub.adapters.database.records import SqlRecords


class SqlDatabase:
    """Short transactions on SQLite or PostgreSQL.

    On SQLite a writing transaction takes the write lock at its start, so that it never fails half way for a reader
    that became a writer; writers wait for each other up to 15 seconds.
    """

    def __init__(self, url: str) -> None:
        self._writer = _engine(url, writes=True)
        self._reader = _engine(url, writes=False) if make_url(url).get_backend_name() == "sqlite" else self._writer

    @contextmanager
    def read(self) -> Iterator[SqlRecords]:
        """Open a transaction that only reads."""
        with self._reader.begin() as connection:
            yield SqlRecords(connection, locks=False)

    @contextmanager
    def write(self) -> Iterator[SqlRecords]:
        """Open a transaction that writes: committed at the end of the block, rolled back by an error."""
        with self._writer.begin() as connection:
            yield SqlRecords(connection, locks=True)

    def analyze(self) -> None:
        """Have the database look at what it holds, so that it plans its queries well after many rows came at once."""
        with self._writer.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema up to date, or to an earlier release's revision, creating it if there is none."""
    database = make_url(url)
    if database.get_backend_name() == "sqlite" and database.database:
        Path(database.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    # SQLite changes a table by making it anew, which its own checks of references would not let pass.
    config.attributes["engine"] = engine = _engine(url, writes=True, references=False)
    try:
        command.upgrade(config, revision)
        if database.get_backend_name() == "sqlite":  # other databases look at what they hold by themselves
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
                connection.exec_driver_sql("ANALYZE")
    finally:
        engine.dispose()


def _engine(url: str, *, writes: bool, references: bool = True) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own implicit BEGIN comes too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if references else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
