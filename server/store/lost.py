"""Bytes that a restore did not bring, or a backup missed. Rule: what named them is found.

On those that a restore did not bring no row counts, and the server took back that it had received
them, in a lineage of its own. Those that a backup missed may be in a store that is away: of them it
is noted, until a backup finds them or somebody brings them again.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    exists,
    func,
    select,
    true,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs, deliveries, uploads
from server.store.kind_tables import KIND_TABLES
from server.store.office import Sites
from server.store.proof_tables import reports
from server.store.tables import ops

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


async def note_lost(
    tx: AsyncConnection, sha256s: Collection[str], *, before: datetime, at: datetime
) -> None:
    """Note which bytes, of those stored before then, a backup missed: these and no others."""
    wanted = sorted(sha256s)
    known = set(await tx.scalars(select(blobs.c.sha256).where(blobs.c.lost_at.is_not(None))))
    for some, value in ((wanted, at), (sorted(known.difference(wanted)), None)):
        for start in range(0, len(some), AT_ONCE):
            here = and_(
                blobs.c.sha256.in_(some[start : start + AT_ONCE]),
                blobs.c.stored_at <= before,
                blobs.c.lost_at.is_(None) if value else true(),
            )
            await tx.execute(update(blobs).where(here).values(lost_at=value))


async def load_noted(tx: AsyncConnection) -> dict[str, int]:
    """Digests and sizes of what the last backup missed and nobody brought since."""
    query = select(blobs.c.sha256, blobs.c.bytes).where(blobs.c.lost_at.is_not(None))
    return {row.sha256: row.bytes for row in await tx.execute(query)}


class LostAttachment(Struct, frozen=True):
    """An attachment whose bytes are lost. What waits to be received may still be on a tablet."""

    id: UUID
    scope_id: str
    sha256: str
    bytes: int
    parent: UUID
    parent_kind: str
    name: str | None
    taken_at: datetime | None
    received_at: datetime | None


def taken_back(lineage: UUID) -> ColumnElement[bool]:
    """Attachments that a restore did not bring: `lineage` took back that they were received."""
    told = select(ops.c.record_id).where(ops.c.lineage_id == lineage)
    return and_(
        ATTACHMENT.c.id.in_(told),
        ATTACHMENT.c.received_at.is_(None),
        ATTACHMENT.c.withdrawn.is_(False),
    )


async def count_lost(tx: AsyncConnection, lineage: UUID) -> int:
    """How many stored files are lost, whoever names them: photos, other files, reports."""
    digests = union(
        select(blobs.c.sha256).where(blobs.c.lost_at.is_not(None)),
        select(ATTACHMENT.c.sha256).where(taken_back(lineage)),
        select(reports.c.digest).where(
            reports.c.digest.is_not(None), ~exists().where(blobs.c.sha256 == reports.c.digest)
        ),
    ).subquery()
    return await tx.scalar(select(func.count()).select_from(digests)) or 0


async def load_lost(
    tx: AsyncConnection, lineage: UUID, sites: Sites, *, limit: int
) -> list[LostAttachment]:
    """Lost attachments of these sites, the newest photos first."""
    columns = [ATTACHMENT.c[name] for name in LostAttachment.__struct_fields__]
    missed = select(blobs.c.sha256).where(blobs.c.lost_at.is_not(None))
    named = and_(ATTACHMENT.c.sha256.in_(missed), ATTACHMENT.c.withdrawn.is_(False))
    # Each by its own index: an OR would read every attachment there is.
    ids = union(
        select(ATTACHMENT.c.id).where(named), select(ATTACHMENT.c.id).where(taken_back(lineage))
    )
    query = (
        select(*columns)
        .where(ATTACHMENT.c.id.in_(ids), sites.within(ATTACHMENT.c.scope_id))
        .order_by(ATTACHMENT.c.taken_at.desc(), ATTACHMENT.c.id)
        .limit(limit)
    )
    rows = await tx.execute(query)
    return [msgspec.convert(row, LostAttachment, from_attributes=True) for row in rows]


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
