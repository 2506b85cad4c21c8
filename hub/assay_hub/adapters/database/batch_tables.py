"""The tables of batches. Every change here is an Alembic revision."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from assay_hub.adapters.database.tables import Moment, metadata

batches = Table(
    "batches",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("upload", String(64), nullable=False),
    Column("layout", String(16), nullable=False),
    Column("pattern", Text, nullable=False),
    Column("people", Text, nullable=False),
)

questions = Table(
    "batch_questions",
    metadata,
    Column("batch", ForeignKey("batches.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("pinned", String(64), nullable=False),
)

submissions = Table(
    "batch_submissions",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("person", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("artefact", String(64), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("words", Text, nullable=False),
    UniqueConstraint("batch", "number"),
    Index("ix_batch_submissions_by_name", "batch", "sort_name", "id"),
    Index("ix_batch_submissions_by_points", "batch", "points", "id"),
)
"""One row a person; ``points`` is the sum of their grades, ``words`` what a search looks through."""

grades = Table(
    "batch_grades",
    metadata,
    Column("submission", ForeignKey("batch_submissions.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("review", Boolean, nullable=False),
    Column("reviewed", Boolean, nullable=False),
    Column("autograded", String(64), nullable=False),
    Column("isolated", Boolean, nullable=False),
    Column("message", Text, nullable=False),
    Column("ticket", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("finished_at", Moment),
    Index("ix_batch_grades_by_state", "batch", "state", "review"),
    Index("ix_batch_grades_finished", "batch", "finished_at"),
    Index("ix_batch_grades_queued", "batch", "state", "attempts"),
)

cells = Table(
    "batch_cells",
    metadata,
    Column("submission", ForeignKey("batch_submissions.id"), primary_key=True),
    Column("question", String(255), primary_key=True),
    Column("grade_id", String(255), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("auto", Float),
    Column("max_points", Float, nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("manual", Float),
    Column("extra", Float, nullable=False),
    Column("comment", Text, nullable=False),
)

rubric = Table(
    "batch_rubric",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("question", String(255), nullable=False),
    Column("grade_id", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("position", Integer, nullable=False),
    Column("removed", Boolean, nullable=False),
    Index("ix_batch_rubric_by_question", "batch", "question"),
)

applied = Table(
    "batch_rubric_applied",
    metadata,
    Column("item", ForeignKey("batch_rubric.id"), primary_key=True),
    Column("submission", ForeignKey("batch_submissions.id"), primary_key=True),
    Index("ix_batch_rubric_applied_by_submission", "submission"),
)

requests = Table(
    "batch_requests",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("submission", ForeignKey("batch_submissions.id"), nullable=False),
    Column("question", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", String(255), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("answer", Text, nullable=False),
    Column("resolved_by", String(255), nullable=False),
    Column("resolved_at", Moment),
    Index("ix_batch_requests_by_batch", "batch", "state", "made_at"),
    Index("ix_batch_requests_by_submission", "submission"),
)

changes = Table(
    "batch_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch", ForeignKey("batches.id"), nullable=False),
    Column("account", String(255), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("submission", String(10), nullable=False),
    Column("question", String(255), nullable=False),
    Column("item", String(10), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("undone", Boolean, nullable=False),
    Index("ix_batch_changes_by_account", "batch", "account", "undone", "id"),
)
"""What people gave, as it was and as it became, so that it can be taken back."""
