"""Bytes that a restore did not bring. Rule: no row counts on them, and what named them is found."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs, deliveries, uploads
from server.store.kind_tables import KIND_TABLES
from server.store.proof_tables import reports

ATTACHMENT = KIND_TABLES["attachment"]
AT_ONCE = 500


class Naming(Struct, frozen=True):
    """An attachment that names such bytes."""

    id: UUID
    scope_id: str
    version: int
    parent: UUID
    parent_kind: str
    item: str | None
    name: str | None
    taken_at: datetime | None
    received_at: datetime | None


async def forget_bytes(tx: AsyncConnection, sha256s: Collection[str]) -> None:
    """Have them be unknown: not stored, brought by nobody, of no upload. What pins them stays."""
    wanted = sorted(sha256s)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        for table in (uploads, deliveries, blobs):
            await tx.execute(delete(table).where(table.c.sha256.in_(some)))


async def load_naming(
    tx: AsyncConnection, sha256: str
) -> tuple[tuple[Naming, ...], tuple[UUID, ...]]:
    """The attachments that name these bytes, and the reports that are them."""
    columns = [ATTACHMENT.c[name] for name in Naming.__struct_fields__]
    named = select(*columns).where(ATTACHMENT.c.sha256 == sha256, ATTACHMENT.c.withdrawn.is_(False))
    rows = await tx.execute(named.order_by(ATTACHMENT.c.id))
    found = tuple(msgspec.convert(row, Naming, from_attributes=True) for row in rows)
    are = select(reports.c.id).where(reports.c.digest == sha256).order_by(reports.c.id)
    return found, tuple(await tx.scalars(are))
