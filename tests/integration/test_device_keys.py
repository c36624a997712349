"""Which key a device has is known to every tablet, so nobody exchanges one and forges a visit."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.office_writes import OfficeOp
from server import migrate
from server.audit import Audit, look, make_root
from server.commands.verify import report
from server.database import Database
from server.device_keys import keys_lineage, record_before
from server.keys import thumbprint
from server.office import write_in
from server.opening import prepare
from server.store import installation
from server.store.backups import drop_tables
from server.store.devices import StoredDevice, save_new
from server.store.kind_tables import KIND_TABLES
from server.store.looks import load_last
from server.store.ops import begin_lineage
from server.store.people import Person
from server.store.people import save_new as save_person
from server.store.people_tables import devices
from server.store.proof_tables import looks
from server.store.tables import feed, lineages, ops
from sync.audit import Broken
from sync.ids import key_id
from sync.record import raws
from tests.integration.conftest import House
from tests.integration.office_world import GOOD, World, company
from tests.integration.reports_world import made, text_of
from tests.integration.test_office_signatures import VISIT, begin_visit
from tests.integration.test_signature_detail import Key, covered, push, shown, sign

KEYS = KIND_TABLES["key"]
SAID = {
    "zh-CN": "核验不符：加封的密钥不在该设备的登记记录中",
    "en": "Failed:sealedwithakeythatnorecordofitsdevice",
}


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        yield built


async def enrol(house: House, person: UUID, key: Key | None, **more: object) -> dict[str, object]:
    """A tablet is enrolled, and brings its key."""
    ticket = await house.add_ticket(person)
    body = {"ticket": ticket, "lineage": str(house.clock.new_id()), "name": "平板 09", **more}
    async with house.client() as client:
        told = body | ({"public_key": key.public} if key else {})
        answer = await client.post("/enrol", json=told)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def joined(world: World, key: Key) -> UUID:
    """Liang's tablet is enrolled again, with a key; it works on from there."""
    told = await enrol(world.house, world.engineer, key)
    world.tablet.client.headers["authorization"] = f"Bearer {told['credential']}"
    world.tablet.n = 0
    return UUID(str(told["device"]))


async def signed(world: World, key: Key, by: Key | None = None) -> None:
    """The customer signs; the seal is `by` another key than the tablet's, where one is given."""
    await push(world, begin_visit(world), world.begin(answers=dict(GOOD)))
    await push(world, world.submit(), sign(world, by or key, [covered(world)]))


async def swap(house: House, device: UUID, key: Key) -> None:
    """What an operator does to the database."""
    async with house.database.write() as tx:
        here = update(devices).where(devices.c.id == device)
        await tx.execute(here.values({"public_key": key.public}))


async def looked(house: House) -> Audit:
    return await look(house.database)


async def broken(house: House) -> Sequence[Broken]:
    return (await looked(house)).broken


async def recorded(house: House) -> list[dict[str, object]]:
    async with house.database.read() as tx:
        return [dict(row) for row in (await tx.execute(select(KEYS))).mappings()]


async def own_lineage(house: House) -> UUID:
    async with house.database.read() as tx:
        found = await installation.load(tx)
    assert found is not None
    return keys_lineage(found.id)


# --- The record ---


async def test_a_key_is_recorded_with_its_device_and_reaches_another_tablet_by_pull(
    world: World,
) -> None:
    await world.tablet.pull()
    key = Key()
    told = await enrol(world.house, world.engineer, key)
    device = UUID(str(told["device"]))
    found = await world.tablet.pull()
    line = found[str(key_id(device))]
    assert (line["kind"], line["scope"]) == ("key", "org")
    # Nothing else is told: no name, no place, nothing of what the device is called or for.
    assert line["data"] == {
        "device": str(device),
        "person": str(world.engineer),
        "public_key": key.public,
        "thumbprint": thumbprint(key.public),
        "registered_at": "2026-11-20T01:00:00Z",
    }
    assert await broken(world.house) == ()


async def test_who_listens_is_told_that_a_key_was_recorded(world: World) -> None:
    async with world.house.app.state.pokes.listen(UUID(int=9), {"org"}) as listener:
        before = {poke.scope: poke.head for poke in await listener.news(within_seconds=0)}
        await enrol(world.house, world.engineer, Key())
        (poke,) = await listener.news(within_seconds=0)
        assert poke.scope == "org" and poke.head > before.get("org", 0)


