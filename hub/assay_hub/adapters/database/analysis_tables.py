"""The tables of code analysis and of similar submissions. Every change here is an Alembic revision."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from assay_hub.adapters.database.tables import Moment, metadata

analyses = Table(
    "analyses",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("submission", Integer, nullable=False),
    Column("artefact", String(64), nullable=False),
    Column("message", Text, nullable=False),
    Column("finished_at", Moment),
)

prints = Table(
    "code_prints",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("submission", Integer, nullable=False),
    Column("prints", LargeBinary, nullable=False),
    Index("ix_code_prints_by_question", "question", "interview"),
)
"""Fingerprints of what was handed in, to be compared with what is handed in later."""

pairs = Table(
    "similar_pairs",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("batch", String(10), nullable=False),
    Column("question", String(255), nullable=False),
    Column("first", String(10), nullable=False),
    Column("second", String(10), nullable=False),
    Column("first_share", Float, nullable=False),
    Column("second_share", Float, nullable=False),
    Column("works", String(64), nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", String(255), nullable=False),
    Column("decided_at", Moment),
    UniqueConstraint("batch", "question", "first", "second"),
    Index("ix_similar_pairs_by_first", "batch", "first"),
    Index("ix_similar_pairs_by_second", "batch", "second"),
)
"""``batch`` is empty for a pair of interviews; ``works`` says which submissions were compared."""

searches = Table(
    "similar_searches",
    metadata,
    Column("batch", ForeignKey("batches.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("works", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("finished_at", Moment),
)
