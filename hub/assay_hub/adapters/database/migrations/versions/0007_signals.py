"""Signals, what people say of them, and accommodations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("interviews", "positions"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("signals", sa.String(length=16), server_default="light", nullable=False))
    op.create_table(
        "signals",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_signals_interview")),
        sa.PrimaryKeyConstraint("interview", "id", name=op.f("pk_signals")),
    )
    op.create_table(
        "signals_drawn",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_signals_drawn_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_signals_drawn")),
    )
    op.create_table(
        "signal_judgements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("signal", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_signal_judgements_interview")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_judgements")),
    )
    op.create_index(op.f("ix_signal_judgements_interview"), "signal_judgements", ["interview"], unique=False)
    op.create_table(
        "accommodations",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("muted", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("time_factor", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_accommodations_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_accommodations")),
    )
