"""What a command begins with: its loop, its database, the data made fit for use.

Rule: no web framework; a command that serves nothing starts without one. An expected fault is one
line.
"""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager

import uvloop
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from server.clock import Clock
from server.database import Database
from server.device_keys import record_before
from server.errors import UnableError
from server.folder import held, is_absent, make_folder, make_private, sqlite_file
from server.marker import Marker, demand_own, measure
from server.restoring import demand_none, demand_none_in
from server.revocations import Revocations, apply_again
from server.schema_version import NEEDED, check, found
from server.settings import Settings
from server.store import installation
from server.taken_back import begin_if_taken_back
from sync.errors import SyncError

SEAL_KEY_BYTES = 32  # Of HMAC-SHA-256: at least as long as its digest (RFC 2104, 3).
LEAVING_SECONDS_MAX = 10.0


def run_loop(main: Coroutine[object, object, int]) -> int:
    """Run a command's coroutine on uvloop, and give its exit code.

    Its threads are waited for, and no longer than that: one whose disk does not answer never ends,
    and whoever stops a server would wait with it. What they write is whole or not there.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(main)
        leaving = threading.Timer(LEAVING_SECONDS_MAX, os._exit, [code])
        leaving.daemon = True
        leaving.start()
    leaving.cancel()
    return code


def masked(url: str) -> str:
    """Give a database address without its password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def telling_database_faults(settings: Settings) -> Generator[None]:
    """Turn what goes wrong with a database into one line that names it."""
    try:
        yield
    except SyncError as error:
        raise UnableError(f"{error.title}: {error.detail}") from None
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
        address = masked(settings.database_address)
        raise UnableError(f"the database {address} cannot be used: {reason}") from None


@asynccontextmanager
async def opened(settings: Settings, *, may_make: bool = True) -> AsyncGenerator[Database]:
    """Open the database for a command, and close it whatever happens.

    What only reads may make no SQLite file. Raises `UnableError` for a SQLite file that
    may be half of a restore, or that is not there and may not be made.
    """
    file = sqlite_file(settings)
    if may_make or file is None:
        make_folder(settings)
    demand_none(settings)
    if is_absent(settings) and not may_make:
        raise UnableError(f"there is no database {file}")
    if file:
        make_private(file)
    database = Database(settings.database_address)
    try:
        yield database
    finally:
        await database.close()


async def prepare(
    settings: Settings, database: Database, clock: Clock, *, may_migrate: bool = True
) -> None:
    """Make the database fit to be served: SQLite is migrated, PostgreSQL only checked.

    Whoever does not hold the data (`server.folder.held`) may not migrate. Raises `UnableError` when
    it is newer than the program, or older and not to be migrated (on PostgreSQL several processes
    may be running on it, so the person says when), or not to be opened at all; or when the data
    folder belongs to another one, or a restore of it was cut off. Keys of devices
    that were never recorded are recorded then, once.
    """
    with telling_database_faults(settings):
        if database.is_sqlite and may_migrate and await found(database) != NEEDED:
            # Most starts find it as it is to be, and load no tool for it.
            from server import migrate

            await migrate.upgrade(database)
        await check(database)
        await demand_none_in(database)
        async with database.write() as tx:
            await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(SEAL_KEY_BYTES))
        await go_on(settings, database, clock)
        await record_before(database, clock)


@asynccontextmanager
async def prepared(
    settings: Settings, clock: Clock, *, may_make: bool = True
) -> AsyncGenerator[Database]:
    """Open the database for a short piece of work, also beside a server that runs on it.

    Where one does, its schema is left as it is: the server would not know another.
    """
    async with opened(settings, may_make=may_make) as database:
        with held(settings, or_pass=True) as is_ours:
            await prepare(settings, database, clock, may_migrate=is_ours)
        yield database


async def go_on(settings: Settings, database: Database, clock: Clock) -> None:
    """Notice that the database was taken back, before anybody is answered, and take away again.

    The files are read before the database: beside us others may be serving it.
    """
    marker, revocations = Marker(settings.data_dir), Revocations(settings.data_dir)
    known, entries = marker.read(), revocations.read()
    address = masked(settings.database_address)
    demand_own(known, await measure(database), folder=settings.data_dir, address=address)
    await begin_if_taken_back(database, clock, marker, known)
    await apply_again(database, clock, marker, entries)
    await marker.save(await measure(database))
