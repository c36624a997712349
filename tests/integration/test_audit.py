"""What somebody with the database in hand can do to what was received, and that each is found."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.pull import DeviceReport
from server.audit import audit_lineage, look, make_root, root_in
from server.commands.verify import read_witnesses, report
from server.errors import UnableError
from server.store import audit as store
from server.store import installation
from server.store.kind_tables import KIND_TABLES
from server.store.proof_tables import roots
from server.store.tables import lineages, ops
from sync.audit import NO_ROOT, Broken, Head, Root, root_of
from sync.chain import START, link
from sync.client import Client
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, add_round, two
from tests.integration.test_rewind import back_up, restore, settle

ANCHOR = KIND_TABLES["anchor"]


@pytest.fixture
async def tablets(house: House) -> tuple[Tablet, Tablet]:
    """Two that have worked on two days, and know the roots of both."""
    one, other = await two(house, await add_round(house))
    for asset in ASSETS[:2]:
        one.inspect(asset, note="风扇异响")
        other.inspect(asset, note="正常")
        await settle(one, other)
        house.clock.advance(timedelta(days=1))
        await make_root(house.database, house.clock)
    await settle(one, other)
    await say(one)
    return one, other


async def say(tablet: Tablet) -> None:
    """Pull once more and say which root one holds."""
    held = DeviceReport(unsent=0, photos_left=0, anchor=tablet.client.anchor_to_say)
    request = tablet.client.pull_request(report=held)
    answer = await tablet.http.post("/sync/v1/pull", content=request)
    assert answer.status_code == 200, answer.text


async def broken(house: House) -> Sequence[Broken]:
    return (await look(house.database)).broken


async def test_what_nobody_touched_is_whole_and_every_tablet_holds_its_roots(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, other = tablets
    found = await look(house.database)
    assert (found.broken, found.roots, found.witnesses, found.forgotten) == ((), 2, 1, 0)
    assert found.ops >= 4
    assert report(found)[-1] == "whole"
    assert len(one.client.anchors) == 2
    assert one.client.anchors == other.client.anchors
    assert Client.load(one.client.save()).anchors == one.client.anchors


async def test_a_day_has_one_root_and_one_in_which_nobody_wrote_has_none(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    assert await make_root(house.database, house.clock) == {}
    house.clock.advance(timedelta(days=1))
    assert await make_root(house.database, house.clock) == {}  # Only the roots had gone on.
    assert (await look(house.database)).roots == 2


async def test_what_a_root_has_to_name_is_read_from_the_roots_alone(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    """No row says of a writer that it was told already: whoever sets that would keep it out."""
    one, other = tablets
    one.inspect(ASSETS[7], note="later")
    await settle(one, other)
    house.clock.advance(timedelta(days=1))
    await make_root(house.database, house.clock)
    async with house.database.read() as tx:
        newest = (await store.load_newest_roots(tx, limit=1))[0]
    assert one.client.lineage in {head.lineage for head in newest.heads}
    assert other.client.lineage not in {head.lineage for head in newest.heads}
    assert set(lineages.c.keys()) == {"id", "origin", "last_n", "chain", "backed_up_to"}
    assert await broken(house) == ()


async def test_a_root_that_another_server_makes_in_the_meantime_is_not_made_again(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, other = tablets
    async with house.database.read() as tx:
        newest = await store.load_newest(tx)
        heads = await store.load_heads(tx, await store.load_named(tx))
    for asset in ASSETS[7:9]:  # Ours looks, and comes to write only when two more days have ended.
        one.inspect(asset, note="later")
        await settle(one, other)
        house.clock.advance(timedelta(days=1))
        if asset == ASSETS[7]:
            await make_root(house.database, house.clock)
    async with house.database.write() as tx:
        late = await root_in(tx, house.clock, frozenset(), newest=newest, heads=heads)
    assert late == {}
    assert await make_root(house.database, house.clock) != {}
    assert await broken(house) == ()


async def test_what_comes_while_a_root_is_made_is_in_the_next_and_accuses_nobody(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    """Nothing is locked while the chains are read, however many there are."""
    one, other = tablets
    other.inspect(ASSETS[7], note="before")
    await settle(one, other)
    house.clock.advance(timedelta(days=1))
    async with house.database.read() as tx:
        newest = await store.load_newest(tx)
        heads = await store.load_heads(tx, await store.load_named(tx))
    one.inspect(ASSETS[7], note="meanwhile")
    await settle(one, other)
    async with house.database.write() as tx:
        assert await root_in(tx, house.clock, frozenset(), newest=newest, heads=heads)
    assert one.client.lineage not in {head.lineage for head in heads}
    assert await broken(house) == ()
    other.inspect(ASSETS[8], note="after")
    await settle(one, other)
    house.clock.advance(timedelta(days=1))
    await make_root(house.database, house.clock)
    async with house.database.read() as tx:
        newest_root = (await store.load_newest_roots(tx, limit=1))[0]
    assert one.client.lineage in {head.lineage for head in newest_root.heads}
    assert await broken(house) == ()


@contextmanager
def without(lineage: UUID) -> Generator[None]:
    """Have every root that is made meanwhile leave a writer out."""
    really = store.load_heads

    async def others(tx: AsyncConnection, named: Mapping[UUID, bytes]) -> tuple[Head, ...]:
        return tuple(head for head in await really(tx, named) if head.lineage != lineage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "load_heads", others)
        yield


async def make_roots(house: House, *working: Tablet, by: Tablet, days: int = 2) -> None:
    """Pass some days, on each of which one tablet works and a root is made."""
    for asset in ASSETS[8 : 8 + days]:
        by.inspect(asset, note="正常")
        await settle(*working)
        house.clock.advance(timedelta(days=1))
        await make_root(house.database, house.clock)


async def test_a_writer_who_was_kept_out_of_the_roots_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, other = tablets
    one.inspect(ASSETS[7], note="later")
    await settle(one, other)
    day = house.clock.now().date()
    with without(one.client.lineage):
        await make_roots(house, one, other, by=other)
    assert await broken(house) == (Broken("unrooted", one.client.lineage, day=day),)


@pytest.mark.parametrize("days", [2, 5])
async def test_a_clock_that_was_days_ahead_and_put_right_accuses_nobody(
    house: House, tablets: tuple[Tablet, Tablet], days: int
) -> None:
    one, other = tablets

    async def pass_days(count: int) -> None:
        for _ in range(count):
            house.clock.advance(timedelta(days=1))
            await make_root(house.database, house.clock)

    one.inspect(ASSETS[7], note="before")
    await settle(one, other)
    for asset in ASSETS[8 : 8 + days]:
        other.inspect(asset, note="the clock is ahead")
        await settle(one, other)
        await pass_days(1)
    house.clock._now -= timedelta(days=days)
    one.inspect(ASSETS[7], note="put right")
    await settle(one, other)
    assert await broken(house) == ()
    await make_root(house.database, house.clock)
    assert await broken(house) == ()
    await pass_days(1)
    other.inspect(ASSETS[8], note="still behind the newest root")
    await settle(one, other)
    await pass_days(days + 2)
    async with house.database.read() as tx:
        newest = (await store.load_newest_roots(tx, limit=1))[0]
    assert {one.client.lineage, other.client.lineage} <= {head.lineage for head in newest.heads}
    assert await broken(house) == ()


async def test_a_writer_who_is_kept_out_after_a_clock_was_put_right_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, other = tablets
    house.clock._now -= timedelta(days=2)
    one.inspect(ASSETS[7], note="put right")
    await settle(one, other)
    house.clock.advance(timedelta(days=2))
    day = house.clock.now().date()
    with without(one.client.lineage):
        await make_roots(house, one, other, by=other)
    assert await broken(house) == (Broken("unrooted", one.client.lineage, day=day),)


@pytest.mark.parametrize("after", [None, "9999999999 9999-12-31"], ids=["none", "one to come"])
async def test_a_writer_who_is_kept_out_is_found_also_where_its_ops_name_no_root_that_there_is(
    house: House, after: str | None
) -> None:
    kept_out, other = await two(house, await add_round(house))
    kept_out.inspect(ASSETS[5], note="kept out")
    await settle(kept_out)
    await rewrite_after(house, kept_out.client.lineage, after)
    with without(kept_out.client.lineage):
        await make_roots(house, other, by=other)
    (found,) = await broken(house)
    assert (found.fault, found.lineage) == ("unrooted", kept_out.client.lineage)


async def rewrite_after(house: House, lineage: UUID, after: str | None) -> None:
    """Have each op of a writer say another root than the one after which it came, or none."""
    chain = START
    async with house.database.write() as tx:
        query = select(ops.c.n, ops.c.payload, ops.c.outcome).where(ops.c.lineage_id == lineage)
        for row in (await tx.execute(query.order_by(ops.c.n))).all():
            said = json.loads(row.outcome)
            del said["after"]
            outcome = json.dumps(said | ({"after": after} if after else {})).encode()
            chain = link(chain, row.payload, outcome)
            here = (ops.c.lineage_id == lineage) & (ops.c.n == row.n)
            await tx.execute(update(ops).where(here).values(outcome=outcome, chain=chain))
        await tx.execute(update(lineages).where(lineages.c.id == lineage).values(chain=chain))


@pytest.mark.parametrize("column", ["payload", "outcome", "chain"])
async def test_one_altered_byte_is_found(
    house: House, tablets: tuple[Tablet, Tablet], column: str
) -> None:
    here = (ops.c.lineage_id == tablets[0].client.lineage) & (ops.c.n == 1)
    async with house.database.write() as tx:
        known = (await tx.execute(select(ops.c[column]).where(here))).scalar_one()
        changed = known[:-1] + bytes([known[-1] ^ 1])
        await tx.execute(update(ops).where(here).values(**{column: changed}))
    assert (await broken(house))[0] == Broken("altered", tablets[0].client.lineage, 1)


@pytest.mark.parametrize(
    "values",
    [{"outcome_name": "rejected"}, {"kind": "note"}, {"record_id": None}, {"id": UUID(int=5)}],
    ids=lambda values: next(iter(values)),
)
async def test_what_is_kept_beside_an_op_and_is_not_what_it_says_is_found(
    house: House, tablets: tuple[Tablet, Tablet], values: dict[str, object]
) -> None:
    here = (ops.c.lineage_id == tablets[0].client.lineage) & (ops.c.n == 1)
    async with house.database.write() as tx:
        await tx.execute(update(ops).where(here).values(**values))
    assert await broken(house) == (Broken("altered", tablets[0].client.lineage, 1),)


async def test_an_op_under_another_number_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    here = (ops.c.lineage_id == tablets[0].client.lineage) & (ops.c.n == 2)
    async with house.database.write() as tx:
        await tx.execute(update(ops).where(here).values(n=7))
    assert {one.lineage for one in await broken(house)} == {tablets[0].client.lineage}


@pytest.mark.parametrize(("n", "fault"), [(1, "missing"), (2, "cut")])
async def test_one_deleted_op_is_found(
    house: House, tablets: tuple[Tablet, Tablet], n: int, fault: str
) -> None:
    lineage = tablets[0].client.lineage
    async with house.database.write() as tx:
        await tx.execute(delete(ops).where(ops.c.lineage_id == lineage, ops.c.n == n))
    found = await broken(house)
    assert [(one.fault, one.lineage) for one in found][:1] == [(fault, lineage)]


async def test_a_writer_who_was_taken_out_whole_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    lineage = tablets[0].client.lineage
    async with house.database.write() as tx:
        await tx.execute(delete(lineages).where(lineages.c.id == lineage))
    assert Broken("stranger", lineage) in await broken(house)
    async with house.database.write() as tx:
        await tx.execute(delete(ops).where(ops.c.lineage_id == lineage))
    # Nobody else says that its records were ever written.
    assert {one.fault for one in await broken(house)} == {"rewritten", "unwritten", "changed"}


async def rewrite(house: House, lineage: UUID) -> None:
    """Alter an op, and make every link behind it anew."""
    async with house.database.write() as tx:
        query = select(ops.c.n, ops.c.payload, ops.c.outcome).where(ops.c.lineage_id == lineage)
        at = START
        for row in (await tx.execute(query.order_by(ops.c.n))).all():
            payload = row.payload.replace("风扇异响".encode(), "正常".encode())
            at = link(at, payload, row.outcome)
            here = (ops.c.lineage_id == lineage) & (ops.c.n == row.n)
            await tx.execute(update(ops).where(here).values(payload=payload, chain=at))
        await tx.execute(update(lineages).where(lineages.c.id == lineage).values(chain=at))


async def test_a_chain_that_was_rewritten_whole_is_found_by_the_roots(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    lineage = tablets[0].client.lineage
    await rewrite(house, lineage)
    found = await broken(house)
    assert {(one.fault, one.lineage) for one in found} == {("rewritten", lineage)}


async def test_chains_and_roots_rewritten_together_are_found_by_what_a_tablet_holds(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, _ = tablets
    await rewrite(house, one.client.lineage)
    async with house.database.write() as tx:
        links = {
            (row.lineage_id, row.n): row.chain
            for row in await tx.execute(select(ops.c.lineage_id, ops.c.n, ops.c.chain))
        }
        previous, known = NO_ROOT, [root async for root in store.stream_roots(tx)]
        await tx.execute(delete(roots))
        for root in known:
            heads = [
                Head(head.lineage, head.n, links.get((head.lineage, head.n), head.link))
                for head in root.heads
            ]
            previous = await forge(house, tx, root.day, previous, heads)
    found = await broken(house)
    kinds = {(one_.fault, one_.device) for one_ in found}
    assert kinds == {("root", None), ("witness", one.device)}, "what was told stands there too"
    # The tablet goes on holding what it was told first, and says so again.
    await one.pull()
    await say(one)
    assert {one_.fault for one_ in await broken(house)} == {"root", "witness"}


async def test_a_root_of_a_far_day_that_no_server_made_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    """No other would be made before that day, and nobody be missed in one."""
    far = house.clock.now().date() + timedelta(days=3_000)
    async with house.database.write() as tx:
        await forge(house, tx, far, store.previous_of(await store.load_newest(tx)), ())
    house.clock.advance(timedelta(days=1))
    tablets[0].inspect(ASSETS[0], note="后来的")
    await settle(*tablets)
    assert await make_root(house.database, house.clock) == {}
    assert await broken(house) == (Broken("root", day=far),)


async def forge(
    house: House, tx: AsyncConnection, day: date, previous: bytes, heads: Sequence[Head]
) -> bytes:
    """Put in a root that no server made, which is right in itself; its digest."""
    digest = root_of(1, day, previous, heads)
    made = Root(1, day, digest, previous, tuple(heads))
    await store.save_root(tx, made, at=house.clock.now())
    return digest


async def test_roots_that_only_tablets_know_since_a_restore_are_no_fault(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    one, other = tablets
    backup = await back_up(house.database)
    one.inspect(ASSETS[5], note="later")
    await settle(one, other)
    house.clock.advance(timedelta(days=1))
    await make_root(house.database, house.clock)
    await settle(one, other)
    assert len(one.client.anchors) == 3
    await restore(house.database, backup)
    await settle(one, other)
    await say(one)
    found = await look(house.database)
    assert (found.broken, found.forgotten) == ((), 1)
    house.clock.advance(timedelta(days=1))
    await make_root(house.database, house.clock)
    assert await broken(house) == ()


async def test_a_tablets_file_is_compared_as_well(
    house: House, tablets: tuple[Tablet, Tablet], tmp_path: Path
) -> None:
    held = [
        {"epoch": one.epoch, "day": one.day.isoformat(), "root": one.root}
        for one in tablets[0].client.anchors.values()
    ]
    file = tmp_path / "roots.json"
    file.write_text(json.dumps({"anchors": held}))
    assert (await look(house.database, read_witnesses(file))).broken == ()
    file.write_text(json.dumps({"anchors": [held[0] | {"root": sha256(b"").hexdigest()}]}))
    (found,) = (await look(house.database, read_witnesses(file))).broken
    assert (found.fault, str(found.day)) == ("witness", held[0]["day"])
    file.write_text("[]")
    with pytest.raises(UnableError, match="holds no roots"):
        read_witnesses(file)


async def test_a_device_writes_no_root(house: House, tablets: tuple[Tablet, Tablet]) -> None:
    one, _ = tablets
    anchor = next(id_ for id_, row in one.client.base.items() if row.kind == "anchor")
    for n, (record, is_new) in enumerate([(anchor, False), (UUID(int=7), True)]):
        one.client.edit(
            "anchor",
            record,
            id_=UUID(int=n),
            session=one.device,
            at=house.clock.now(),
            new=is_new,
            set_={"writers": 9},
        )
    assert set(await one.push()) <= {"rejected", "review"}
    async with house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    assert await broken(house) == ()
    assert audit_lineage(made.id) != one.client.lineage


@pytest.mark.parametrize("root", [None, "", "zz"])
async def test_what_was_told_of_a_root_altered_to_no_root_at_all_is_found(
    house: House, tablets: tuple[Tablet, Tablet], root: str | None
) -> None:
    async with house.database.write() as tx:
        day = await tx.scalar(select(ANCHOR.c.day).limit(1))
        await tx.execute(update(ANCHOR).where(ANCHOR.c.day == day).values(root=root))
    found = await broken(house)
    assert Broken("root", day=day) in found
    assert "changed" in {one.fault for one in found}, "its own row is not what was written"
