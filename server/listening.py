"""Hear what other processes notify (PostgreSQL). Rule: a lost connection is made again, for ever.

What was notified while there was none is lost: `begun` is called for each new connection, so
whoever listens looks for itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import structlog

from server.database import Database

RECONNECT_SECONDS = (0.1, 0.5, 2.0, 5.0)

log = structlog.get_logger()


class Hearing:
    """A connection that hears. What it notifies is heard by every process, this one too."""

    def __init__(self, driver: asyncpg.Connection, channel: str) -> None:
        self._driver, self._channel = driver, channel
        self.lost = asyncio.Event()
        driver.add_termination_listener(lambda _: self.lost.set())

    async def notify(self, note: str) -> None:
        await self._driver.execute("SELECT pg_notify($1, $2)", self._channel, note)

    async def check(self) -> None:
        """Ask for an answer: a silent loss is noticed by that alone."""
        await self._driver.execute("SELECT 1")


async def until_lost(hearing: Hearing) -> None:
    """Only listen."""
    await hearing.lost.wait()


async def listen(
    database: Database,
    channel: str,
    *,
    heard: Callable[[str], None],
    begun: Callable[[], Awaitable[None]],
    serve: Callable[[Hearing], Awaitable[None]] = until_lost,
) -> None:
    """Call `heard` with every NOTIFY, until cancelled.

    With each new connection `begun` is called, and then `serve`, which ends when that is lost.
    """
    failures = 0  # Of the connection, one after the other.
    while True:
        try:
            async with connected(database, channel, heard) as hearing:
                await begun()
                failures = 0
                await serve(hearing)
        except Exception as lost:
            # A connection dies in many ways (asyncpg even calls one of them its own defect);
            # whatever it was, without another one every other process would go unheard.
            log.exception("listening.lost", channel=channel, exc_info=lost)
            patience = min(failures, len(RECONNECT_SECONDS) - 1)
            failures += 1
            await asyncio.sleep(RECONNECT_SECONDS[patience])


@asynccontextmanager
async def connected(
    database: Database, channel: str, heard: Callable[[str], None]
) -> AsyncGenerator[Hearing]:
    """Hear the channel over one connection while the block runs."""

    def tell(*told: object) -> None:
        payload = told[-1]  # After the driver, its process and the channel.
        assert isinstance(payload, str)
        heard(payload)

    async with database.engine.connect() as connection:
        # Outside any transaction, or it would hear nothing.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
        hearing = Hearing(driver, channel)
        await driver.add_listener(channel, tell)
        try:
            yield hearing
        finally:
            if driver.is_closed():
                await connection.invalidate()
            else:
                await driver.remove_listener(channel, tell)