async def test_a_device_without_a_key_has_no_record(world: World) -> None:
    await enrol(world.house, world.engineer, None)
    assert await recorded(world.house) == []
    assert await broken(world.house) == ()


async def test_a_key_that_is_none_is_recorded_as_it_came_and_proves_nothing(world: World) -> None:
    told = await enrol(world.house, world.engineer, None, public_key="not a key")
    (row,) = await recorded(world.house)
    assert (str(row["device"]), row["public_key"], row["thumbprint"]) == (
        told["device"],
        "not a key",
        "",
    )
    assert await broken(world.house) == ()


async def test_a_device_that_is_enrolled_again_has_a_record_of_its_own(world: World) -> None:
    first, second = Key(), Key()
    one, other = await joined(world, first), await joined(world, second)
    assert {row["device"]: row["public_key"] for row in await recorded(world.house)} == {
        one: first.public,
        other: second.public,
    }
    await signed(world, second, by=first)
    assert (await shown(world))["signed"]["seal"] == "genuine"
    assert await broken(world.house) == ()


async def test_a_refused_enrolment_records_nothing(world: World) -> None:
    ticket = await world.house.add_ticket(world.engineer)
    body = {"ticket": ticket, "lineage": str(UUID(int=0x77)), "name": "x"}
    async with world.house.client() as client:
        await client.post("/enrol", json={**body, "public_key": Key().public})
        answer = await client.post("/enrol", json={**body, "public_key": Key().public})
    assert answer.status_code == 410
    assert len(await recorded(world.house)) == 1


@pytest.mark.parametrize("who", ["device", "office"])
async def test_nobody_but_the_server_writes_such_a_record(world: World, who: str) -> None:
    values = {
        "device": str(UUID(int=1)),
        "person": str(world.engineer),
        "public_key": Key().public,
        "registered_at": "2026-11-20T01:00:00Z",
    }
    op = world.tablet.op("key", key_id(UUID(int=1)), new=True, set=values)
    if who == "device":
        assert set(await world.tablet.push(op)) <= {"rejected", "review"}
    else:
        op = {name: op[name] for name in ("id", "kind", "record", "new", "set")}
        answer = await world.office.post("/office/ops", json={"ops": [op]})
        assert answer.status_code in (400, 403), answer.text
    assert await recorded(world.house) == []


# --- An operator who has the database ---


async def test_a_seal_by_a_recorded_key_is_genuine_and_counted(world: World) -> None:
    key = Key()
    await joined(world, key)
    await signed(world, key)
    assert (await shown(world))["signed"]["seal"] == "genuine"
    found = await looked(world.house)
    assert found.broken == ()
    assert "seals of signatures: 1 genuine" in report(found)


async def test_a_swapped_key_is_found_and_what_it_seals_is_not_genuine(world: World) -> None:
    key, forged = Key(), Key()
    device = await joined(world, key)
    await swap(world.house, device, forged)
    await signed(world, key, by=forged)
    told = (await shown(world))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", ["key-not-recorded"])
    found = await looked(world.house)
    assert found.broken == (Broken("rekeyed", device=device),)
    assert (found.seals.worth["broken"], found.seals.unrecorded) == (1, 1)
    lines = report(found)
    more = "(1 by a key that no record of its device names)"
    assert f"seals of signatures: 1 broken {more}" in lines
    assert f"BROKEN device {device}: its key or person is not what was recorded of it" in lines
    for language, words in SAID.items():
        assert words in text_of((await made(world, VISIT, "visit", language))[1])


async def test_what_the_device_itself_sealed_stays_genuine_when_its_key_is_swapped(
    world: World,
) -> None:
    key = Key()
    device = await joined(world, key)
    await signed(world, key)
    await swap(world.house, device, Key())
    assert (await shown(world))["signed"]["seal"] == "genuine"
    assert await broken(world.house) == (Broken("rekeyed", device=device),)


async def test_a_key_that_was_swapped_back_after_forging_leaves_a_seal_of_nobody(
    world: World,
) -> None:
    key, forged = Key(), Key()
    device = await joined(world, key)
    await swap(world.house, device, forged)
    await signed(world, key, by=forged)
    await swap(world.house, device, key)
    told = (await shown(world))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", ["key"])
    assert (await looked(world.house)).seals.worth["broken"] == 1


