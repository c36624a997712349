"""`backup`. Rule: only the order of things; the work is in `server.backups.make`."""

from pathlib import Path

from server.backups.check import check
from server.backups.make import Backups
from server.blobs import Blobs
from server.clock import Clock
from server.commands.terminal import say
from server.errors import UnableError
from server.opening import prepared
from server.settings import Settings, variable


async def back_up(
    settings: Settings, clock: Clock, *, to: Path | None, is_check: bool, may_lack: bool
) -> int:
    """Make a backup, or read all that there are; also beside a server that runs.

    Exit code 1 where something of them is lost.
    """
    place = to or settings.backup_dir
    if place is None:
        raise UnableError(f"name a folder for it: --to DIR, or {variable('backup_dir')}")
    missing: tuple[str, ...] = ()
    if is_check:
        faults = await check(settings, place, Blobs(settings), say=say)
        last = f"{len(faults):,} faults" if faults else "every backup is whole"
    else:
        async with prepared(settings, clock, may_make=False) as database:
            backups = Backups(settings, database, Blobs(settings), clock)
            made = await backups.make(place, say=say, may_lack=may_lack)
        faults, missing, last = made.lost, made.missing, f"the backup is whole: {made.folder}"
    for line in missing:
        say(line)
    for fault in faults:
        say(f"DAMAGED {fault}")
    say(last)
    return 1 if faults or missing else 0
