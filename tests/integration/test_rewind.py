"""A database is taken back while tablets were told more: nothing that was acknowledged is lost."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select

from schemas.base import EPOCH_LEAP_MAX, EPOCH_SPAN
from server.app import CLAIMS_MAX
from server.database import Database
from server.marker import Marker
from server.rewind import begin
from server.store import installation
from server.store.tables import metadata
from sync.ids import inspection_id
from sync.position import Acked, seal
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, Tablet, add_round, two

TABLES = metadata.sorted_tables
Backup = Mapping[str, list[dict[str, object]]]


async def back_up(database: Database) -> Backup:
    async with database.read() as tx:
        return {
            t.name: [dict(row) for row in (await tx.execute(select(t))).mappings()] for t in TABLES
        }


async def restore(database: Database, backup: Backup) -> None:
    async with database.write() as tx:
        for table in reversed(TABLES):
            await tx.execute(table.delete())
        for table in TABLES:
            if backup[table.name]:
                await tx.execute(table.insert(), backup[table.name])


async def epoch_of(house: House) -> int:
    async with house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    return made.epoch


async def settle(*tablets: Tablet) -> None:
    """Until every tablet has sent all it has, and pulled all there is."""
    for _ in range(4):
        for tablet in tablets:
            while tablet.client.push_request() is not None:
                await tablet.push()
            await tablet.pull()


@pytest.fixture
async def site(house: House) -> UUID:
    return await add_round(house)


NOTE = inspection_id(ASSIGNMENT, ASSETS[0])


async def test_what_was_acknowledged_after_the_backup_comes_back(house: House, site: UUID) -> None:
    one, two_ = await two(house, site)
    one.inspect(ASSETS[1], note="before")
    await settle(one, two_)
    backup = await back_up(house.database)
    one.inspect(ASSETS[0], note="风扇异响")
    await settle(one, two_)
    assert two_.client.base[NOTE].data["note"] == "风扇异响"
    await restore(house.database, backup)

    two_.inspect(ASSETS[2], note="meanwhile")
    await settle(two_, one)
    assert await epoch_of(house) == 2
    for tablet in (one, two_):
        assert tablet.client.base[NOTE].data["note"] == "风扇异响"
        assert tablet.client.base[NOTE].version > 2 * EPOCH_SPAN
        assert {row.data.get("note") for row in tablet.client.base.values()} > {
            "before",
            "meanwhile",
        }
    assert one.shared == two_.shared
    # Its push was taken before anybody noticed, and hid the lost seq: the digest told.
    assert (one.client.mismatches, two_.client.mismatches) == (0, 1)


async def test_a_pull_alone_notices_what_only_an_answer_told(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    await one.pull()
    backup = await back_up(house.database)
    one.inspect(ASSETS[0], note="x")
    assert await one.push() == ["applied"]
    await restore(house.database, backup)
    await settle(one)
    assert await epoch_of(house) == 2
    assert one.client.base[NOTE].data["note"] == "x"


async def test_a_pull_alone_notices_what_it_had_pulled(house: House, site: UUID) -> None:
    one, two_ = await two(house, site)
    backup = await back_up(house.database)
    one.inspect(ASSETS[0], note="x")
    await settle(one, two_)
    await restore(house.database, backup)
    await two_.pull()
    assert await epoch_of(house) == 2
    assert NOTE not in two_.client.base
    await settle(one, two_)
    assert two_.client.base[NOTE].data["note"] == "x"


async def test_two_tablets_that_notice_at_once_raise_the_epoch_once(
    house: House, site: UUID
) -> None:
    one, two_ = await two(house, site)
    backup = await back_up(house.database)
    for tablet, asset in ((one, ASSETS[0]), (two_, ASSETS[1])):
        tablet.inspect(asset, note="x")
        await tablet.push()
        await tablet.pull()
    await restore(house.database, backup)
    await asyncio.gather(one.pull(), two_.pull())
    assert await epoch_of(house) == 2


async def test_an_epoch_that_nobody_sealed_is_believed_when_it_is_near(
    house: House, site: UUID
) -> None:
    one, _ = await two(house, site)
    far = {"epoch": 2 + EPOCH_LEAP_MAX}
    answer = await one.http.post("/sync/v1/pull", json=far)
    assert answer.status_code == 200
    assert await epoch_of(house) == 1
    await one.http.post("/sync/v1/pull", json={"epoch": 5})
    assert await epoch_of(house) == 6


async def test_no_device_uses_the_epochs_up_by_saying_again_that_there_was_a_later_one(
    house: House, site: UUID
) -> None:
    one, _ = await two(house, site)
    said = [
        await one.http.post("/sync/v1/pull", json={"epoch": await epoch_of(house) + EPOCH_LEAP_MAX})
        for _ in range(CLAIMS_MAX + 3)
    ]
    assert [answer.status_code for answer in said] == [200] * CLAIMS_MAX + [429] * 3
    assert await epoch_of(house) == 1 + CLAIMS_MAX * (EPOCH_LEAP_MAX + 1)
    answer = await one.http.post("/sync/v1/pull", json={"epoch": await epoch_of(house)})
    assert answer.status_code == 200


async def test_what_another_lineage_was_answered_says_nothing(house: House, site: UUID) -> None:
    one, _ = await two(house, site)
    async with house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    one.client.last_acked = seal(Acked(UUID(int=77), 1, 500), made.seal_key)
    one.inspect(ASSETS[0], note="x")
    assert await one.push() == ["applied"]
    assert await epoch_of(house) == 1


async def test_an_epoch_never_falls(house: House) -> None:
    marker = Marker(house.settings.data_dir)
    await begin(house.database, marker, 7)
    assert (await begin(house.database, marker, 3)).epoch == 7
