"""A reviewer is told whether what somebody signed is still what stands."""

import json
from collections.abc import AsyncGenerator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from schemas.base import HISTORY_ROWS_MAX
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company

VISIT, SIGNATURE = UUID(int=0xF1), UUID(int=0x51)


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


def canonical(value: object) -> str:
    """RFC 8785, as far as these few plain values need it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def covered(
    inspection: UUID, answers: Mapping[str, Any] = GOOD, *, photos: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What the app writes into a document of one inspection."""
    text = canonical({"answers": answers, "elements": {}, "note": ""})
    digest = sha256(text.encode()).hexdigest()
    return {"id": str(inspection), "template": "x", "answers": digest, "photos": list(photos)}


def sign(
    world: World, document: Mapping[str, Any], *, visit: bool = False, id_: UUID = SIGNATURE
) -> dict[str, Any]:
    of = VISIT if visit else world.inspection
    text = canonical(document)
    values = {
        "of": str(of),
        "of_kind": "visit" if visit else "inspection",
        "role": "contact" if visit else "device-user",
        "name": "黄国强",
        "document": text,
        "digest": sha256(text.encode()).hexdigest(),
        "signed_at": world.at(),
    }
    return world.tablet.op("signature", id_, new=True, parent=str(of), set=values)


def begin_visit(world: World) -> dict[str, Any]:
    values = {
        "site": str(world.site),
        "assignment": str(world.assignment),
        "engineer": str(world.engineer),
        "engineer_name": "梁志豪",
        "started_at": world.at(),
    }
    return world.tablet.op("visit", VISIT, new=True, parent=str(world.site), set=values)


async def push(world: World, *ops: dict[str, Any]) -> None:
    assert set(await world.tablet.push(*ops)) == {"applied"}


async def change(world: World, path: str, value: object) -> None:
    """The engineer writes one field of the inspection, whatever stands there."""
    op = world.tablet.op("inspection", world.inspection, base=2**33, set={path: value})
    await push(world, op)


async def send_back(world: World) -> None:
    answer = await world.decide("returned", remarks=[{"text": "再测"}])
    assert answer.status_code == 200, answer.text


async def told(world: World) -> list[bool]:
    """What the reviewer reads of each signature."""
    return [one.get("changed_after", False) for one in (await world.detail())["signatures"]]


async def test_an_answer_mended_after_a_return_is_told_of_the_signature(world: World) -> None:
    document = {"inspections": [covered(world.inspection)]}
    await push(world, world.begin(answers=dict(GOOD)), sign(world, document), world.submit())
    assert await told(world) == [False]
    await send_back(world)
    assert await told(world) == [False]
    await change(world, "answers.temp", {"value": 22})
    await push(world, world.submit(round=2))
    assert await told(world) == [True]
    await change(world, "answers.temp", {"value": 24.50})
    assert await told(world) == [False]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("answers.said", {"value": "后补"}),
        ("elements.cells-c1", {"group": "cells", "answers": {"volt": {"value": 12.1}}}),
        ("note", "后补"),
    ],
)
async def test_whatever_was_typed_is_covered_by_a_signature(
    world: World, path: str, value: Any
) -> None:
    document = {"inspections": [covered(world.inspection)]}
    await push(world, world.begin(answers=dict(GOOD)), sign(world, document))
    if path.startswith("elements."):
        add = {"elements": {"cells-c1": value}}
        await push(world, world.tablet.op("inspection", world.inspection, base=2**33, add=add))
    else:
        await change(world, path, value)
    assert await told(world) == [True]


async def test_the_signature_of_a_visit_speaks_of_the_inspections_that_it_lists(
    world: World,
) -> None:
    other = covered(UUID(int=7), {"fan": {"value": "fail"}})
    await world.done()
    await push(
        world,
        begin_visit(world),
        sign(world, {"inspections": [covered(world.inspection), other]}, visit=True),
        sign(world, {"inspections": [other]}, visit=True, id_=UUID(int=0x52)),
    )
    assert await told(world) == [False, False]
    await change(world, "answers.temp", {"value": 22})
    signatures = (await world.detail())["signatures"]
    assert {one["id"]: one.get("changed_after", False) for one in signatures} == {
        str(SIGNATURE): True,
        str(UUID(int=0x52)): False,
    }


async def test_a_photo_added_after_a_signature_changes_nothing_and_one_that_is_gone_does(
    world: World,
) -> None:
    begin, photo = world.begin(answers=dict(GOOD)), world.photo()
    sha = photo["set"]["sha256"]
    document = {"inspections": [covered(world.inspection, photos=(sha,))]}
    missing = {"inspections": [covered(world.inspection, photos=("cd" * 32,))]}
    await push(world, begin, photo, sign(world, document))
    await push(world, world.photo())
    assert await told(world) == [False]
    await push(world, sign(world, missing, id_=UUID(int=0x52)))
    assert sorted(await told(world)) == [False, True]


@pytest.mark.parametrize(
    "document",
    [{"inspections_digest": "ab" * 32}, {"inspections": ["INSPECTION"]}, {"said": "anything"}],
    ids=("too long for a list", "bare ids", "another client's"),
)
async def test_without_digests_what_was_written_after_a_signature_counts(
    world: World, document: dict[str, Any]
) -> None:
    text = json.dumps(document).replace("INSPECTION", str(world.inspection))
    await world.done()
    await push(world, begin_visit(world), sign(world, json.loads(text), visit=True))
    assert await told(world) == [False]
    await send_back(world)
    assert await told(world) == [False]
    await change(world, "answers.temp", {"value": 22})
    assert await told(world) == [True]


async def test_however_much_came_after_it_a_change_is_told_and_a_finding_is_one(
    world: World,
) -> None:
    """Without digests; more ops came since than any page of a history shows."""
    text = {"inspections": [str(world.inspection)]}
    finding = world.house.clock.new_id()
    values = {"asset": str(world.asset), "inspection": str(world.inspection), "item": "temp"}
    said = {**values, "severity": "major", "text": "偏高", "found_at": world.at()}
    await world.done()
    visit = begin_visit(world)
    new = world.tablet.op("finding", finding, new=True, parent=str(world.asset), set=said)
    await push(world, visit, new, sign(world, text, visit=True))
    assert await told(world) == [False]
    await push(world, world.tablet.op("finding", finding, base=2**33, set={"severity": "minor"}))
    step = {"round": 1, "step": "submitted"}
    for _ in range(2):
        ops = (
            world.tablet.op("inspection", world.inspection, base=2**33, set={"step": step})
            for _ in range(HISTORY_ROWS_MAX // 2 + 1)
        )
        await push(world, *ops)
    assert await told(world) == [True]
