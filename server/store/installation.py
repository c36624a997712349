"""What the installation knows of itself. Rule: made by the first start; the epoch only rises."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_FIRST
from server.store import bulk
from server.store.tables import lineages, meta


class Installation(Struct, frozen=True):
    """`seal_key` seals positions; `id` tells one installation from another."""

    id: UUID
    epoch: int
    seal_key: bytes


RESTORING = "restoring"
QUERY = select(meta.c.key, meta.c.value)


async def load(tx: AsyncConnection) -> Installation | None:
    rows = {row.key: row.value for row in await tx.execute(QUERY)}
    return made_of(rows["installation"], rows["epoch"], rows["seal_key"]) if rows else None


def made_of(id_: str, epoch: str, seal_key: str) -> Installation:
    """Give the installation of what stands in the table under these keys."""
    return Installation(UUID(id_), int(epoch), bytes.fromhex(seal_key))


async def begin(tx: AsyncConnection, *, id_: UUID, seal_key: bytes) -> Installation:
    """Give a new database its identity; one that has it keeps it."""
    rows = [("installation", str(id_)), ("epoch", str(EPOCH_FIRST)), ("seal_key", seal_key.hex())]
    await bulk.insert(tx, meta, ("key", "value"), rows, keep_by=("key",))
    made = await load(tx)
    assert made is not None
    return made


async def lock(tx: AsyncConnection) -> Installation:
    """The installation; nobody else begins an epoch until `tx` ends."""
    await tx.execute(select(meta.c.value).where(meta.c.key == "epoch").with_for_update())
    made = await load(tx)
    assert made is not None
    return made


async def raise_epoch(tx: AsyncConnection, epoch: int) -> Installation:
    """Begin `epoch`; where another process has begun it or a later one already, that stays."""
    if (await lock(tx)).epoch < epoch:
        statement = update(meta).where(meta.c.key == "epoch")
        await tx.execute(statement.values(value=str(epoch)))
    made = await load(tx)
    assert made is not None
    return made


async def begin_restore(tx: AsyncConnection, place: str) -> None:
    """Note that what is here comes from this backup, and is not all there yet."""
    await bulk.insert(tx, meta, ("key", "value"), [(RESTORING, place)], replace_by=("key",))


async def load_restore(tx: AsyncConnection) -> str | None:
    """The backup that is being put back, or was until it was cut off."""
    place: str | None = await tx.scalar(select(meta.c.value).where(meta.c.key == RESTORING))
    return place


async def end_restore(tx: AsyncConnection) -> None:
    """All of it is here."""
    await tx.execute(delete(meta).where(meta.c.key == RESTORING))


async def count_history(tx: AsyncConnection) -> int:
    """How many ops were ever answered, gaps counted: it never falls but by a restore."""
    return int(await tx.scalar(select(func.coalesce(func.sum(lineages.c.last_n), 0))) or 0)


async def touch(tx: AsyncConnection) -> None:
    """Write and take back a row: whether there is room shows only in writing.

    A row that is set to what it is would not do: SQLite leaves the page as it is.
    """
    await bulk.insert(tx, meta, ("key", "value"), [("room", "")], keep_by=("key",))
    await tx.execute(delete(meta).where(meta.c.key == "room"))
