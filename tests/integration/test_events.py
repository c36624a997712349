"""Pokes reach who holds the scope, on every process, and no stream outlives its server."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from schemas.base import STREAMS_MAX, STREAMS_PER_READER_MAX
from schemas.events import Poke
from server.database import Database
from server.pokes import SCOPES_PER_NOTE_MAX, Listener, Pokes, TooManyStreams, portions
from server.store import scopes
from tests.fixtures.streams import SECONDS_MAX, streaming
from tests.integration.conftest import House
from tests.integration.office_world import OTHER_LINEAGE, World, company, enrol

READER = UUID(int=1)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def bearer(world: World) -> dict[str, str]:
    return {"authorization": world.tablet.client.headers["authorization"]}


def cookie(world: World) -> dict[str, str]:
    jar = world.office.cookies
    return {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}


async def test_a_push_pokes_the_tablet_and_the_office(world: World) -> None:
    scope = f"site:{world.site}"
    async with (
        streaming(world.house.app, "/sync/v1/events", bearer(world)) as tablet,
        streaming(world.house.app, "/office/events", cookie(world)) as office,
    ):
        first = await tablet.event("poke", scope)
        assert await office.event("change", scope) == first
        assert (tablet.status, tablet.headers["content-type"].partition(";")[0]) == (
            200,
            "text/event-stream",
        )
        await world.tablet.push(world.begin())
        assert await tablet.event("poke", scope) > first
        assert await office.event("change", scope) > first


async def test_a_decision_pokes_the_tablet(world: World) -> None:
    await world.done()
    scope = f"site:{world.site}"
    async with streaming(world.house.app, "/sync/v1/events", bearer(world)) as tablet:
        first = await tablet.event("poke", scope)
        await world.decide("returned", remarks=[{"text": "x"}])
        assert await tablet.event("poke", scope) > first


async def test_a_tablet_that_is_given_a_round_is_poked_about_a_scope_it_did_not_hold(
    world: World,
) -> None:
    colleague = await world.house.add_person("he", password=None)
    device = await enrol(world.house, colleague, OTHER_LINEAGE)
    headers = {"authorization": device.client.headers["authorization"]}
    async with streaming(world.house.app, "/sync/v1/events", headers) as tablet:
        await tablet.event("poke", "org")
        edit = {
            "id": str(UUID(int=5)),
            "kind": "assignment",
            "record": str(world.assignment),
            "base": 2**33,
            "set": {"assignee": str(colleague)},
        }
        answer = await world.office.post("/office/ops", json={"ops": [edit]})
        assert answer.status_code == 200, answer.text
        assert await tablet.event("poke", f"site:{world.site}")


async def test_a_stream_ends_when_the_server_stops(world: World) -> None:
    pokes = Pokes(world.house.database)
    stopping = asyncio.Event()
    async with pokes.running(stopping), pokes.listen(READER, {"org"}) as listener:
        stopping.set()
        async with asyncio.timeout(SECONDS_MAX):
            while not listener.is_over:
                await listener.news(within_seconds=1)
        async with pokes.listen(READER, {"org"}) as late:
            assert late.is_over


async def test_events_are_for_devices_and_people_who_may_read(world: World) -> None:
    answer = await world.house.client().get("/sync/v1/events")
    assert answer.status_code == 401


# --- The hub ---


async def begin_scopes(database: Database, *names: str) -> None:
    async with database.write() as tx:
        await scopes.begin(tx, names, epoch=1)


async def news_of(listener: Listener) -> list[Poke]:
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            if found := await listener.news(within_seconds=5):
                return list(found)


async def test_only_scopes_that_were_named_are_told_and_each_head_once(house: House) -> None:
    pokes = Pokes(house.database)
    async with pokes.listen(READER, {"site:a"}) as listener:
        pokes.tell({"site:a": 3, "site:b": 9})
        pokes.tell({"site:a": 5})
        assert await news_of(listener) == [Poke(scope="site:a", head=5)]
        pokes.tell({"site:a": 4, "site:b": 10})
        assert await listener.news(within_seconds=0.01) == ()


async def test_what_changed_before_the_stream_began_is_told_first(house: House) -> None:
    await begin_scopes(house.database, "org", "site:a", "site:b")
    pokes = Pokes(house.database)
    async with pokes.listen(READER, {"org", "site:a"}) as listener:
        assert {one.scope for one in await news_of(listener)} == {"org", "site:a"}


async def test_the_oldest_stream_of_one_reader_gives_way(house: House) -> None:
    pokes = Pokes(house.database)
    async with AsyncExitStack() as stack:
        oldest = await stack.enter_async_context(pokes.listen(READER, {"org"}))
        for _ in range(STREAMS_PER_READER_MAX):
            assert not oldest.is_over
            pokes.demand_room(READER)
            await stack.enter_async_context(pokes.listen(READER, {"org"}))
        assert oldest.is_over


async def test_a_full_hub_refuses_new_readers_only(house: House) -> None:
    pokes = Pokes(house.database)
    for number in range(STREAMS_MAX):
        pokes._listeners[number] = Listener(UUID(int=number), ())
    with pytest.raises(TooManyStreams):
        pokes.demand_room(UUID(int=STREAMS_MAX + 1))
    pokes.demand_room(UUID(int=7))


def test_many_heads_are_told_in_portions_that_a_notification_takes() -> None:
    heads = {f"site:{UUID(int=number)}": 2**53 for number in range(200)}
    parts = list(portions(heads))
    assert len(parts) == -(-200 // SCOPES_PER_NOTE_MAX)
    assert {name: head for part in parts for name, head in part.items()} == heads
    assert all(len(json.dumps(part)) < 7_500 for part in parts)


@asynccontextmanager
async def two_processes(database: Database) -> AsyncGenerator[tuple[Pokes, Pokes]]:
    """Two hubs as of two processes, both connected."""
    stopping = asyncio.Event()
    other = Database(database.engine.url.render_as_string(hide_password=False))
    one, two = Pokes(database), Pokes(other)
    async with one.running(stopping), two.running(stopping):
        yield one, two
    await other.close()


async def heard(listener: Listener, teller: Pokes, scope: str, head: int) -> None:
    """Tell again and again until it is heard: a hub may still be connecting."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            teller.tell({scope: head})
            for one in await listener.news(within_seconds=0.2):
                if one.scope == scope and one.head >= head:
                    return
            head += 1


async def test_what_one_process_writes_the_other_tells(database: Database) -> None:
    if database.is_sqlite:  # One process is all there is.
        return
    async with two_processes(database) as (one, two), two.listen(READER, {"site:a"}) as listener:
        await heard(listener, one, "site:a", 10)


async def test_a_lost_connection_is_replaced_and_everybody_is_poked(database: Database) -> None:
    if database.is_sqlite:
        return
    await begin_scopes(database, "org", "site:a")
    async with two_processes(database) as (one, two), two.listen(READER, {"site:a"}) as listener:
        await heard(listener, one, "site:a", 2**33)
        async with database.write() as tx:
            await tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%')"
                )
            )
        # Nothing was written: only the new connection tells the head that is in the database.
        told = await news_of(listener)
        assert [one.head for one in told] == [2**32]
        await heard(listener, one, "site:a", 2**34)
