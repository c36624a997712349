"""Rows of the bytes that are stored. Rule: a row counts only while its bytes are there.

A row that is `leaving` was needed by nobody (`server.blob_collect`): nobody counts on it or leases
it any more, and whoever brings the same bytes takes it back. Once it is `going`, its bytes are
being removed, and who brings them waits until it is gone.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.file_tables import blobs

NAMES = ("sha256", "bytes", "stored_at", "width", "height", "thumbnails")


async def save(tx: AsyncConnection, sha256: str, *, size: int, now: datetime) -> bool:
    """Keep that these bytes are stored; False where they are being removed just now."""
    row = (sha256, size, now, 0, 0, False)
    await bulk.insert(tx, blobs, NAMES, [row], keep_by=("sha256",))
    # Touched: whoever collects sees that somebody counts on them again.
    here = update(blobs).where(blobs.c.sha256 == sha256, blobs.c.going_at.is_(None))
    values = {"bytes": size, "stored_at": now, "leaving_at": None}
    return (await tx.execute(here.values(values))).rowcount == 1


async def lease(tx: AsyncConnection, sha256s: Collection[str], *, until: datetime) -> set[str]:
    """Those of these bytes that are stored; none of them is collected before `until`."""
    wanted = blobs.c.sha256.in_(sha256s)
    statement = (
        update(blobs)
        .where(wanted, blobs.c.leaving_at.is_(None))
        .values(leased_until=until)
        .returning(blobs.c.sha256)
    )
    return {row.sha256 for row in await tx.execute(statement)}


async def load_sizes(tx: AsyncConnection, sha256s: Collection[str]) -> dict[str, int]:
    """How many bytes each has, of those that are stored."""
    query = select(blobs.c.sha256, blobs.c.bytes).where(
        blobs.c.sha256.in_(sha256s), blobs.c.leaving_at.is_(None)
    )
    return {row.sha256: row.bytes for row in await tx.execute(query)}
