"""The floor of pushing and pulling: the driver alone, with the same rows. No HTTP, no decisions.

Rule: the rows are those that our server left in its tables; they go into three tables of the
same shape with one bulk statement per table and one transaction per batch, as durable as ours.
"""

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID

import asyncpg
from msgspec import Struct
from sqlalchemy.engine import make_url

from benchmarks import work
from server.database import PAGES_KIB

# Each table, its key, and how its rows are found from the ops of one lineage, in their order.
TABLES = (
    ("inspection", "id", "t.id = o.record_id"),
    ("feed", "scope_id, record_id", "t.record_id = o.record_id AND t.scope_id = o.scope_id"),
    ("ops", "lineage_id, n", "t.lineage_id = o.lineage_id AND t.n = o.n"),
)
PAGE = "SELECT seq, body FROM feed WHERE scope_id = {} AND seq > {} ORDER BY seq LIMIT {}"

Row = Sequence[object]


class Rows(Struct, frozen=True):
    """What one device's pushes left in one table, in the order of its ops."""

    table: str
    key: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: Sequence[Row]

    def sql(self, source: str) -> str:
        """An insert that replaces what is under the key."""
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in self.names)
        names = ", ".join(f'"{name}"' for name in self.names)
        return (
            f'INSERT INTO "{self.table}" ({names}) {source} '
            f"ON CONFLICT ({self.key}) DO UPDATE SET {sets}"
        )


def query_of(table: str, condition: str, parameter: str) -> str:
    ours = f"WHERE o.lineage_id = {parameter} ORDER BY o.n"
    return f'SELECT t.* FROM ops o JOIN "{table}" t ON {condition} {ours}'  # noqa: S608


class Floor(ABC):
    """The bare driver on one database."""

    @abstractmethod
    def rows_of(self, lineage: UUID) -> tuple[Rows, ...]:
        """Read, as the driver gives it, what the pushes of `lineage` left in the three tables."""

    @abstractmethod
    def write(self, writers: Sequence[tuple[Rows, ...]], batch: int) -> float:
        """Put the rows in, `batch` of each table a transaction, every writer on a connection of
        its own at once; gives the seconds. SQLite has one writer.
        """

    @abstractmethod
    def read(self, limit: int) -> tuple[int, float]:
        """Read the stored bytes of the site, `limit` at a time, and join them: count, seconds."""


class SqliteFloor(Floor):
    """Python's own driver, as durable as the server: WAL, every commit on disk."""

    def __init__(self, url: str) -> None:
        self._file = make_url(url).database or ""

    def _connect(self) -> closing[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"cache_size=-{PAGES_KIB}"):
            connection.execute(f"PRAGMA {pragma}")
        return closing(connection)

    def rows_of(self, lineage: UUID) -> tuple[Rows, ...]:
        found = []
        with self._connect() as connection:
            for table, key, condition in TABLES:
                cursor = connection.execute(query_of(table, condition, "?"), [lineage.hex])
                names = tuple(column[0] for column in cursor.description)
                found.append(Rows(table, key, names, (), cursor.fetchall()))
        return tuple(found)

    def write(self, writers: Sequence[tuple[Rows, ...]], batch: int) -> float:
        (tables,) = writers
        ready = [(one.sql(f"VALUES ({', '.join('?' * len(one.names))})"), one) for one in tables]
        with self._connect() as connection:
            begun = time.perf_counter()
            for start in range(0, len(tables[0].rows), batch):
                connection.execute("BEGIN IMMEDIATE")
                for sql, one in ready:
                    connection.executemany(sql, one.rows[start : start + batch])
                connection.execute("COMMIT")
            return time.perf_counter() - begun

    def read(self, limit: int) -> tuple[int, float]:
        with self._connect() as connection:
            begun, after, count = time.perf_counter(), 0, 0
            while page := connection.execute(
                PAGE.format("?", "?", "?"), (work.HOME.scope, after, limit)
            ).fetchall():
                b"\n".join([row[1] for row in page])
                count, after = count + len(page), page[-1][0]
            return count, time.perf_counter() - begun


class PostgresFloor(Floor):
    """asyncpg: one array a column, `unnest`, prepared once."""

    def __init__(self, url: str) -> None:
        parts = make_url(url)
        self._address = {
            "host": str(parts.query["host"]),
            "user": parts.username,
            "database": parts.database,
        }

    def rows_of(self, lineage: UUID) -> tuple[Rows, ...]:
        async def work_() -> tuple[Rows, ...]:
            found = []
            connection = await asyncpg.connect(**self._address)
            for table, key, condition in TABLES:
                query = await connection.prepare(query_of(table, condition, "$1"))
                columns = query.get_attributes()
                names = tuple(column.name for column in columns)
                types = tuple(column.type.name for column in columns)
                rows = [tuple(row) for row in await query.fetch(lineage)]
                found.append(Rows(table, key, names, types, rows))
            await connection.close()
            return tuple(found)

        return asyncio.run(work_())

    def write(self, writers: Sequence[tuple[Rows, ...]], batch: int) -> float:
        ready = [
            [
                [columns(one.rows[start : start + batch]) for one in tables]
                for start in range(0, len(tables[0].rows), batch)
            ]
            for tables in writers
        ]

        async def work_() -> float:
            connections = [await asyncpg.connect(**self._address) for _ in writers]
            await connections[0].execute("CHECKPOINT")
            prepared = [
                [await connection.prepare(one.sql(unnest(one))) for one in tables]
                for connection, tables in zip(connections, writers, strict=True)
            ]
            begun = time.perf_counter()
            await asyncio.gather(*map(write_all, connections, prepared, ready))
            seconds = time.perf_counter() - begun
            for connection in connections:
                await connection.close()
            return seconds

        return asyncio.run(work_())

    def read(self, limit: int) -> tuple[int, float]:
        async def work_() -> tuple[int, float]:
            connection = await asyncpg.connect(**self._address)
            query = await connection.prepare(PAGE.format("$1", "$2", "$3"))
            begun, after, count = time.perf_counter(), 0, 0
            while page := await query.fetch(work.HOME.scope, after, limit):
                b"\n".join([row[1] for row in page])
                count, after = count + len(page), page[-1][0]
            seconds = time.perf_counter() - begun
            await connection.close()
            return count, seconds

        return asyncio.run(work_())


async def write_all(
    connection: asyncpg.Connection,
    statements: Sequence[asyncpg.prepared_stmt.PreparedStatement],
    batches: Sequence[Sequence[Sequence[object]]],
) -> None:
    """One writer's batches, a transaction each."""
    for ready in batches:
        async with connection.transaction():
            for statement, values in zip(statements, ready, strict=True):
                await statement.fetch(*values)


def unnest(rows: Rows) -> str:
    arrays = ", ".join(f"${i}::{type_}[]" for i, type_ in enumerate(rows.types, start=1))
    return f"SELECT * FROM unnest({arrays})"  # noqa: S608


def columns(rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def floor(url: str) -> Floor:
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    return SqliteFloor(url) if is_sqlite else PostgresFloor(url)
