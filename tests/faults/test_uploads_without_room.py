"""A disk without room and a store that is away, in the middle of uploads: told, nothing is lost."""

import asyncio
import random
import resource
import sys
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest

from tests.faults.filing import Filed, Filing
from tests.faults.filing import filing as filing
from tests.fixtures.process import free_port
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, enrol
from tests.integration.uploading import Uploader, attach, told

SIZE = 6_000_000
ROOM = 4_000_000  # More than the database needs, less than the photo.
SECONDS_MAX = 120


@pytest.fixture
async def tablet(house: House, site: UUID) -> Tablet:
    return await enrol(house, await house.add_person("liang", ("engineer", site)))


@contextmanager
def room_of(server: Filed, bytes_: int) -> Generator[None]:
    """Let no file of the server grow beyond so many bytes while the block lasts."""
    assert sys.platform == "linux", "a running process's limits are set by prlimit(2)"
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (bytes_, before[1]))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


def at(tablet: Tablet, server: Filed) -> httpx.AsyncClient:
    headers = {"authorization": tablet.http.headers["authorization"]}
    return httpx.AsyncClient(base_url=server.origin, headers=headers, timeout=60)


async def test_a_full_disk_keeps_what_fitted_and_the_upload_goes_on_when_there_is_room(
    house: House, tablet: Tablet, filing: Filing
) -> None:
    if not house.database.is_sqlite:
        return  # An S3 store's disk is its own.
    content = random.Random(1).randbytes(SIZE)
    async with asyncio.timeout(SECONDS_MAX), filing() as server, at(tablet, server) as http:
        up = Uploader(http)
        url = await up.begun(content)
        with room_of(server, ROOM):
            answer = await up.patch(url, 0, content)
            assert told(answer) == (507, "storage-full")
            assert answer.headers["retry-after"] == "30"
            assert 0 < await up.offset(url) <= ROOM
        assert await up.send(content) == url
        assert await server.stored(content) == content


async def test_a_store_that_is_away_is_told_and_neither_ops_nor_bytes_are_lost(
    house: House, tablet: Tablet, filing: Filing
) -> None:
    if house.database.is_sqlite:
        return  # A folder is away with the database beside it.
    content = random.Random(2).randbytes(SIZE)
    await tablet.pull()
    async with asyncio.timeout(SECONDS_MAX), filing() as server:
        async with at(tablet, server) as http:
            url = await Uploader(http).begun(content)
            await Uploader(http).patch(url, 0, content[:1_000_000])
        await server.stop()
        endpoint = server.environment["XUNJIAN_BLOBS_ENDPOINT"]
        server.environment["XUNJIAN_BLOBS_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"
        await server.start()
        async with at(tablet, server) as http:
            answer = await Uploader(http).patch(url, 1_000_000, content[1_000_000:2_000_000])
            assert told(answer) == (503, "store-unreachable")
            attach(tablet.client, house.clock, ASSETS[0], content)
            pushed = await http.post("/sync/v1/push", content=tablet.client.push_request())
            assert pushed.json()["outcomes"][0]["outcome"] == "applied"
        await server.stop()
        server.environment["XUNJIAN_BLOBS_ENDPOINT"] = endpoint
        await server.start()
        async with at(tablet, server) as http:
            assert await Uploader(http).offset(url) == 1_000_000
            assert await Uploader(http).send(content) == url
        assert await server.stored(content) == content
