"""Pushes on a real database: applied whole or not at all, answered the same, in turns."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.clock import ManualClock
from server.database import Database
from server.push import Pushed, push
from server.store import records, scopes
from server.store.feed import FeedRow
from server.store.ops import begin_lineage
from server.store.seed import Seed, seed
from server.store.tables import conflicts, feed, ops
from sync.ids import inspection_id
from sync.lines import read_push
from sync.plan import Origin
from sync.record import Record, mark

SITE, ASSIGNMENT, TEMPLATE, ANNA = (UUID(int=i) for i in (0x51, 0xA6, 0x7E, 0xA))
SCOPE = f"site:{SITE}"
ASSETS = [UUID(int=0x100 + i) for i in range(20)]
DEVICES = [UUID(int=0xD0 + i) for i in range(6)]


def origin(number: int) -> Origin:
    device = DEVICES[number]
    held = frozenset({SCOPE, "org", f"device:{device}"})
    return Origin("device", UUID(int=0xE0 + number), ANNA, device, held)


@pytest.fixture
async def world(database: Database) -> Database:
    site = {"site": str(SITE)}
    targets = [{"asset": str(asset), "template": str(TEMPLATE)} for asset in ASSETS]
    assignment = site | {
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "state": "issued",
        "targets": targets,
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T10:00:00Z",
    }
    async with database.write() as tx:
        await seed(
            tx,
            [Seed("asset", a, SCOPE, site | {"name": f"设备 {a.int:x}"}) for a in ASSETS]
            + [Seed("assignment", ASSIGNMENT, SCOPE, assignment)],
            epoch=1,
            lineage=UUID(int=1),
        )
        for number in range(len(DEVICES)):
            await begin_lineage(tx, origin(number).lineage, origin="device")
    return database


def op(device: int, n: int, asset: UUID, *, new: bool = False, **fields: object) -> bytes:
    made = {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))}
    whole = {
        "asset": str(asset),
        "template": str(TEMPLATE),
        "assignment": str(ASSIGNMENT),
        "inspector": str(ANNA),
        "inspector_name": "梁志豪",
    }
    return json.dumps(
        {
            "n": n,
            "id": str(UUID(int=(device + 1) * 1_000_000 + n)),
            "by": str(ANNA),
            "kind": "inspection",
            "record": str(inspection_id(ASSIGNMENT, asset)),
            "made": made,
            "new": new,
            "parent": str(asset) if new else None,
            "set": (whole if new else {}) | fields,
        }
    ).encode()


def answer(device: int) -> dict[str, object]:
    return {f"answers.item_{device}": {"value": "pass"}}


async def send(database: Database, device: int, *sent: bytes, first_n: int = 1) -> Pushed:
    async def resolve(_: AsyncConnection) -> Origin:
        return origin(device)

    header = json.dumps({"epoch": 1, "first_n": first_n}).encode()
    clock = ManualClock(datetime(2026, 11, 18, 6, 2, tzinfo=UTC))
    lines = read_push(b"\n".join([header, *sent]))[1]
    return await push(database, clock, resolve, lines, first_n=first_n, epoch=1)


async def assert_sound(database: Database) -> None:
    """Heads, digests, feed and records agree, and no two changes of a scope share a seq."""
    async with database.read() as tx:
        rows = [FeedRow(*row) for row in await tx.execute(select(*FEED))]
        states = await scopes.states(tx, {row.scope for row in rows})
        located = await records.locate(tx, {row.record for row in rows})
        stored = await records.load(tx, located)
    for scope, state in states.items():
        mine = [row for row in rows if row.scope == scope]
        live = [row.body for row in mine if row.body is not None]
        assert state.live == len(live)
        assert state.marks == sum(mark(body) for body in live) % 2**64
        assert state.head >= max(row.seq for row in mine)
        assert len({row.seq for row in mine}) == len(mine)
    for row in rows:
        line = json.loads(row.body or b"")
        assert line["data"] == dict(stored[row.record].data)
        assert (line["seq"], line["version"]) == (row.seq, stored[row.record].version)


FEED = (
    feed.c.scope_id,
    feed.c.record_id,
    feed.c.seq,
    feed.c.kind,
    feed.c.version,
    feed.c.gone,
    feed.c.mark,
    feed.c.body,
)


async def count(database: Database, table: object) -> int:
    async with database.read() as tx:
        found = await tx.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return found or 0


async def test_a_batch_is_stored_as_planned(world: Database) -> None:
    made = [op(0, i + 1, a, new=True, note=f"第 {i} 台") for i, a in enumerate(ASSETS)]
    kept = await count(world, ops)
    done = await send(world, 0, *made)
    assert {o.outcome for o in done.outcomes} == {"applied"}
    assert await count(world, ops) == kept + len(ASSETS)
    await assert_sound(world)


async def test_a_lost_answer_changes_nothing_and_is_given_again(world: Database) -> None:
    sent = [op(0, 1, ASSETS[0], new=True), op(0, 2, ASSETS[0], note="x"), b"{"]
    kept = await count(world, ops)
    first = await send(world, 0, *sent)
    before = await count(world, feed)
    again = await send(world, 0, *sent, op(0, 4, ASSETS[0], note="y"))
    assert again.outcomes[:3] == first.outcomes
    assert await count(world, feed) == before
    assert await count(world, ops) == kept + 4
    await assert_sound(world)


async def test_many_devices_at_once_take_turns(world: Database) -> None:
    """Without the scope's lock two of these get one seq, or one device overwrites another."""
    assets = ASSETS[:3]
    await asyncio.gather(
        *(
            send(
                world,
                device,
                *(op(device, i + 1, a, new=True) for i, a in enumerate(assets)),
                *(op(device, 4 + i, a, new=False, **answer(device)) for i, a in enumerate(assets)),
            )
            for device in range(len(DEVICES))
        )
    )
    async with world.read() as tx:
        ids = {inspection_id(ASSIGNMENT, asset) for asset in assets}
        stored = await records.load(tx, await records.locate(tx, ids))
    for record in stored.values():
        assert record.data["answers"] == {
            f"item_{device}": {"value": "pass"} for device in range(len(DEVICES))
        }
    await assert_sound(world)


