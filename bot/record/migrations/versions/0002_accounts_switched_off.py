"""Accounts that are switched off"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    off: sa.Column[bool] = sa.Column(
        "disabled", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(off)


def downgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("disabled")
