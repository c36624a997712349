"""the record of each device's key; what a look found of seals

Revision ID: 0010
Revises: 0009
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.store.types import JsonText, UtcInstant

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COUNTED = ("seals", "seals_broken", "seals_unrecorded")


def upgrade() -> None:
    op.create_table(
        "key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("thumbprint", sa.Text(), nullable=True),
        sa.Column("registered_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("key_pkey")),
    )
    with op.batch_alter_table("key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("key_device_idx"), ["device"], unique=False)
        batch_op.create_index(batch_op.f("key_scope_id_idx"), ["scope_id"], unique=False)
    with op.batch_alter_table("looks", schema=None) as batch_op:
        for name in COUNTED:
            batch_op.add_column(
                sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            )
    with op.batch_alter_table("looks", schema=None) as batch_op:
        for name in COUNTED:
            batch_op.alter_column(
                name, existing_type=sa.BigInteger(), server_default=None, nullable=False
            )
