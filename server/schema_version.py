"""The schema's version: which one is there, and which one this program needs.

Rule: asked at every start, so it reads the names of the migrations alone; the tool that goes
through them stands in `server.migrate`, and is loaded by whoever has to.
"""

from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection, column, inspect, select, table

from server.database import Database
from sync.errors import SyncError

MIGRATIONS = Path(__file__).parent / "store" / "migrations"
# In their order, and each after the one before: the file 0001_protocol.py is version 0001.
VERSIONS = tuple(
    sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
)
NEEDED = VERSIONS[-1]
NOTED = "alembic_version"  # The tool's own table, of one row.


class SchemaTooNew(SyncError):
    slug: ClassVar[str] = "schema-too-new"
    title: ClassVar[str] = "The database was written by a newer program"
    status: ClassVar[int] = 503


class SchemaTooOld(SyncError):
    slug: ClassVar[str] = "schema-too-old"
    title: ClassVar[str] = "The database needs `migrate` before this program can use it"
    status: ClassVar[int] = 503


def current(connection: Connection) -> str | None:
    """Say which version is there; `None` where nothing was made yet."""
    if not inspect(connection).has_table(NOTED):
        return None
    at: str | None = connection.scalar(select(column("version_num")).select_from(table(NOTED)))
    return at


async def found(database: Database) -> str | None:
    """Say which version is there. Raises `SchemaTooNew` for one that this program does not know."""
    async with database.read() as tx:
        at = await tx.run_sync(current)
    if at is not None and at not in VERSIONS:
        raise SchemaTooNew(f"the database is at {at}, this program knows up to {NEEDED}")
    return at


async def check(database: Database) -> None:
    """Raise `SchemaTooNew` or `SchemaTooOld` unless the schema is the one this program needs."""
    at = await found(database)
    if at != NEEDED:
        raise SchemaTooOld(f"the database is at {at or 'nothing'}, this program needs {NEEDED}")
