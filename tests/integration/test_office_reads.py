"""The office's lists count and name what a person may read, and nothing else."""

import itertools
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.store.office import INSPECTION, INSPECTION_STATE
from server.store.people_tables import devices
from server.store.seed import Seed, bind_codes
from sync.consequences import inspection_state
from sync.ids import tag_id
from sync.tags import make
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, SERVER, World, company, load

CODE = make(12345)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


async def get(world: World, path: str) -> Any:
    answer = await world.office.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


STEPS: list[Any] = [
    None,
    {"round": 1, "step": "draft"},
    {"step": "submitted"},
    {"round": 2},
    {"round": 2, "step": "submitted", "at": "2026-11-20T00:00:00Z"},
]
REVIEWS: list[Any] = [
    None,
    *(
        {
            "decision": decision,
            "round": number,
            "reviewer": str(SERVER),
            "reviewer_name": "x",
            "at": "2026-11-20T00:00:00Z",
        }
        for decision in ("accepted", "returned")
        for number in (1, 2)
    ),
]


async def test_the_database_tells_the_same_states_as_the_core(world: World) -> None:
    data = {
        "asset": str(world.asset),
        "template": str(world.template),
        "inspector": str(world.engineer),
        "inspector_name": "x",
    }
    wanted: dict[UUID, str] = {}
    made = []
    for number, (step, review) in enumerate(itertools.product(STEPS, REVIEWS)):
        more = {k: v for k, v in (("step", step), ("review", review)) if v is not None}
        wanted[UUID(int=5000 + number)] = inspection_state(more)
        made.append(
            Seed("inspection", UUID(int=5000 + number), f"site:{world.site}", {**data, **more})
        )
    await load(world, *made)
    async with world.house.database.read() as tx:
        rows = await tx.execute(select(INSPECTION.c.id, INSPECTION_STATE))
        assert {row[0]: row[1] for row in rows} == wanted


async def test_a_round_shows_a_tick_for_each_target(world: World) -> None:
    await world.done({**GOOD, "temp": {"value": 40}})
    page = await get(world, "/office/assignments")
    (row,) = page["rows"]
    assert (row["title"]["zh"], row["assignee_name"], row["state"]) == (
        "季度巡检",
        "Liang",
        "started",
    )
    assert row["progress"] == {
        "total": 2,
        "done": 1,
        "abnormal": 1,
        "to_review": 1,
        "ticks": ["abnormal", "open"],
    }
    detail = await get(world, f"/office/assignments/{world.assignment}")
    first, second = detail["targets"]
    assert (first["asset_name"], first["step"], first["abnormal"], first["tick"]) == (
        "UPS-01",
        "submitted",
        1,
        "abnormal",
    )
    assert (second["template_title"]["en"], "inspection" in second) == ("UPS", False)
    assert "assign" in detail["may"]


async def test_work_under_way_and_not_applicable_work_have_their_own_ticks(world: World) -> None:
    all_na = {"fan": {"na": True, "reason": "停机"}, "temp": {"na": True, "reason": "停机"}}
    await world.done(all_na)
    await world.tablet.push(world.begin(asset=world.second_asset))
    (row,) = (await get(world, "/office/assignments"))["rows"]
    assert row["progress"]["ticks"] == ["na", "started"]


async def test_today_counts_rounds_results_and_what_waits(world: World) -> None:
    await world.tablet.push(world.begin(answers=dict(GOOD)), world.photo(), world.submit())
    finding = {
        "asset": str(world.asset),
        "severity": "major",
        "text": "PSU2 指示灯熄灭",
        "found_at": world.at(),
        "due_on": "2026-11-01",
    }
    late = {
        "site": str(world.site),
        "title": {"zh": "打印机", "en": "Printers"},
        "targets": [],
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-15T10:00:00Z",
        "state": "issued",
    }
    scope = f"site:{world.site}"
    await load(
        world,
        Seed("finding", UUID(int=71), scope, finding),
        Seed("assignment", UUID(int=72), scope, late),
    )
    async with world.house.database.write() as tx:
        await tx.execute(devices.update(), {"unsent": 9})
    told = await get(world, "/office/today")
    assert (told["due_today"], told["overdue"], told["to_review"]) == (1, 1, 1)
    assert "done_today" not in told
    assert [row["title"]["zh"] for row in told["rounds"]] == ["打印机", "季度巡检"]
    assert [row.get("is_overdue", False) for row in told["rounds"]] == [True, False]
    assert told["rounds"][1]["progress"]["photos_waiting"] == 1
    assert told["findings"][1] == {"severity": "major", "open": 1, "overdue": 1}
    assert [(one["person_name"], one["unsent"]) for one in told["devices"]] == [("Liang", 9)]
    foreign = (await world.stranger.get("/office/today")).json()
    assert set(foreign) == {"at", "findings"}
    assert all(set(one) == {"severity"} for one in foreign["findings"])


async def test_a_round_that_was_finished_today_counts_as_done(world: World) -> None:
    await world.done()
    op = world.begin(asset=world.second_asset, answers=dict(GOOD))
    op["set"]["step"] = {"step": "submitted", "at": world.at()}
    await world.tablet.push(op)
    told = await get(world, "/office/today")
    assert (told["done_today"], told["rounds"][0]["state"]) == (1, "done")


