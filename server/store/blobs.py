"""Rows of the bytes that are stored. Rule: a row counts only while its bytes are there.

A row that is `leaving` was needed by nobody (`server.blob_collect`): nobody counts on it or leases
it any more, and whoever brings the same bytes takes it back. Once it is `going`, its bytes are
being removed, and who brings them waits until it is gone.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs


@cache
def saving(dialect: str) -> Executable:
    """Made once: SQLAlchemy needs longer to put a statement together than the database for it."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    fresh = insert(blobs).values(
        sha256=bindparam("sha256"),
        bytes=bindparam("bytes"),
        stored_at=bindparam("at"),
        width=0,
        height=0,
        thumbnails=False,
    )
    # Touched where it is there: whoever collects sees that somebody counts on them again.
    touched = {"bytes": fresh.excluded.bytes, "stored_at": fresh.excluded.stored_at}
    return fresh.on_conflict_do_update(
        index_elements=[blobs.c.sha256],
        set_={**touched, "leaving_at": None, "lost_at": None},
        where=blobs.c.going_at.is_(None),
    )


async def save(tx: AsyncConnection, sha256: str, *, size: int, now: datetime) -> bool:
    """Keep that these bytes are stored; False where they are being removed just now."""
    kept = await tx.execute(saving(tx.dialect.name), {"sha256": sha256, "bytes": size, "at": now})
    return kept.rowcount == 1


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
