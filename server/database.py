"""One engine, three ways in: `ask`, `read`, `write`. Rule: nothing else begins or ends anything.

The connection used last is used next: each keeps pages and prepared statements, so few are warm.
When `close` is done nothing of the database runs any more: neither connection nor thread.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from threading import Thread
from time import monotonic
from weakref import WeakSet

from sqlalchemy import Connection, event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from server.outages import is_full
from server.sqlite import SqliteConnection

BUSY_TIMEOUT_MS = 10_000
PAGES_KIB = 8_192  # Of SQLite's pages, kept by each connection; the system keeps the others.
CONNECTIONS_MAX = 20
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    f"cache_size=-{PAGES_KIB}",
)
CLOSE_SECONDS = 5.0  # A connection that a defect left open must not keep the process alive.


class Database:
    """SQLite (`sqlite+aiosqlite:`) or PostgreSQL (`postgresql+asyncpg:`), behaving alike."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._threads: WeakSet[Thread] = WeakSet()
        self.engine = (
            _sqlite_engine(url, self._threads) if self.is_sqlite else _postgres_engine(url)
        )
        # A write found no room. A smaller one may yet find some, so `/ready` alone takes it back.
        self.is_full = False
        # SQLite has one writer. Taking turns here costs nothing; its own busy handler sleeps.
        self._turn = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def ask(self) -> AsyncGenerator[AsyncConnection]:
        """Questions that need not see the same moment, each a round trip and no transaction."""
        async with self._connected() as connection:
            if self.is_sqlite:
                await connection.execution_options(sqlite_begin="")
            else:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A snapshot: every query in it sees the same data, and none may write."""
        async with self._connected() as connection:
            if not self.is_sqlite:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """All or nothing: committed when the block ends, undone when it raises."""
        async with self._turn or nullcontext(), self._connected() as connection:
            await connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            try:
                async with connection.begin():
                    yield connection
            except SQLAlchemyError as error:
                self.is_full = self.is_full or is_full(error)
                raise

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        """A connection of the pool. Raises `OSError` where there is no server."""
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self.engine.connect())
            except FileNotFoundError as error:  # A socket's: whoever listens there is not up.
                raise ConnectionRefusedError(error.errno, error.strerror) from error
            yield connection

    async def close(self) -> None:
        """Close every connection, and wait until their threads have ended."""
        await self.engine.dispose()
        await asyncio.to_thread(_wait_for, list(self._threads))


def _wait_for(threads: list[Thread]) -> None:
    """Wait until the threads have ended, `CLOSE_SECONDS` in all."""
    until = monotonic() + CLOSE_SECONDS
    for thread in threads:
        if thread.is_alive():
            thread.join(max(until - monotonic(), 0))


def _postgres_engine(url: str) -> AsyncEngine:
    """READ COMMITTED for writes, under scope locks; parameters never appear in logged errors."""
    engine = create_async_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_use_lifo=True,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: AsyncAdapt_asyncpg_connection, _: ConnectionPoolEntry) -> None:
        # SQLAlchemy decodes `json` by itself; ours stays text and is decoded once, by msgspec.
        connection.run_async(
            lambda driver: driver.set_type_codec(
                "json", schema="pg_catalog", encoder=str, decoder=str, format="text"
            )
        )

    @event.listens_for(engine.sync_engine, "checkout")
    def checkout(
        connection: AsyncAdapt_asyncpg_connection, _: ConnectionPoolEntry, __: PoolProxiedConnection
    ) -> None:
        # A server that ends tells its clients, so asyncpg knows without asking; SQLAlchemy's own
        # ping is three round trips, on each use, and sees no more. The pool makes a new one then.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine


def _sqlite_engine(url: str, threads: WeakSet[Thread]) -> AsyncEngine:
    """Make SQLite behave: explicit BEGIN, foreign keys, write-ahead log, every commit on disk."""

    def begun(file: str, **options: bool) -> SqliteConnection:
        made = SqliteConnection(partial(sqlite3.connect, file, **options))
        made.thread.daemon = True
        threads.add(made.thread)
        return made

    engine = create_async_engine(
        url,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"async_creator_fn": begun},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # We say BEGIN ourselves, below; else the driver opens transactions late.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            for pragma in PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            connection.close()  # The pool does not know it yet, so nobody else would.
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        if said := connection.get_execution_options().get("sqlite_begin", "BEGIN"):
            connection.exec_driver_sql(str(said))

    return engine
