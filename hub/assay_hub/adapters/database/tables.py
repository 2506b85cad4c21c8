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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    func,
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
    Column("candidate_email", Text, nullable=False, server_default=""),
    Column("position", String(10), nullable=False, server_default=""),
    Column("kind", String(16), nullable=False, server_default="live"),
    Column("scheduled_at", Moment),
    Column("date", Moment, nullable=False, server_default=func.current_timestamp()),
    Column("time_zone", String(64), nullable=False, server_default="UTC"),
    Column("internal_notes", Text, nullable=False, server_default=""),
    Column("restricted", Boolean, nullable=False, server_default=false()),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("calendar_sequence", Integer, nullable=False, server_default="0"),
    Column("paused_seconds", Float, nullable=False, server_default="0"),
    Column("signals", String(16), nullable=False, server_default="light"),
    Column("blind", Boolean, nullable=False, server_default=false()),
    Column("identity", Text, nullable=False, server_default=""),
    Index("ix_interviews_by_date", "date", "id"),
    Index("ix_interviews_by_title", "title", "id"),
    Index("ix_interviews_by_candidate", "candidate_name", "id"),
    Index("ix_interviews_by_created", "created_at", "id"),
    Index("ix_interviews_by_state", "state", "date", "id"),
    Index("ix_interviews_by_position", "position", "date", "id"),
)
"""``date`` is ``scheduled_at``, or ``created_at`` without one; ``restricted`` says that there are viewers.

The row of a blind interview, its tags and its words are what a reviewer may know, so that no search, order or cursor
gives more away; ``identity`` holds what is hidden, as JSON.
"""

words = Table(
    "interview_words",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("words", Text, nullable=False),
)
"""What a search in words looks through, in lower case; apart from the rest, so that little has to be read."""

hidden_words = Table(
    "hidden_words",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("words", Text, nullable=False),
)
"""The same of blind interviews, for those who may know who the candidate is."""

interviewers = Table(
    "interviewers",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True, index=True),
)

observers = Table(
    "interview_observers",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True, index=True),
)

viewers = Table(
    "interview_viewers",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True, index=True),
)

tags = Table(
    "interview_tags",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("tag", String(50), primary_key=True),
    Column("place", Integer, nullable=False),
    Index("ix_interview_tags_by_tag", "tag", "interview"),
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

recording_blocks = Table(
    "recording_blocks",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("first_seq", Integer, primary_key=True),
    Column("last_seq", Integer, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("received", LargeBinary, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("first_at", Integer, nullable=False),
    Column("last_at", Integer, nullable=False),
    Column("markers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
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
    Column("number", Integer, primary_key=True, server_default="1"),
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

members = Table(
    "members",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("joined_at", Moment, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("name", Text, nullable=False),
    Column("questions", Text, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("signals", String(16), nullable=False, server_default="light"),
    Column("blind", Boolean, nullable=False, server_default=false()),
    Column("rubric", Text, nullable=False, server_default="[]"),
)

templates = Table(
    "templates",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("position", String(10), nullable=False),
    Column("questions", Text, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("internal_notes", Text, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(255), nullable=False, index=True),
    Column("interview", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("form", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("query", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("account", String(255), nullable=False),
    Column("deed", String(32), nullable=False),
    Column("interview", String(10), nullable=False),
    Column("details", Text, nullable=False),
    Index("ix_audit_by_interview", "interview", "id"),
    Index("ix_audit_by_account", "account", "id"),
    Index("ix_audit_by_deed", "deed", "id"),
)
"""Append-only: triggers of the database refuse to change or delete a row."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("url", Text, nullable=False),
    Column("sealed_secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sealed_earlier", Text, nullable=False, server_default=""),
    Column("earlier_until", Moment),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("webhook", ForeignKey("webhooks.id"), nullable=False, index=True),
    Column("message", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("interview", String(10), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_status", Integer),
    Column("last_error", Text, nullable=False),
    Index("ix_webhook_deliveries_due", "state", "next_at"),
)

connections = Table(
    "connections",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("system", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("account", String(255), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("sealed_callback", Text, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
"""Applicant tracking systems that order interviews."""

orders = Table(
    "partner_orders",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("connection", ForeignKey("connections.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("interview", String(10), nullable=False, index=True),
    Column("callback", Text, nullable=False),
    Column("told", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("told_score", Float),
    Column("settled", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("connection", "key"),
    Index("ix_partner_orders_due", "settled", "next_at"),
)

feeds = Table(
    "calendar_feeds",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""Answers to requests that carried an ``Idempotency-Key``, to be given again."""

question_versions = Table(
    "question_versions",
    metadata,
    Column("question", String(100), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", String(64), nullable=False),
    Column("artefact", String(64), nullable=False),
    Column("saved_by", String(255), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("findings", Text, nullable=False),
    UniqueConstraint("question", "version"),
)
"""Every saved version of the team's own questions; their files are artefacts."""

question_workspaces = Table(
    "question_workspaces",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("question", String(100), nullable=False, unique=True),
    Column("opened_by", String(255), nullable=False),
    Column("opened_at", Moment, nullable=False),
)

signals = Table(
    "signals",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
    Column("source", String(16), nullable=False),
    Column("detail", Text, nullable=False),
)

signals_drawn = Table(
    "signals_drawn",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("over", Boolean, nullable=False),
)
"""Up to which event of the recording signals were drawn from it, and whether the interview was over by then."""

signal_judgements = Table(
    "signal_judgements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("interview", ForeignKey("interviews.id"), nullable=False, index=True),
    Column("signal", String(40), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("account", String(255), nullable=False),
    Column("at", Moment, nullable=False),
)
"""What people said of signals; a row is never changed, the last one of a signal counts."""

accommodations = Table(
    "accommodations",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("muted", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("time_factor", Float, nullable=False),
)
rubrics = Table(
    "interview_rubrics",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("rubric", Text, nullable=False),
    Column("pinned_at", Moment, nullable=False),
)

score_cards = Table(
    "score_cards",
    metadata,
    Column("interview", ForeignKey("interviews.id"), primary_key=True),
    Column("account", String(255), primary_key=True),
    Column("scores", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("page", String(32), nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("locked_at", Moment),
)

score_changes = Table(
    "score_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("interview", ForeignKey("interviews.id"), nullable=False, index=True),
    Column("account", String(255), nullable=False),
    Column("criterion", String(255), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", Text, nullable=False),
)
"""What was changed on locked cards, which stay as they are."""
