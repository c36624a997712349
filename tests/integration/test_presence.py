"""What a customer is shown, what a signature lists and what a report prints is one set of work."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import event

from schemas.kinds.work import Visit
from server.presence import load_of_visits
from server.reports.facts import Facts
from server.store.seed import Seed, seed
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, SERVER, World
from tests.integration.reports_world import inspect, leave, reporting, stored, visit

HOUR = timedelta(hours=1)
LATER = timedelta(minutes=1)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with reporting(house) as built:
        yield built


async def facts_of(world: World, of: UUID, of_kind: str = "visit") -> Facts:
    facts, _ = await world.house.app.state.making.facts(of, of_kind)
    assert isinstance(facts, Facts)
    return facts


async def sign_by_link(world: World, of: UUID) -> tuple[int, set[str]]:
    """The customer looks and signs: how many devices were shown, and what the document lists."""
    asked = await world.office.post(f"/office/visits/{of}/links")
    assert asked.status_code == 201, asked.text
    secret = str(asked.json()["link"]).partition("/sign#")[2]
    async with world.house.client() as phone:
        body = {"secret": secret, "language": "zh-CN"}
        shown = (await phone.post("/sign/look", json=body)).json()
        given = {"secret": secret, "content": shown["content"], "name": "黄", "strokes": "M1,1L2,2"}
        assert (await phone.post("/sign/give", json=given)).status_code == 200
    told = (await world.office.get(f"/office/visits/{of}")).json()
    newest = max(told["signatures"], key=lambda one: one["id"])["id"]
    whole = (await world.office.get(f"/office/signatures/{newest}")).json()
    listed = json.loads(whole["document"])["inspections"]
    return shown["counts"]["inspected"], {one["id"] for one in listed}


async def assert_one_set(world: World, of: UUID, *expected: UUID) -> None:
    """The office counts, the customer signs and the report prints these, and no other."""
    wanted = {str(one) for one in expected}
    counted = (await world.office.get(f"/office/visits/{of}")).json()["inspected"]
    shown, listed = await sign_by_link(world, of)
    facts = await facts_of(world, of)
    printed = {str(one.inspection) for one in facts.results}
    assert (counted, shown, listed, printed) == (len(wanted), len(wanted), wanted, wanted)
    (signed,) = [one for one in facts.signatures if one.strokes]
    assert (signed.is_changed, signed.added, signed.returned) == (False, 0, 0)


async def plant(world: World, kind: str, scope: str, **data: Any) -> UUID:
    """Something that is there as an import would have brought it."""
    id_ = world.house.clock.new_id()
    async with world.house.database.write() as tx:
        await seed(tx, [Seed(kind, id_, scope, data)], epoch=1, lineage=SERVER)
    return id_


def work(world: World, asset: UUID, **more: Any) -> dict[str, Any]:
    """An inspection by the engineer, begun and handed in now."""
    return {
        "asset": str(asset),
        "template": str(world.template),
        "inspector": str(world.engineer),
        "inspector_name": "梁志豪",
        "started_at": world.at(),
        "answers": dict(GOOD),
        "step": {"round": 1, "step": "submitted", "at": world.at()},
        **more,
    }


async def absent(world: World, of: UUID, *listed: UUID) -> None:
    """Nobody was there to sign; the tablet lists what would have been signed for."""
    text = json.dumps({"inspections": [str(one) for one in listed]})
    values = {
        "of": str(of),
        "of_kind": "visit",
        "role": "contact",
        "absent_reason": "出差",
        "document": text,
        "digest": sha256(text.encode()).hexdigest(),
        "signed_at": world.at(),
    }
    record = world.house.clock.new_id()
    op = world.tablet.op("signature", record, new=True, parent=str(of), set=values)
    assert await world.tablet.push(op) == ["applied"]
    world.house.clock.advance(LATER)


async def test_work_of_another_site_is_in_none_of_them_though_a_document_lists_it(
    world: World,
) -> None:
    of = await visit(world)
    foreign = f"site:{world.foreign_site}"
    theirs = await plant(world, "inspection", foreign, **work(world, world.foreign_asset))
    own = await inspect(world, world.asset)
    await leave(world, of)
    await absent(world, of, own, theirs)
    await assert_one_set(world, of, own)
    assert "别家" not in repr(await facts_of(world, of)), "another customer's device"


async def test_work_of_another_visit_of_the_same_hours_is_left_to_that_one(world: World) -> None:
    site = f"site:{world.site}"
    round_ = await stored(world, world.assignment)
    other_round = await plant(world, "assignment", site, **{**round_, "targets": []})
    of = await visit(world)
    other = await visit(world, assignment=str(other_round))
    own = await inspect(world, world.asset)
    theirs = await plant(
        world,
        "inspection",
        site,
        **work(world, world.second_asset, assignment=str(other_round)),
    )
    await leave(world, of)
    await leave(world, other)
    await assert_one_set(world, of, own)
    await assert_one_set(world, other, theirs)


async def test_work_of_a_colleague_in_the_same_hours_is_in_none_of_them(world: World) -> None:
    of = await visit(world)
    own = await inspect(world, world.asset)
    by = {"inspector": str(world.supervisor), "inspector_name": "陈慧敏"}
    await plant(world, "inspection", f"site:{world.site}", **work(world, world.second_asset, **by))
    await leave(world, of)
    await assert_one_set(world, of, own)


async def test_returned_work_is_in_none_of_them_and_a_signature_says_that_it_is_out(
    world: World,
) -> None:
    of = await visit(world)
    first = await inspect(world, world.asset)
    second = await inspect(world, world.second_asset)
    await leave(world, of)
    _, listed = await sign_by_link(world, of)
    assert listed == {str(first), str(second)}
    answer = await world.decide("returned", remarks=[{"item": "fan", "text": "重测"}])
    assert answer.status_code == 200, answer.text
    facts = await facts_of(world, of)
    assert {one.inspection for one in facts.results} == {second}
    assert [(one.is_changed, one.returned) for one in facts.signatures] == [(False, 1)]
    world.house.clock.advance(LATER)
    await assert_one_set(world, of, second)


async def test_what_was_handed_in_late_is_in_all_of_them_and_what_was_begun_late_in_none(
    world: World,
) -> None:
    of = await visit(world)
    begun = world.begin(answers=dict(GOOD))
    assert await world.tablet.push(begun) == ["applied"]
    await leave(world, of)
    world.house.clock.advance(HOUR)
    assert await world.tablet.push(world.submit()) == ["applied"]
    await inspect(world, world.second_asset)
    await assert_one_set(world, of, world.inspection)


async def test_what_was_signed_for_stays_when_the_times_of_the_visit_are_put_right(
    world: World,
) -> None:
    of = await visit(world)
    first = await inspect(world, world.asset)
    await absent(world, of, first)
    world.house.clock.advance(HOUR)
    edit = {"started_at": world.at(), "ended_at": world.at()}
    assert await world.tablet.push(world.tablet.op("visit", of, base=2**33, set=edit)) == [
        "applied"
    ]
    await assert_one_set(world, of, first)


async def test_work_on_a_device_that_turned_out_to_be_a_duplicate_stays_in_all_of_them(
    world: World,
) -> None:
    of = await visit(world)
    first, second = await inspect(world, world.asset), await inspect(world, world.second_asset)
    await leave(world, of)
    merged = {
        "record": str(world.second_asset),
        "kind": "asset",
        "id": str(world.house.clock.new_id()),
        "base": 2**33,
        "set": {"merged_into": str(world.asset)},
    }
    answer = await world.office.post("/office/ops", json={"ops": [merged]})
    assert answer.status_code == 200, answer.text
    await assert_one_set(world, of, first, second)


async def test_a_round_says_who_signed_in_a_visit_that_was_for_another_round(world: World) -> None:
    site = f"site:{world.site}"
    round_ = await stored(world, world.assignment)
    other_round = await plant(world, "assignment", site, **{**round_, "targets": []})
    of = await visit(world, assignment=str(other_round))
    own = await inspect(world, world.asset)
    await leave(world, of)
    await assert_one_set(world, of, own)
    facts = await facts_of(world, world.assignment, "assignment")
    assert [(one.name, one.is_changed, one.added) for one in facts.signatures] == [("黄", False, 0)]
    asset = (await world.office.get(f"/office/inspections/{own}")).json()
    assert [one["name"] for one in asset["signatures"]] == ["黄"]


async def statements(world: World, visits: Mapping[UUID, Visit]) -> tuple[int, Mapping[UUID, Any]]:
    """What belongs to visits, and how many statements it took."""
    asked: list[str] = []
    engine = world.house.database.engine.sync_engine

    def count(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", count)
    async with world.house.database.read() as tx:
        found = await load_of_visits(tx, visits, {world.site: "Asia/Shanghai"})
    event.remove(engine, "before_cursor_execute", count)
    return len(asked), found


async def test_what_belongs_to_many_visits_is_asked_as_often_as_of_one_and_is_each_ones_own(
    world: World,
) -> None:
    days: dict[UUID, UUID] = {}
    for asset in (world.asset, world.second_asset):
        of = await visit(world)
        days[of] = await inspect(world, asset)
        await leave(world, of)
        world.house.clock.advance(3 * timedelta(days=1))
    known = {id_: msgspec.convert(await stored(world, id_), Visit) for id_ in days}
    apart = [await statements(world, {id_: one}) for id_, one in known.items()]
    once, together = await statements(world, known)
    assert once == apart[0][0] == apart[1][0]
    assert {id_: [one.id for one in of.work] for id_, of in together.items()} == {
        id_: [inspected] for id_, inspected in days.items()
    }
