"""Keep bytes and say so: the bytes first, then their row. Rule: a row never lacks its bytes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from server.blobs import Blobs, StoreUnreachable, blob_key, length_of
from server.clock import Clock
from server.database import Database
from server.store import blobs as store

ATTEMPTS = 20
WAIT_SECONDS = 0.25  # A deletion that is under way takes about as long.


async def nothing_else(_: AsyncConnection) -> None:
    """Nothing is written together with the row."""


async def keep_blob(
    database: Database,
    blobs: Blobs,
    clock: Clock,
    sha256: str,
    source: Path | bytes,
    *,
    also: Callable[[AsyncConnection], Awaitable[None]] = nothing_else,
) -> None:
    """Put bytes into the store, then their row, with what `also` writes in the same transaction.

    `source` holds exactly the bytes with this digest, which is not looked at again, and is not
    written to afterwards. May be repeated, also by two at once. Raises `StoreUnreachable`.
    """
    key = blob_key(sha256)
    for _ in range(ATTEMPTS):
        await blobs.put(key, source)
        is_kept = False
        async with database.write() as tx:
            is_kept = await store.save(tx, sha256, size=length_of(source), now=clock.now())
            if is_kept:
                await also(tx)
        if is_kept:
            # They may have been found here by `put` and then collected, just before the row. From
            # the row on nobody takes them away.
            if await blobs.size(key) is None:
                await blobs.put(key, source)
            return
        await asyncio.sleep(WAIT_SECONDS)
    raise StoreUnreachable("the same bytes are being removed")
