"""members come and go; what a device says it holds

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=True))
    # The default fills the rows that are there; new ones always say it.
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("photos_left", sa.BigInteger(), server_default="0", nullable=False)
        )
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.alter_column(
            "photos_left", existing_type=sa.BigInteger(), server_default=None, nullable=False
        )
