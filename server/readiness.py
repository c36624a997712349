"""Whether the server can work, and what somebody should look at. Rule: nothing is mended here.

A fault keeps the server from its work; a note keeps nobody from theirs.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from server.backups.lost import count_lost
from server.backups.state import load_state
from server.database import Database
from server.outages import is_full
from server.restoring import said
from server.schema_version import check
from server.settings import Settings
from server.store import installation
from sync.errors import SyncError

CHECK_SECONDS_MAX = 5


async def database_fault(database: Database) -> str:
    """Say what keeps the database from being used; empty when nothing does."""
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            await check(database)
            async with database.read() as tx:
                if await installation.load(tx) is None:
                    return "nothing was set up in this database yet"
                if place := await installation.load_restore(tx):
                    return said(place)
            if database.is_full:
                # Asked only while it was full: then a write that succeeds is news.
                async with database.write() as tx:
                    await installation.touch(tx)
                database.is_full = False
    except SyncError as error:
        return f"{error.title}: {error.detail}"
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        if is_full(error):
            return "has no room for anything new"
        return f"cannot be reached ({type(error).__name__})"
    return ""


async def load_notes(database: Database, settings: Settings, now: datetime) -> Mapping[str, str]:
    """What is late or lost, by what it is of; empty where there is nothing to say, or no answer."""
    try:
        async with asyncio.timeout(CHECK_SECONDS_MAX), database.read() as tx:
            backups, lost = await load_state(tx, settings, now), await count_lost(tx)
    except (SQLAlchemyError, OSError, TimeoutError):
        return {}
    found: dict[str, str] = {}
    if backups.is_late:
        at = backups.made_at
        newest = f"the newest is of {at:%Y-%m-%d %H:%M} UTC" if at else "none yet"
        found["backups"] = f"no backup was made in time; {newest}"
    if lost:
        found["files"] = f"stored files that are lost: {lost:,}"
    return found
