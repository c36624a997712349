"""A database that is closed leaves nothing behind, whatever went wrong before."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server.database import Database


@pytest.mark.parametrize("name", ["folder", "text", "none/xunjian.db"])
def test_a_database_that_cannot_be_opened_leaves_no_thread_when_it_is_closed(
    tmp_path: Path, name: str
) -> None:
    """A thread that outlives the loop dies with a trace on the person's screen."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not a database at all, but long enough to be one" * 10)

    async def fail() -> None:
        # The loop's own pool of threads is there before we count.
        await asyncio.to_thread(lambda: None)
        before = set(threading.enumerate())
        database = Database(f"sqlite+aiosqlite:///{tmp_path / name}")
        with pytest.raises(SQLAlchemyError):
            async with database.read():
                raise AssertionError("it was opened")
        await database.close()
        assert not set(threading.enumerate()) - before

    asyncio.run(fail())


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1_000])
async def test_a_result_comes_whole_and_in_order_however_it_is_fetched(
    tmp_path: Path, count: int
) -> None:
    """The first rows come with the statement, the rest as it is asked for."""
    numbers = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "SELECT i FROM n WHERE i <= :count"
    )
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    async with database.read() as tx:
        at_once = [row.i for row in await tx.execute(numbers, {"count": count})]
        step_by_step = [
            row.i
            async for row in await tx.stream(
                numbers, {"count": count}, execution_options={"yield_per": 100}
            )
        ]
        one_by_one = await tx.stream(numbers, {"count": count})
        first = await one_by_one.first()
    await database.close()
    assert at_once == step_by_step == list(range(1, count + 1))
    assert (first is None) == (count == 0)


async def test_what_a_statement_changed_is_counted_and_a_refused_one_changes_nothing(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    async with database.write() as tx:
        await tx.exec_driver_sql("CREATE TABLE one (id INTEGER PRIMARY KEY, v TEXT)")
        added = await tx.exec_driver_sql(
            "INSERT INTO one VALUES (?, ?)", [(n, "a") for n in range(3)]
        )
        changed = await tx.exec_driver_sql("UPDATE one SET v = 'b' WHERE id < 2")
        back = await tx.exec_driver_sql("UPDATE one SET v = 'c' WHERE id > 0 RETURNING id")
        counts = added.rowcount, changed.rowcount, sorted(row.id for row in back)
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.exec_driver_sql("INSERT INTO one VALUES (?, ?)", [(7, "d"), (0, "d")])
    async with database.ask() as tx:
        left = (await tx.exec_driver_sql("SELECT id, v FROM one ORDER BY id")).all()
    await database.close()
    assert counts == (3, 2, [1, 2])
    assert [tuple(row) for row in left] == [(0, "b"), (1, "c"), (2, "c")]


async def test_what_only_asks_takes_one_turn_and_what_writes_none_to_roll_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool rolls back after each use, whether anything was begun or not."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    async with database.write() as tx:
        await tx.exec_driver_sql("CREATE TABLE one (id INTEGER PRIMARY KEY)")
    turns, turn = [0], aiosqlite.Connection._execute

    def counted(self: aiosqlite.Connection, *given: Any, **named: Any) -> Any:
        turns[0] += 1
        return turn(self, *given, **named)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with database.ask() as tx:
        await tx.exec_driver_sql("SELECT id FROM one")
    assert turns == [1]
    async with database.write() as tx:
        await tx.exec_driver_sql("INSERT INTO one VALUES (1)")
    assert turns == [1 + len(("BEGIN", "INSERT", "COMMIT"))]
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.exec_driver_sql("INSERT INTO one VALUES (1)")
    assert turns == [4 + len(("BEGIN", "INSERT", "ROLLBACK"))]
    async with database.ask() as tx:
        assert [*await tx.scalars(text("SELECT id FROM one"))] == [1]
    await database.close()


@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_a_write_that_is_cut_off_anywhere_keeps_nobody_waiting(
    tmp_path: Path, steps: int
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    async with database.write() as tx:
        await tx.exec_driver_sql("CREATE TABLE one (id INTEGER PRIMARY KEY)")

    async def add(number: int) -> None:
        async with database.write() as tx:
            await tx.exec_driver_sql("INSERT INTO one VALUES (?)", (number,))

    cut = asyncio.create_task(add(1))
    for _ in range(steps):
        await asyncio.sleep(0)
    cut.cancel()
    await asyncio.wait([cut])
    await asyncio.gather(add(2), add(3))
    async with database.ask() as tx, database.ask() as other:
        for one in (tx, other):
            assert {2, 3} <= {*await one.scalars(text("SELECT id FROM one"))}
            driver = (await one.get_raw_connection()).driver_connection
            assert isinstance(driver, aiosqlite.Connection)
            assert not driver.in_transaction
    await database.close()


async def test_the_connection_used_last_is_used_next(database: Database) -> None:
    """Each keeps what it read and prepared: memory that grows with how many take turns."""

    async def used() -> int:
        async with database.ask() as tx:
            return id((await tx.get_raw_connection()).driver_connection)

    async with database.read(), database.read(), database.read():
        pass
    assert len({await used() for _ in range(4)}) == 1
