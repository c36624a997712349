"""Put a backup back. Rule: all of it is looked at before the database is touched.

First the bytes, which disturb nothing; then the database, in one step; then the epoch rises, so
that every device offers again what it did since (docs/operations.md). A database that is there is
left alone unless it is said that it goes. Where bytes are missing nothing is put back, unless it is
said that the rest will do: then nobody is told that they are here (`server.backups.lost`). Of what
is cut off in the middle nothing is used (`server.restoring`).
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import asyncpg
import structlog
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from schemas.base import EPOCH_MAX
from server import migrate, restoring, rewind
from server.backups import lost, sqlite
from server.backups import manifest as manifests
from server.backups.make import DATABASE, TABLES
from server.backups.manifest import KeptBlob, Manifest
from server.backups.pool import is_intact, pool_of
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.errors import ServerError, UnableError
from server.folder import OWNER_ONLY, make_folder, sqlite_file
from server.marker import Marker
from server.settings import Settings
from server.store import backups as store
from server.store import installation
from sync.errors import SyncError

Say = Callable[[str], None]
SAID_EVERY = 500  # Files.

log = structlog.get_logger()


class Restored(Struct, frozen=True):
    """The epoch that began, and the list of what is missing, where anything is."""

    epoch: int
    missing: Path | None = None


async def restore(
    settings: Settings,
    clock: Clock,
    place: Path,
    *,
    is_forced: bool,
    may_lack: bool = False,
    say: Say,
) -> Restored:
    """Put the backup `place`, or the newest in it, where the settings say.

    `may_lack`: also where photos and files are missing or damaged; they are listed. Whoever calls
    holds the data (`server.folder.held`). Raises `UnableError`.
    """
    folder = manifests.find(place)
    manifest = manifests.read(folder)
    say(f"{folder}: of {manifest.begun_at:%Y-%m-%d %H:%M} UTC, {manifest.ops} changes")
    demand_kind(settings, manifest)
    demand_own(settings, manifest)
    await asyncio.to_thread(manifests.verify, folder, manifest)
    blobs, pool = Blobs(settings), pool_of(settings, folder.parent)
    make_folder(settings)
    await demand_room(settings, is_forced=is_forced)
    try:
        missing = [one async for one in absent(blobs, pool, folder)]
        demand_whole(pool, missing, may_lack=may_lack)
        missing = await put_blobs(blobs, pool, folder, manifest, say)
        demand_whole(pool, missing, may_lack=may_lack)
        say("database")
        restoring.begin(settings, folder)
        if file := sqlite_file(settings):
            await asyncio.to_thread(put_sqlite, folder, file, say)
        restored = await begin(settings, clock, folder, manifest, missing)
    except (ServerError, SyncError) as error:
        raise UnableError(f"{error.title}: {error.detail}") from error
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise UnableError(f"the backup could not be put back: {reason}") from error
    log.info("backup.restored", place=str(folder), epoch=restored.epoch)
    return restored


def demand_kind(settings: Settings, manifest: Manifest) -> None:
    here = "sqlite" if sqlite_file(settings) else "postgresql"
    if manifest.database != here:
        raise UnableError(
            f"the backup is of {manifest.database} and the settings name {here}: "
            "see XUNJIAN_DATABASE_URL"
        )


def demand_own(settings: Settings, manifest: Manifest) -> None:
    """Raise `UnableError` where the data folder is another installation's."""
    known = Marker(settings.data_dir).read()
    if known is not None and known.installation != manifest.installation:
        raise UnableError(
            f"the data folder {settings.data_dir} belongs to another installation: name another "
            f"with --data, or remove {settings.data_dir / 'marker.json'}"
        )


async def absent(blobs: Blobs, pool: Blobs, folder: Path) -> AsyncIterator[KeptBlob]:
    """What of the backup is missing or cut: seen at once, before anything is read."""
    for one in manifests.read_kept(folder):
        if one.bytes not in (await pool.size(one.key), await blobs.size(one.key)):
            yield one


