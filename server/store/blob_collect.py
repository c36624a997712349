"""What is stored and needed by nobody. Rule: looked at twice, with time for everybody in between.

Who counts on bytes looks at their row first, and whatever it then writes is committed within
minutes: so a row that is `leaving` for longer, and is still named by nothing, is needed by nobody.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.file_tables import blobs, deliveries, pins, uploads
from server.store.kind_tables import KIND_TABLES
from server.store.proof_tables import reports
from server.store.tables import meta

HOLD = "nothing_removed_before"
ATTACHMENTS = KIND_TABLES["attachment"]


class Named(Struct, frozen=True):
    """A part of an upload, as its row has it."""

    key: str


PARTS = msgspec.json.Decoder(tuple[Named, ...])


def needed(now: datetime) -> ColumnElement[bool]:
    """Somebody counts on these bytes: an op whatever became of it, a record, a report, a device."""
    return or_(
        # Said whole: of what has no lease, NULL would make all of it unknown.
        and_(blobs.c.leased_until.is_not(None), blobs.c.leased_until > now),
        exists().where(pins.c.sha256 == blobs.c.sha256),
        exists().where(ATTACHMENTS.c.sha256 == blobs.c.sha256),
        exists().where(reports.c.digest == blobs.c.sha256),
        exists().where(uploads.c.sha256 == blobs.c.sha256, uploads.c.done_at.is_(None)),
    )


async def mark_unneeded(tx: AsyncConnection, *, before: datetime, now: datetime, limit: int) -> int:
    """Have those leave that were stored before then and are needed by nobody; how many."""
    some = (
        select(blobs.c.sha256)
        .where(blobs.c.leaving_at.is_(None), blobs.c.stored_at < before, ~needed(now))
        .limit(limit)
    )
    statement = update(blobs).where(blobs.c.sha256.in_(some), blobs.c.stored_at < before)
    return (await tx.execute(statement.values(leaving_at=now))).rowcount


async def mark_orphans(tx: AsyncConnection, found: Mapping[str, int], *, now: datetime) -> None:
    """Have bytes leave that no row speaks of; how many each are."""
    names = ("sha256", "bytes", "stored_at", "width", "height", "thumbnails", "leaving_at")
    rows = [(sha256, size, now, 0, 0, False, now) for sha256, size in found.items()]
    await bulk.insert(tx, blobs, names, rows, keep_by=("sha256",))


async def begin_removal(
    tx: AsyncConnection, *, before: datetime, now: datetime, limit: int
) -> list[str]:
    """Those that left before then and are needed by nobody go; the others are there again."""
    left = and_(blobs.c.leaving_at < before, blobs.c.going_at.is_(None))
    await tx.execute(update(blobs).where(left, needed(now)).values(leaving_at=None))
    some = select(blobs.c.sha256).where(left).limit(limit)
    going = update(blobs).where(blobs.c.sha256.in_(some), left).values(going_at=now)
    return list((await tx.scalars(going.returning(blobs.c.sha256))).all())


async def is_any_leaving(tx: AsyncConnection) -> bool:
    query = select(blobs.c.sha256).where(blobs.c.leaving_at.is_not(None)).limit(1)
    return await tx.scalar(query) is not None


async def load_going(tx: AsyncConnection, *, limit: int) -> list[str]:
    """Those whose removal was begun, and cut off by a crash."""
    query = select(blobs.c.sha256).where(blobs.c.going_at.is_not(None)).limit(limit)
    return list((await tx.scalars(query)).all())


async def remove(tx: AsyncConnection, sha256s: Collection[str]) -> None:
    """Their bytes are gone, and with them who had sent them."""
    gone = and_(blobs.c.sha256.in_(sha256s), blobs.c.going_at.is_not(None))
    await tx.execute(delete(blobs).where(gone))
    await tx.execute(delete(deliveries).where(deliveries.c.sha256.in_(sha256s)))


async def load_unknown(tx: AsyncConnection, sha256s: Iterable[str]) -> set[str]:
    """Those of which no row speaks."""
    wanted = set(sha256s)
    return wanted - set(await tx.scalars(select(blobs.c.sha256).where(blobs.c.sha256.in_(wanted))))


async def load_parts(tx: AsyncConnection) -> set[str]:
    """Keys of all parts of uploads that are under way."""
    query = select(uploads.c.parts).where(uploads.c.done_at.is_(None), uploads.c.offset > 0)
    return {part.key for parts in await tx.scalars(query) for part in PARTS.decode(parts)}


async def hold(tx: AsyncConnection, until: datetime) -> None:
    """Have nothing be removed before then; a backup copies what it saw."""
    await _take_turn(tx)
    row = (_key(until), until.isoformat())
    await bulk.insert(tx, meta, ("key", "value"), [row], replace_by=("key",))


async def release(tx: AsyncConnection, until: datetime) -> None:
    """End a hold; whoever holds besides goes on."""
    await tx.execute(delete(meta).where(meta.c.key == _key(until)))


async def is_held(tx: AsyncConnection, now: datetime) -> bool:
    """Whether nothing may be removed; who asks in order to remove holds the answer until `tx` ends.

    A hold that begins meanwhile waits, and then sees what is going.
    """
    await _take_turn(tx)
    holds = select(meta.c.value).where(meta.c.key.startswith(f"{HOLD}/"))
    return any(datetime.fromisoformat(until) > now for until in await tx.scalars(holds))


def _key(until: datetime) -> str:
    return f"{HOLD}/{until.isoformat()}"


async def _take_turn(tx: AsyncConnection) -> None:
    """Of a hold that begins and a removal, one waits for the other."""
    await bulk.insert(tx, meta, ("key", "value"), [(HOLD, "")], keep_by=("key",))
    await tx.execute(select(meta.c.value).where(meta.c.key == HOLD).with_for_update())
