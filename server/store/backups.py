"""The whole database as files, and back. Rule: read in one snapshot, written in one transaction.

Of SQLite its own copy is made (`server.backups.sqlite`); here are the tables of PostgreSQL, each in
the text form of COPY, which every version of it reads (postgresql.org, COPY).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct
from sqlalchemy import Row, bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs
from server.store.proof_tables import backups
from server.store.tables import lineages, meta, metadata

REVISIONS = "alembic_version"


class Facts(Struct, frozen=True):
    """What a snapshot holds, as far as a backup says it."""

    installation: UUID
    epoch: int
    lineages: tuple[tuple[UUID, int], ...]  # With the last number of each.

    @property
    def ops(self) -> int:
        return sum(last_n for _, last_n in self.lineages)


class MadeBackup(Struct, frozen=True, kw_only=True):
    """A row of the backups that were made whole."""

    id: UUID
    epoch: int
    begun_at: datetime
    ended_at: datetime
    place: str
    bytes: int
    lineages: int
    ops: int


async def load_facts(tx: AsyncConnection) -> Facts:
    """What is here. The database must have been begun."""
    told = {row.key: row.value for row in await tx.execute(select(meta.c.key, meta.c.value))}
    rows = await tx.execute(select(lineages.c.id, lineages.c.last_n))
    reached = tuple((row.id, row.last_n) for row in rows)
    return Facts(UUID(told["installation"]), int(told["epoch"]), reached)


async def load_stored(tx: AsyncConnection) -> dict[str, int]:
    """Every content address that has to be in a backup, with its size."""
    query = select(blobs.c.sha256, blobs.c.bytes).where(blobs.c.going_at.is_(None))
    return {row.sha256: row.bytes for row in await tx.execute(query)}


async def save_made(
    tx: AsyncConnection, made: MadeBackup, reached: Sequence[tuple[UUID, int]]
) -> bool:
    """Keep that a backup is whole, and tell each lineage how far; False under another epoch.

    Then the database was taken back meanwhile, and what the backup holds is not what is here.
    """
    row = select(meta.c.value).where(meta.c.key == "epoch").with_for_update()
    if int((await tx.execute(row)).scalar_one()) != made.epoch:
        return False
    await tx.execute(insert(backups).values(msgspec.structs.asdict(made)))
    further = (
        update(lineages)
        .where(lineages.c.id == bindparam("lineage"), lineages.c.backed_up_to < bindparam("n"))
        .values(backed_up_to=bindparam("n"))
    )
    if reached:
        await tx.execute(further, [{"lineage": id_, "n": last_n} for id_, last_n in reached])
    return True


async def load_made(tx: AsyncConnection, *, limit: int) -> Sequence[Row[*tuple[object, ...]]]:
    """The newest backups first."""
    query = select(backups).order_by(backups.c.ended_at.desc()).limit(limit)
    return (await tx.execute(query)).all()


async def load_newest(tx: AsyncConnection) -> datetime | None:
    """When the newest backup that was made whole had ended."""
    found: datetime | None = await tx.scalar(
        select(backups.c.ended_at).order_by(backups.c.ended_at.desc()).limit(1)
    )
    return found


async def is_begun(tx: AsyncConnection) -> bool:
    """Whether there is anything of ours in the database."""
    tables = await _columns(tx) if tx.dialect.name == "postgresql" else await _sqlite_tables(tx)
    if "meta" not in tables:
        return False
    return bool(await tx.scalar(select(func.count()).select_from(meta)))


async def _sqlite_tables(tx: AsyncConnection) -> set[str]:
    return set(await tx.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))


async def _columns(tx: AsyncConnection) -> dict[str, tuple[str, ...]]:
    """The columns of every table in the schema that is used."""
    found = await tx.execute(
        text(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " ORDER BY c.table_name, c.ordinal_position"
        )
    )
    columns: dict[str, list[str]] = {}
    for table, column in found:
        columns.setdefault(table, []).append(column)
    return {table: tuple(names) for table, names in columns.items()}


async def _driver(tx: AsyncConnection) -> asyncpg.Connection:
    """The driver's connection, inside the transaction of `tx`."""
    return (await tx.get_raw_connection()).driver_connection


async def dump_tables(tx: AsyncConnection, folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Write every table of ours in PostgreSQL to a file of its own; the columns of each."""
    found = await _columns(tx)
    tables = {table: names for table, names in found.items() if table in metadata.tables}
    driver = await _driver(tx)
    for table, names in tables.items():
        file = folder / f"{table}.copy"
        await driver.copy_from_table(table, output=file, columns=names, format="text")
    return tables


async def load_tables(
    tx: AsyncConnection, folder: Path, columns: Mapping[str, Sequence[str]]
) -> None:
    """Read every table back into one that is empty. The driver raises what it does not take."""
    await tx.execute(text("SELECT 1"))  # The driver is in the transaction from the first statement.
    driver = await _driver(tx)
    for table, names in columns.items():
        file = folder / f"{table}.copy"
        await driver.copy_to_table(table, source=file, columns=names, format="text")


async def drop_tables(tx: AsyncConnection) -> None:
    """Take our tables away from PostgreSQL, and nobody else's."""
    for table in {*metadata.tables, REVISIONS} & set(await _columns(tx)):
        await tx.execute(text(f'DROP TABLE "{table}" CASCADE'))


async def count_others(tx: AsyncConnection) -> int:
    """How many other connections there are to this database of PostgreSQL."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(await tx.scalar(query) or 0)
