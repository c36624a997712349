"""Equipment moves or is merged, rounds are closed and reopened, and whoever holds it is told."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from server.pokes import Pokes
from server.store import records
from server.store.kind_tables import KIND_TABLES
from server.store.seed import Seed, bind_codes, seed
from sync.ids import member_id, tag_id
from sync.tags import make
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, SERVER, World, company


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def op(world: World, kind: str, record: UUID, **more: Any) -> dict[str, Any]:
    id_ = str(world.house.clock.new_id())
    return {"id": id_, "kind": kind, "record": str(record), "base": 2**33, **more}


async def edit(
    world: World, *wanted: dict[str, Any], office: httpx.AsyncClient | None = None
) -> httpx.Response:
    return await (office or world.office).post("/office/ops", json={"ops": list(wanted)})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


async def scopes_of(world: World, *ids: UUID) -> list[str]:
    async with world.house.database.read() as tx:
        found = await records.locate(tx, ids)
    return [found[id_].scope for id_ in ids]


# --- Moving ---


async def test_equipment_moves_with_its_open_work_where_both_sites_are_ones_own(
    world: World,
) -> None:
    await world.tablet.push(world.begin(answers=dict(GOOD)))
    await world.house.add_person(
        "pm", ("supervisor", world.site), ("supervisor", world.foreign_site)
    )
    async with world.house.signed_in("pm") as office:
        shown = (await office.get(f"/office/assets/{world.asset}")).json()
        assert [title["en"] for title in shown["open_rounds"]] == ["Quarterly round"]
        move = op(world, "asset", world.asset, set={"site": str(world.foreign_site)})
        answer = await edit(world, move, office=office)
    assert answer.status_code == 200, answer.text
    there = f"site:{world.foreign_site}"
    assert await scopes_of(world, world.asset, world.inspection) == [there, there]
    assert (await world.stranger.get(f"/office/assets/{world.asset}")).status_code == 200
    assert (await world.office.get(f"/office/assets/{world.asset}")).status_code == 404


async def test_nobody_moves_equipment_to_a_site_that_is_not_theirs(world: World) -> None:
    for site in (world.foreign_site, UUID(int=404)):
        answer = await edit(world, op(world, "asset", world.asset, set={"site": str(site)}))
        assert (answer.status_code, slug(answer)) == (403, "not-permitted")


async def test_rooms_and_rounds_do_not_move(world: World) -> None:
    move = op(world, "assignment", world.assignment, set={"site": str(world.foreign_site)})
    answer = await edit(world, move)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "site")


# --- Duplicates ---


async def twins(world: World) -> None:
    for asset, maker, serial in (
        (world.asset, "华为", "SN-100 20"),
        (world.second_asset, "华为", "sn10020"),
        (world.foreign_asset, "华为", "SN10020"),
    ):
        async with world.house.database.write() as tx:
            table = KIND_TABLES["asset"]
            values = {"maker": maker, "serial": serial}
            await tx.execute(update(table).where(table.c.id == asset).values(values))


async def test_duplicates_are_found_by_maker_and_serial_however_they_were_typed(
    world: World,
) -> None:
    await twins(world)
    page = (await world.office.get("/office/assets/duplicates")).json()
    assert page["total"] == 1
    (group,) = page["groups"]
    assert [row["id"] for row in group["assets"]] == [str(world.asset), str(world.second_asset)]
    assert (await world.stranger.get("/office/assets/duplicates")).json()["total"] == 0


async def test_a_merged_duplicate_leads_to_what_it_became(world: World) -> None:
    await twins(world)
    code = make(777)
    tag = {"code": code, "asset": str(world.second_asset)}
    async with world.house.database.write() as tx:
        here = f"site:{world.site}"
        await seed(tx, [Seed("tag", tag_id(code), here, tag)], epoch=1, lineage=SERVER)
        await bind_codes(tx, [(code, world.second_asset, here, None)])
    merge = op(world, "asset", world.second_asset, set={"merged_into": str(world.asset)})
    answer = await edit(world, merge)
    assert answer.status_code == 200, answer.text
    assert (await world.office.get("/office/assets/duplicates")).json()["total"] == 0
    listed = (await world.office.get("/office/assets")).json()
    assert [row["id"] for row in listed["rows"]] == [str(world.asset)]
    winner = (await world.office.get(f"/office/assets/{world.asset}")).json()
    assert [row["name"] for row in winner["merged"]] == ["UPS-02"]
    assert [bound["code"] for bound in winner["tags"]] == [code]
    loser = (await world.office.get(f"/office/assets/{world.second_asset}")).json()
    assert loser["merged_into"]["id"] == str(world.asset)
    looked = (await world.office.get(f"/office/tags/{code}")).json()
    assert (looked["asset"], looked["merged_from"]) == (str(world.asset), str(world.second_asset))
    back = op(world, "asset", world.second_asset, set={"merged_into": None})
    assert (await edit(world, back)).status_code == 200
    assert (await world.office.get("/office/assets")).json()["total"] == 2


async def test_a_duplicate_is_merged_into_other_living_equipment_of_its_site_alone(
    world: World,
) -> None:
    said = set()
    for into in (world.foreign_asset, UUID(int=404), world.inspection):
        merge = op(world, "asset", world.asset, set={"merged_into": str(into)})
        answer = await edit(world, merge)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "merged_into")
        said.add(answer.text)
    assert len(said) == 1
    own = op(world, "asset", world.asset, set={"merged_into": str(world.asset)})
    assert (await edit(world, own)).status_code == 422
    first = op(world, "asset", world.second_asset, set={"merged_into": str(world.asset)})
    assert (await edit(world, first)).status_code == 200
    circle = op(world, "asset", world.asset, set={"merged_into": str(world.second_asset)})
    assert (await edit(world, circle)).status_code == 422


# --- Rounds ---


async def test_a_closed_round_leaves_the_tablets_and_comes_back_reopened(world: World) -> None:
    await world.done()
    begun = world.begin(asset=world.second_asset, answers=dict(GOOD))
    step = {"round": 1, "step": "submitted", "at": world.at()}
    hand_in = world.tablet.op("inspection", UUID(begun["record"]), base=2**33, set={"step": step})
    assert await world.tablet.push(begun, hand_in) == ["applied", "applied"]
    for state, scope in (("closed", "archive"), ("done", "site")):
        answer = await edit(world, op(world, "assignment", world.assignment, set={"state": state}))
        assert answer.status_code == 200, answer.text
        places = await scopes_of(world, world.assignment, world.inspection)
        assert places == [f"{scope}:{world.site}"] * 2
        shown = (await world.office.get(f"/office/assignments/{world.assignment}")).json()
        assert shown["row"]["state"] == state
        assert (await world.detail())["row"]["step"] == "submitted"


async def test_a_round_that_is_not_done_is_not_closed(world: World) -> None:
    answer = await edit(world, op(world, "assignment", world.assignment, set={"state": "closed"}))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "state")


# --- Who is told ---


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[set[UUID]]:
    """Whose streams end, at each edit."""
    told: list[set[UUID]] = []
    tell = Pokes.tell

    def noted(self: Pokes, heads: Any, *, readers: Any = ()) -> None:
        told.append(set(readers))
        tell(self, heads, readers=readers)

    monkeypatch.setattr(Pokes, "tell", noted)
    return told


async def device_of(world: World) -> UUID:
    return UUID(world.tablet.client.headers["authorization"].split()[1].partition(".")[0])


async def test_who_hands_a_round_over_comes_back_with_other_scopes(
    world: World, readers: list[set[UUID]]
) -> None:
    other = await world.house.add_person("zhou", ("engineer", world.site))
    device = await device_of(world)
    given = op(world, "assignment", world.assignment, set={"assignee": str(other)})
    assert (await edit(world, given)).status_code == 200
    assert device in readers[-1]
    back = op(world, "assignment", world.assignment, set={"assignee": str(world.engineer)})
    assert (await edit(world, back)).status_code == 200
    assert device in readers[-1]
    withdrawn = op(world, "assignment", world.assignment, set={"state": "withdrawn"})
    assert (await edit(world, withdrawn)).status_code == 200
    assert device in readers[-1]


async def test_a_new_site_of_a_customer_has_the_members_that_are_granted_there(
    world: World, readers: list[set[UUID]]
) -> None:
    await world.house.add_person("boss", ("administrator", None))
    summary = {"name": "某银行", "short_name": "某行"}
    async with world.house.signed_in("boss") as office:
        customer, site = world.house.clock.new_id(), world.house.clock.new_id()
        made = op(world, "customer", customer, new=True, set=summary)
        assert (await edit(world, made, office=office)).status_code == 200
        granted = await office.post(
            f"/office/people/{world.engineer}/grants",
            json={"role": "engineer", "customer": str(customer)},
        )
        assert granted.status_code == 201, granted.text
        values = {"name": "分行", "city": "广州", "customer": {"id": str(customer), **summary}}
        new = op(world, "site", site, new=True, set=values)
        answer = await edit(world, new, office=office)
        assert answer.status_code == 200, answer.text
        assert {world.engineer, await device_of(world)} <= readers[-1]
        pulled = await world.tablet.pull()
        member = pulled[str(member_id(site, world.engineer))]["data"]
        assert (member["name"], member.get("active", True)) == ("Liang", True)
        # And another owner takes them off again.
        other = world.house.clock.new_id()
        made = op(world, "customer", other, new=True, set=summary)
        assert (await edit(world, made, office=office)).status_code == 200
        sold = op(world, "site", site, set={"customer": {"id": str(other), **summary}})
        answer = await edit(world, sold, office=office)
        assert answer.status_code == 200, answer.text
        assert world.engineer in readers[-1]
    async with world.house.database.read() as tx:
        id_ = member_id(site, world.engineer)
        found = await records.load(tx, await records.locate(tx, {id_}))
    assert found[id_].data["active"] is False


async def test_a_supervisor_makes_no_site_of_another_customer(world: World) -> None:
    values = {"name": "x", "city": "y", "customer": {"id": str(UUID(int=5)), "name": "z"}}
    values["customer"]["short_name"] = "z"  # type: ignore[index]
    new = op(world, "site", UUID(int=6), new=True, set=values)
    assert (await edit(world, new)).status_code == 403


async def test_a_withdrawn_site_takes_its_work_out_of_every_list(world: World) -> None:
    await world.done()
    await world.house.add_person("boss", ("administrator", None))
    async with world.house.signed_in("boss") as office:
        gone = op(world, "site", world.site, withdraw=True)
        assert (await edit(world, gone, office=office)).status_code == 200
        for path in ("inspections", "assignments", "assets", "waiting", "sites", "today"):
            answer = await office.get(f"/office/{path}")
            assert answer.status_code == 200, (path, answer.text)
        assert (await office.get("/office/inspections")).json()["total"] == 0


async def test_inspectors_are_named_in_order_and_are_not_endless(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("zhou", "an"):
        await world.house.add_person(name, ("engineer", world.site))
    await world.house.add_person("desk", ("desk", world.site))
    path = f"/office/sites/{world.site}/inspectors"
    named = [one["name"] for one in (await world.office.get(path)).json()]
    assert named == ["An", "Chen", "Liang", "Zhou"]
    monkeypatch.setattr("server.routes.office_assets.INSPECTORS_PER_LIST_MAX", 2)
    assert len((await world.office.get(path)).json()) == 2
