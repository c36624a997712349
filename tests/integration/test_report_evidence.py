"""What a report says of signatures, replaced parts, earlier findings and before and after."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from server.reports.facts import Facts
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World
from tests.integration.reports_world import (
    HOT,
    inspect,
    leave,
    made,
    picture,
    receive,
    reporting,
    take_photo,
    text_of,
    visit,
)

HOUR = timedelta(hours=1)
STROKES = "M12 44C20 18 30 16 34 40"


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with reporting(house) as built:
        yield built


async def facts_of(world: World, of: UUID) -> Facts:
    facts, _ = await world.house.app.state.making.facts(of, "visit")
    assert isinstance(facts, Facts)
    return facts


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def sign(world: World, of: UUID, inspection: UUID, **more: Any) -> None:
    """The customer signs for one inspection as it stands."""
    answers = sha256(
        canonical({"answers": dict(GOOD), "elements": {}, "note": ""}).encode()
    ).hexdigest()
    covered = {"id": str(inspection), "template": str(world.template), "answers": answers}
    text = canonical({"inspections": [{**covered, "photos": []}]})
    values: Mapping[str, Any] = {
        "of": str(of),
        "of_kind": "visit",
        "role": "contact",
        "name": "黄国强",
        "title": "信息中心主任",
        "strokes": STROKES,
        "document": text,
        "digest": sha256(text.encode()).hexdigest(),
        "signed_at": world.at(),
        **more,
    }
    id_ = world.house.clock.new_id()
    op = world.tablet.op("signature", id_, new=True, parent=str(of), set=values)
    assert await world.tablet.push(op) == ["applied"]


async def test_a_signature_stands_until_what_it_covers_is_changed_or_added_to(world: World) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await sign(world, id_, inspection)
    (signed,) = (await facts_of(world, id_)).signatures
    assert (signed.name, signed.strokes, signed.is_changed, signed.added) == (
        *("黄国强", STROKES),
        *(False, 0),
    )
    await inspect(world, world.second_asset)
    op = world.tablet.op("inspection", inspection, base=2**33, set={"note": "补写"})
    await world.tablet.push(op)
    (signed,) = (await facts_of(world, id_)).signatures
    assert (signed.is_changed, signed.added) == (True, 1)


async def test_an_absent_customer_is_told_with_the_reason(world: World) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await sign(world, id_, inspection, strokes="", absent_reason="出差")
    (signed,) = (await facts_of(world, id_)).signatures
    assert (signed.strokes, signed.absent_reason) == ("", "出差")


async def test_a_serial_number_changed_on_site_is_a_replaced_part(world: World) -> None:
    async def write(serial: str) -> None:
        op = world.tablet.op("asset", world.asset, base=2**33, set={"serial": serial})
        assert await world.tablet.push(op) == ["applied"]

    await write("SN-OLD")
    world.house.clock.advance(HOUR)
    id_ = await visit(world)
    await write("SN-NEW")
    await inspect(world, world.asset)
    await leave(world, id_)
    (part,) = (await facts_of(world, id_)).replaced
    assert (part.asset, part.old, part.new) == ("UPS-01", "SN-OLD", "SN-NEW")


async def test_findings_are_of_this_visit_or_open_from_earlier(world: World) -> None:
    async def find(text: str, **more: Any) -> None:
        values = {
            "asset": str(world.asset),
            "severity": "major",
            "text": text,
            "found_at": world.at(),
            **more,
        }
        record = world.house.clock.new_id()
        op = world.tablet.op("finding", record, new=True, parent=str(world.asset), set=values)
        assert await world.tablet.push(op) == ["applied"]

    await find("柜门胶条老化")
    world.house.clock.advance(HOUR)
    id_ = await visit(world)
    inspection = await inspect(world, world.asset, HOT)
    await find("风扇异响", inspection=str(inspection), item="fan")
    facts = await facts_of(world, id_)
    assert [one.text.zh for one in facts.open_before] == ["柜门胶条老化"]
    said = [(one.severity, one.text.zh) for one in facts.risks]
    assert said[0] == ("major", "风扇异响")
    assert said[1][0] == "minor" and said[1][1].startswith("温度：29.4\u00a0°C，高于上限 27")
    assert len(said) == 2, "a finding and its answer are told once"


async def test_photos_of_before_and_after_stand_side_by_side(world: World) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    other, before, after = picture("other"), picture("old"), picture("new", "#114411")
    await take_photo(world, inspection, other, item="fan")
    await take_photo(world, inspection, after, caption="更换后")
    await take_photo(world, inspection, before, caption="更换前")
    await receive(world, after)
    facts = await facts_of(world, id_)
    told = {one.caption: (one.when, one.state, bool(one.pair)) for one in facts.photos}
    assert told == {
        "更换前": ("before", "away", True),
        "更换后": ("after", "shown", True),
        "": ("", "away", False),
    }
    captions = [one.caption for one in facts.photos]
    assert captions.index("更换后") == captions.index("更换前") + 1


async def test_the_engineer_says_on_the_tablet_what_is_before_and_after_the_repair(
    world: World,
) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await take_photo(world, inspection, picture("new"), moment="after")
    await take_photo(world, inspection, picture("old"), moment="before", caption="换下的")
    await take_photo(world, inspection, picture("plate"), caption="铭牌")
    told = [(one.when, one.caption, bool(one.pair)) for one in (await facts_of(world, id_)).photos]
    assert told == [("", "铭牌", False), ("before", "换下的", True), ("after", "", True)]
    # Whoever puts it right later writes into the same record.
    shown = (await world.office.get(f"/office/inspections/{inspection}")).json()["photos"]
    assert sorted(one.get("moment", "") for one in shown) == ["", "after", "before"]
    (plate,) = [one for one in shown if one.get("caption") == "铭牌"]
    op = world.tablet.op("attachment", UUID(plate["id"]), base=2**33, set={"moment": "later"})
    assert await world.tablet.push(op) == ["rejected"]


async def replace(world: World, inspection: UUID, part: dict[str, Any]) -> None:
    """The engineer notes a part that was replaced."""
    add = {"replacements": {str(world.house.clock.new_id()): part}}
    op = world.tablet.op("inspection", inspection, base=2**33, add=add)
    assert await world.tablet.push(op) == ["applied"]


async def test_a_part_that_an_engineer_noted_is_told_with_both_numbers_everywhere(
    world: World,
) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await replace(world, inspection, {"part": "PSU2 电源模块", "old": "A111", "new": "B222"})
    await replace(world, inspection, {"part": "风扇框"})
    await leave(world, id_)
    parts = (await facts_of(world, id_)).replaced
    told = [(one.asset, one.part.zh, one.old, one.new) for one in parts]
    assert told == [("UPS-01", "PSU2 电源模块", "A111", "B222"), ("UPS-01", "风扇框", "", "")]
    review = (await world.office.get(f"/office/inspections/{inspection}")).json()
    assert [one["part"] for one in review["replacements"].values()] == ["PSU2 电源模块", "风扇框"]
    for language, words in (("zh-CN", ("更换部件", "不详")), ("en", ("Parts replaced", "unknown"))):
        _, pdf = await made(world, id_, "visit", language)
        printed = text_of(pdf)
        assert all(one in printed for one in ("PSU2电源模块", "A111", "B222", "风扇框"))
        asked = {"of": str(id_), "of_kind": "visit", "language": language, "format": "csv"}
        table = (await world.office.get("/office/reports/table", params=asked)).text
        rows = [line.split(",") for line in table.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        noted = [row for row in rows if words[0] in row]
        assert [(row[7], row[10], row[13]) for row in noted] == [
            ("PSU2 电源模块", "B222", "A111"),
            ("风扇框", words[1], words[1]),
        ]


async def test_a_part_noted_after_the_signature_is_a_change_of_what_was_signed(
    world: World,
) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    await sign(world, id_, inspection)
    assert [one.is_changed for one in (await facts_of(world, id_)).signatures] == [False]
    await replace(world, inspection, {"part": "风扇框", "new": "B222"})
    assert [one.is_changed for one in (await facts_of(world, id_)).signatures] == [True]


async def test_bytes_that_came_for_somebody_else_are_not_printed_by_naming_their_digest(
    world: World,
) -> None:
    id_ = await visit(world)
    inspection = await inspect(world, world.asset)
    foreign = picture("another customer's")
    await receive(world, foreign, of_others=True)
    await take_photo(world, inspection, foreign)
    assert [one.state for one in (await facts_of(world, id_)).photos] == ["away"]
    await receive(world, foreign)
    assert [one.state for one in (await facts_of(world, id_)).photos] == ["shown"]
