"""scopes, feed, ops and what they need

Revision ID: 0001
Revises: none
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.store.types import JsonText, UtcInstant

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("scope_id", sa.Text(), nullable=True),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("printed_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("claims_pkey")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("claims_asset_id_idx"), ["asset_id"], unique=False)
        batch_op.create_index(batch_op.f("claims_batch_idx"), ["batch"], unique=False)

    op.create_table(
        "conflicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("ours", JsonText(), nullable=False),
        sa.Column("ours_version", sa.BigInteger(), nullable=False),
        sa.Column("theirs", JsonText(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("lineage_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("opened_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("decided_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("conflicts_pkey")),
    )
    with op.batch_alter_table("conflicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("conflicts_record_id_idx"), ["record_id"], unique=False)
        batch_op.create_index(
            batch_op.f("conflicts_scope_id_decided_at_idx"),
            ["scope_id", "decided_at"],
            unique=False,
        )

    op.create_table(
        "feed",
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Text(), nullable=True),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("scope_id", "record_id", name=op.f("feed_pkey")),
    )
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("feed_record_id_idx"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("feed_scope_id_seq_idx"), ["scope_id", "seq"], unique=True)

    op.create_table(
        "lineages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("backed_up_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("lineages_pkey")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("meta_pkey")),
    )
    op.create_table(
        "ops",
        sa.Column("lineage_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("scope_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("received_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lineage_id", "n", name=op.f("ops_pkey")),
    )
    with op.batch_alter_table("ops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ops_id_idx"), ["id"], unique=True)
        batch_op.create_index(batch_op.f("ops_record_id_idx"), ["record_id"], unique=False)

    op.create_table(
        "scopes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.BigInteger(), nullable=False),
        sa.Column("marks", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("scopes_pkey")),
    )
    op.create_table(
        "voids",
        sa.Column("lineage_id", sa.Uuid(), nullable=False),
        sa.Column("from_n", sa.BigInteger(), nullable=False),
        sa.Column("to_n", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lineage_id", "from_n", name=op.f("voids_pkey")),
    )
