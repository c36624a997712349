"""`backup` and `restore`. Rule: only the order of things; the work is in `server.backups`."""

from pathlib import Path

from server.backups import lost
from server.backups.check import check
from server.backups.make import Backups
from server.backups.pool import NAMED_MAX
from server.backups.restore import restore
from server.blobs import Blobs
from server.clock import Clock
from server.commands.people import prepared
from server.commands.terminal import say
from server.errors import UnableError
from server.folder import held
from server.settings import Settings, variable


async def back_up(settings: Settings, clock: Clock, *, to: Path | None, is_check: bool) -> int:
    """Make a backup, or read all that there are; also beside a server that runs.

    Exit code 1 where something of them is lost.
    """
    place = to or settings.backup_dir
    if place is None:
        raise UnableError(f"name a folder for it: --to DIR, or {variable('backup_dir')}")
    if is_check:
        faults = await check(settings, place, Blobs(settings), say=say)
        last = f"{len(faults):,} faults" if faults else "every backup is whole"
    else:
        async with prepared(settings, clock) as database:
            backups = Backups(settings, database, Blobs(settings), clock)
            made = await backups.make(place, say=say)
        faults, last = made.lost, f"the backup is whole: {made.folder}"
    for fault in faults:
        say(f"DAMAGED {fault}")
    say(last)
    return 1 if faults else 0


async def put_back(
    settings: Settings, clock: Clock, *, place: Path, is_forced: bool, may_lack: bool
) -> int:
    """Put a backup back; refused while a server runs on the data. Exit code 1 where it lacks."""
    with held(settings):
        restored = await restore(
            settings, clock, place, is_forced=is_forced, may_lack=may_lack, say=say
        )
    if restored.missing is not None:
        missing = lost.read_list(restored.missing)
        for one in missing[:NAMED_MAX]:
            say(lost.words(one))
        say(f"{len(missing):,} photos and files are missing; all of them: {restored.missing}")
    say(f"restored; devices will offer again what they sent since (epoch {restored.epoch})")
    return 1 if restored.missing is not None else 0
