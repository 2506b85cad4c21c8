"""Interviews, links, notes, recordings, submissions and grades."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interviews",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("candidate_name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interviews_created_at"), ["created_at"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_links_secret_hash")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_links_interview"), ["interview"], unique=False)

    op.create_table(
        "grades",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("autograded", sa.String(length=64), nullable=False),
        sa.Column("isolated", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_grades_interview")),
        sa.PrimaryKeyConstraint("interview", "question", name=op.f("pk_grades")),
    )
    with op.batch_alter_table("grades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grades_state"), ["state"], unique=False)

    op.create_table(
        "interview_questions",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pinned", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_questions_interview")),
        sa.PrimaryKeyConstraint("interview", "position", name=op.f("pk_interview_questions")),
    )
    op.create_table(
        "interviewers",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interviewers_interview")),
        sa.PrimaryKeyConstraint("interview", "account", name=op.f("pk_interviewers")),
    )
    with op.batch_alter_table("interviewers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interviewers_account"), ["account"], unique=False)

    op.create_table(
        "notes",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_notes_interview")),
        sa.PrimaryKeyConstraint("interview", "account", name=op.f("pk_notes")),
    )
    op.create_table(
        "recording",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_recording_interview")),
        sa.PrimaryKeyConstraint("interview", "seq", name=op.f("pk_recording")),
    )
    op.create_table(
        "recording_gaps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("after_seq", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_recording_gaps_interview")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_gaps")),
    )
    with op.batch_alter_table("recording_gaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_gaps_interview"), ["interview"], unique=False)

    op.create_table(
        "submissions",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("artefact", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_submissions_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_submissions")),
    )


def downgrade() -> None:
    op.drop_table("submissions")
    with op.batch_alter_table("recording_gaps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_gaps_interview"))

    op.drop_table("recording_gaps")
    op.drop_table("recording")
    op.drop_table("notes")
    with op.batch_alter_table("interviewers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interviewers_account"))

    op.drop_table("interviewers")
    op.drop_table("interview_questions")
    with op.batch_alter_table("grades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grades_state"))

    op.drop_table("grades")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_links_interview"))

    op.drop_table("links")
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interviews_created_at"))

    op.drop_table("interviews")
