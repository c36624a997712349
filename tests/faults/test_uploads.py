"""Servers that are killed in the middle of uploads, and uploads that take their time."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from server.store.file_tables import blobs, deliveries, uploads
from server.store.kind_tables import KIND_TABLES
from tests.faults.conftest import Tier
from tests.faults.filing import Filed, Filing
from tests.faults.filing import filing as filing
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, enrol
from tests.integration.uploading import BYTES, Uploader, attach, digest

KILLS, KILLS_FULL = 2, 20
PIECE = 65_536
SIZE = 6_000_000
SECONDS_MAX = 300


@pytest.fixture
async def tablet(house: House, site: UUID) -> Tablet:
    return await enrol(house, await house.add_person("liang", ("engineer", site)))


def at(tablet: Tablet, server: Filed) -> httpx.AsyncClient:
    """The tablet's own connection to a server process."""
    headers = {"authorization": tablet.http.headers["authorization"]}
    return httpx.AsyncClient(base_url=server.origin, headers=headers, timeout=60)


async def push(tablet: Tablet, http: httpx.AsyncClient) -> list[str]:
    body = tablet.client.push_request()
    assert body is not None
    answer = await http.post("/sync/v1/push", content=body)
    tablet.client.push_answered(body, answer.content)
    return [outcome["outcome"] for outcome in answer.json()["outcomes"]]


class Slow:
    """A body that stops halfway until it is let go on."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.is_halfway, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for place in range(0, len(self.content), PIECE):
            if place >= len(self.content) // 2 and not self.is_halfway.is_set():
                self.is_halfway.set()
                await self.may_go_on.wait()
            yield self.content[place : place + PIECE]

    def headers(self, offset: int) -> dict[str, str]:
        return {**BYTES, "upload-offset": str(offset), "content-length": str(len(self.content))}


async def test_a_server_that_is_killed_in_the_middle_of_uploads_loses_nothing_it_answered(
    house: House, tablet: Tablet, filing: Filing, tier: Tier
) -> None:
    content = random.Random(7).randbytes(SIZE)
    await tablet.pull()
    async with asyncio.timeout(SECONDS_MAX), filing() as server:
        url, answered = "", 0
        record = attach(tablet.client, house.clock, ASSETS[0], content)
        for _ in range(KILLS_FULL if tier == "full" else KILLS):
            async with at(tablet, server) as http:
                up = Uploader(http)
                url = url or await up.begun(content)
                offset = await up.offset(url)
                assert answered <= offset < len(content)
                # Some that is answered, then more that is cut off by the server's death.
                done = await up.patch(url, offset, content[offset : offset + 10_000])
                answered = int(done.headers["upload-offset"])
                slow = Slow(content[answered:])
                sending = asyncio.create_task(
                    http.patch(url, headers=slow.headers(answered), content=aiter(slow))
                )
                await slow.is_halfway.wait()
                await server.has_begun(url)
                attach(tablet.client, house.clock, ASSETS[1], content)
                assert set(await push(tablet, http)) == {"applied"}
                await server.kill()
                slow.may_go_on.set()
                with pytest.raises(httpx.HTTPError):
                    await sending
            await server.start()
        async with at(tablet, server) as http:
            up = Uploader(http)
            assert answered <= await up.offset(url) < len(content)
            assert await up.send(content) == url
        assert await server.stored(content) == content
        await assert_kept_once(house, tablet, content, record)


async def assert_kept_once(house: House, tablet: Tablet, content: bytes, record: UUID) -> None:
    table = KIND_TABLES["attachment"]
    async with house.database.read() as tx:
        assert list(await tx.scalars(select(blobs.c.sha256))) == [digest(content)]
        assert list(await tx.scalars(select(deliveries.c.device_id))) == [tablet.device]
        assert len(list(await tx.scalars(select(uploads.c.id)))) == 1
        received = select(table.c.received_at).where(table.c.id == record)
        assert await tx.scalar(received) is not None


async def test_ops_go_on_while_an_upload_takes_its_time_and_a_newer_request_takes_it_over(
    house: House, tablet: Tablet, filing: Filing
) -> None:
    content = random.Random(8).randbytes(SIZE)
    await tablet.pull()
    async with asyncio.timeout(SECONDS_MAX), filing() as server, at(tablet, server) as http:
        up = Uploader(http)
        url = await up.begun(content)
        slow = Slow(content)
        sending = asyncio.create_task(http.patch(url, headers=slow.headers(0), content=aiter(slow)))
        await slow.is_halfway.wait()
        await server.has_begun(url)
        for asset in ASSETS[:10]:
            attach(tablet.client, house.clock, asset, content)
            assert await push(tablet, http) == ["applied"]
        # The old connection hangs: whoever comes next goes on from what it brought.
        offset = await up.offset(url)
        assert 0 < offset <= len(content) // 2 + PIECE
        done = await up.patch(url, offset, content[offset:])
        assert done.headers["upload-offset"] == str(len(content))
        assert await server.stored(content) == content
        slow.may_go_on.set()
        (first,) = await asyncio.gather(sending, return_exceptions=True)
        assert isinstance(first, httpx.HTTPError | httpx.Response)
        assert not isinstance(first, httpx.Response) or first.status_code == 423


async def test_a_server_that_is_told_to_stop_keeps_what_came_of_a_slow_upload(
    house: House, tablet: Tablet, filing: Filing
) -> None:
    content = random.Random(9).randbytes(SIZE)
    async with asyncio.timeout(SECONDS_MAX), filing() as server:
        async with at(tablet, server) as http:
            url = await Uploader(http).begun(content)
            slow = Slow(content)
            sending = asyncio.create_task(
                http.patch(url, headers=slow.headers(0), content=aiter(slow))
            )
            await slow.is_halfway.wait()
            await server.has_begun(url)
            await server.stop()
            slow.may_go_on.set()
            await asyncio.gather(sending, return_exceptions=True)
        await server.start()
        async with at(tablet, server) as http:
            up = Uploader(http)
            assert await up.offset(url) > 0 or not server.blobs.is_folder
            await up.send(content)
        assert await server.stored(content) == content


async def test_an_upload_goes_on_at_another_server_of_the_same_house(
    house: House, tablet: Tablet, filing: Filing
) -> None:
    if house.database.is_sqlite:
        return  # One process serves it.
    content = random.Random(10).randbytes(SIZE)
    async with filing() as one, one.beside() as other:
        async with at(tablet, one) as http:
            url = await Uploader(http).begun(content)
            await Uploader(http).patch(url, 0, content[:2_000_000])
        async with at(tablet, other) as http:
            up = Uploader(http)
            assert await up.offset(url) == 2_000_000
            await up.patch(url, 2_000_000, content[2_000_000:4_000_000])
        async with at(tablet, one) as http:
            assert await Uploader(http).send(content) == url
        assert await other.stored(content) == content
