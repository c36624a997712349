"""How old the newest backup is. Rule: that one hangs, fails or never begins shows in this."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from server.backups.make import KIND
from server.settings import Settings
from server.store import backups, jobs

LATE_AFTER = timedelta(hours=6)  # So long one may take, or be tried again, before it is told.


class State(Struct, frozen=True):
    """When the newest whole one ended, whether they are made by themselves, and whether in time."""

    made_at: datetime | None
    is_scheduled: bool
    is_late: bool


async def load_state(tx: AsyncConnection, settings: Settings, now: datetime) -> State:
    """What is to be told. Without a folder in the settings nothing is late."""
    made_at = await backups.load_newest(tx)
    if settings.backup_dir is None:
        return State(made_at, is_scheduled=False, is_late=False)
    since = made_at or await jobs.load_begun(tx, KIND) or now
    late_at = since + timedelta(hours=settings.backup_hours) + LATE_AFTER
    return State(made_at, is_scheduled=True, is_late=now > late_at)
