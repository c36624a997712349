"""Make a backup while the server runs. Rule: told to devices only when it is whole and on the disk.

The database in one moment, then the bytes that it speaks of; the manifest last. Whatever goes wrong
before that leaves no backup, and what it had copied of the bytes is there for the next. The folder
may be on a disk that does not answer: only threads touch it, and nobody but the backup waits.
"""

import asyncio
import fcntl
import os
import shutil
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import asyncpg
import msgspec
import structlog
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from server import schema_version
from server.backups import lost, sqlite
from server.backups import manifest as manifests
from server.backups.manifest import BLOBS, POOL, UNFINISHED, KeptBlob, Listed, Manifest
from server.backups.pool import MEGABYTE, Pool, Reread, listed_in, lost_words, say_mended
from server.blobs import Blobs, blob_key
from server.clock import Clock
from server.database import Database
from server.errors import ServerError, UnableError
from server.folder import OWNER_ONLY, sync_folder
from server.jobs import Jobs
from server.settings import Settings
from server.store import backups as store
from server.store import blob_collect, installation
from server.store import lost as store_lost
from server.store.backups import Facts, MadeBackup
from server.store.jobs import Job

KIND = "back-up"
DATABASE = "database.sqlite"
TABLES = "tables"
LOCK = "backups.lock"
HOLD = timedelta(days=2)  # Longer than any backup takes; a crash holds collection up for no more.
SAID_EVERY_SECONDS = 2.0

Say = Callable[[str], None]

log = structlog.get_logger()


class Snapshot(Struct, frozen=True):
    """The database of one moment, in files."""

    facts: Facts
    stored: Mapping[str, int]
    revision: str
    columns: Mapping[str, tuple[str, ...]]


class Finished(Struct, frozen=True):
    """Where a backup is, and what is lost of those before it, a line each.

    `missing` is what the store lacked and nobody is told any more that it has, a line each.
    """

    folder: Path
    lost: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Lacking(UnableError):
    """The store lacks files that the database speaks of."""


