"""A plan is shown as far as its sites may be read, a page at a time."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from server.store.grants import StoredGrant, save_new
from server.store.seed import Seed
from tests.integration.conftest import House
from tests.integration.office_world import CONTRACT, World, company, load, plan_of


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def plan(world: World, id_: int, *sites: UUID) -> Seed:
    return plan_of(world, UUID(int=id_), sites=[str(site) for site in sites])


async def listed(world: World, query: str = "") -> Any:
    answer = await world.office.get(f"/office/plans{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_plan_names_only_the_sites_that_its_reader_may_read(world: World) -> None:
    await load(world, plan(world, 700, world.foreign_site, world.site))
    page = await listed(world)
    assert [one["plan"]["sites"] for one in page["rows"]] == [[str(world.site)]]
    assert str(world.foreign_site) not in str(page)
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as office:
        (row,) = (await office.get("/office/plans")).json()["rows"]
    assert row["plan"]["sites"] == [str(world.foreign_site), str(world.site)]


async def test_plans_come_a_page_at_a_time(world: World) -> None:
    made = [plan(world, 700 + number, world.site) for number in range(5)]
    await load(world, *made, plan(world, 710, world.foreign_site))
    page = await listed(world, "?limit=2&offset=3")
    assert (page["total"], page["offset"]) == (5, 3)
    assert [one["id"] for one in page["rows"]] == [str(UUID(int=703)), str(UUID(int=704))]
    answer = await world.office.get("/office/plans?limit=201")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "limit")


async def test_sites_that_a_planner_was_not_shown_are_not_lost_by_their_edit(
    world: World,
) -> None:
    customer = world.house.clock.new_id()
    contract = {"customer": str(customer), "number": "C-1", "starts_on": "2026-01-01"}
    await load(
        world,
        Seed("contract", CONTRACT, "office", contract),
        plan(world, 700, world.foreign_site, world.site),
    )
    manager = await world.house.add_person("pm", ("project-manager", world.site))
    grant = StoredGrant(
        id=world.house.clock.new_id(),
        person=manager,
        role="project-manager",
        customer=None,
        contract=CONTRACT,
        site=None,
        granted_at=world.house.clock.now(),
    )
    async with world.house.database.write() as tx:
        await save_new(tx, grant, granted_by=None)
    op = {
        "id": str(UUID(int=800)),
        "kind": "plan",
        "record": str(UUID(int=700)),
        "base": 2**33,
        "set": {"sites": [str(world.site)]},
    }
    async with world.house.signed_in("pm") as office:
        answer = await office.post("/office/ops", json={"ops": [op]})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-permitted")
        op["set"] = {"paused": True}
        answer = await office.post("/office/ops", json={"ops": [op]})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "monthly", "", "FREQ=DAILY;COUNT=x", 7])
async def test_a_rule_that_no_round_could_follow_is_refused(world: World, rule: object) -> None:
    await load(world, plan(world, 700, world.site))
    edit = {
        "id": str(world.house.clock.new_id()),
        "kind": "plan",
        "record": str(UUID(int=700)),
        "base": 2**33,
        "set": {"rrule": rule},
    }
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as office:
        answer = await office.post("/office/ops", json={"ops": [edit]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "rrule")
    (row,) = (await listed(world))["rows"]
    assert row["plan"]["rrule"] == "FREQ=MONTHLY"
