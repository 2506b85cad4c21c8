"""Recordings in compressed blocks, and timelines to look at them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_blocks",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_recording_blocks_interview")),
        sa.PrimaryKeyConstraint("interview", "first_seq", name=op.f("pk_recording_blocks")),
    )
    op.create_table(
        "timeline",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=False),
        sa.Column("markers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_timeline_interview")),
        sa.PrimaryKeyConstraint("interview", "number", name=op.f("pk_timeline")),
    )
