"""Reads and writes rubrics of interviews, score cards, and what was changed on those that are locked."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.rubric import Rubric
from assay_hub.domain.score_card import Score, ScoreCard, ScoreChange


class Scores:
    """The part of the store that holds what reviewers gave."""

    _connection: Connection
    _locks: bool

    def pin_rubric(self, interview_id: str, rubric: Rubric, now: datetime) -> None:
        """Store what an interview is scored by, once and for all."""
        values = {"interview": interview_id, "rubric": json.dumps(rubric.to_json()), "pinned_at": now}
        self._connection.execute(insert(tables.rubrics).values(**values))

    def pinned_rubric(self, interview_id: str) -> Rubric | None:
        """Return what an interview is scored by; ``None`` before anybody opened a card."""
        query = select(tables.rubrics.c.rubric).where(tables.rubrics.c.interview == interview_id)
        kept = self._connection.scalar(query)
        return None if kept is None else Rubric.from_json(json.loads(kept))

    def save_card(self, card: ScoreCard) -> None:
        """Store a card in place of what was there."""
        key = {"interview": card.interview, "account": card.account}
        values = {
            "scores": json.dumps({name: score.to_json() for name, score in card.scores.items()}),
            "revision": card.revision,
            "page": card.page,
            "saved_at": card.saved_at,
            "locked_at": card.locked_at,
        }
        put(self._connection, tables.score_cards, key, {**key, **values})

    def card(self, interview_id: str, account: str) -> ScoreCard | None:
        """Return somebody's own card."""
        columns = tables.score_cards.c
        query = select(tables.score_cards).where(and_(columns.interview == interview_id, columns.account == account))
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else _card(row)

    def cards(self, interview_id: str) -> list[ScoreCard]:
        """Return all cards of an interview, those that are locked first, by the time at which they were."""
        columns = tables.score_cards.c
        query = select(tables.score_cards).where(columns.interview == interview_id)
        rows = self._connection.execute(query.order_by(columns.locked_at.is_(None), columns.locked_at, columns.account))
        return [_card(row) for row in rows]

    def add_score_change(self, interview_id: str, change: ScoreChange) -> None:
        """Store a change of a locked card."""
        values = {
            "interview": interview_id,
            "account": change.account,
            "criterion": change.criterion,
            "before": json.dumps(change.before.to_json()),
            "after": json.dumps(change.after.to_json()),
            "at": change.at,
            "why": change.why,
        }
        self._connection.execute(insert(tables.score_changes).values(**values))

    def score_changes(self, interview_id: str) -> list[ScoreChange]:
        """Return the changes of an interview's locked cards in order."""
        table = tables.score_changes
        query = select(table).where(table.c.interview == interview_id).order_by(table.c.id)
        return [_change(row) for row in self._connection.execute(query)]


def _card(row: Row[Any]) -> ScoreCard:
    scores = {name: Score.from_json(kept) for name, kept in json.loads(row.scores).items()}
    return ScoreCard(**{**row._mapping, "scores": scores})


def _change(row: Row[Any]) -> ScoreChange:
    before, after = (Score.from_json(json.loads(kept)) for kept in (row.before, row.after))
    return ScoreChange(row.account, row.criterion, before, after, row.at, row.why)
