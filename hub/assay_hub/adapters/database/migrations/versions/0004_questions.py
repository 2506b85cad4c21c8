"""The team's own questions: their versions, and the workspaces in which they are edited."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_versions",
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("artefact", sa.String(length=64), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("question", "number", name=op.f("pk_question_versions")),
        sa.UniqueConstraint("question", "version", name=op.f("uq_question_versions_question")),
    )
    with op.batch_alter_table("question_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_versions_state"), ["state"], unique=False)

    op.create_table(
        "question_workspaces",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("opened_by", sa.String(length=255), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_workspaces")),
        sa.UniqueConstraint("question", name=op.f("uq_question_workspaces_question")),
    )
