"""Reports: time at work, decisions, what candidates get, and the questionnaire about fairness."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("measured_at", sa.DateTime(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_activities_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_activities")),
    )
    op.create_table(
        "decisions",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_decisions_interview")),
        sa.PrimaryKeyConstraint("interview", "number", name=op.f("pk_decisions")),
    )
    op.create_table(
        "report_sharings",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("shared_by", sa.String(length=255), nullable=False),
        sa.Column("shared_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_report_sharings_interview")),
        sa.PrimaryKeyConstraint("interview", "number", name=op.f("pk_report_sharings")),
    )
    op.create_table(
        "role_sharings",
        sa.Column("position", sa.String(length=10), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_role_sharings")),
    )
    op.create_table(
        "survey_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_survey_answers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "impact_tables",
        sa.Column("position", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_impact_tables")),
    )
