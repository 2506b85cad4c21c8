"""Reads and writes answers of the API that are given again."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assay_hub.adapters.database import tables
from assay_hub.domain.answer import Answer


class Answers:
    """The part of the store that holds answers to requests with a key."""

    _connection: Connection

    def take_key(self, answer: Answer) -> Answer | None:
        """Store that a request is worked on; return what is there under its key instead, if something is."""
        columns = tables.answers.c
        mine = and_(columns.account == answer.account, columns.key == answer.key)
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(tables.answers).values(**asdict(answer)))
        except IntegrityError:
            row = self._connection.execute(select(tables.answers).where(mine)).one()
            return Answer(**row._mapping)
        return None

    def save_answer(self, answer: Answer) -> None:
        """Store the answer under its key."""
        columns = tables.answers.c
        mine = and_(columns.account == answer.account, columns.key == answer.key)
        values = {"status": answer.status, "headers": answer.headers, "body": answer.body}
        self._connection.execute(update(tables.answers).where(mine).values(**values))

    def free_key(self, account: str, key: str) -> None:
        """Forget a request that changed nothing."""
        columns = tables.answers.c
        self._connection.execute(delete(tables.answers).where(columns.account == account, columns.key == key))

    def forget_answers_before(self, moment: datetime) -> None:
        """Forget answers that are older."""
        self._connection.execute(delete(tables.answers).where(tables.answers.c.at < moment))
