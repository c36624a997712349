"""The databases the tests stand on are real, empty, apart from each other, and on both kinds."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fixtures.postgres import Postgres


async def answer(url: str, query: str) -> object:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
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
