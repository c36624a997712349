"""Bytes that nobody needs go. Rule: what an op names, whatever became of it, is never collected.

In turns: what nobody needed for long `leaves`, and whoever looks then does not count on it; some
time after, what still nobody needs `goes`: its bytes first, then its row. Whoever brings the same
bytes before that takes them back. Thumbnails, drafts and parts that belong to nothing just go. A
crash anywhere leaves what the next turn ends.
"""

from datetime import timedelta

import structlog

from server.blobs import Blobs, Stored, blob_key, thumbnail_key
from server.clock import Clock
from server.database import Database
from server.images.found import BARE, LARGE, SMALL
from server.jobs import Jobs
from server.store import blob_collect as store
from server.store.jobs import Job

KIND = "collect-blobs"
EVERY = timedelta(hours=6)
LINGER = timedelta(minutes=15)  # Far longer than any transaction.
AGAIN = LINGER + timedelta(minutes=1)
BATCH = 200
SIZES = (SMALL, LARGE, BARE)

log = structlog.get_logger()


class Collecting:
    """The handler of its job, in one installation."""

    def __init__(
        self, database: Database, blobs: Blobs, jobs: Jobs, clock: Clock, *, grace: timedelta
    ) -> None:
        self._database, self._blobs, self._jobs, self._clock = database, blobs, jobs, clock
        self._grace = grace
        jobs.every(KIND, EVERY, self)

    async def __call__(self, _: Job) -> None:
        """Do one turn; where something is leaving, the next is asked for."""
        removed = await self._end_removals()
        removed += await self._remove()
        await self._mark_orphans()
        await self._mark_unneeded()
        async with self._database.write() as tx:
            if await store.is_any_leaving(tx):
                await self._jobs.add(tx, KIND, "left", due_at=self._clock.now() + AGAIN)
        if removed:
            log.info("blobs.collected", count=removed)

    async def _end_removals(self) -> int:
        count = 0
        while True:
            async with self._database.read() as tx:
                going = await store.load_going(tx, limit=BATCH)
            if not going:
                return count
            await self._take_away(going)
            count += len(going)

    async def _remove(self) -> int:
        """Remove what left long enough ago, unless somebody holds everything."""
        count = 0
        while True:
            now = self._clock.now()
            async with self._database.write() as tx:
                if await store.is_held(tx, now):
                    return count
                going = await store.begin_removal(tx, before=now - LINGER, now=now, limit=BATCH)
            if not going:
                return count
            await self._take_away(going)
            count += len(going)

    async def _take_away(self, going: list[str]) -> None:
        keys = [blob_key(sha256) for sha256 in going]
        keys += [thumbnail_key(sha256, size) for sha256 in going for size in SIZES]
        await self._blobs.delete(keys)
        async with self._database.write() as tx:
            await store.remove(tx, going)

    async def _mark_unneeded(self) -> None:
        some = BATCH
        while some:
            now = self._clock.now()
            before = now - self._grace
            async with self._database.write() as tx:
                some = await store.mark_unneeded(tx, before=before, now=now, limit=BATCH)

    async def _mark_orphans(self) -> None:
        """Look through the store for what no row speaks of."""
        before = self._clock.now() - self._grace
        batch: list[Stored] = []
        async for stored in self._blobs.walk():
            if stored.modified_at < before:
                batch.append(stored)
            if len(batch) >= BATCH:
                await self._look_at(batch)
                batch = []
        await self._look_at(batch)

    async def _look_at(self, batch: list[Stored]) -> None:
        named = {stored.sha256: stored for stored in batch if stored.sha256}
        async with self._database.read() as tx:
            unknown = await store.load_unknown(tx, named)
            parts = await store.load_parts(tx)
        lost = {
            stored.sha256: stored.bytes
            for stored in batch
            if stored.sha256 in unknown and stored.key == blob_key(stored.sha256)
        }
        await self._blobs.delete(
            [
                stored.key
                for stored in batch
                if stored.key not in parts
                and stored.sha256 not in lost
                and (stored.is_draft or stored.sha256 in unknown)
            ]
        )
        if lost:
            async with self._database.write() as tx:
                await store.mark_orphans(tx, lost, now=self._clock.now())
