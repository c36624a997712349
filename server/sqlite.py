"""SQLite's driver on a thread of its own. Rule: a statement takes one turn of that thread.

aiosqlite takes four: the cursor is made, the statement run, its rows fetched, the cursor closed.
Each is two changes of thread, which take longer than most statements do.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from threading import Thread
from typing import ParamSpec, Self, TypeVar

import aiosqlite

ROWS_FIRST = 256  # Fetched in the statement's own turn; the rest as it is asked for.

Row = Sequence[object]
Values = Sequence[str | bytes | int | float | None]
P = ParamSpec("P")
T = TypeVar("T")


class SqliteConnection(aiosqlite.Connection):
    """A connection whose thread can be waited for.

    One that could not be opened, or was cut off, still answers to the loop while it ends; a loop
    closed by then makes its thread die with a trace (aiosqlite 0.22 waits only in `close`).
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, ROWS_FIRST)
        self._has_begun = False

    @property
    def thread(self) -> Thread:
        """The thread on which all its statements run."""
        return self._thread

    @property
    def driver(self) -> sqlite3.Connection:
        """The standard library's connection, for its thread alone."""
        return self._conn

    async def turn(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Do `work` on the thread, after all that was asked of it before."""
        done: T = await self._execute(work, *given, **named)  # type: ignore[no-untyped-call]
        return done

    def begins(self, sql: str) -> None:
        """Note a statement that is about to be run."""
        self._has_begun = self._has_begun or sql.startswith("BEGIN")

    async def commit(self) -> None:
        await self.turn(self.driver.commit)
        self._has_begun = False

    async def rollback(self) -> None:
        """Without a turn where nothing was begun: the pool asks for it after each use."""
        if self._has_begun:
            await self.turn(self.driver.rollback)
            self._has_begun = False

    def cursor(self) -> "SqliteCursor":  # type: ignore[override]
        """Costs nothing: what it runs makes a cursor of its own."""
        return SqliteCursor(self)


class SqliteCursor:
    """What SQLAlchemy's adapter asks of aiosqlite's cursor, of one statement.

    Mostly all rows are here when the statement has run, and the driver's cursor is closed by then.
    """

    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._rest: sqlite3.Cursor | None = None  # Where there is more to be fetched.
        self._rows: list[Row] = []
        self.description: object = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, values: Values = ()) -> None:
        self._connection.begins(sql)
        await self._connection.turn(
            self._run, partial(self._connection.driver.execute, sql, values)
        )

    async def executemany(self, sql: str, rows: Iterable[Values]) -> None:
        await self._connection.turn(
            self._run, partial(self._connection.driver.executemany, sql, rows)
        )

    def _run(self, statement: Callable[[], sqlite3.Cursor]) -> None:
        """On the thread: the statement and its first rows."""
        cursor = statement()
        self.description = cursor.description
        self._rows = cursor.fetchmany(ROWS_FIRST) if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        if len(self._rows) < ROWS_FIRST:
            cursor.close()
        else:
            self._rest = cursor

    async def fetchall(self) -> list[Row]:
        rows, self._rows = self._rows, []
        if self._rest is not None:
            rows += await self._connection.turn(self._rest.fetchall)
            await self.close()
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        wanted = size or self.arraysize
        if not self._rows and self._rest is not None:
            self._rows = await self._connection.turn(self._rest.fetchmany, wanted)
        rows, self._rows = self._rows[:wanted], self._rows[wanted:]
        return rows

    async def fetchone(self) -> Row | None:
        return next(iter(await self.fetchmany(1)), None)

    async def __aiter__(self) -> AsyncIterator[Row]:
        while rows := await self.fetchmany(ROWS_FIRST):
            for row in rows:
                yield row

    async def close(self) -> None:
        rest, self._rest = self._rest, None
        if rest is not None:
            await self._connection.turn(rest.close)
