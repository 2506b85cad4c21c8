"""The tables of reports. Every change here is an Alembic revision."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from assay_hub.adapters.database.tables import Moment, metadata

activities = Table(
    "activities",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("measured_at", Moment, nullable=False),
    Column("measured", Text, nullable=False),
)
"""How long candidates worked: derived from recordings, and can be made again from them."""

decisions = Table(
    "decisions",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("choice", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("account", String(255), nullable=False),
    Column("at", Moment, nullable=False),
)
"""What people decided; rows are only added."""

sharings = Table(
    "report_sharings",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("feedback", Text, nullable=False),
    Column("shared_by", String(255), nullable=False),
    Column("shared_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
"""What candidates got of their reports, as it was then."""

usual_sharings = Table(
    "role_sharings",
    metadata,
    Column("position", String(10), primary_key=True),
    Column("parts", Text, nullable=False),
)
"""What is usually shared with the candidates of a role."""

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers about fairness. Nothing here names an interview, a person or a time, and there is no row number that tells
in which order they came; the key is made from the interview's id with a secret that is not in the database."""

impact_tables = Table(
    "impact_tables",
    metadata,
    Column("position", String(10), primary_key=True),
    Column("sealed", Text, nullable=False),
)
"""The adverse-impact table of a role as it is shown until enough has changed."""
