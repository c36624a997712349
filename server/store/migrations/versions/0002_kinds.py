"""one table per kind of record

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.store.types import JsonText, UtcInstant

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Uuid(), nullable=True),
        sa.Column("room", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("maker", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("vendor_phone", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attributes", JsonText(), nullable=True),
        sa.Column("last", JsonText(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("asset_pkey")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("asset_scope_id_idx"), ["scope_id"], unique=False)
        batch_op.create_index(batch_op.f("asset_serial_idx"), ["serial"], unique=False)
        batch_op.create_index(batch_op.f("asset_site_idx"), ["site"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.Uuid(), nullable=True),
        sa.Column("occurrence", sa.Date(), nullable=True),
        sa.Column("title", JsonText(), nullable=True),
        sa.Column("targets", JsonText(), nullable=True),
        sa.Column("starts_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("due_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("assignee", sa.Uuid(), nullable=True),
        sa.Column("backup", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("assignment_assignee_state_idx"), ["assignee", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("assignment_backup_state_idx"), ["backup", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("assignment_due_at_idx"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("assignment_scope_id_idx"), ["scope_id"], unique=False)
        batch_op.create_index(batch_op.f("assignment_site_idx"), ["site"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("parent", sa.Uuid(), nullable=True),
        sa.Column("parent_kind", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("received_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("attachment_parent_idx"), ["parent"], unique=False)
        batch_op.create_index(batch_op.f("attachment_scope_id_idx"), ["scope_id"], unique=False)
        batch_op.create_index(batch_op.f("attachment_sha256_idx"), ["sha256"], unique=False)

    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("customer", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("accept_minutes", sa.BigInteger(), nullable=True),
        sa.Column("remote_minutes", sa.BigInteger(), nullable=True),
        sa.Column("onsite_minutes", sa.BigInteger(), nullable=True),
        sa.Column("spare_parts", sa.Boolean(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("contract_pkey")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("contract_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("contacts", JsonText(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_pkey")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("customer_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "disposition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=True),
        sa.Column("op", sa.Uuid(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("record_kind", sa.Text(), nullable=True),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("problem", JsonText(), nullable=True),
        sa.Column("fields", JsonText(), nullable=True),
        sa.Column("cause", sa.Uuid(), nullable=True),
        sa.Column("at", UtcInstant(timezone=True), nullable=True),
        sa.Column("settled", JsonText(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("disposition_pkey")),
    )
    with op.batch_alter_table("disposition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("disposition_device_idx"), ["device"], unique=False)
        batch_op.create_index(batch_op.f("disposition_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("asset", sa.Uuid(), nullable=True),
        sa.Column("inspection", sa.Uuid(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("found_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("step", JsonText(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("follow_ups", JsonText(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("finding_pkey")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("finding_asset_idx"), ["asset"], unique=False)
        batch_op.create_index(batch_op.f("finding_inspection_idx"), ["inspection"], unique=False)
        batch_op.create_index(batch_op.f("finding_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("asset", sa.Uuid(), nullable=True),
        sa.Column("template", sa.Uuid(), nullable=True),
        sa.Column("assignment", sa.Uuid(), nullable=True),
        sa.Column("inspector", sa.Uuid(), nullable=True),
        sa.Column("inspector_name", sa.Text(), nullable=True),
        sa.Column("started_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("answers", JsonText(), nullable=True),
        sa.Column("elements", JsonText(), nullable=True),
        sa.Column("remarks", JsonText(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("step", JsonText(), nullable=True),
        sa.Column("review", JsonText(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("inspection_pkey")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("inspection_asset_idx"), ["asset"], unique=False)
        batch_op.create_index(batch_op.f("inspection_assignment_idx"), ["assignment"], unique=False)
        batch_op.create_index(batch_op.f("inspection_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("member_pkey")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("member_person_idx"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("member_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("title", JsonText(), nullable=True),
        sa.Column("contract", sa.Uuid(), nullable=True),
        sa.Column("sites", JsonText(), nullable=True),
        sa.Column("categories", JsonText(), nullable=True),
        sa.Column("templates", JsonText(), nullable=True),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("window_days", sa.BigInteger(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_pkey")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("plan_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("room_pkey")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("room_scope_id_idx"), ["scope_id"], unique=False)
        batch_op.create_index(batch_op.f("room_site_idx"), ["site"], unique=False)

    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("of", sa.Uuid(), nullable=True),
        sa.Column("of_kind", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("strokes", sa.Text(), nullable=True),
        sa.Column("absent_reason", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("signed_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("device_signature", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("signature_pkey")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("signature_of_idx"), ["of"], unique=False)
        batch_op.create_index(batch_op.f("signature_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("customer", JsonText(), nullable=True),
        sa.Column("contract", JsonText(), nullable=True),
        sa.Column("contacts", JsonText(), nullable=True),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("site_pkey")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("site_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("asset", sa.Uuid(), nullable=True),
        sa.Column("bound_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tag_pkey")),
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("tag_asset_idx"), ["asset"], unique=False)
        batch_op.create_index(batch_op.f("tag_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("version_no", sa.BigInteger(), nullable=True),
        sa.Column("title", JsonText(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("form", JsonText(), nullable=True),
        sa.Column("published_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("template_pkey")),
    )
    with op.batch_alter_table("template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("template_scope_id_idx"), ["scope_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Uuid(), nullable=True),
        sa.Column("assignment", sa.Uuid(), nullable=True),
        sa.Column("engineer", sa.Uuid(), nullable=True),
        sa.Column("engineer_name", sa.Text(), nullable=True),
        sa.Column("started_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("ended_at", UtcInstant(timezone=True), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("problems", JsonText(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.Column("stamps", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_pkey")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("visit_assignment_idx"), ["assignment"], unique=False)
        batch_op.create_index(batch_op.f("visit_scope_id_idx"), ["scope_id"], unique=False)
        batch_op.create_index(batch_op.f("visit_site_idx"), ["site"], unique=False)
