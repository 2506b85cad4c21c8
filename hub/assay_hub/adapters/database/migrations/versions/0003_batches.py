"""Batches: what many people handed in for the same questions, their grades, and what people gave by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _submissions()
    _grades()
    _marks()


def _submissions() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("upload", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=16), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_created_at"), "batches", ["created_at"], unique=False)
    op.create_table(
        "batch_questions",
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pinned", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_questions_batch")),
        sa.PrimaryKeyConstraint("batch", "position", name=op.f("pk_batch_questions")),
    )
    op.create_table(
        "batch_submissions",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("artefact", sa.String(length=64), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_submissions_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_submissions")),
        sa.UniqueConstraint("batch", "number", name=op.f("uq_batch_submissions_batch")),
    )
    op.create_index("ix_batch_submissions_by_name", "batch_submissions", ["batch", "sort_name", "id"], unique=False)
    op.create_index("ix_batch_submissions_by_points", "batch_submissions", ["batch", "points", "id"], unique=False)


def _grades() -> None:
    op.create_table(
        "batch_grades",
        sa.Column("submission", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("autograded", sa.String(length=64), nullable=False),
        sa.Column("isolated", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_grades_batch")),
        sa.ForeignKeyConstraint(["submission"], ["batch_submissions.id"], name=op.f("fk_batch_grades_submission")),
        sa.PrimaryKeyConstraint("submission", "question", name=op.f("pk_batch_grades")),
    )
    op.create_index("ix_batch_grades_by_state", "batch_grades", ["batch", "state", "review"], unique=False)
    op.create_index("ix_batch_grades_finished", "batch_grades", ["batch", "finished_at"], unique=False)
    op.create_index("ix_batch_grades_queued", "batch_grades", ["batch", "state", "attempts"], unique=False)
    op.create_table(
        "batch_cells",
        sa.Column("submission", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("grade_id", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("auto", sa.Float(), nullable=True),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("manual", sa.Float(), nullable=True),
        sa.Column("extra", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["batch_submissions.id"], name=op.f("fk_batch_cells_submission")),
        sa.PrimaryKeyConstraint("submission", "question", "grade_id", name=op.f("pk_batch_cells")),
    )


def _marks() -> None:
    op.create_table(
        "batch_rubric",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("grade_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_rubric_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_rubric")),
    )
    op.create_index("ix_batch_rubric_by_question", "batch_rubric", ["batch", "question"], unique=False)
    op.create_table(
        "batch_rubric_applied",
        sa.Column("item", sa.String(length=10), nullable=False),
        sa.Column("submission", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["batch_rubric.id"], name=op.f("fk_batch_rubric_applied_item")),
        sa.ForeignKeyConstraint(
            ["submission"], ["batch_submissions.id"], name=op.f("fk_batch_rubric_applied_submission")
        ),
        sa.PrimaryKeyConstraint("item", "submission", name=op.f("pk_batch_rubric_applied")),
    )
    op.create_index("ix_batch_rubric_applied_by_submission", "batch_rubric_applied", ["submission"], unique=False)
    op.create_table(
        "batch_requests",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("submission", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("resolved_by", sa.String(length=255), nullable=False),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_requests_batch")),
        sa.ForeignKeyConstraint(["submission"], ["batch_submissions.id"], name=op.f("fk_batch_requests_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_requests")),
    )
    op.create_index("ix_batch_requests_by_batch", "batch_requests", ["batch", "state", "made_at"], unique=False)
    op.create_index("ix_batch_requests_by_submission", "batch_requests", ["submission"], unique=False)
    op.create_table(
        "batch_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("submission", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("item", sa.String(length=10), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_changes_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_changes")),
    )
    op.create_index("ix_batch_changes_by_account", "batch_changes", ["batch", "account", "undone", "id"], unique=False)
