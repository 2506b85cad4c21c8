"""Orders of applicant tracking systems are told of again when their interview changes after its end."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("partner_orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_score", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_index("ix_partner_orders_due")
        batch_op.create_index("ix_partner_orders_due", ["settled", "next_at"], unique=False)
        batch_op.create_index("ix_partner_orders_interview", ["interview"], unique=False)
    op.execute("UPDATE partner_orders SET settled = (1 = 1) WHERE told IN ('complete', 'cancelled')")
