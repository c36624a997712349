"""The office sees whether everything is as it was received: who may, what is named, to whom."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec import structs
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server import audit, looks
from server.audit import make_root
from server.office import office_lineage
from server.store import looks as store
from server.store import proof_tables
from server.store.people_tables import devices
from server.store.tables import lineages, ops
from sync.audit import Broken
from sync.chain import START, link
from tests.integration.conftest import PASSWORD, House
from tests.integration.office_world import LINEAGE, OTHER_LINEAGE, World, company, enrol


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        await built.done()
        yield built


async def seen(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/office/audit")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def look(world: World) -> dict[str, Any]:
    """Ask for a look, have it done, and give what it found."""
    answer = await world.office.post("/office/audit/look")
    assert answer.status_code == 202, answer.text
    assert answer.json()["now"]["state"] == "waiting"
    await world.house.app.state.jobs.run_due()
    found = await seen(world.office)
    assert "now" not in found
    last: dict[str, Any] = found["last"]
    return last


async def alter(world: World, lineage: UUID, n: int = 1) -> None:
    """Turn one bit of an op as it was received."""
    here = (ops.c.lineage_id == lineage) & (ops.c.n == n)
    async with world.house.database.write() as tx:
        known = (await tx.execute(select(ops.c.payload).where(here))).scalar_one()
        changed = known[:-1] + bytes([known[-1] ^ 1])
        await tx.execute(update(ops).where(here).values(payload=changed))


async def alarm(client: httpx.AsyncClient) -> int:
    answer = await client.get("/office/today")
    assert answer.status_code == 200, answer.text
    count: int = answer.json().get("altered", 0)
    return count


async def later(world: World, **delta: float) -> None:
    """Time passes, and the supervisor signs in again."""
    world.house.clock.advance(timedelta(**delta))
    given = {"login": "chen", "password": PASSWORD}
    answer = await world.office.post("/office/login", json=given)
    assert answer.status_code == 200, answer.text
    world.office.headers["x-csrf-token"] = answer.json()["csrf"]


async def test_only_who_may_audit_sees_it_or_has_it_looked(world: World) -> None:
    await world.house.add_person("desk", ("desk", world.site))
    await world.house.add_person("root", ("administrator", None))
    async with world.house.signed_in("desk") as desk, world.house.signed_in("root") as root:
        for answer in (await desk.get("/office/audit"), await desk.post("/office/audit/look")):
            assert answer.status_code == 403
            assert answer.json()["type"].endswith("/not-allowed")
        await alter(world, LINEAGE)
        await look(world)
        assert (await alarm(desk), await alarm(root)) == (0, 1)
        (place,) = (await seen(root))["last"]["places"]
        assert place["person_name"] == "Liang"
        assert "title" not in place or place["title"] == "UPS-01"
    assert (await world.house.client().get("/office/audit")).status_code == 401


async def test_before_any_look_it_says_that_there_was_none(world: World) -> None:
    found = await seen(world.office)
    assert found.keys() == {"devices"}
    (device,) = found["devices"]
    assert (device["name"], device["person_name"]) == ("平板 03", "Liang")
    assert (device["verdict"], device["state"]) == ("silent", "active")


async def test_what_nobody_touched_is_whole_and_the_look_is_kept(world: World) -> None:
    last = await look(world)
    assert (last.get("broken", 0), last.get("places", [])) == (0, [])
    assert last["ops"] >= 2
    assert last["asked_by_name"] == "Chen"
    assert (last["begun_at"], last["ended_at"]) == (world.at(), world.at())
    assert await alarm(world.office) == 0
    # The foreign supervisor does not know who asked.
    assert "asked_by_name" not in (await seen(world.stranger))["last"]


async def test_an_altered_op_is_told_with_its_tablet_its_person_and_its_record(
    world: World,
) -> None:
    await alter(world, LINEAGE)
    (place,) = (await look(world))["places"]
    assert (place["fault"], place["writer"], place["n"]) == ("altered", "device", 1)
    assert (place["device_name"], place["person_name"]) == ("平板 03", "Liang")
    assert (place["record_kind"], place["record"]) == ("inspection", str(world.inspection))
    assert (place["title"], place["site_name"]) == ("UPS-01", "主机房")
    assert place["received_at"] == world.at()
    assert await alarm(world.office) == 1


async def test_an_altered_edit_of_the_office_is_told_with_who_made_it(world: World) -> None:
    assert (await world.decide("accepted")).status_code == 200
    await alter(world, office_lineage(world.supervisor))
    (place,) = (await look(world))["places"]
    assert (place["fault"], place["writer"], place["person_name"]) == ("altered", "office", "Chen")
    assert "device_name" not in place
    assert place["title"] == "UPS-01"


async def test_who_works_elsewhere_is_told_that_something_is_broken_and_not_of_whom(
    world: World,
) -> None:
    await alter(world, LINEAGE)
    await look(world)
    answer = await world.stranger.get("/office/audit")
    last = answer.json()["last"]
    assert (last["broken"], last["elsewhere"]) == (1, 1)
    assert "places" not in last
    assert "devices" not in answer.json()
    for foreign in ("Liang", "Chen", "UPS-01", "平板 03", str(LINEAGE), str(world.inspection)):
        assert foreign not in answer.text
    assert await alarm(world.stranger) == 1


async def test_the_record_of_a_site_that_the_reader_may_not_read_is_not_named(
    world: World,
) -> None:
    # Liang works at the other site too: known there, and what was done here is not.
    person = await world.house.add_person(
        "zhao", ("engineer", world.site), ("engineer", world.foreign_site), password=None
    )
    tablet = await enrol(world.house, person, OTHER_LINEAGE)
    op = tablet.op("asset", world.second_asset, base=2**33, set={"note": "漏水"})
    assert await tablet.push(op) == ["applied"]
    await alter(world, OTHER_LINEAGE)
    await look(world)
    (place,) = (await seen(world.stranger))["last"]["places"]
    assert (place["person_name"], place["n"]) == ("Zhao", 1)
    assert not {"record", "record_kind", "title", "site_name"} & place.keys()
    (place,) = (await seen(world.office))["last"]["places"]
    assert place["title"] == "UPS-02"


async def report(world: World, **held: Any) -> None:
    body = {"epoch": 1, "report": {"unsent": 0, "photos_left": 0, **held}}
    answer = await world.tablet.client.post("/sync/v1/pull", json=body)
    assert answer.status_code == 200, answer.text


async def test_each_tablet_is_shown_with_what_it_holds_and_whether_that_agrees(
    world: World,
) -> None:
    await later(world, days=1)
    await make_root(world.house.database, world.house.clock)
    found = await seen(world.office)
    (root,) = found["roots"]
    assert (found["roots_total"], root["day"], root["writers"]) == (1, "2026-11-20", 2)
    held = {"epoch": 1, "day": root["day"], "root": root["root"]}
    await report(world, anchor=held)
    (device,) = (await seen(world.office))["devices"]
    assert (device["verdict"], device["held"]) == ("agrees", held)
    # An app that says nothing takes nothing back.
    await report(world)
    (device,) = (await seen(world.office))["devices"]
    assert device["verdict"] == "agrees"
    await report(world, anchor=held | {"root": "ab" * 32})
    (device,) = (await seen(world.office))["devices"]
    assert device["verdict"] == "differs"
    (place,) = (await look(world))["places"]
    assert (place["fault"], place["writer"], place["day"]) == ("witness", "device", root["day"])
    assert (place["device_name"], place["person_name"]) == ("平板 03", "Liang")
    async with world.house.database.write() as tx:
        await tx.execute(update(devices).values(anchor_epoch=0))
    (device,) = (await seen(world.office))["devices"]
    assert device["verdict"] == "restored"
    assert (await look(world)).get("broken", 0) == 0


async def test_a_chain_made_anew_is_told_once_with_how_many_days_say_so(world: World) -> None:
    for note in ("一", "二"):
        op = world.tablet.op("asset", world.asset, base=2**33, set={"note": note})
        assert await world.tablet.push(op) == ["applied"]
        await later(world, days=1)
        await make_root(world.house.database, world.house.clock)
    async with world.house.database.write() as tx:
        await rewrite(tx, LINEAGE)
    (place,) = (await look(world))["places"]
    assert (place["fault"], place["times"], place["day"]) == ("rewritten", 2, "2026-11-20")
    assert place["device_name"] == "平板 03"


async def rewrite(tx: AsyncConnection, lineage: UUID) -> None:
    """Alter every op of a writer, and make every link anew."""
    query = select(ops.c.n, ops.c.payload, ops.c.outcome).where(ops.c.lineage_id == lineage)
    at = START
    for row in (await tx.execute(query.order_by(ops.c.n))).all():
        at = link(at, row.payload + b" ", row.outcome)
        here = (ops.c.lineage_id == lineage) & (ops.c.n == row.n)
        await tx.execute(update(ops).where(here).values(payload=row.payload + b" ", chain=at))
    await tx.execute(update(lineages).where(lineages.c.id == lineage).values(chain=at))


async def test_while_a_look_runs_it_says_how_far_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    save = store.save_progress

    async def heard(tx: AsyncConnection, id_: UUID, *, done: int) -> None:
        await save(tx, id_, done=done)
        now = (await seen(world.office))["now"]
        told.append((now["state"], now.get("done", 0), now["ahead"]))

    monkeypatch.setattr(audit, "OPS_PER_WORD", 1)
    monkeypatch.setattr(store, "save_progress", heard)
    last = await look(world)
    # What is being written is not seen before it is.
    done = [one for _, one, _ in told]
    assert done == sorted(set(done))
    assert set(range(last["ops"])) <= set(done), "op by op, and then the records"
    ahead = {one for _, _, one in told}
    assert len(ahead) == 1
    assert last["ops"] < done[-1] < ahead.pop()
    assert {state for state, _, _ in told} == {"running"}


async def test_asking_twice_looks_once_and_one_that_broke_off_is_forgotten(world: World) -> None:
    async with world.house.database.write() as tx:
        await store.begin(tx, UUID(int=9), asked_by=world.supervisor, at=world.house.clock.now())
    assert (await seen(world.stranger))["now"]["state"] == "running"
    for _ in range(2):
        await world.office.post("/office/audit/look")
    assert await world.house.app.state.jobs.run_due() == 1
    assert "now" not in await seen(world.office)


async def test_a_look_that_fails_says_so_and_can_be_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ValueError("the disk is gone")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(looks, "look", broken)
        await world.office.post("/office/audit/look")
        await world.house.app.state.jobs.run_due()
        assert (await seen(world.office))["now"]["state"] == "failing"
        for _ in range(12):
            await later(world, hours=2)
            await world.house.app.state.jobs.run_due()
        assert (await seen(world.office))["now"]["state"] == "given-up"
    assert (await look(world)).get("broken", 0) == 0


async def test_once_a_day_it_looks_by_itself(world: World) -> None:
    jobs = world.house.app.state.jobs
    async with world.house.database.write() as tx:
        await jobs.add(tx, looks.KIND, "")
    assert await jobs.run_due() == 1
    last = (await seen(world.office))["last"]
    assert (last["by_itself"], "asked_by_name" in last) == (True, False)
    await alter(world, LINEAGE)
    await later(world, hours=23)
    assert await jobs.run_due() == 0
    assert await alarm(world.office) == 0
    await later(world, hours=1)
    assert await jobs.run_due() == 1
    assert await alarm(world.office) == 1


async def test_of_many_looks_and_places_only_so_many_are_kept(house: House) -> None:
    async with house.database.write() as tx:
        for _ in range(store.LOOKS_KEPT + 3):
            house.clock.advance(timedelta(minutes=1))
            at = house.clock.now()
            places = tuple(Broken("altered", LINEAGE, n) for n in range(1, 700))
            ended = store.KeptLook(house.clock.new_id(), None, at, at, 0, 0, broken=699)
            await store.end(tx, structs.replace(ended, places=places))
    async with house.database.read() as tx:
        last = await store.load_last(tx, ended=True)
        kept = await tx.scalar(select(func.count()).select_from(proof_tables.looks))
    assert last is not None
    assert (last.begun_at, last.broken) == (house.clock.now(), 699)
    assert (len(last.places), kept) == (store.PLACES_KEPT_MAX, store.LOOKS_KEPT)
