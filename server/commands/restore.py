"""`restore`. Rule: only the order of things; the work is in `server.backups.restore`."""

from pathlib import Path

from server.backups import lost
from server.backups.restore import restore
from server.clock import Clock
from server.commands.terminal import say
from server.folder import held
from server.settings import Settings


async def put_back(
    settings: Settings, clock: Clock, *, place: Path, is_forced: bool, may_lack: bool
) -> int:
    """Put a backup back; refused while a server runs on the data. Exit code 1 where it lacks."""
    with held(settings):
        restored = await restore(
            settings, clock, place, is_forced=is_forced, may_lack=may_lack, say=say
        )
    if restored.missing is not None:
        for line in lost.told(lost.read_list(restored.missing), restored.missing):
            say(line)
    say(f"restored; devices will offer again what they sent since (epoch {restored.epoch})")
    return 1 if restored.missing is not None else 0
