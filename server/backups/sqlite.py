"""SQLite's own way of copying a database that is in use (sqlite.org, "Online Backup API").

Rule: the copy is of one moment. A read transaction that was begun before it stays open until its
end, so no write makes it begin again and none is half in it.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import chain, count
from pathlib import Path

from server.errors import UnableError
from server.folder import sync_folder

PAGES_AT_ONCE = 4_096
BUSY_SECONDS = 10.0

Progress = Callable[[int, int], None]  # How many pages of how many; may raise to stop.


class Stopped(Exception):
    """Nobody waits for the copy any more."""


async def copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database that others write to. Raises `sqlite3.Error`."""
    stopping = threading.Event()

    def go_on(done: int, total: int) -> None:
        if stopping.is_set():
            raise Stopped
        progress(done, total)

    working = asyncio.get_running_loop().run_in_executor(None, _copy, source, target, go_on)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        stopping.set()
        await asyncio.wait([working])
        raise


def _copy(source: Path, target: Path, progress: Progress) -> None:
    with (
        closing(sqlite3.connect(source, timeout=BUSY_SECONDS, isolation_level=None)) as live,
        closing(sqlite3.connect(target, isolation_level=None)) as made,
    ):
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()  # From here on, the moment.
        live.backup(
            made,
            pages=PAGES_AT_ONCE,
            progress=lambda _, left, total: progress(total - left, total),
        )
        live.execute("ROLLBACK")


def settle(made: Path) -> None:
    """Make a copy one file without a log beside it, and look whether it is sound."""
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise UnableError(f"the database is damaged: {found}")


def force(file: Path) -> None:
    """Have a file on the disk (fsync(2))."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def put_in_place(made: Path, target: Path) -> Path | None:
    """Have the copy be the database; where there was one, it is kept beside, and named."""
    before = aside(target)
    had_one = target.exists()
    for end in ("-wal", "-shm", ""):
        old = target.with_name(f"{target.name}{end}")
        if had_one and old.exists():
            old.replace(before.with_name(f"{before.name}{end}"))
        else:
            old.unlink(missing_ok=True)
    made.replace(target)
    sync_folder(target.parent)
    return before if had_one else None


def aside(target: Path) -> Path:
    """A name that no earlier one has: of two restores, the first may be the one to regret."""
    first = target.with_name(f"{target.name}.replaced")
    later = (first.with_name(f"{first.name}-{number}") for number in count(2))
    return next(one for one in chain((first,), later) if not one.exists())
