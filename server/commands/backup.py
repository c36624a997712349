"""`backup` and `restore`. Rule: only the order of things; the work is in `server.backups`."""

from pathlib import Path

from server.backups.make import Backups
from server.backups.restore import restore
from server.blobs import Blobs
from server.clock import Clock
from server.commands.people import prepared
from server.commands.terminal import say
from server.errors import UnableError
from server.folder import held
from server.settings import Settings, variable


async def back_up(settings: Settings, clock: Clock, *, to: Path | None) -> int:
    """Make a backup, also beside a server that runs."""
    place = to or settings.backup_dir
    if place is None:
        raise UnableError(f"name a folder for it: --to DIR, or {variable('backup_dir')}")
    async with prepared(settings, clock) as database:
        made = await Backups(settings, database, Blobs(settings), clock).make(place, say=say)
    say(f"the backup is whole: {made}")
    return 0


async def put_back(settings: Settings, *, place: Path, is_forced: bool) -> int:
    """Put a backup back; refused while a server runs on the data."""
    with held(settings):
        epoch = await restore(settings, place, is_forced=is_forced, say=say)
    say(f"restored; devices will offer again what they sent since (epoch {epoch})")
    return 0
