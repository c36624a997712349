"""The locks are needed: taken out of the statements, the tests of many at once go red."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from server.database import Database
from server.push import ATTEMPTS_MAX, Busy
from tests.integration import test_push
from tests.integration.test_push import ASSETS, answer, assert_sound, op, send
from tests.integration.test_push import world as world

ROUNDS = 6
# More than the attempts that one push is given: each time only one of them can be first.
CROWD = [UUID(int=0xD00 + i) for i in range(2 * ATTEMPTS_MAX)]


def without(lock: str, instead: str, *databases: Database) -> None:
    """Take a lock out of every statement on its way to the driver."""

    def cut(
        _: Connection, __: object, statement: str, parameters: object, *___: object
    ) -> tuple[str, object]:
        return statement.replace(lock, instead), parameters

    for database in databases:
        event.listen(database.engine.sync_engine, "before_cursor_execute", cut, retval=True)


async def take_turns(one: Database, other: Database) -> None:
    """Two processes push to one scope at once, again and again; all is applied, all is sound."""

    async def push(database: Database, device: int) -> None:
        for n in range(1, ROUNDS + 1):
            sent = op(device, n, ASSETS[n], new=True, **answer(device))
            await send(database, device, sent, first_n=n)

    pushes = (push(one, 0), push(other, 1), push(one, 2), push(other, 3))
    for done in await asyncio.gather(*pushes, return_exceptions=True):
        if isinstance(done, BaseException):
            raise done
    await assert_sound(one)


@pytest.fixture
async def other(world: Database) -> Database:
    """The same database, opened once more, as by another process."""
    return Database(world.engine.url.render_as_string(hide_password=False))


async def test_two_processes_take_turns(world: Database, other: Database) -> None:
    try:
        await take_turns(world, other)
    finally:
        await other.close()


@pytest.fixture(autouse=True)
def _crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_push, "DEVICES", CROWD)


async def test_a_crowd_takes_turns(world: Database) -> None:
    await test_push.test_many_devices_at_once_take_turns(world)


async def test_without_for_update_a_crowd_does_not(world: Database) -> None:
    if world.is_sqlite:
        return  # It has one writer, and no such words.
    without(" FOR UPDATE", "", world)
    with pytest.raises((AssertionError, Busy)):
        await test_push.test_many_devices_at_once_take_turns(world)


async def test_without_begin_immediate_two_processes_fail_each_other(
    world: Database, other: Database
) -> None:
    if not world.is_sqlite:
        await other.close()
        return
    without("BEGIN IMMEDIATE", "BEGIN", world, other)
    try:
        with pytest.raises((AssertionError, SQLAlchemyError, Busy)):
            await take_turns(world, other)
    finally:
        await other.close()