async def test_an_open_conflict_is_told_by_the_name_of_its_asset(world: World) -> None:
    await world.done()
    await world.decide("returned", remarks=[{"text": "x"}])
    edit = {
        "id": str(UUID(int=81)),
        "kind": "asset",
        "record": str(world.asset),
        "base": 2**33,
        "set": {"position": "B07"},
    }
    answer = await world.office.post("/office/ops", json={"ops": [edit]})
    assert answer.status_code == 200, answer.text
    op = world.tablet.op("asset", world.asset, base=1, set={"position": "B08"})
    assert await world.tablet.push(op) == ["conflict"]
    (one,) = (await get(world, "/office/today"))["conflicts"]
    assert (one["title"], one["path"], one["ours"], one["theirs"], one["theirs_by"]) == (
        "UPS-01",
        "position",
        "B07",
        "B08",
        "Liang",
    )


async def test_lists_are_paged_sorted_and_bounded(world: World) -> None:
    page = await get(world, "/office/assets?sort=-name&limit=1&offset=1")
    assert (page["total"], page["offset"], [one["name"] for one in page["rows"]]) == (
        2,
        1,
        ["UPS-01"],
    )
    for path in ("assets?limit=201", "assignments?limit=0", "inspections?sort=nothing"):
        answer = await world.office.get(f"/office/{path}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")


async def test_rounds_are_filtered_by_state_person_and_lateness(world: World) -> None:
    for query, total in (
        ("state=issued&state=done", 1),
        ("state=closed", 0),
        (f"assignee={world.engineer}", 1),
        (f"assignee={world.supervisor}", 0),
        ("overdue=true", 0),
        (f"site={world.site}&due_before=2027-01-01T00:00:00Z", 1),
        (f"site={world.foreign_site}", 0),
    ):
        assert (await get(world, f"/office/assignments?{query}"))["total"] == total, query


async def test_an_asset_is_found_by_name_serial_or_code(world: World) -> None:
    tag = {"code": CODE, "asset": str(world.asset), "bound_at": world.at()}
    await load(world, Seed("tag", tag_id(CODE), f"site:{world.site}", tag))
    for text, names in (
        ("ups-0", ["UPS-01", "UPS-02"]),
        (f"{CODE[:4].lower()}-{CODE[4:8]}", ["UPS-01"]),
        ("100%", []),
        ("别家", []),
    ):
        page = (await world.office.get("/office/assets", params={"q": text})).json()
        assert [one["name"] for one in page["rows"]] == names, text
    assert (await get(world, "/office/assets?q=UPS-01"))["rows"][0]["codes"] == [CODE]


async def test_an_asset_shows_its_whole_life(world: World) -> None:
    await world.done()
    await world.decide("accepted")
    shown = await get(world, f"/office/assets/{world.asset}")
    assert [one["step"] for one in shown["inspections"]] == ["accepted"]
    assert shown["asset"]["last"]["ups"]["by"] == "梁志豪"
    assert shown["titles"]["ups"]["zh"] == "不间断电源"
    assert (await world.office.get(f"/office/assets/{world.foreign_asset}")).status_code == 404


async def test_sites_and_inspectors_are_those_that_may_be_read(world: World) -> None:
    (site,) = (await get(world, "/office/sites"))["rows"]
    assert (site["id"], site["assets"], site["open_rounds"]) == (str(world.site), 2, 1)
    people = await get(world, f"/office/sites/{world.site}/inspectors")
    assert [one["name"] for one in people] == ["Chen", "Liang"]
    answer = await world.office.get(f"/office/sites/{world.foreign_site}/inspectors")
    assert answer.status_code == 404


async def test_an_administrator_reads_every_site(world: World) -> None:
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("root") as office:
        page = (await office.get("/office/assets")).json()
        assert [one["name"] for one in page["rows"]] == ["UPS-01", "UPS-02", "别家"]
        assert (await office.get("/office/sites")).json()["total"] == 2


async def test_nothing_is_told_without_a_session(world: World) -> None:
    async with world.house.client() as client:
        for path in ("today", "assets", "assignments", "inspections", "sites", "events"):
            assert (await client.get(f"/office/{path}")).status_code == 401


async def test_a_tag_leads_to_its_asset_only_for_who_may_read_it(world: World) -> None:
    blank = make(99)
    async with world.house.database.write() as tx:
        await bind_codes(
            tx,
            [(CODE, world.asset, f"site:{world.site}", None), (blank, None, None, "第一批")],
        )
    assert await get(world, f"/office/tags/{CODE}") == {
        "code": CODE,
        "state": "bound",
        "asset": str(world.asset),
    }
    assert (await get(world, f"/office/tags/{blank}"))["batch"] == "第一批"
    foreign = (await world.stranger.get(f"/office/tags/{CODE}")).json()
    unprinted = (await world.stranger.get(f"/office/tags/{make(7)}")).json()
    assert (foreign["state"], unprinted["state"]) == ("unknown", "unknown")


@pytest.mark.parametrize("order", ["serial", "-serial"])
async def test_equipment_without_a_serial_comes_last_either_way(world: World, order: str) -> None:
    at = {"site": str(world.site), "name": "空调", "serial": "SN1"}
    await load(world, Seed("asset", UUID(int=4000), f"site:{world.site}", at))
    answer = await world.office.get(f"/office/assets?sort={order}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"][0]["id"] == str(UUID(int=4000))
