"""Writes a row in place of what was there."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, insert, update


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Store a row under its key; ``values`` holds the key as well."""
    here = and_(*(table.c[name] == value for name, value in key.items()))
    if connection.execute(update(table).where(here).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(**values))
