"""The analysis of code, and submissions that have code in common."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analyses",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("artefact", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_analyses_interview")),
        sa.PrimaryKeyConstraint("interview", "question", name=op.f("pk_analyses")),
    )
    op.create_index(op.f("ix_analyses_state"), "analyses", ["state"])
    op.create_table(
        "code_prints",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_code_prints_interview")),
        sa.PrimaryKeyConstraint("interview", "question", name=op.f("pk_code_prints")),
    )
    op.create_index("ix_code_prints_by_question", "code_prints", ["question", "interview"])
    op.create_table(
        "similar_pairs",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("second", sa.String(length=10), nullable=False),
        sa.Column("first_share", sa.Float(), nullable=False),
        sa.Column("second_share", sa.Float(), nullable=False),
        sa.Column("works", sa.String(length=64), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_similar_pairs")),
        sa.UniqueConstraint("batch", "question", "first", "second", name=op.f("uq_similar_pairs_batch")),
    )
    op.create_index("ix_similar_pairs_by_first", "similar_pairs", ["batch", "first"])
    op.create_index("ix_similar_pairs_by_second", "similar_pairs", ["batch", "second"])
    op.create_table(
        "similar_searches",
        sa.Column("batch", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("works", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_similar_searches_batch")),
        sa.PrimaryKeyConstraint("batch", "question", name=op.f("pk_similar_searches")),
    )
