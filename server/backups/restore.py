"""Put a backup back. Rule: all of it is looked at before anything is touched.

First the bytes, which disturb nothing; then the database, in one step; then the epoch rises, so
that every device offers again what it did since (docs/operations.md). A database that is there is
left alone unless it is said that it goes.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from schemas.base import EPOCH_MAX
from server import migrate, rewind
from server.backups import manifest as manifests
from server.backups import sqlite
from server.backups.make import DATABASE, TABLES, pool_of
from server.backups.manifest import Manifest
from server.blobs import Blobs, blob_key
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


async def restore(settings: Settings, place: Path, *, is_forced: bool, say: Say) -> int:
    """Put the backup `place`, or the newest in it, where the settings say; the epoch it began.

    Whoever calls holds the data (`server.folder.held`). Raises `UnableError`.
    """
    folder = manifests.find(place)
    manifest = manifests.read(folder)
    say(f"{folder}: of {manifest.begun_at:%Y-%m-%d %H:%M} UTC, {manifest.ops} changes")
    demand_kind(settings, manifest)
    demand_own(settings, manifest)
    await asyncio.to_thread(manifests.verify, folder, manifest)
    blobs, pool = Blobs(settings), pool_of(settings, folder.parent)
    await demand_pool(pool, folder)
    make_folder(settings)
    await demand_room(settings, is_forced=is_forced)
    try:
        await put_blobs(blobs, pool, folder, manifest, say)
        say("database")
        if file := sqlite_file(settings):
            await asyncio.to_thread(put_sqlite, folder, file, say)
        epoch = await begin(settings, folder, manifest)
    except (ServerError, SyncError) as error:
        raise UnableError(f"{error.title}: {error.detail}") from error
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise UnableError(f"the backup could not be put back: {reason}") from error
    log.info("backup.restored", place=str(folder), epoch=epoch)
    return epoch


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


async def demand_pool(pool: Blobs, folder: Path) -> None:
    """Raise `UnableError` unless every file of the backup is in the pool."""
    for one in manifests.read_kept(folder):
        if await pool.size(one.key) != one.bytes:
            raise UnableError(f"{pool.root / one.key} is missing or cut: this backup is not whole")


async def demand_room(settings: Settings, *, is_forced: bool) -> None:
    """Raise `UnableError` where there is a database that nobody said may go, or that is used."""
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        return
    database = Database(settings.database_address)
    try:
        async with database.read() as tx:
            is_begun = await store.is_begun(tx)
            others = 0 if database.is_sqlite else await store.count_others(tx)
    except (SQLAlchemyError, OSError) as error:
        if is_forced and file is not None:
            return  # A damaged file is what many a restore is for.
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise UnableError(f"the database cannot be used: {reason}") from error
    finally:
        await database.close()
    if is_begun and not is_forced:
        raise UnableError("there is a database already; --force puts the backup in its place")
    if others:
        raise UnableError(f"{others} other connections use the database; stop every server first")


async def put_blobs(blobs: Blobs, pool: Blobs, folder: Path, manifest: Manifest, say: Say) -> None:
    """Put into the store what it does not have. Raises `UnableError` for what is damaged."""
    for number, one in enumerate(manifests.read_kept(folder)):
        if number % SAID_EVERY == 0:
            say(f"photos and files: {number} of {manifest.blobs}")
        if await blobs.size(one.key) == one.bytes:
            continue
        file = pool.root / one.key
        found = await asyncio.to_thread(manifests.digest_of, file)
        sha256 = one.key[-64:]
        if one.key == blob_key(sha256) and found.sha256 != sha256:
            raise UnableError(f"{file} is damaged: this backup is not used")
        await blobs.put(one.key, file, may_link=False)
    say(f"photos and files: {manifest.blobs} of {manifest.blobs}")


def put_sqlite(folder: Path, target: Path, say: Say) -> None:
    """Have the copy be the database."""
    draft = target.with_name(f"{target.name}.restoring")
    shutil.copyfile(folder / DATABASE, draft)
    draft.chmod(OWNER_ONLY)
    sqlite.force(draft)
    if before := sqlite.put_in_place(draft, target):
        say(f"the database that was there is now {before}")


async def begin(settings: Settings, folder: Path, manifest: Manifest) -> int:
    """Bring the database to this program's schema, and begin the epoch after all that were told."""
    database = Database(settings.database_address)
    try:
        if not database.is_sqlite:
            await put_tables(database, folder, manifest)
        await migrate.upgrade(database)
        marker = Marker(settings.data_dir)
        known = marker.read()
        newest = max(manifest.epoch, known.epoch if known else 0)
        async with database.read() as tx:
            made = await installation.load(tx)
        assert made is not None
        return (await rewind.begin(database, marker, min(newest + 1, EPOCH_MAX))).epoch
    finally:
        await database.close()


async def put_tables(database: Database, folder: Path, manifest: Manifest) -> None:
    """Put every table of PostgreSQL in place of what is there, in one transaction."""
    async with database.write() as tx:
        await store.drop_tables(tx)
        await tx.run_sync(lambda connection: migrate.build(connection, manifest.revision))
        await store.load_tables(tx, folder / TABLES, manifest.columns)
