"""bytes and uploads, jobs, links, reports, roots, backups

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.store.types import JsonText, UtcInstant

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "backups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("ended_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("lineages", sa.BigInteger(), nullable=False),
        sa.Column("ops", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("backups_pkey")),
    )
    with op.batch_alter_table("backups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("backups_ended_at_idx"), ["ended_at"], unique=False)

    op.create_table(
        "blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("leased_until", UtcInstant(timezone=True), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("thumbnails", sa.Boolean(), nullable=False),
        sa.Column("place", JsonText(), nullable=True),
        sa.Column("bare_type", sa.Text(), nullable=True),
        sa.Column("leaving_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("going_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("lost_at", UtcInstant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("blobs_pkey")),
    )
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("blobs_leased_until_idx"), ["leased_until"], unique=False)
    for column in ("leaving_at", "going_at", "lost_at"):
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"blobs_{column}_idx", "blobs", [column], postgresql_where=some, sqlite_where=some
        )

    op.create_table(
        "deliveries",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "device_id", name=op.f("deliveries_pkey")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("due_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("taken_until", UtcInstant(timezone=True), nullable=True),
        sa.Column("failed_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("jobs_pkey")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("jobs_due_at_idx"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("jobs_kind_key_idx"), ["kind", "key"], unique=True)

    op.create_table(
        "links",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("expires_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("used_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("withdrawn_at", UtcInstant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("links_pkey")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("links_id_idx"), ["id"], unique=True)
        batch_op.create_index(batch_op.f("links_record_id_idx"), ["record_id"], unique=False)

    op.create_table(
        "looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("begun_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("ended_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("ahead", sa.BigInteger(), nullable=False),
        sa.Column("ops", sa.BigInteger(), nullable=False),
        sa.Column("writers", sa.BigInteger(), nullable=False),
        sa.Column("roots", sa.BigInteger(), nullable=False),
        sa.Column("witnesses", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=False),
        sa.Column("places", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("looks_pkey")),
    )
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("looks_begun_at_idx"), ["begun_at"], unique=False)

    op.create_table(
        "pins",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("lineage_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "lineage_id", "n", name=op.f("pins_pkey")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("of", sa.Uuid(), nullable=False),
        sa.Column("of_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("ready_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("superseded_at", UtcInstant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pkey")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("reports_code_idx"), ["code"], unique=True)
        batch_op.create_index(batch_op.f("reports_digest_idx"), ["digest"], unique=False)
        batch_op.create_index(
            batch_op.f("reports_of_language_revision_idx"),
            ["of", "language", "revision"],
            unique=True,
        )

    op.create_table(
        "roots",
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("heads", JsonText(), nullable=False),
        sa.Column("made_at", UtcInstant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "day", name=op.f("roots_pkey")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("parts", JsonText(), nullable=False),
        sa.Column("created_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("expires_at", UtcInstant(timezone=True), nullable=False),
        sa.Column("done_at", UtcInstant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("uploads_pkey")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("uploads_device_id_done_at_idx"), ["device_id", "done_at"], unique=False
        )
        batch_op.create_index(batch_op.f("uploads_expires_at_idx"), ["expires_at"], unique=False)
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("photo_place", sa.Text(), nullable=True))
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replacements", JsonText(), nullable=True))
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moment", sa.Text(), nullable=True))
        batch_op.create_index(
            batch_op.f("attachment_received_at_idx"), ["received_at"], unique=False
        )
    op.create_table(
        "anchor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("root", sa.Text(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("writers", sa.BigInteger(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("anchor_pkey")),
    )
    op.create_index("anchor_scope_id_idx", "anchor", ["scope_id"])
    for said in (
        sa.Column("anchor_epoch", sa.BigInteger(), nullable=True),
        sa.Column("anchor_day", sa.Date(), nullable=True),
        sa.Column("anchor_root", sa.Text(), nullable=True),
    ):
        op.add_column("devices", said)
