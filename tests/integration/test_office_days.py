"""Today, overdue and due are counted in the time zone of each site, not in the server's."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.store.seed import Seed
from server.store.tables import claims
from tests.integration.conftest import BEGIN, House
from tests.integration.office_world import PLAN, World, company, load, plan_of

# While it is the 20th by UTC, the working day of the 19th is not over in California.
WEST = "America/Los_Angeles"


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    assert datetime(2026, 11, 20, 1, tzinfo=UTC) == BEGIN
    async with company(house) as built:
        yield built


async def move(world: World, site: UUID, zone: str) -> None:
    """Say in which time zone a site is, as its supervisor does."""
    office = world.office if site == world.site else world.stranger
    op = {
        "id": str(world.house.clock.new_id()),
        "kind": "site",
        "record": str(site),
        "base": 2**33,
        "set": {"time_zone": zone},
    }
    answer = await office.post("/office/ops", json={"ops": [op]})
    assert answer.status_code == 200, answer.text


def finding(world: World, id_: int, site: UUID, asset: UUID, due_on: str) -> Seed:
    data = {
        "asset": str(asset),
        "severity": "major",
        "text": "指示灯熄灭",
        "found_at": world.at(),
        "due_on": due_on,
    }
    return Seed("finding", UUID(int=id_), f"site:{site}", data)


async def overdue(world: World, office: Any) -> tuple[int, int]:
    """Open and overdue findings on the page of today."""
    told = (await office.get("/office/today")).json()["findings"][1]
    return told.get("open", 0), told.get("overdue", 0)


async def test_a_finding_is_overdue_when_the_day_is_over_at_its_site(world: World) -> None:
    await load(world, finding(world, 71, world.site, world.asset, "2026-11-19"))
    assert await overdue(world, world.office) == (1, 1)
    await move(world, world.site, WEST)
    assert await overdue(world, world.office) == (1, 0)
    shown = (await world.office.get(f"/office/assets/{world.asset}")).json()
    assert [one.get("is_overdue", False) for one in shown["findings"]] == [False]


async def test_each_site_has_its_own_day_in_one_count(world: World) -> None:
    await world.house.add_person("root", ("administrator", None))
    await move(world, world.foreign_site, WEST)
    await load(
        world,
        finding(world, 71, world.site, world.asset, "2026-11-19"),
        finding(world, 72, world.foreign_site, world.foreign_asset, "2026-11-19"),
        finding(world, 73, world.foreign_site, world.foreign_asset, "2026-11-18"),
    )
    async with world.house.signed_in("root") as office:
        assert await overdue(world, office) == (3, 2)


async def test_rounds_are_made_from_the_sites_own_today_on(world: World) -> None:
    await move(world, world.site, WEST)
    plan = plan_of(world, rrule="FREQ=DAILY", starts_on="2026-11-01", window_days=1)
    await load(world, plan)
    path = f"/office/plans/{PLAN}/generate"
    answer = await world.office.post(path, json={"until": "2026-11-20"})
    assert answer.status_code == 200, answer.text
    made = [
        (await world.office.get(f"/office/assignments/{id_}")).json()
        for id_ in answer.json()["made"]
    ]
    assert sorted(one["occurrence"] for one in made) == ["2026-11-19", "2026-11-20"]


async def test_a_batch_of_blank_labels_is_named_by_the_day_where_it_is_used(world: World) -> None:
    await move(world, world.site, WEST)
    answer = await world.office.post("/office/labels", json={"blank": 1})
    assert answer.status_code == 200, answer.text
    async with world.house.database.read() as tx:
        assert [str(one)[:10] for one in await tx.scalars(select(claims.c.batch))] == ["2026-11-19"]
