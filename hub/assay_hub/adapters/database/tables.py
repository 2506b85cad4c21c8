"""The tables. Every change here is an Alembic revision beside it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC without a zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

interviews = Table(
    "interviews",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("title", Text, nullable=False),
    Column("candidate_name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("duration_seconds", Integer, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
)

interviewers = Table(
    "interviewers",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True, index=True),
)

questions = Table(
    "interview_questions",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("pinned", String(64), nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("account", String(255), nullable=False),
    Column("display_name", Text, nullable=False),
    Column("interview", String(10), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("one_time", Boolean, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    UniqueConstraint("secret_hash"),
)

notes = Table(
    "notes",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("text", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

recording = Table(
    "recording",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("line", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
)

recording_gaps = Table(
    "recording_gaps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("interview", ForeignKey("interviews.id"), nullable=False, index=True),
    Column("after_seq", Integer, nullable=False),
    Column("noticed_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("artefact", String(64), nullable=False),
    Column("receipt", Text, nullable=False),
)

grades = Table(
    "grades",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("outcome", String(32), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("cells", Text, nullable=False),
    Column("autograded", String(64), nullable=False),
    Column("isolated", Boolean, nullable=False),
    Column("message", Text, nullable=False),
)
