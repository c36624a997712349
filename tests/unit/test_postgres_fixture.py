"""The databases the tests stand on are real, empty, apart from each other, and on both kinds."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fixtures.database import Copies
from tests.fixtures.postgres import Postgres


async def answer(url: str, query: str, *, first: str = "select 1") -> object:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(first))
            return (await connection.execute(text(query))).scalar_one()
    finally:
        await engine.dispose()


async def test_each_kind_of_database_is_real(database_url: str) -> None:
    kind = database_url.partition("+")[0]
    query = {"sqlite": "select sqlite_version()", "postgresql": "select version()"}[kind]
    assert str(await answer(database_url, query))[0] in "P3"


async def test_a_copy_holds_what_its_template_holds(postgres: Postgres) -> None:
    original = postgres.create("original")
    engine = create_async_engine(original)
    async with engine.begin() as connection:
        await connection.execute(text("create table kept as select 7 as n"))
    await engine.dispose()
    copy = postgres.create("copy", template="original")
    assert await answer(copy, "select n from kept") == 7
    postgres.drop("copy")
    postgres.drop("original")


async def test_a_fresh_database_is_empty(fresh_postgres_url: str) -> None:
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    assert await answer(fresh_postgres_url, tables) == 0


ROWS = "select count(*) from people"
PERSON = """
insert into people (id, login, name, phone, email, language, active, created_at, sought)
values (gen_random_uuid(), 'anna', 'Anna', '', '', 'en', true, now(), 'anna') returning login
"""


async def test_a_lent_database_comes_to_the_next_without_the_rows_of_the_last(
    copies: Copies,
) -> None:
    with copies.lent() as first:
        assert await answer(first, PERSON) == "anna"
    with copies.lent() as second:
        assert second == first
        assert await answer(second, ROWS) == 0
        with copies.lent() as beside:
            assert beside != second


@pytest.mark.parametrize(
    "altered",
    [
        "alter table feed rename to feed_elsewhere",
        "alter table people drop column language",
        "create function f() returns int language sql as 'select 1'",
        "alter table people alter column phone drop not null",
        "create index by_name on people (name)",
        "update alembic_version set version_num = '0001'",
    ],
)
async def test_a_lent_database_that_was_altered_is_lent_to_nobody_else(
    copies: Copies, altered: str
) -> None:
    with copies.lent() as first:
        await answer(first, "select 1", first=altered)
    with copies.lent() as second:
        assert second != first


async def test_who_was_left_connected_to_a_lent_database_is_cut_off(copies: Copies) -> None:
    with copies.lent() as url:
        engine = create_async_engine(url)
        left = await engine.connect()
        await left.execute(text(PERSON))
    with pytest.raises(DBAPIError):
        await left.execute(text(ROWS))
    await left.close()
    await engine.dispose()
