"""Reads and writes applicant tracking systems and what they ordered."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import Row, select, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.partner import Connection, Order, Standing, System


class Partners:
    """The part of the store that belongs to other systems that order interviews."""

    _connection: Transaction

    def save_connection(self, connection: Connection) -> None:
        """Store a connection in place of what was there."""
        values = {**asdict(connection), "system": connection.system.value}
        put(self._connection, tables.connections, {"id": connection.id}, values)

    def connection(self, connection_id: str) -> Connection | None:
        """Return a connection."""
        return self._one_connection(tables.connections.c.id == connection_id)

    def connection_of(self, key_hash: str) -> Connection | None:
        """Return the connection whose key has this hash."""
        return self._one_connection(tables.connections.c.key_hash == key_hash)

    def connections(self) -> list[Connection]:
        """Return all connections, the oldest first."""
        query = select(tables.connections).order_by(tables.connections.c.created_at)
        return [_connection(row) for row in self._connection.execute(query)]

    def save_order(self, order: Order) -> None:
        """Store an order in place of what was there."""
        put(self._connection, tables.orders, {"id": order.id}, {**asdict(order), "told": order.told.value})

    def order(self, connection_id: str, order_id: str) -> Order | None:
        """Return an order of a connection."""
        return self._one_order(tables.orders.c.connection == connection_id, tables.orders.c.id == order_id)

    def order_of(self, connection_id: str, key: str) -> Order | None:
        """Return the order of a connection for a candidate and a test."""
        return self._one_order(tables.orders.c.connection == connection_id, tables.orders.c.key == key)

    def take_untold_orders(self, now: datetime, until: datetime, rows: int) -> list[Order]:
        """Return orders that may have something to tell, and keep them from others for a while."""
        columns = tables.orders.c
        due = (columns.settled.is_(False), columns.next_at <= now, columns.interview != "")
        query = select(tables.orders).where(*due)
        query = query.order_by(columns.next_at).limit(rows).with_for_update(skip_locked=True)
        taken = [_order(row) for row in self._connection.execute(query)]
        here = columns.id.in_([one.id for one in taken])
        self._connection.execute(update(tables.orders).where(here).values(next_at=until))
        return taken

    def _one_connection(self, here: Any) -> Connection | None:
        row = self._connection.execute(select(tables.connections).where(here)).first()
        return None if row is None else _connection(row)

    def _one_order(self, *here: Any) -> Order | None:
        row = self._connection.execute(select(tables.orders).where(*here)).first()
        return None if row is None else _order(row)


def _connection(row: Row[Any]) -> Connection:
    return Connection(**{**row._mapping, "system": System(row.system)})


def _order(row: Row[Any]) -> Order:
    return Order(**{**row._mapping, "told": Standing(row.told)})