async def test_both_values_of_a_conflict_are_kept(world: Database) -> None:
    await send(world, 0, op(0, 1, ASSETS[0], new=True, note="一"))
    done = await send(world, 1, op(1, 1, ASSETS[0], new=True, note="二"))
    assert [o.outcome for o in done.outcomes] == ["conflict"]
    async with world.read() as tx:
        row = (await tx.execute(select(conflicts))).one()
    assert (json.loads(row.ours), json.loads(row.theirs)) == ("一", "二")
    await assert_sound(world)


async def test_a_round_is_started_once_and_done_with_its_last(world: Database) -> None:
    async def state() -> object:
        async with world.read() as tx:
            found = await records.load(tx, await records.locate(tx, {ASSIGNMENT}))
        return found[ASSIGNMENT].data["state"]

    step = {"round": 1, "step": "submitted"}
    for i, asset in enumerate(ASSETS[:-1]):
        await send(world, 0, op(0, i + 1, asset, new=True, step=step), first_n=i + 1)
    assert await state() == "started"
    await send(world, 1, op(1, 1, ASSETS[-1], new=True, step=step))
    assert await state() == "done"
    await assert_sound(world)


async def test_an_op_that_the_database_refuses_stands_alone(
    world: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in storing one record must reject one op, not wedge the queue behind it."""
    store = records.row_of

    def row_of(record: Record) -> tuple[object, ...]:
        if record.data.get("note") == "poison":
            raise ValueError("cannot be stored")
        return store(record)

    monkeypatch.setattr(records, "row_of", row_of)
    sent = [op(0, i + 1, a, new=True, note="ok") for i, a in enumerate(ASSETS[:5])]
    sent[2] = op(0, 3, ASSETS[2], new=True, note="poison")
    done = await send(world, 0, *sent)
    assert [o.outcome for o in done.outcomes] == ["applied"] * 2 + ["rejected"] + ["applied"] * 2
    async with world.read() as tx:
        kept = await tx.scalar(select(ops.c.payload).where(ops.c.n == 3))
    assert kept == sent[2]
    await assert_sound(world)
