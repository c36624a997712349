"""What is known of bytes, and which attachments name them. Rule: no statement for a single row."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs, deliveries
from server.store.kind_tables import KIND_TABLES
from server.store.office import CONTRACT, SITE, batches

ATTACHMENT, CONTRACTS = KIND_TABLES["attachment"], KIND_TABLES["contract"]


class Known(Struct, frozen=True):
    """What was found out about bytes; `media_type` is null until they were looked at."""

    sha256: str
    bytes: int
    media_type: str | None
    fault: str | None
    width: int
    height: int
    thumbnails: bool
    place: str | None
    bare_type: str | None


KNOWN = select(*(blobs.c[name] for name in Known.__struct_fields__))


async def load_known(tx: AsyncConnection, sha256s: Collection[str]) -> dict[str, Known]:
    """What is known of those of these bytes that are stored."""
    found: dict[str, Known] = {}
    for some in batches(sha256s):
        rows = await tx.execute(KNOWN.where(blobs.c.sha256.in_(some)))
        found |= {row.sha256: msgspec.convert(row, Known, from_attributes=True) for row in rows}
    return found


async def save_known(tx: AsyncConnection, known: Known) -> None:
    """Keep what was found out about bytes that are stored; of others, nothing."""
    values = msgspec.structs.asdict(known)
    del values["sha256"], values["bytes"]
    await tx.execute(update(blobs).where(blobs.c.sha256 == known.sha256).values(**values))


async def load_unread(
    tx: AsyncConnection, *, before: datetime, after: str, limit: int
) -> tuple[str, ...]:
    """Bytes stored before then that nobody has looked at yet, in the order of their digests."""
    unread = (blobs.c.media_type.is_(None), blobs.c.leaving_at.is_(None))
    query = select(blobs.c.sha256).where(
        *unread, blobs.c.stored_at < before, blobs.c.sha256 > after
    )
    return tuple(await tx.scalars(query.order_by(blobs.c.sha256).limit(limit)))


class StoredFile(Struct, frozen=True):
    """An attachment, as whoever wants its bytes must know it."""

    id: UUID
    scope_id: str
    sha256: str
    bytes: int
    media_type: str
    name: str | None
    received_at: datetime | None


async def load_file(tx: AsyncConnection, id_: UUID) -> StoredFile | None:
    """The attachment with this id; None where it was withdrawn too."""
    columns = [ATTACHMENT.c[name] for name in StoredFile.__struct_fields__]
    query = select(*columns).where(ATTACHMENT.c.id == id_, ATTACHMENT.c.withdrawn.is_(False))
    row = (await tx.execute(query)).one_or_none()
    return msgspec.convert(row, StoredFile, from_attributes=True) if row else None


async def has_delivered(tx: AsyncConnection, sha256: str, *, device: UUID) -> bool:
    """Whether this device itself sent these bytes."""
    query = select(deliveries.c.at).where(
        deliveries.c.sha256 == sha256, deliveries.c.device_id == device
    )
    return await tx.scalar(query) is not None


async def keeps_place(tx: AsyncConnection, site: UUID) -> bool:
    """Whether the contract of a site says that photos keep their place. Without one they do not."""
    said = await tx.scalar(select(SITE.c.contract).where(SITE.c.id == site))
    contract = CONTRACT.decode(said or "null")
    if contract is None:
        return False
    query = select(CONTRACTS.c.photo_place).where(CONTRACTS.c.id == contract.id)
    return await tx.scalar(query) == "kept"
