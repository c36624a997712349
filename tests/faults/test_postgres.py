"""PostgreSQL is restarted, its connections die, and two servers share it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from server.database import Database
from tests.faults.conftest import Serve, Tier
from tests.faults.fleet import SECONDS_MAX, assemble, working
from tests.faults.laws import assert_laws
from tests.fixtures.database import migrated
from tests.fixtures.postgres import FLAGS, Account, Postgres, running_postgres
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS

TABLETS = 4
RESTARTS, RESTARTS_FULL = 1, 20
LOSSES, LOSSES_FULL = 2, 50
NUMBERS = count(1)
# What it answered must be there after it was stopped at once; the machine itself goes on.
DURABLE = {**FLAGS, "synchronous_commit": "on"}
LISTENING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%')
"""
ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def control(postgres: Postgres, *command: str) -> None:
    """Run pg_ctl, which stands beside the program that runs and knows how it was started."""
    data = postgres.home / "data"
    program = Path((data / "postmaster.opts").read_text().split()[0])
    log = ("-l", str(postgres.home / "log"))
    Account.choose().run(
        program.with_name("pg_ctl"),
        *command,
        "-D",
        data,
        "-m",
        "immediate",
        *log,
        cwd=postgres.home,
    )


@pytest.fixture(scope="module")
def own_postgres() -> Generator[Postgres]:
    with running_postgres(DURABLE) as postgres:
        yield postgres
        control(postgres, "stop")


@pytest.fixture
async def database(own_postgres: Postgres) -> AsyncGenerator[Database]:
    """On a PostgreSQL of these tests' own, which others do not miss while it is away."""
    url = own_postgres.create(f"faults_{next(NUMBERS)}")
    migrated(url)
    database = Database(url)
    yield database
    await database.close()


async def test_postgresql_that_is_restarted_at_once_under_load_is_come_back_to(
    house: House, site: UUID, serve: Serve, own_postgres: Postgres, tier: Tier
) -> None:
    fleet = await assemble(house, site, TABLETS)
    async with serve() as server, httpx.AsyncClient(base_url=server.origin, timeout=30) as anybody:
        async with working(fleet, server.origin):
            for _ in range(RESTARTS_FULL if tier == "full" else RESTARTS):
                await fleet.reach(batches=TABLETS)
                await asyncio.to_thread(control, own_postgres, "restart")
            await fleet.reach(batches=TABLETS, failures=0)
        assert (await anybody.get("/ready")).status_code == 200
        await assert_laws(house, fleet)


async def test_a_database_that_is_away_is_a_reason_to_come_again_and_never_a_defect(
    house: House, site: UUID, serve: Serve, own_postgres: Postgres
) -> None:
    fleet = await assemble(house, site, 1)
    async with serve() as server, httpx.AsyncClient(base_url=server.origin, timeout=30) as anybody:
        async with working(fleet, server.origin):
            await fleet.reach(batches=1)
            await asyncio.to_thread(control, own_postgres, "stop")
            await fleet.reach(failures=3, of="not-ready")
            ready = await anybody.get("/ready")
            assert (ready.status_code, ready.json()["errors"][0]["field"]) == (503, "database")
            assert (await anybody.get("/health")).status_code == 200
            await asyncio.to_thread(control, own_postgres, "restart")  # As it was, options and all.
            await fleet.reach(batches=1)
        assert set(fleet.failures) == {"not-ready"}
        await assert_laws(house, fleet)


async def test_two_servers_on_one_database_agree_whatever_connections_die(
    house: House, site: UUID, serve: Serve, tier: Tier
) -> None:
    fleet = await assemble(house, site, TABLETS)
    async with serve("one") as one, serve("two") as two:
        async with working(fleet, one.origin, two.origin):
            for _ in range(LOSSES_FULL if tier == "full" else LOSSES):
                await fleet.reach(batches=TABLETS)
                async with house.database.write() as tx:
                    await tx.execute(text(ALL))
            await fleet.reach(batches=TABLETS)
        assert set(fleet.failures) <= {"not-ready", "busy"}
        await assert_laws(house, fleet)


@asynccontextmanager
async def listening(
    origin: str, authorization: str
) -> AsyncGenerator[AsyncIterator[dict[str, object]]]:
    """The pokes that a tablet hears, one after the other."""
    headers = {"authorization": authorization}
    async with (
        httpx.AsyncClient(base_url=origin, headers=headers, timeout=SECONDS_MAX) as http,
        http.stream("GET", "/sync/v1/events") as stream,
    ):
        assert stream.status_code == 200

        async def pokes() -> AsyncIterator[dict[str, object]]:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

        yield pokes()


async def test_a_server_that_could_not_listen_pokes_everybody_and_then_hears_the_other_again(
    house: House, site: UUID, serve: Serve
) -> None:
    fleet = await assemble(house, site, 2)
    writer, reader = fleet.tablets
    scope = f"site:{site}"
    async with serve("one") as one, serve("two") as two, asyncio.timeout(SECONDS_MAX):
        authorization = reader.http.headers["authorization"]
        async with listening(two.origin, authorization) as pokes:
            first = await next_of(pokes, scope)
            async with house.database.write() as tx:
                await tx.execute(text(LISTENING))
            # Nothing was written: whoever could not listen does not know, and says so.
            assert await next_of(pokes, scope) == first
            headers = {"authorization": writer.http.headers["authorization"]}
            writer.inspect(ASSETS[0], note="x")
            async with httpx.AsyncClient(base_url=one.origin, headers=headers) as http:
                await fleet.push(writer, http)
            assert await next_of(pokes, scope) > first


async def next_of(pokes: AsyncIterator[dict[str, object]], scope: str) -> int:
    async for poke in pokes:
        if poke["scope"] == scope:
            return int(str(poke["head"]))
    raise AssertionError("the stream ended")
