"""A large database, out of a small one. Rule: whole sites are copied, in SQL, past our code.

What is copied are rows of `feed` and `inspection`, with their indexes; nobody reads the copies.
"""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.database import Database
from server.store.kind_tables import KIND_TABLES
from server.store.tables import feed

SECONDS_MAX = 180.0  # Then it is as large as it is.
COPIES_AT_ONCE = 5

# The copy's number in place of the first 32 bits of an id.
POSTGRES_ID = "(lpad(to_hex(g.n), 8, '0') || substr(replace({0}::text, '-', ''), 9))::uuid"
SQLITE_ID = "printf('%08x', g.n) || substr({0}, 9)"
POSTGRES_NUMBERS = "generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS g(n)"
SQLITE_NUMBERS = (
    "(WITH RECURSIVE c(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM c WHERE n < :last) "
    "SELECT n FROM c) AS g"
)


def copy_sql(table: str, columns: list[str], key: str, *, is_sqlite: bool) -> str:
    """Copy the inspections among the rows of one table, once for each number, to other sites."""
    id_ = (SQLITE_ID if is_sqlite else POSTGRES_ID).format(f"t.{key}")
    made = {key: id_, "scope_id": "t.scope_id || CAST(g.n AS text)"}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(made.get(name, f't."{name}"') for name in columns)
    numbers = SQLITE_NUMBERS if is_sqlite else POSTGRES_NUMBERS
    ours = "t.kind = 'inspection' AND " if table == "feed" else ""
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" AS t, '  # noqa: S608
        f"{numbers} WHERE {ours}length(t.scope_id) = :length"
    )


async def grow_once(tx: AsyncConnection, first: int, last: int, *, is_sqlite: bool) -> None:
    length = await tx.scalar(text("SELECT min(length(scope_id)) FROM inspection"))
    for table, key in ((feed, "record_id"), (KIND_TABLES["inspection"], "id")):
        sql = copy_sql(table.name, list(table.c.keys()), key, is_sqlite=is_sqlite)
        await tx.execute(text(sql), {"first": first, "last": last, "length": length})


def grow(url: str, *, times: int) -> int:
    """Copy all inspections so many times, or as often as there is time; how many there are."""

    async def work_() -> int:
        database = Database(url)
        begun, done = time.monotonic(), 0
        while done < times and time.monotonic() - begun < SECONDS_MAX:
            last = min(done + COPIES_AT_ONCE, times)
            async with database.write() as tx:
                await grow_once(tx, done + 1, last, is_sqlite=database.is_sqlite)
            done = last
        async with database.engine.connect() as connection:
            # What a server that runs for long has had from its database by then.
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
            count = await connection.scalar(text("SELECT count(*) FROM inspection"))
        await database.close()
        return int(count or 0)

    return asyncio.run(work_())
