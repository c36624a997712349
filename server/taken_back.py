"""Notice that the database was taken back: at a start, now and then, or by what a device knows.

Rule: what was taken away is taken away again in the transaction that raises the epoch, so nobody
comes back with an old database, whoever noticed that it is one.
"""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from schemas.base import EPOCH_MAX
from server.clock import Clock
from server.database import Database
from server.marker import Mark, Marker, measure
from server.push import Busy
from server.revocations import Revocations, apply_again
from server.rewind import begin
from server.store import installation as store
from server.store.installation import Installation
from sync.rewind import next_epoch

WRITTEN_EVERY_SECONDS = 60.0

log = structlog.get_logger()


async def heeded(
    database: Database,
    clock: Clock,
    marker: Marker,
    installation: Installation,
    *,
    claimed: int,
    sealed: int,
) -> Installation:
    """The installation, in an epoch above every one that the device was told of."""
    later = next_epoch(installation.epoch, claimed=claimed, sealed=sealed)
    return installation if later is None else await begin_whole(database, clock, marker, later)


async def begin_after(
    database: Database, clock: Clock, marker: Marker, installation: Installation
) -> Installation:
    """The installation in the epoch after this one."""
    later = min(installation.epoch + 1, EPOCH_MAX)
    return await begin_whole(database, clock, marker, later)


async def begin_whole(database: Database, clock: Clock, marker: Marker, epoch: int) -> Installation:
    """Begin an epoch, and in it take away again what the database forgot. Raises `Busy`."""
    entries = await asyncio.to_thread(Revocations(marker.folder).read)
    await apply_again(database, clock, marker, entries, epoch=epoch)
    return await begin(database, marker, epoch)


async def begin_if_taken_back(
    database: Database, clock: Clock, marker: Marker, known: Mark | None
) -> None:
    """Begin a new epoch where the database is behind what the marker knew.

    `known` was read before the database was asked: other processes may be writing to both.
    """
    found = await measure(database)
    if known is None or known.place <= found.place:
        return
    async with database.write() as tx:  # Who begins an epoch writes it into the marker first.
        await store.lock(tx)
    found = await measure(database)
    if known.place <= found.place:
        return
    log.warning(
        "database.taken_back",
        epoch=found.epoch,
        ops=found.history,
        known_epoch=known.epoch,
        known_ops=known.history,
    )
    later = min(max(known.epoch, found.epoch) + 1, EPOCH_MAX)
    await begin_whole(database, clock, marker, later)


async def keep_current(
    marker: Marker,
    database: Database,
    clock: Clock,
    stopping: asyncio.Event,
    *,
    every_seconds: float = WRITTEN_EVERY_SECONDS,
) -> None:
    """Write how far the database has come, now and then, until the server is told to stop."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(every_seconds):
                await stopping.wait()
        await save_current(marker, database, clock)


async def save_current(marker: Marker, database: Database, clock: Clock) -> None:
    """Write how far the database is, unless it was taken back: then go on from there.

    Without it or without room, the next time will do.
    """
    try:
        known = await asyncio.to_thread(marker.read)
        await begin_if_taken_back(database, clock, marker, known)
        await marker.save(await measure(database))
    except (SQLAlchemyError, OSError, Busy) as error:
        log.warning("marker.unwritten", reason=type(error).__name__)
