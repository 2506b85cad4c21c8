"""Blind interviews, rubrics of roles and of interviews, and score cards."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("identity", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("positions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("rubric", sa.Text(), server_default="[]", nullable=False))
    op.create_table(
        "hidden_words",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_hidden_words_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_hidden_words")),
    )
    op.create_table(
        "interview_rubrics",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("pinned_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_rubrics_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_interview_rubrics")),
    )
    op.create_table(
        "score_cards",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("locked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_score_cards_interview")),
        sa.PrimaryKeyConstraint("interview", "account", name=op.f("pk_score_cards")),
    )
    op.create_table(
        "score_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("criterion", sa.String(length=255), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_score_changes_interview")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_changes")),
    )
    op.create_index("ix_score_changes_interview", "score_changes", ["interview"], unique=False)
