"""The office is told which photo is here, what it is, and which tablet still holds which, since
when. Rule: everything comes by the routes that tablets use."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from server.store import files_held
from server.store.kind_tables import KIND_TABLES
from server.store.office import IDS_PER_STATEMENT_MAX, Sites
from tests.fixtures import files
from tests.integration.conftest import House
from tests.integration.office_world import LINEAGE, World, company, enrol
from tests.integration.test_attachments import keep_places


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        assert await built.tablet.push(built.begin()) == ["applied"]
        yield built


async def announce(world: World, data: bytes, **more: Any) -> UUID:
    op = world.photo()
    op["set"] |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), **more}
    assert await world.tablet.push(op) == ["applied"]
    return UUID(op["record"])


async def upload(world: World, data: bytes) -> None:
    """The tablet sends the bytes whole, and the server looks at them."""
    digest = b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
    headers = {
        "tus-resumable": "1.0.0",
        "upload-length": str(len(data)),
        "upload-metadata": f"sha256 {digest}",
        "content-type": "application/offset+octet-stream",
    }
    answer = await world.tablet.client.post("/files", headers=headers, content=data)
    assert answer.status_code == 201, answer.text
    await world.house.app.state.jobs.run_due()


async def photo(world: World, attachment: UUID) -> dict[str, Any]:
    photos = {one["id"]: one for one in (await world.detail())["photos"]}
    found: dict[str, Any] = photos[str(attachment)]
    return found


async def test_a_photo_is_told_to_wait_with_its_tablet_until_its_bytes_are_here(
    world: World,
) -> None:
    data = files.photo()
    told_at = world.at()
    attachment = await announce(world, data, name="铭牌.jpg", caption="铭牌")
    before = await photo(world, attachment)
    assert before["waiting"] is True
    assert (before["device_name"], before["announced_at"]) == ("平板 03", told_at)
    assert not {"shown", "found_type", "fault", "place"} & before.keys()
    world.house.clock.advance(timedelta(hours=3))
    await upload(world, data)
    after = await photo(world, attachment)
    assert "waiting" not in after
    assert (after["shown"], after["found_type"]) == (True, "image/jpeg")
    assert (after["width"], after["height"]) == (320, 200)


async def test_a_photo_that_nobody_has_looked_at_yet_is_neither_shown_nor_faulty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = files.plain_jpeg()
    attachment = await announce(world, data)

    async def nothing() -> int:
        return 0

    with monkeypatch.context() as later:
        later.setattr(world.house.app.state.jobs, "run_due", nothing)
        await upload(world, data)
    told = await photo(world, attachment)
    assert not {"waiting", "shown", "fault", "found_type"} & told.keys()


@pytest.mark.parametrize(
    ("name", "fault"),
    [("a page", "active"), ("half a PNG", "broken"), ("a bomb", "too-large")],
)
async def test_a_faulty_file_is_told_with_its_fault(name: str, fault: str, world: World) -> None:
    data = files.HOSTILE[name][0]()
    attachment = await announce(world, data)
    await upload(world, data)
    told = await photo(world, attachment)
    assert told["fault"] == fault
    assert "shown" not in told


async def test_a_file_that_is_not_what_was_announced_is_told_so(world: World) -> None:
    data = files.photo("PNG")
    attachment = await announce(world, data, media_type="image/jpeg")
    await upload(world, data)
    told = await photo(world, attachment)
    assert (told["fault"], told["found_type"]) == ("mislabelled", "image/png")


async def test_a_place_is_told_only_where_the_contract_keeps_it(world: World) -> None:
    data = files.photo()
    attachment = await announce(world, data)
    await upload(world, data)
    assert "place" not in await photo(world, attachment)
    await keep_places(world)
    place = (await photo(world, attachment))["place"]
    assert (place["latitude"], place["longitude"]) == files.PLACE
    assert place["taken"] == "2026-08-20T14:03:05+08:00"


# --- What is still on which tablet ---


async def test_what_a_tablet_still_holds_is_told_per_inspection_and_per_device(
    world: World,
) -> None:
    told_at = world.at()
    first, second = files.photo(), files.photo("PNG")
    await announce(world, first)
    world.house.clock.advance(timedelta(minutes=5))
    await announce(world, second, media_type="image/png")
    (held,) = (await world.detail())["still_held"]
    assert (held["device_name"], held["files"], held["since"]) == ("平板 03", 2, told_at)
    assert held["bytes"] == len(first) + len(second)
    today = (await world.office.get("/office/today")).json()
    (row,) = today["devices"]
    assert (row["name"], row["unsent"], row["held"]["files"]) == ("平板 03", 0, 2)
    (device,) = (await world.office.get("/office/devices")).json()["rows"]
    assert device["held"]["since"] == told_at
    await upload(world, first)
    (held,) = (await world.detail())["still_held"]
    assert (held["files"], held["bytes"]) == (1, len(second))
    await upload(world, second)
    assert "still_held" not in await world.detail()
    assert "devices" not in (await world.office.get("/office/today")).json()


async def test_a_tablet_that_was_enrolled_again_still_holds_it(world: World) -> None:
    await announce(world, files.photo())
    world.house.clock.advance(timedelta(hours=1))
    await enrol(world.house, world.engineer, LINEAGE)
    listed = (await world.office.get("/office/devices")).json()["rows"]
    newest = max(listed, key=lambda one: str(one["enrolled_at"]))
    (held,) = (await world.detail())["still_held"]
    assert held["device"] == newest["id"]


async def test_nobody_is_told_what_is_held_of_other_sites(world: World) -> None:
    await announce(world, files.photo())
    assert "devices" not in (await world.stranger.get("/office/today")).json()
    for device in (await world.stranger.get("/office/devices")).json()["rows"]:
        assert "held" not in device


# --- The asset's own page ---


async def test_an_asset_shows_its_photos_and_those_of_its_work(world: World) -> None:
    plate, of_work = files.plain_jpeg(), files.photo()
    attachment = await announce(world, of_work)
    op = world.photo()
    op["set"] |= {
        "parent": str(world.asset),
        "parent_kind": "asset",
        "sha256": hashlib.sha256(plate).hexdigest(),
        "bytes": len(plate),
    }
    op["parent"] = str(world.asset)
    assert await world.tablet.push(op) == ["applied"]
    await upload(world, plate)
    shown = (await world.office.get(f"/office/assets/{world.asset}")).json()["photos"]
    told = {one["id"]: (one.get("shown"), one.get("waiting")) for one in shown}
    assert told == {op["record"]: (True, None), str(attachment): (None, True)}


async def test_of_however_many_pieces_of_work_the_newest_photos_are_shown(world: World) -> None:
    """More than one statement asks for; some photos say nothing of when they were taken."""
    parents = [UUID(int=0xA0000 + at) for at in range(IDS_PER_STATEMENT_MAX + 1)]
    ids = {}
    for name, parent, at in (
        ("old", parents[0], "2026-11-17T02:00:00Z"),
        ("unknown", parents[0], None),
        ("newer", parents[-1], "2026-11-18T02:00:00Z"),
    ):
        op = world.photo()
        op["set"] |= {"parent_kind": "asset"} | ({} if at is None else {"taken_at": at})
        assert await world.tablet.push(op) == ["applied"]
        ids[UUID(op["record"])] = name
        table = KIND_TABLES["attachment"]
        async with world.house.database.write() as tx:
            here = table.c.id == UUID(op["record"])
            await tx.execute(update(table).where(here).values(parent=parent))
    async with world.house.database.read() as tx:
        for limit in (1, 2, 3):
            found = await files_held.load_of(tx, Sites({}, is_all=True), parents, limit=limit)
            assert [ids[one.id] for one in found] == ["newer", "old", "unknown"][:limit]


async def test_the_photos_of_a_visit_are_shown_with_the_results_of_its_round(world: World) -> None:
    """What hangs on the presence and on no device is seen by who reviews, and held by nobody."""
    visit, data = world.house.clock.new_id(), files.plain_jpeg()
    presence = {
        "site": str(world.site),
        "assignment": str(world.assignment),
        "engineer": str(world.tablet.person),
        "engineer_name": "梁志豪",
        "started_at": world.at(),
    }
    made = world.tablet.op("visit", visit, new=True, parent=str(world.site), set=presence)
    assert await world.tablet.push(made) == ["applied"]
    op = world.photo()
    op["set"] |= {
        "parent": str(visit),
        "parent_kind": "visit",
        "item": "",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }
    op["parent"] = str(visit)
    assert await world.tablet.push(op) == ["applied"]
    waiting = await world.detail()
    assert [one["parent"] for one in waiting["photos"]] == [str(visit)]
    assert "still_held" not in waiting, "it keeps no result waiting"
    await upload(world, data)
    shown = await world.detail()
    assert [one["id"] for one in shown["visits"]] == [str(visit)]
    assert [(one["parent"], one["shown"]) for one in shown["photos"]] == [(str(visit), True)]
