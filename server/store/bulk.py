"""Many rows in one statement, on the raw driver. Rule: the only place that writes rows in bulk.

SQLAlchemy owns connection and transaction; here it only passes the statement through, since
one parameter set per row through Core costs 1.6 times as much (docs/decisions/0005).
PostgreSQL takes one array per column, or one value where all are alike; SQLite `executemany`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Sequence[object]
ALIKE_FROM_ROWS = 16  # Of fewer, one statement for all is worth more than short parameters.


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


def sources(shape: Shape, alike: tuple[bool, ...]) -> tuple[tuple[str, ...], str]:
    """Where each value comes from, and the arrays' `unnest` with the names of those that vary.

    JSON travels as text and is cast after.
    """
    values, arrays, names = [], [], []
    for i, (name, type_) in enumerate(zip(shape.names, shape.types, strict=True), start=1):
        plain = "TEXT" if type_ == "JSON" else type_
        if alike and alike[i - 1]:
            value = f"${i}::{plain}"
        else:
            value = f'u."{name}"'
            arrays.append(f"${i}::{plain}[]")
            names.append(name)
        values.append(value if plain == type_ else f"{value}::{type_}")
    return tuple(values), f"unnest({', '.join(arrays)}) AS u({quoted(names)})"


@lru_cache(maxsize=256)
def insert_sql(
    shape: Shape,
    replace_by: tuple[str, ...],
    keep_by: tuple[str, ...],
    dialect_name: str,
    alike: tuple[bool, ...] = (),
) -> str:
    """Insert; with `replace_by`, replace what is there under that key; with `keep_by`, keep it."""
    if dialect_name == "sqlite":
        source = f"VALUES ({', '.join('?' * len(shape.names))})"
    else:
        values, unnest = sources(shape, alike)
        source = f"SELECT {', '.join(values)} FROM {unnest}"
    sql = f'INSERT INTO "{shape.table}" ({quoted(shape.names)}) {source}'
    if replace_by:
        sets = ", ".join(f'"{n}" = excluded."{n}"' for n in shape.names if n not in replace_by)
        sql += f" ON CONFLICT ({quoted(replace_by)}) DO UPDATE SET {sets}"
    elif keep_by:
        sql += f" ON CONFLICT ({quoted(keep_by)}) DO NOTHING"
    return sql


@lru_cache(maxsize=256)
def update_sql(shape: Shape, dialect_name: str, alike: tuple[bool, ...] = ()) -> str:
    """Update by `id` where `version` is still the expected one, which comes as the last value."""
    if dialect_name == "sqlite":
        sets = ", ".join(f'"{name}" = ?' for name in shape.names[1:])
        return f'UPDATE "{shape.table}" SET {sets} WHERE "id" = ? AND "version" = ?'
    with_expected = Shape(
        shape.table, (*shape.names, "expected"), (*shape.types, "BIGINT"), shape.processors
    )
    values, unnest = sources(with_expected, alike)
    placed = dict(zip(with_expected.names, values, strict=True))
    sets = ", ".join(f'"{name}" = {placed[name]}' for name in shape.names if name != "id")
    return (
        f'UPDATE "{shape.table}" AS t SET {sets} FROM {unnest} '
        f'WHERE t."id" = {placed["id"]} AND t."version" = {placed["expected"]}'
    )


def columns_of(rows: Sequence[Row]) -> tuple[tuple[bool, ...], tuple[object, ...]]:
    """Which columns hold one value throughout, and each as a parameter: that value, or a list.

    A third to a half do, and asyncpg looks at every element of an array longer than the database
    does. The first column never does, so that there is an array with as many elements as rows.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    if len(rows) < ALIKE_FROM_ROWS:
        return (), tuple(columns)
    alike = (False, *(is_alike(column) for column in columns[1:]))
    return alike, tuple(
        column[0] if same else column for same, column in zip(alike, columns, strict=True)
    )


def is_alike(column: Sequence[object]) -> bool:
    """Whether all values are one. A float is not asked: -0.0 equals 0.0 and is another."""
    first = column[0]
    if type(first) is float or first != column[-1]:
        return False
    return column.count(first) == len(column)


def plain(shape: Shape, rows: Sequence[Row]) -> list[Row]:
    """The rows as SQLite's driver takes them, converted a column at a time."""
    columns = [
        column if process is None else converted(process, column)
        for process, column in zip(shape.processors, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def converted(process: Callable[[object], object], column: Sequence[object]) -> list[object]:
    """Each value converted, or the one that all are."""
    if is_alike(column):
        return [None if column[0] is None else process(column[0])] * len(column)
    return [value if value is None else process(value) for value in column]


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
    if dialect == "sqlite":
        sql = insert_sql(made, replace_by, keep_by, dialect)
        await tx.exec_driver_sql(sql, plain(made, rows))
    else:
        alike, values = columns_of(rows)
        sql = insert_sql(made, replace_by, keep_by, dialect, alike)
        await tx.exec_driver_sql(sql, values)


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
    if dialect == "sqlite":
        ready = plain(made, rows)
        values = [(*row[1:], row[0], was) for row, was in zip(ready, expected, strict=True)]
        result = await tx.exec_driver_sql(update_sql(made, dialect), values)
    else:
        expecting = [(*row, was) for row, was in zip(rows, expected, strict=True)]
        alike, columns = columns_of(expecting)
        result = await tx.exec_driver_sql(update_sql(made, dialect, alike), columns)
    return result.rowcount