class Backups:
    """Makes the backups of one installation."""

    def __init__(self, settings: Settings, database: Database, blobs: Blobs, clock: Clock) -> None:
        self._settings, self._database = settings, database
        self._blobs, self._clock = blobs, clock

    def schedule(self, jobs: Jobs) -> None:
        """Have one made every so often, where the settings name a folder."""
        place = self._settings.backup_dir
        if place is None:
            return

        async def handle(_: Job) -> None:
            await self.make(place, say=lambda _: None)

        jobs.every(KIND, timedelta(hours=self._settings.backup_hours), handle)

    async def make(self, place: Path, *, say: Say, may_lack: bool = False) -> Finished:
        """Make one in the folder `place`, and let the oldest go; first read some of the others.

        `may_lack`: what the store lacks is taken back, and then one is made that has all the rest.
        Raises `UnableError` with one line for whatever keeps it from being whole.
        """
        with telling_faults(place):
            async with alone(place):
                try:
                    return await self._make(place, say)
                except Lacking:
                    if not may_lack:
                        raise
                missing = await self._take_back()
                return msgspec.structs.replace(await self._make(place, say), missing=missing)

    async def _take_back(self) -> tuple[str, ...]:
        """Have nobody be told any more that what the store lacks is here; it, in words."""
        async with self._database.read() as tx:
            noted, made = await store_lost.load_noted(tx), await installation.load(tx)
        assert made is not None
        missing = [KeptBlob(blob_key(sha256), size, "") for sha256, size in noted.items()]
        await lost.forget(self._database, self._clock, missing)
        gone = await lost.take_back(self._database, self._clock, made, missing)
        folder = self._settings.data_dir
        file = await asyncio.to_thread(lost.write_list, folder, made.epoch, gone)
        return tuple(lost.told(gone, file))

    async def _make(self, place: Path, say: Say) -> Finished:
        await self._demand_own(place)
        begun_at, id_ = self._clock.now(), self._clock.new_id()
        final = place / f"{begun_at:%Y%m%dT%H%M%SZ}-{id_.hex[-8:]}"
        pool = Pool(self._settings, place, self._blobs)
        async with unfinished(final.with_name(final.name + UNFINISHED)) as making:
            reread = await self._reread(pool, making, say)
            async with self._holding():
                made = await self._fill(making, pool, id_, begun_at, self._said(say))
            await asyncio.to_thread(name_whole, making, final)
        await self._record(final, made[0], made[1])
        keep = self._settings.backups_max
        await asyncio.to_thread(remove_oldest, place, keep, newest=final)
        log.info("backup.made", place=str(final), blobs=made[0].blobs, ops=made[0].ops)
        return Finished(final, tuple(lost_words(reread, pool)))

    async def _demand_own(self, place: Path) -> None:
        """Raise `UnableError` where another installation keeps its backups in the folder."""
        async with self._database.read() as tx:
            own = await store.load_facts(tx)
        await asyncio.to_thread(manifests.demand_own, place, own.installation, own.epoch)

    async def _reread(self, pool: Pool, making: Path, say: Say) -> Reread:
        """Read again what the backups before this one rest on, as much of it as is its turn."""
        limit = self._settings.backup_reread_mb * MEGABYTE
        listed = await asyncio.to_thread(pool.listed)
        found = await pool.reread(listed, making, limit=limit, say=self._said(say))
        if found.files:
            say(found.words(limit=limit))
        say_mended(found, pool, say)
        return found

    def _said(self, say: Say) -> Say:
        """Say something only now and then."""
        last = -SAID_EVERY_SECONDS

        def said(text: str) -> None:
            nonlocal last
            now = self._clock.monotonic()
            if now - last >= SAID_EVERY_SECONDS:
                last = now
                say(text)

        return said

    @asynccontextmanager
    async def _holding(self) -> AsyncGenerator[None]:
        until = self._clock.now() + HOLD
        async with self._database.write() as tx:
            await blob_collect.hold(tx, until)
        try:
            yield
        finally:
            async with self._database.write() as tx:
                await blob_collect.release(tx, until)

    async def _fill(
        self, making: Path, pool: Pool, id_: UUID, begun_at: datetime, say: Say
    ) -> tuple[Manifest, Facts]:
        """Put everything into the folder, the manifest last."""
        if self._database.is_sqlite:
            snapshot = await self._copy_sqlite(making, say)
        else:
            snapshot = await self._copy_tables(making)
        kept, lacked = await self._copy_blobs(making, pool, snapshot.stored, say)
        async with self._database.write() as tx:
            await store_lost.note_lost(tx, lacked, before=begun_at, at=self._clock.now())
        await asyncio.to_thread(manifests.write_kept, making / BLOBS, kept)
        manifest = Manifest(
            format=manifests.FORMAT,
            id=id_,
            installation=snapshot.facts.installation,
            epoch=snapshot.facts.epoch,
            revision=snapshot.revision,
            database="sqlite" if self._database.is_sqlite else "postgresql",
            begun_at=begun_at,
            ended_at=self._clock.now(),
            files=await asyncio.to_thread(settled, making),
            columns=snapshot.columns,
            blobs=len(kept),
            blob_bytes=sum(one.bytes for one in kept),
            missing=len(lacked),
            lineages=len(snapshot.facts.lineages),
            ops=snapshot.facts.ops,
        )
        await asyncio.to_thread(manifests.write, making, manifest)
        return manifest, snapshot.facts

    async def _copy_sqlite(self, making: Path, say: Say) -> Snapshot:
        source, target = self._database.engine.url.database, making / DATABASE
        assert source is not None
        await sqlite.copy(
            Path(source), target, lambda done, total: say(f"database: {done} of {total} pages")
        )
        copied = Database(f"sqlite+aiosqlite:///{target}")
        try:
            snapshot = await self._look(copied)
        finally:
            await copied.close()
        await asyncio.to_thread(sqlite.settle, target)
        return snapshot

    async def _look(self, copied: Database) -> Snapshot:
        async with copied.read() as tx:
            facts, stored = await store.load_facts(tx), await store.load_stored(tx)
            return Snapshot(facts, stored, str(await tx.run_sync(schema_version.current)), {})

    async def _copy_tables(self, making: Path) -> Snapshot:
        folder = making / TABLES
        await asyncio.to_thread(folder.mkdir, mode=0o700)
        async with self._database.read() as tx:
            facts, stored = await store.load_facts(tx), await store.load_stored(tx)
            revision = str(await tx.run_sync(schema_version.current))
            return Snapshot(facts, stored, revision, await store.dump_tables(tx, folder))

    async def _copy_blobs(
        self, making: Path, pool: Pool, stored: Mapping[str, int], say: Say
    ) -> tuple[list[KeptBlob], frozenset[str]]:
        """Copy into the pool what it does not have; what is in this backup, and what is lost."""
        known = await asyncio.to_thread(pool.listed)
        kept: list[KeptBlob] = []
        found: set[str] = set()
        async for one in self._blobs.walk():
            if one.sha256 is None or one.sha256 not in stored or one.is_part:
                continue
            is_original = one.key == blob_key(one.sha256)
            digest = await pool.take(one.key, one.bytes, known.get(one.key), making)
            if digest is None:
                continue
            kept.append(KeptBlob(one.key, one.bytes, "" if is_original else digest))
            if is_original:
                found.add(one.sha256)
                say(f"photos and files: {len(found)} of {len(stored)}")
        return sorted(kept, key=lambda one: one.key), frozenset(stored.keys() - found)

    async def _record(self, final: Path, manifest: Manifest, facts: Facts) -> None:
        """Keep that it is whole, and tell devices; raises `UnableError` where it is not."""
        if manifest.missing:
            raise Lacking(
                f"the backup {final} was made, but the store lacks {manifest.missing} of the files "
                "that the database speaks of: devices are not told of it, unless one is made "
                "--without-missing"
            )
        made = MadeBackup(
            id=manifest.id,
            epoch=manifest.epoch,
            begun_at=manifest.begun_at,
            ended_at=manifest.ended_at,
            place=str(final),
            bytes=manifest.blob_bytes + sum(file.bytes for file in manifest.files.values()),
            lineages=manifest.lineages,
            ops=manifest.ops,
        )
        async with self._database.write() as tx:
            is_told = await store.save_made(tx, made, facts.lineages)
        if not is_told:
            raise UnableError("the database was taken back while its backup was made")