async def test_a_seal_of_an_older_app_by_a_swapped_key_is_not_taken_either(world: World) -> None:
    key, forged = Key(), Key()
    device = await joined(world, key)
    await push(world, begin_visit(world), world.begin(answers=dict(GOOD)), world.submit())
    op = sign(world, key, [covered(world)])
    op["set"]["device_signature"] = forged.proof(op["set"]["document"].encode())
    await swap(world.house, device, forged)
    await push(world, op)
    told = (await shown(world))["signed"]
    assert (told["seal"], told["faults"]) == ("broken", ["key-not-recorded"])


@pytest.mark.parametrize("values", [{"public_key": None}, {"person_id": UUID(int=5)}])
async def test_a_device_without_its_key_or_of_another_person_is_named(
    world: World, values: dict[str, object]
) -> None:
    device = await joined(world, Key())
    async with world.house.database.write() as tx:
        await tx.execute(update(devices).where(devices.c.id == device).values(values))
    assert await broken(world.house) == (Broken("rekeyed", device=device),)


async def test_a_device_that_was_taken_out_is_named(world: World) -> None:
    device = await joined(world, Key())
    async with world.house.database.write() as tx:
        await tx.execute(delete(devices).where(devices.c.id == device))
    assert await broken(world.house) == (Broken("rekeyed", device=device),)


async def test_a_record_of_a_key_that_was_altered_with_the_device_is_found(world: World) -> None:
    key, forged = Key(), Key()
    device = await joined(world, key)
    await swap(world.house, device, forged)
    values = {"public_key": forged.public, "thumbprint": thumbprint(forged.public)}
    async with world.house.database.write() as tx:
        await tx.execute(update(KEYS).values(values))
    (found,) = await broken(world.house)
    assert (found.fault, found.kind, found.record) == ("changed", "key", key_id(device))


async def test_a_record_of_a_key_that_was_taken_out_is_found_and_its_seals_are_not_genuine(
    world: World,
) -> None:
    key = Key()
    device = await joined(world, key)
    await signed(world, key)
    async with world.house.database.write() as tx:
        await tx.execute(delete(KEYS))
        await tx.execute(delete(feed).where(feed.c.kind == "key"))
    assert set(await broken(world.house)) == {
        Broken("gone", kind="key", record=key_id(device)),
        Broken("unrecorded", device=device),
    }
    assert (await shown(world))["signed"]["faults"] == ["key-not-recorded"]


async def test_a_record_that_was_put_in_is_found(world: World) -> None:
    await joined(world, Key())
    (row,) = await recorded(world.house)
    fresh = {"id": UUID(int=0xBAD), "device": UUID(int=0xBAD)}
    async with world.house.database.write() as tx:
        await tx.execute(insert(KEYS).values({**row, **fresh}))
    assert set(await broken(world.house)) == {
        Broken("unwritten", kind="key", record=UUID(int=0xBAD)),
        Broken("rekeyed", device=UUID(int=0xBAD)),
    }


async def rewrite(world: World, record: UUID, *, new: bool, **values: object) -> None:
    """What an operator does with a server of their own: an op of the server, chained like any."""
    house, own = world.house, await own_lineage(world.house)
    async with house.database.write() as tx:
        edit = OfficeOp(
            id=house.clock.new_id(),
            kind="key",
            record=record,
            new=new,
            base=0 if new else 2**33,
            set=raws(values),
        )
        plan = await write_in(
            tx,
            house.clock,
            [edit],
            lineage=own,
            by=world.engineer,
            scopes=frozenset({"org"}),
            epoch=1,
            origin="server",
            needs=frozenset({"org"}),
        )
    assert plan.outcomes[0].outcome == "applied", plan.outcomes


async def test_a_record_that_is_written_again_is_found_whoever_chained_it(world: World) -> None:
    device, forged = await joined(world, Key()), Key()
    await swap(world.house, device, forged)
    await rewrite(world, key_id(device), new=False, public_key=forged.public)
    assert await broken(world.house) == (Broken("rekeyed", device=device),)


async def test_a_second_record_of_a_device_is_found_and_seals_nothing(world: World) -> None:
    key, forged = Key(), Key()
    device = await joined(world, key)
    values = {"person": str(world.engineer), "registered_at": "2026-11-20T01:00:00Z"}
    values |= {"device": str(device), "public_key": forged.public}
    await rewrite(world, UUID(int=0xBAD), new=True, **values)
    assert await broken(world.house) == (Broken("rekeyed", device=device),)
    await signed(world, key, by=forged)
    assert (await shown(world))["signed"]["seal"] == "broken"


