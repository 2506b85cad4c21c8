"""Assay's database: SQLite in WAL mode by default, PostgreSQL by one setting."""

from assay_hub.adapters.database.engine import SqlDatabase, migrate

__all__ = ["SqlDatabase", "migrate"]
