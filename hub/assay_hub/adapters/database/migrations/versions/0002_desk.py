"""The desk: plans, people, roles, drafts, the audit log, webhooks and calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _interviews()
    _submissions()
    _new_tables()
    _append_only()


def _interviews() -> None:
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.add_column(sa.Column("candidate_email", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("position", sa.String(length=10), server_default="", nullable=False))
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="live", nullable=False))
        batch_op.add_column(sa.Column("scheduled_at", sa.DateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("date", sa.DateTime(), server_default=sa.func.current_timestamp(), nullable=False)
        )
        batch_op.add_column(sa.Column("time_zone", sa.String(length=64), server_default="UTC", nullable=False))
        batch_op.add_column(sa.Column("internal_notes", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("calendar_sequence", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("paused_seconds", sa.Float(), server_default="0", nullable=False))
        batch_op.create_index("ix_interviews_by_candidate", ["candidate_name", "id"], unique=False)
        batch_op.create_index("ix_interviews_by_created", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_interviews_by_date", ["date", "id"], unique=False)
        batch_op.create_index("ix_interviews_by_state", ["state", "date", "id"], unique=False)
        batch_op.create_index("ix_interviews_by_title", ["title", "id"], unique=False)
        batch_op.create_index("ix_interviews_by_position", ["position", "date", "id"], unique=False)

    op.execute("UPDATE interviews SET date = created_at")
    op.create_table(
        "interview_words",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_words_interview")),
        sa.PrimaryKeyConstraint("interview", name=op.f("pk_interview_words")),
    )
    op.execute("INSERT INTO interview_words SELECT id, lower(title || ' ' || candidate_name) FROM interviews")


def _submissions() -> None:
    """An interview that was reopened has more than one."""
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_constraint("pk_submissions", type_="primary")
        batch_op.create_primary_key("pk_submissions", ["interview", "number"])


def _new_tables() -> None:
    op.create_table(
        "answers",
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_at"), ["at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("deed", sa.String(length=32), nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_by_account", ["account", "id"], unique=False)
        batch_op.create_index("ix_audit_by_deed", ["deed", "id"], unique=False)
        batch_op.create_index("ix_audit_by_interview", ["interview", "id"], unique=False)

    op.create_table(
        "calendar_feeds",
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feeds_secret_hash")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_account"), ["account"], unique=False)

    op.create_table(
        "members",
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_members")),
    )
    op.create_table(
        "positions",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_saved_searches")),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("position", sa.String(length=10), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("internal_notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("sealed_earlier", sa.Text(), server_default="", nullable=False),
        sa.Column("earlier_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_callback", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_connections_key_hash")),
    )
    op.create_table(
        "partner_orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("connection", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("told", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["connection"], ["connections.id"], name=op.f("fk_partner_orders_connection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_orders")),
        sa.UniqueConstraint("connection", "key", name=op.f("uq_partner_orders_connection")),
    )
    with op.batch_alter_table("partner_orders", schema=None) as batch_op:
        batch_op.create_index("ix_partner_orders_due", ["told", "next_at"], unique=False)

    op.create_table(
        "interview_observers",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_observers_interview")),
        sa.PrimaryKeyConstraint("interview", "account", name=op.f("pk_interview_observers")),
    )
    with op.batch_alter_table("interview_observers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_observers_account"), ["account"], unique=False)

    op.create_table(
        "interview_tags",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("tag", sa.String(length=50), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_tags_interview")),
        sa.PrimaryKeyConstraint("interview", "tag", name=op.f("pk_interview_tags")),
    )
    with op.batch_alter_table("interview_tags", schema=None) as batch_op:
        batch_op.create_index("ix_interview_tags_by_tag", ["tag", "interview"], unique=False)

    op.create_table(
        "interview_viewers",
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["interview"], ["interviews.id"], name=op.f("fk_interview_viewers_interview")),
        sa.PrimaryKeyConstraint("interview", "account", name=op.f("pk_interview_viewers")),
    )
    with op.batch_alter_table("interview_viewers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_viewers_account"), ["account"], unique=False)

    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("webhook", sa.String(length=16), nullable=False),
        sa.Column("message", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("interview", sa.String(length=10), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_deliveries_due", ["state", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_deliveries_webhook"), ["webhook"], unique=False)


def _append_only() -> None:
    """Have the database itself refuse to change or delete what the audit log holds."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
    )
