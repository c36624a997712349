"""Read everything that a folder of backups holds. Rule: it needs no database, and makes no backup.

What is damaged in the pool is taken from the store again, where that still has it.
"""

import asyncio
from pathlib import Path

from server.backups import manifest as manifests
from server.backups.make import alone, telling_faults, unfinished
from server.backups.pool import Pool, Say, listed_in, lost_words, say_mended
from server.blobs import Blobs
from server.errors import UnableError
from server.settings import Settings


async def check(settings: Settings, place: Path, store: Blobs, *, say: Say) -> tuple[str, ...]:
    """What of the backups is damaged, a line each. Raises `UnableError` where there is none."""
    folders, faults, sound = manifests.list_whole(place), list[str](), list[Path]()
    if not folders:
        raise UnableError(f"{place} holds no backup that is whole")
    with telling_faults(place):
        async with alone(place), unfinished(place / f"check{manifests.UNFINISHED}") as work:
            for folder in folders:
                say(f"reading {folder}")
                try:
                    await asyncio.to_thread(manifests.verify, folder, manifests.read(folder))
                except UnableError as error:
                    faults.append(str(error))
                else:
                    sound.append(folder)
            pool = Pool(settings, place, store)
            found = await pool.reread(listed_in(sound), work, limit=None, say=lambda _: None)
    say(found.words(limit=None))
    say_mended(found, pool, say)
    return (*faults, *lost_words(found, pool))
