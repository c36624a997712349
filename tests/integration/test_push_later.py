"""What becomes later of what was pushed, on real databases: mended, moved, archived, told again."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from server.clock import ManualClock
from server.database import Database
from server.push import Pushed, push
from server.store import records
from server.store.ops import begin_lineage
from server.store.pull import load_page
from server.store.scopes import states
from server.store.seed import Seed, seed
from server.store.tables import conflicts, feed, ops
from sync.ids import disposition_id, inspection_id
from sync.lines import read_push
from sync.plan import Origin
from sync.pull import Wanted
from sync.record import Record, mark

SITE, THERE, ASSET, ASSIGNMENT, TEMPLATE = (UUID(int=i) for i in (0x51, 0x52, 0xA5, 0xA6, 0x7E))
ANNA, CHEN, LINEAGE = UUID(int=0xA), UUID(int=0xC), UUID(int=0xE0)
OLD, NEW = UUID(int=0xD0), UUID(int=0xD1)
HERE, AWAY, ARCHIVE = f"site:{SITE}", f"site:{THERE}", f"archive:{SITE}"
INSPECTION, PHOTO = inspection_id(ASSIGNMENT, ASSET), UUID(int=0xF0)
HELD = frozenset({HERE, AWAY, "org"})
SIGNED = {"reviewer_name": "陈国栋", "at": "2026-11-18T07:00:00Z"}
CLOCK = ManualClock(datetime(2026, 11, 18, 6, 2, tzinfo=UTC))
OFFICE = Origin(
    "office", UUID(int=0xE9), CHEN, scopes=frozenset({HERE, AWAY, ARCHIVE}), name="陈国栋"
)


def engineer(device: UUID = OLD) -> Origin:
    return Origin("device", LINEAGE, ANNA, device, HELD | {f"device:{device}"})


@pytest.fixture
async def world(database: Database) -> Database:
    at = {"site": str(SITE)}
    assignment = at | {
        "title": {"zh": "季度巡检", "en": "Quarterly"},
        "state": "issued",
        "targets": [{"asset": str(ASSET), "template": str(TEMPLATE)}],
        "starts_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-11-30T10:00:00Z",
    }
    async with database.write() as tx:
        await seed(
            tx,
            [
                Seed("asset", ASSET, HERE, at | {"name": "核心数据库 01"}),
                Seed("assignment", ASSIGNMENT, HERE, assignment),
            ],
            epoch=1,
            lineage=UUID(int=1),
        )
        await begin_lineage(tx, LINEAGE, origin="device")
        await begin_lineage(tx, OFFICE.lineage, origin="office")
    return database


def op(n: int, by: Origin | None = None, **more: object) -> dict[str, object]:
    person = by.person if by else ANNA
    return {
        "n": n,
        "id": str(UUID(int=(person.int << 32) + n)),
        "by": str(person),
        "kind": "inspection",
        "record": str(INSPECTION),
        "made": {"wall": "2026-11-18T06:00:00Z", "session": str(UUID(int=5))},
    } | more


def creation(n: int, **more: object) -> dict[str, object]:
    whole = {
        "asset": str(ASSET),
        "template": str(TEMPLATE),
        "assignment": str(ASSIGNMENT),
        "inspector": str(ANNA),
        "inspector_name": "梁志豪",
    }
    return op(n, new=True, parent=str(ASSET), set=whole) | more


def photo(n: int) -> dict[str, object]:
    of = {
        "parent": str(INSPECTION),
        "parent_kind": "inspection",
        "sha256": "0" * 64,
        "bytes": 10,
        "media_type": "image/jpeg",
    }
    return op(n, kind="attachment", record=str(PHOTO), new=True, parent=str(INSPECTION), set=of)


async def send(database: Database, by: Origin, *sent: dict[str, object]) -> Pushed:
    first = int(str(sent[0]["n"]))
    header = json.dumps({"epoch": 1, "first_n": first}).encode()
    _, lines = read_push(b"\n".join([header, *(json.dumps(one).encode() for one in sent)]))

    async def resolve(_: object) -> Origin:
        return by

    return await push(database, CLOCK, resolve, lines, first_n=first, epoch=1)


async def load(database: Database, *ids: UUID) -> dict[UUID, Record]:
    async with database.read() as tx:
        return await records.load(tx, await records.locate(tx, ids))


def names(pushed: Pushed) -> list[str]:
    return [outcome.outcome for outcome in pushed.outcomes]


async def expect_true_digests(database: Database) -> None:
    """Count and sum of every scope are those of the lines that it holds."""
    async with database.read() as tx:
        rows = (await tx.execute(select(feed.c.scope_id, feed.c.body))).all()
        known = await states(tx, {row.scope_id for row in rows})
    for scope, state in known.items():
        bodies = [row.body for row in rows if row.scope_id == scope and row.body is not None]
        assert state.live == len(bodies), scope
        assert state.marks == sum(map(mark, bodies)) % 2**64, scope


async def test_what_was_held_runs_when_its_cause_is_mended(world: Database) -> None:
    wrong = creation(1, set={"template": "no id"})
    note = op(2, set={"note": "风扇异响"})
    assert names(await send(world, engineer(), wrong, note, photo(3))) == [
        "rejected",
        "held",
        "held",
    ]
    mend = creation(4, replaces=wrong["id"], orig_n=1)
    assert names(await send(world, engineer(), mend)) == ["applied"]
    found = await load(world, INSPECTION, PHOTO, disposition_id(OLD, UUID(str(note["id"]))))
    assert found[INSPECTION].data["note"] == "风扇异响"
    assert PHOTO in found
    told = found[disposition_id(OLD, UUID(str(note["id"])))].data["settled"]
    assert isinstance(told, dict)
    assert told["how"] == "applied"
    async with world.read() as tx:
        assert not (await tx.execute(select(ops.c.n).where(ops.c.open))).all()
    # What was answered stays answered.
    assert names(await send(world, engineer(), wrong, note, photo(3), mend)) == [
        "rejected",
        "held",
        "held",
        "applied",
    ]
    await expect_true_digests(world)


async def test_the_office_decides_a_conflict_and_the_device_is_told(world: Database) -> None:
    await send(world, engineer(), creation(1), op(2, set={"note": "正常"}))
    base = (await load(world, INSPECTION))[INSPECTION].version
    await send(world, OFFICE, op(1, OFFICE, base=base, set={"note": "由主管改"}))
    other = Origin("device", UUID(int=0xE1), ANNA, NEW, HELD | {f"device:{NEW}"})
    async with world.write() as tx:
        await begin_lineage(tx, other.lineage, origin="device")
    late = op(1, base=base - 1, set={"note": "风扇异响"}) | {"id": str(UUID(int=99))}
    assert names(await send(world, other, late)) == ["conflict"]
    now = (await load(world, INSPECTION))[INSPECTION]
    decide = op(2, OFFICE, base=now.version, set={"note": "风扇异响"}, replaces=str(UUID(int=99)))
    assert names(await send(world, OFFICE, decide)) == ["applied"]
    async with world.read() as tx:
        row = (await tx.execute(select(conflicts))).one()
    assert (row.decision, row.decided_by) == ("theirs", CHEN)
    told = (await load(world, disposition_id(NEW, UUID(int=99)))).popitem()[1].data["settled"]
    assert isinstance(told, dict)
    assert (told["how"], told["by_name"]) == ("decided", "陈国栋")
    await expect_true_digests(world)


async def test_equipment_moves_with_its_open_work(world: Database) -> None:
    await send(world, engineer(), creation(1), photo(2))
    move = op(3, kind="asset", record=str(ASSET), base=2**32 + 1, set={"site": str(THERE)})
    assert names(await send(world, engineer(), move)) == ["applied"]
    found = await load(world, ASSET, INSPECTION, PHOTO, ASSIGNMENT)
    assert {id_: record.scope for id_, record in found.items()} == {
        ASSET: AWAY,
        INSPECTION: AWAY,
        PHOTO: AWAY,
        ASSIGNMENT: HERE,
    }
    async with world.read() as tx:
        gone = await load_page(tx, [Wanted(HERE, 0, 0, 2**40)], limit=99)
    left = {row.record for row in gone if row.gone == "moved"}
    assert left == {ASSET, INSPECTION, PHOTO}
    await expect_true_digests(world)


async def test_a_closed_round_leaves_the_tablets_and_comes_back(world: Database) -> None:
    await send(world, engineer(), creation(1), photo(2))
    done = op(3, set={"step": {"round": 1, "step": "submitted"}})
    await send(world, engineer(), done)
    base = (await load(world, INSPECTION))[INSPECTION].version
    accepted = {"round": 1, "decision": "accepted", "reviewer": str(CHEN)}
    accept = op(1, OFFICE, base=base, set={"review": accepted | SIGNED})
    assert names(await send(world, OFFICE, accept)) == ["applied"]
    for n, state, scope, reason in (
        (2, "closed", ARCHIVE, "archived"),
        (3, "done", HERE, "moved"),
        (4, "closed", ARCHIVE, "archived"),
    ):
        now = (await load(world, ASSIGNMENT))[ASSIGNMENT]
        write = op(n, OFFICE, kind="assignment", record=str(ASSIGNMENT), base=now.version)
        write["set"] = {"state": state}
        assert names(await send(world, OFFICE, write)) == ["applied"]
        found = await load(world, ASSIGNMENT, INSPECTION, PHOTO)
        assert {record.scope for record in found.values()} == {scope}
        async with world.read() as tx:
            at = feed.c.record_id == PHOTO
            rows = (await tx.execute(select(feed.c.scope_id, feed.c.gone).where(at))).all()
        assert {row.gone for row in rows if row.scope_id != scope} == {reason}
        await expect_true_digests(world)
    late = op(4, base=base, set={"note": "晚到"})
    assert names(await send(world, engineer(), late)) == ["review"]


async def test_a_device_that_took_the_lineage_over_is_told_again(world: Database) -> None:
    wrong = creation(1, set={"template": "no id"})
    await send(world, engineer(OLD), wrong)
    assert names(await send(world, engineer(NEW), wrong)) == ["rejected"]
    there = disposition_id(NEW, UUID(str(wrong["id"])))
    found = await load(world, there)
    assert found[there].scope == f"device:{NEW}"
    assert found[there].data["outcome"] == "rejected"
    # And what becomes of it is told to both.
    mend = creation(2, replaces=wrong["id"], orig_n=1)
    assert names(await send(world, engineer(NEW), mend)) == ["applied"]
    both = await load(world, there, disposition_id(OLD, UUID(str(wrong["id"]))))
    assert [record.data["settled"]["how"] for record in both.values()] == ["replaced"] * 2  # type: ignore[index]
    await expect_true_digests(world)