@contextmanager
def telling_faults(place: Path) -> Generator[None]:
    """Turn what goes wrong into one line."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnableError(f"no backup was made in {place}: {reason}") from error
    except (sqlite3.Error, SQLAlchemyError, asyncpg.PostgresError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise UnableError(f"no backup was made in {place}: {reason}") from error
    except ServerError as error:
        reason = error.detail or error.title
        raise UnableError(f"no backup was made in {place}: {reason}") from error


@asynccontextmanager
async def alone(place: Path) -> AsyncGenerator[None]:
    """Keep other backups out of the folder (flock(2)), and remove what they left half."""
    lock = await asyncio.to_thread(locked, place)
    try:
        yield
    finally:
        await asyncio.to_thread(lock.close)


def locked(place: Path) -> BinaryIO:
    """Take the folder; it is free when the file is closed, or forgotten by who was cut off."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = os.open(place / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    with ExitStack() as opened:
        lock = opened.enter_context(os.fdopen(number, "rb+"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnableError(f"another backup is being made in {place}") from None
        for left in place.glob(f"*{UNFINISHED}"):
            shutil.rmtree(left, ignore_errors=True)
        opened.pop_all()
    return lock


@asynccontextmanager
async def unfinished(making: Path) -> AsyncGenerator[Path]:
    """A folder for what is being made, or is only looked at: gone where it got no other name."""
    await asyncio.to_thread(making.mkdir, mode=0o700)
    try:
        yield making
    finally:
        await asyncio.to_thread(shutil.rmtree, making, ignore_errors=True)


def name_whole(making: Path, final: Path) -> None:
    """From here on it counts, on the disk too."""
    making.rename(final)
    sync_folder(final.parent)


def settled(making: Path) -> dict[str, Listed]:
    """Have every file and name of the folder on the disk; what each of them is."""
    files: dict[str, Listed] = {}
    folders = {making}
    for file in sorted(making.rglob("*")):
        if file.is_dir():
            folders.add(file)
            continue
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        file.chmod(OWNER_ONLY)
        files[str(file.relative_to(making))] = manifests.digest_of(file)
    for folder in folders:
        sync_folder(folder)
    return files


def remove_oldest(place: Path, keep: int, *, newest: Path) -> None:
    """Let backups go, the oldest first, and of the pool what no other names.

    `newest` was just told to devices, and stays whatever a clock that was wrong called the others.
    """
    whole = [folder for folder in manifests.list_whole(place) if folder != newest]
    whole.append(newest)
    if len(whole) <= keep:
        return
    for folder in whole[:-keep]:
        (folder / manifests.FILE).unlink(missing_ok=True)  # From here on it is none.
        shutil.rmtree(folder, ignore_errors=True)
    usable = manifests.list_usable(place)
    if usable != manifests.list_whole(place):
        log.error("backup.unswept", place=str(place))  # What a damaged list names is not known.
        return
    sweep_pool(place, listed_in(usable).keys())


def sweep_pool(place: Path, keys: Collection[str]) -> None:
    pool = place / POOL
    for file in pool.rglob("*"):
        if file.is_file() and file.relative_to(pool).as_posix() not in keys:
            file.unlink(missing_ok=True)
