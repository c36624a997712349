"""How far the database had come, in a file beside it: by this a restored one is noticed.

Rule: no epoch is answered under before it stands here, so none is ever begun a second time.
The file is written whole or not at all, and never back; several processes may share it.
"""

import asyncio
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from schemas.base import EPOCH_FIRST
from server.database import Database
from server.errors import UnableError
from server.folder import OWNER_ONLY, write_whole
from server.store import installation as store
from server.store.installation import Installation

FILE = "marker.json"
LOCK = "marker.lock"

log = structlog.get_logger()


class Mark(Struct, frozen=True):
    """An installation's newest epoch, and in it the number of ops that were ever answered."""

    installation: UUID
    epoch: int
    history: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """How far this is: a later epoch before all."""
        return (self.epoch, self.history)


class Marker:
    """The marker of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._reached = EPOCH_FIRST  # Before it there is none that could be begun again.

    def read(self) -> Mark | None:
        """What stands there; None, and a line in the log, where it cannot be read."""
        file = self.folder / FILE
        try:
            return msgspec.json.decode(file.read_bytes(), type=Mark)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("marker.lost", file=str(file), reason=str(error))
            return None

    def write(self, mark: Mark) -> None:
        """Keep how far it is, on the disk when this returns; what is further already stays."""
        with locked(self.folder):
            known = self.read()
            if known and known.installation == mark.installation and known.place >= mark.place:
                return
            write_whole(self.folder / FILE, msgspec.json.encode(mark))

    async def save(self, mark: Mark) -> None:
        await asyncio.to_thread(self.write, mark)

    async def reach(self, installation: Installation, epoch: int) -> None:
        """Have this epoch here before it is begun, or answered under."""
        if epoch > self._reached:
            await self.save(Mark(installation.id, epoch))
            self._reached = epoch


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Keep the other processes off the files of this folder for a moment (flock(2))."""
    number = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


async def measure(database: Database) -> Mark:
    """How far the database is now. It must have its identity."""
    async with database.read() as tx:
        made = await store.load(tx)
        assert made is not None
        return Mark(made.id, made.epoch, await store.count_history(tx))


def demand_own(known: Mark | None, found: Mark, *, folder: Path, address: str) -> None:
    """Raise `UnableError` where folder and database are not of one installation."""
    if known is not None and known.installation != found.installation:
        raise UnableError(
            f"the data folder {folder} belongs to another installation than the database "
            f"{address}: name the right ones with XUNJIAN_DATA_DIR and XUNJIAN_DATABASE_URL, or, "
            f"if these are to go together from now on, remove {folder / FILE}"
        )
