"""A database without room: said in a problem, nothing is lost, and it goes on by itself."""

import resource
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import httpx

from server.database import Database
from tests.faults.conftest import Serve
from tests.faults.fleet import assemble, working
from tests.faults.laws import assert_laws
from tests.faults.servers import Served
from tests.fixtures.outages import leave_no_room, make_room
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, two

TABLETS = 3
REFUSALS = 6
NO_ROOM = "storage-full"
FILE_BYTES_MAX = 4_096  # Less than one frame of the log: nothing whatever can be committed.


@asynccontextmanager
async def without_room(database: Database, server: Served) -> AsyncGenerator[None]:
    """Let every write fail as on a full disk while the block lasts."""
    if database.is_sqlite:
        assert sys.platform == "linux", "a running process's limits are set by prlimit(2)"
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, before[1]))
        yield
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        return
    await leave_no_room(database)
    yield
    await make_room(database)


async def test_a_full_disk_is_told_and_when_there_is_room_the_queues_drain_by_themselves(
    house: House, site: UUID, serve: Serve
) -> None:
    fleet = await assemble(house, site, TABLETS)
    async with serve() as server, httpx.AsyncClient(base_url=server.origin, timeout=30) as anybody:
        async with working(fleet, server.origin):
            await fleet.reach(batches=TABLETS)
            async with without_room(house.database, server):
                await fleet.reach(failures=REFUSALS, of=NO_ROOM)
                ready = await anybody.get("/ready")
                assert ready.status_code == 503
                assert ready.json()["errors"][0]["field"] == "database"
                assert "no room" in ready.json()["detail"]
                assert (await anybody.get("/health")).status_code == 200
            await fleet.reach(batches=TABLETS)
            assert (await anybody.get("/ready")).status_code == 200
        assert set(fleet.failures) == {NO_ROOM}
        await assert_laws(house, fleet)


async def test_a_database_at_its_limit_of_pages_answers_storage_full_and_still_tells(
    house: House, site: UUID
) -> None:
    """SQLite's own word for a full disk, which a limit on files does not bring about."""
    if not house.database.is_sqlite:
        return
    one, two_ = await two(house, site)

    await leave_no_room(house.database)
    for asset in ASSETS:
        one.inspect(asset, note="x" * 4_000)
    body = one.client.push_request()
    house.clock.advance(timedelta(minutes=2))  # Else it was seen just now, and nothing is noted.
    answer = await one.http.post("/sync/v1/push", content=body)
    assert (answer.status_code, answer.json()["type"]) == (507, "/problems/storage-full")
    assert answer.headers["retry-after"] == "30"
    report = {"app_version": "9.9.9", "unsent": 3, "photos_left": 0}
    asked = {"epoch": 1, "report": report}
    assert (await two_.http.post("/sync/v1/pull", json=asked)).status_code == 200
    await two_.pull()
    await make_room(house.database)
    assert set(await one.push()) == {"applied"}
