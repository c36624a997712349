"""The folder in which a server keeps its data: made for its owner alone, served by one process.

Rule: only SQLite needs this lock; several processes may serve one PostgreSQL. What is written here
is whole, and on the disk, before anybody is told of it.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from server.errors import UnableError
from server.settings import Settings

OWNER_ONLY = 0o600


def make_folder(settings: Settings) -> None:
    """Make the data folder where there is none. Raises `UnableError` where it cannot be."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnableError(f"the data folder {settings.data_dir} cannot be used: {reason}") from None


def sqlite_file(settings: Settings) -> Path | None:
    """Name the SQLite file; None for PostgreSQL, or where it is no plain file."""
    url = make_url(settings.database_address)
    named = url.database or ""
    is_plain = named and named != ":memory:" and not named.startswith("file:")
    return Path(named) if url.get_backend_name() == "sqlite" and is_plain else None


def is_absent(settings: Settings) -> bool:
    """Whether the database is a SQLite file that is not there; opening it would make it."""
    file = sqlite_file(settings)
    return file is not None and not file.is_file()


def make_private(file: Path) -> None:
    """Make the database's file, if it is not there, for its owner alone.

    SQLite gives the files beside it (`-wal`, `-shm`) the same permissions (sqlite.org, "Write-Ahead
    Logging", 2.2). What cannot be made is left to SQLite to say.
    """
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
    except OSError:
        return


def make_folder_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone."""
    if not folder.is_dir():
        make_folder_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old or the new one, and the new one is on disk."""
    draft = file.with_name(f"{file.name}.new")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, OWNER_ONLY)
    with os.fdopen(number, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk as well (fsync(2))."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def held(settings: Settings, *, or_pass: bool = False) -> Generator[bool]:
    """Keep every other server off this database while the block lasts; gives whether we hold it.

    The kernel frees the lock at any death (flock(2)); the file stays, and says who held it last.
    Raises `UnableError` naming the process that holds it; with `or_pass` gives False instead.
    """
    make_folder(settings)
    file = sqlite_file(settings)
    if file is None:
        yield True
        return
    lock = file.with_name(f"{file.name}.lock")
    try:
        number = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise UnableError(f"{lock} cannot be used: {error.strerror}") from None
    with os.fdopen(number, "r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not or_pass:
                raise UnableError(in_use(settings, file, handle.read().strip())) from None
            yield False
            return
        except OSError as error:
            raise UnableError(f"{lock} cannot be locked: {error.strerror}") from None
        handle.truncate()
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield True


def in_use(settings: Settings, file: Path, process: str) -> str:
    """Say who holds it, and the two ways out."""
    asked_by = settings.asked_by("database_url" if settings.database_url else "data_dir")
    who = f"process {process}" if process else "another process"
    return f"{file} is in use by {who}; stop that, or name another place with {asked_by}"
