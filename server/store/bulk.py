"""Many rows in one statement, on the raw driver. Rule: the only place that writes rows in bulk.

SQLAlchemy owns connection and transaction; here it only passes the statement through, since
one parameter set per row through Core costs 1.6 times as much (docs/decisions/0005).
PostgreSQL takes one array per column, SQLite `executemany`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Sequence[object]


class Shape(Struct, frozen=True):
    """Names, PostgreSQL types and value processors of some columns of one table."""

    table: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    processors: tuple[Callable[[object], object] | None, ...]


DIALECTS: Mapping[str, Dialect] = {
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
    "sqlite": sqlite.dialect(),
}


@lru_cache(maxsize=256)
def shape(table: Table, names: tuple[str, ...], dialect_name: str) -> Shape:
    dialect = DIALECTS[dialect_name]
    types, processors = [], []
    for name in names:
        type_ = table.c[name].type
        types.append(type_.compile(DIALECTS["postgresql"]))
        # asyncpg takes Python's own values; SQLite's driver needs them made plain.
        plain = dialect_name == "sqlite"
        processors.append(type_.dialect_impl(dialect).bind_processor(dialect) if plain else None)
    return Shape(table.name, names, tuple(types), tuple(processors))


def quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def arrays(shape: Shape) -> str:
    """One array parameter per column, for `unnest`. JSON travels as text and is cast after."""
    return ", ".join(
        f"${i}::{'TEXT' if type_ == 'JSON' else type_}[]"
        for i, type_ in enumerate(shape.types, start=1)
    )


def casts(shape: Shape) -> str:
    return ", ".join(
        f'u."{name}"::{type_}' if type_ == "JSON" else f'u."{name}"'
        for name, type_ in zip(shape.names, shape.types, strict=True)
    )


@lru_cache(maxsize=256)
def insert_sql(
    shape: Shape, replace_by: tuple[str, ...], keep_by: tuple[str, ...], dialect_name: str
) -> str:
    """Insert; with `replace_by`, replace what is there under that key; with `keep_by`, keep it."""
    if dialect_name == "sqlite":
        marks = ", ".join("?" * len(shape.names))
        source = f"VALUES ({marks})"
    else:
        source = f"SELECT {casts(shape)} FROM unnest({arrays(shape)}) AS u({quoted(shape.names)})"
    sql = f'INSERT INTO "{shape.table}" ({quoted(shape.names)}) {source}'
    if replace_by:
        sets = ", ".join(f'"{n}" = excluded."{n}"' for n in shape.names if n not in replace_by)
        sql += f" ON CONFLICT ({quoted(replace_by)}) DO UPDATE SET {sets}"
    elif keep_by:
        sql += f" ON CONFLICT ({quoted(keep_by)}) DO NOTHING"
    return sql


@lru_cache(maxsize=256)
def update_sql(shape: Shape, dialect_name: str) -> str:
    """Update by `id` where `version` is still the expected one, which comes as the last value."""
    if dialect_name == "sqlite":
        sets = ", ".join(f'"{name}" = ?' for name in shape.names[1:])
        return f'UPDATE "{shape.table}" SET {sets} WHERE "id" = ? AND "version" = ?'
    sets = ", ".join(
        f'"{name}" = u."{name}"' + ("::JSON" if type_ == "JSON" else "")
        for name, type_ in zip(shape.names, shape.types, strict=True)
        if name != "id"
    )
    count = len(shape.names) + 1
    return (
        f'UPDATE "{shape.table}" AS t SET {sets} '
        f"FROM unnest({arrays(shape)}, ${count}::BIGINT[]) AS u({quoted(shape.names)}, expected) "
        'WHERE t."id" = u."id" AND t."version" = u.expected'
    )


def plain(shape: Shape, rows: Sequence[Row]) -> list[Row]:
    """The rows as SQLite's driver takes them, converted a column at a time."""
    columns = [
        column
        if process is None
        else [value if value is None else process(value) for value in column]
        for process, column in zip(shape.processors, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


async def insert(
    tx: AsyncConnection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[Row],
    *,
    replace_by: tuple[str, ...] = (),
    keep_by: tuple[str, ...] = (),
) -> None:
    """Insert `rows`. Under the key `replace_by` an older row is replaced, under `keep_by` kept."""
    if not rows:
        return
    dialect = tx.dialect.name
    made = shape(table, names, dialect)
    sql = insert_sql(made, replace_by, keep_by, dialect)
    if dialect == "sqlite":
        await tx.exec_driver_sql(sql, plain(made, rows))
    else:
        await tx.exec_driver_sql(sql, tuple(list(column) for column in zip(*rows, strict=True)))


async def update(
    tx: AsyncConnection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[Row],
    *,
    expected: Sequence[int],
) -> int:
    """Update `rows` by id (the first name) where the version is as `expected`; how many were."""
    if not rows:
        return 0
    dialect = tx.dialect.name
    made = shape(table, names, dialect)
    sql = update_sql(made, dialect)
    if dialect == "sqlite":
        ready = plain(made, rows)
        values = [(*row[1:], row[0], was) for row, was in zip(ready, expected, strict=True)]
        result = await tx.exec_driver_sql(sql, values)
    else:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        result = await tx.exec_driver_sql(sql, (*columns, list(expected)))
    return result.rowcount