def demand_whole(pool: Blobs, missing: Sequence[KeptBlob], *, may_lack: bool) -> None:
    """Raise `UnableError` where photos or files are missing, unless it was said that they may.

    What is made from them is no loss: it is made again.
    """
    lacking = [one for one in missing if not one.is_derived]
    if may_lack or not lacking:
        return
    first = pool.root / lacking[0].key
    more = f", and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
    raise UnableError(
        f"{first} is missing or damaged{more}: this backup is not whole. "
        "--without-missing puts back all the rest and lists them"
    )


async def demand_room(settings: Settings, *, is_forced: bool) -> None:
    """Raise `UnableError` where there is a database that nobody said may go, or that is used.

    Half of a restore may go: whoever began it said so.
    """
    file = sqlite_file(settings)
    is_forced = is_forced or bool(restoring.fault(settings))
    if file is not None and not file.exists():
        return
    database = Database(settings.database_address)
    try:
        async with database.read() as tx:
            is_begun = await store.is_begun(tx)
            is_half = is_begun and await installation.load_restore(tx) is not None
            others = 0 if database.is_sqlite else await store.count_others(tx)
    except (SQLAlchemyError, OSError) as error:
        if is_forced and file is not None:
            return  # A damaged file is what many a restore is for.
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise UnableError(f"the database cannot be used: {reason}") from error
    finally:
        await database.close()
    if is_begun and not (is_forced or is_half):
        raise UnableError("there is a database already; --force puts the backup in its place")
    if others:
        raise UnableError(f"{others} other connections use the database; stop every server first")


async def put_blobs(
    blobs: Blobs, pool: Blobs, folder: Path, manifest: Manifest, say: Say
) -> list[KeptBlob]:
    """Put into the store what it does not have, or has as other bytes; what is missing or damaged.

    What is damaged here and there stays under its name: who brings those bytes again mends it.
    """
    missing: list[KeptBlob] = []
    for number, one in enumerate(manifests.read_kept(folder)):
        if number % SAID_EVERY == 0:
            say(f"photos and files: {number} of {manifest.blobs}")
        if await blobs.is_sound(one.key, one.bytes, one.digest):
            continue
        file = pool.root / one.key
        if not await asyncio.to_thread(is_intact, file, one):
            missing.append(one)
        else:
            await blobs.put(one.key, file, may_link=False)
    say(f"photos and files: {manifest.blobs - len(missing)} of {manifest.blobs}")
    return missing


def put_sqlite(folder: Path, target: Path, say: Say) -> None:
    """Have the copy be the database."""
    draft = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(folder / DATABASE, draft)
    draft.chmod(OWNER_ONLY)
    sqlite.force(draft)
    if before := sqlite.put_in_place(draft, target):
        say(f"the database that was there is now {before}")


async def begin(
    settings: Settings, clock: Clock, folder: Path, manifest: Manifest, missing: Sequence[KeptBlob]
) -> Restored:
    """Bring the database to this program's schema, and begin the epoch after all that were told.

    What it says of bytes that are missing is taken back: first that they are stored, so that no
    device is told so under the new epoch, and then, as its first changes, that they were received.
    """
    database = Database(settings.database_address)
    try:
        if not database.is_sqlite:
            await put_tables(database, folder, manifest)
        await migrate.upgrade(database)
        marker = Marker(settings.data_dir)
        known = marker.read()
        beside = await asyncio.to_thread(manifests.newest_epoch, folder.parent)
        newest = max(manifest.epoch, beside, known.epoch if known else 0)
        async with database.read() as tx:
            made = await installation.load(tx)
        assert made is not None
        await lost.forget(database, clock, missing)
        made = await rewind.begin(database, marker, min(newest + 1, EPOCH_MAX))
        gone = await lost.take_back(database, clock, made, missing)
        listed = lost.write_list(settings.data_dir, made.epoch, gone) if gone else None
        await restoring.end(settings, database)
        return Restored(made.epoch, listed)
    finally:
        await database.close()


async def put_tables(database: Database, folder: Path, manifest: Manifest) -> None:
    """Put every table of PostgreSQL in place of what is there, in one transaction."""
    async with database.write() as tx:
        await store.drop_tables(tx)
        await tx.run_sync(lambda connection: migrate.build(connection, manifest.revision))
        await store.load_tables(tx, folder / TABLES, manifest.columns)
        await installation.begin_restore(tx, str(folder))
