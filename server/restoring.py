"""A restore that was cut off. Rule: nobody works with half of one; it is to be run again.

On SQLite a file beside the database says so, from before that is touched; on PostgreSQL a row, that
comes with the tables in their transaction. Either goes when all is done, and names the backup.
"""

from pathlib import Path

from server.database import Database
from server.errors import UnableError
from server.folder import sqlite_file, sync_folder, write_whole
from server.settings import Settings
from server.store import backups, installation


def note_of(settings: Settings) -> Path | None:
    """The file that says so; None on PostgreSQL."""
    file = sqlite_file(settings)
    return file.with_name(f"{file.name}.restore-unfinished") if file else None


def said(place: str) -> str:
    """Say it in one line."""
    return f"the restore of {place} was cut off, and nothing works on half of it: run it again"


def fault(settings: Settings) -> str:
    """Say that a restore of this SQLite file was cut off; empty where none was."""
    note = note_of(settings)
    return said(note.read_text()) if note is not None and note.exists() else ""


def demand_none(settings: Settings) -> None:
    """Raise `UnableError` where the SQLite file may be half of a restore, before it is opened."""
    if told := fault(settings):
        raise UnableError(told)


async def demand_none_in(database: Database) -> None:
    """Raise `UnableError` where the tables say that they are; where there are none, nothing is."""
    async with database.read() as tx:
        place = await installation.load_restore(tx) if await backups.is_begun(tx) else None
    if place is not None:
        raise UnableError(said(place))


def begin(settings: Settings, place: Path) -> None:
    """Note on the disk that the SQLite file is about to be touched."""
    if note := note_of(settings):
        write_whole(note, str(place).encode())


async def end(settings: Settings, database: Database) -> None:
    """All is done, and on the disk."""
    async with database.write() as tx:
        await installation.end_restore(tx)
    if note := note_of(settings):
        note.unlink(missing_ok=True)
        sync_folder(note.parent)