async def test_a_chain_of_keys_that_was_taken_out_whole_is_missed_by_the_roots(
    world: World,
) -> None:
    """And so is one that the next start writes anew, from a key that was swapped meanwhile."""
    house, lineage = world.house, await own_lineage(world.house)
    device = await joined(world, Key())
    house.clock.advance(timedelta(days=1))
    await make_root(house.database, house.clock)
    await swap(house, device, Key())
    async with house.database.write() as tx:
        await tx.execute(delete(KEYS))
        await tx.execute(delete(feed).where(feed.c.kind == "key"))
        await tx.execute(delete(ops).where(ops.c.lineage_id == lineage))
        await tx.execute(delete(lineages).where(lineages.c.id == lineage))
    assert await record_before(house.database, house.clock) == 1
    assert {one.fault for one in await broken(house)} >= {"rewritten"}


# --- Databases of before ---


async def save_old(tx: AsyncConnection, house: House, person: UUID, key: Key) -> UUID:
    """A device as the program before enrolled it."""
    device, lineage = house.clock.new_id(), house.clock.new_id()
    await begin_lineage(tx, lineage, origin="device")
    old = StoredDevice(
        id=device,
        lineage_id=lineage,
        person_id=person,
        name="旧平板",
        credential_hash=device.bytes,
        public_key=key.public,
        state="active",
        app_version="0.1.0",
        enrolled_at=house.clock.now(),
    )
    await save_new(tx, old)
    return device


async def add_old(house: House, person: UUID, key: Key) -> UUID:
    async with house.database.write() as tx:
        return await save_old(tx, house, person, key)


async def written(house: House) -> int:
    async with house.database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(ops)) or 0


async def test_devices_of_before_are_recorded_once_by_the_first_start(world: World) -> None:
    house, key = world.house, Key()
    device = await add_old(house, world.engineer, key)
    assert await broken(house) == (Broken("unrecorded", device=device),)
    await prepare(house.settings, house.database, house.clock, may_migrate=False)
    (row,) = await recorded(house)
    assert (row["device"], row["public_key"]) == (device, key.public)
    assert await broken(house) == ()
    before = await written(house)
    await prepare(house.settings, house.database, house.clock, may_migrate=False)
    assert await written(house) == before


async def test_a_database_of_before_is_brought_here_and_its_devices_recorded(
    house: House,
) -> None:
    """As the program before left it: a device with a key, and a look that counted no seals."""
    database = house.database
    if not database.is_sqlite:
        async with database.write() as tx:
            await drop_tables(tx)
    else:
        database = Database(f"sqlite+aiosqlite:///{house.settings.data_dir / 'old.db'}")
    now = house.clock.now()
    async with database.write() as tx:
        await tx.run_sync(lambda connection: migrate.build(connection, "0009"))
        await installation.begin(tx, id_=UUID(int=5), seal_key=b"k" * 32)
        person = Person(id=UUID(int=7), login="old", name="Old", created_at=now)
        await save_person(tx, person, password_hash=None)
        await save_old(tx, house, person.id, Key())
        counted = ("ahead", "ops", "writers", "roots", "witnesses", "forgotten", "broken")
        row = {"id": UUID(int=8), "begun_at": now, "ended_at": now, "places": "[]"}
        await tx.execute(insert(looks).values(row | dict.fromkeys(counted, 0)))
    try:
        await migrate.upgrade(database)
        assert await record_before(database, house.clock) == 1
        found = await look(database)
        async with database.read() as tx:
            last = await load_last(tx, ended=True)
    finally:
        if database is not house.database:
            await database.close()
    assert (found.broken, found.records) == ((), 1)
    assert last is not None and (last.id, last.seals) == (UUID(int=8), 0)


async def test_a_key_that_is_put_in_later_is_recorded_by_no_start(world: World) -> None:
    house = world.house
    await joined(world, Key())
    device = await add_old(house, world.engineer, Key())
    await prepare(house.settings, house.database, house.clock, may_migrate=False)
    assert len(await recorded(house)) == 1
    assert await broken(house) == (Broken("unrecorded", device=device),)


async def test_more_devices_than_one_push_holds_are_recorded_in_one_start(world: World) -> None:
    house, key = world.house, Key()
    async with house.database.write() as tx:
        row = dict((await tx.execute(select(devices))).mappings().first() or {})
        many = [{**row, "id": UUID(int=n + 1), "public_key": key.public} for n in range(1_001)]
        await tx.execute(insert(devices), many)
    assert await record_before(house.database, house.clock) == 1_001
    assert await record_before(house.database, house.clock) == 0
    assert await broken(house) == ()
