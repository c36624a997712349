"""Hear what other processes notify (PostgreSQL). Rule: a lost connection is made again, for ever.

What was notified while there was none is lost: `heard` is called for each new connection as well,
so whoever listens looks for itself.
"""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from server.database import Database

RECONNECT_SECONDS = 2.0

log = structlog.get_logger()


async def listen(database: Database, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every NOTIFY, until cancelled."""
    while True:
        try:
            await listen_once(database, channel, heard)
        except Exception as lost:
            # A connection dies in many ways; whatever it was, there has to be another one.
            log.exception("listening.lost", channel=channel, exc_info=lost)
        await asyncio.sleep(RECONNECT_SECONDS)


async def listen_once(database: Database, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every NOTIFY, until the connection is lost."""
    lost = asyncio.Event()

    def tell(*_: object) -> None:
        heard()

    async with database.engine.connect() as connection:
        # Outside any transaction, or it would hear nothing.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _: lost.set())
        await driver.add_listener(channel, tell)
        try:
            heard()
            await lost.wait()
        finally:
            if driver.is_closed():
                await connection.invalidate()
            else:
                await driver.remove_listener(channel, tell)
