"""What is shown is what the chains say was written: each row that somebody altered is named."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update

from server.audit import look
from server.commands.verify import report
from server.store.kind_tables import KIND_TABLES
from server.store.scopes import signed
from server.store.tables import feed, lineages, ops
from sync.audit import WINDOW, Broken
from sync.ids import inspection_id
from sync.record import mark
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, Tablet, add_round, two
from tests.integration.test_rewind import settle
from tests.integration.uploading import attach, digest, uploader

PHOTO = b"\xff\xd8\xff a switchboard"


@pytest.fixture
async def tablets(house: House) -> tuple[Tablet, Tablet]:
    one, other = await two(house, await add_round(house))
    one.inspect(ASSETS[0], note="风扇异响")
    other.inspect(ASSETS[0], note="正常")  # One of them is told that it was not taken.
    other.inspect(ASSETS[1], note="正常")
    attach(one.client, house.clock, ASSETS[0], PHOTO)
    await settle(one, other)
    house.clock.advance(timedelta(minutes=1))
    await uploader(one).send(PHOTO)
    await settle(one, other)
    return one, other


async def broken(house: House) -> Sequence[Broken]:
    return (await look(house.database)).broken


async def only(house: House, kind: str) -> UUID:
    """A record of this kind, the same each time."""
    table = KIND_TABLES[kind]
    async with house.database.read() as tx:
        found: UUID = (await tx.scalars(select(table.c.id).order_by(table.c.id).limit(1))).one()
    return found


async def alter(house: House, kind: str, record: UUID, **values: object) -> None:
    table = KIND_TABLES[kind]
    async with house.database.write() as tx:
        await tx.execute(update(table).where(table.c.id == record).values(**values))


async def test_what_nobody_touched_is_as_it_was_written(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    found = await look(house.database)
    assert found.broken == ()
    async with house.database.read() as tx:
        kinds = set(await tx.scalars(select(feed.c.kind)))
        live = feed.c.gone.is_(None)
        count = len(list(await tx.scalars(select(feed.c.record_id).where(live))))
    assert kinds >= {"asset", "assignment", "attachment", "disposition", "inspection", "site"}
    assert found.records == count
    assert report(found)[-1] == "whole"


FIELDS = [
    ("inspection", "note", "正常"),
    ("inspection", "answers", '{"fan":{"value":"ok"}}'),
    ("inspection", "step", '{"round":1,"step":"submitted"}'),
    ("asset", "name", "UPS-99"),
    ("assignment", "state", "closed"),
    ("attachment", "caption", "before"),
    ("attachment", "sha256", "0" * 64),
    ("attachment", "received_at", datetime.fromisoformat("2026-11-20T00:00:00+00:00")),
    ("attachment", "received_at", None),
    ("disposition", "outcome", "rejected"),
    ("site", "city", "广州"),
    ("inspection", "version", (1 << 40) + 900),
    ("inspection", "scope_id", "org"),
    ("asset", "withdrawn", True),
    ("inspection", "stamps", "[]"),
    ("asset", "extra", '{"colour":"red"}'),
]


@pytest.mark.parametrize(("kind", "field", "value"), FIELDS)
async def test_a_field_of_a_record_that_was_altered_is_named(
    house: House, tablets: tuple[Tablet, Tablet], kind: str, field: str, value: object
) -> None:
    record = await only(house, kind)
    await alter(house, kind, record, **{field: value})
    (found,) = await broken(house)
    assert found == Broken("changed", kind=kind, record=record, field=field)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"seq": (1 << 40) + 9_000}, "seq"),
        ({"version": (1 << 40) + 9_000}, "version"),
        ({"mark": 5}, "mark"),
        ({"gone": "withdrawn"}, "gone"),
        ({"body": b"{}"}, "body"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_the_tablets_are_sent_of_a_record_is_compared_as_well(
    house: House, tablets: tuple[Tablet, Tablet], values: dict[str, object], field: str
) -> None:
    record = await only(house, "asset")
    async with house.database.write() as tx:
        await tx.execute(update(feed).where(feed.c.record_id == record).values(**values))
    assert await broken(house) == (Broken("changed", kind="asset", record=record, field=field),)


@pytest.mark.parametrize("record", ["known", "unknown"])
async def test_what_the_tablets_are_sent_from_where_no_record_is_is_found(
    house: House, tablets: tuple[Tablet, Tablet], record: str
) -> None:
    """Another body of it, in a scope where it is not; or of a record that is nowhere."""
    known = await only(house, "asset")
    fresh = known if record == "known" else UUID(int=0xBAD)
    async with house.database.write() as tx:
        row = (await tx.execute(select(feed).where(feed.c.record_id == known))).mappings().one()
        body = row["body"].replace(str(known).encode(), str(fresh).encode())
        await tx.execute(
            insert(feed).values(
                {**row, "scope_id": "org", "seq": (1 << 40) + 9_000, "record_id": fresh}
                | {"body": body, "mark": signed(mark(body))}
            )
        )
    assert await broken(house) == (Broken("changed", kind="asset", record=fresh, field="feed"),)


async def test_a_record_that_is_sent_as_one_of_another_kind_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    record = await only(house, "asset")
    async with house.database.write() as tx:
        await tx.execute(update(feed).where(feed.c.record_id == record).values(kind="room"))
    assert await broken(house) == (Broken("changed", kind="room", record=record, field="feed"),)


async def test_a_row_and_what_is_sent_of_it_altered_alike_are_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    record = inspection_id(ASSIGNMENT, ASSETS[1])
    await alter(house, "inspection", record, note="异常")
    async with house.database.write() as tx:
        here = feed.c.record_id == record
        body = (await tx.execute(select(feed.c.body).where(here))).scalar_one() or b""
        body = body.replace("正常".encode(), "异常".encode())
        signed_mark = signed(mark(body))
        await tx.execute(update(feed).where(here).values(body=body, mark=signed_mark))
    assert await broken(house) == (Broken("changed", kind="inspection", record=record),)


async def test_a_row_that_was_taken_out_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    record, table = inspection_id(ASSIGNMENT, ASSETS[1]), KIND_TABLES["inspection"]
    async with house.database.write() as tx:
        await tx.execute(delete(table).where(table.c.id == record))
        await tx.execute(delete(feed).where(feed.c.record_id == record))
    assert await broken(house) == (Broken("gone", kind="inspection", record=record),)


async def test_a_row_that_nobody_wrote_is_found(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    record, table, fresh = await only(house, "asset"), KIND_TABLES["asset"], UUID(int=0xBAD)
    async with house.database.write() as tx:
        row = (await tx.execute(select(table).where(table.c.id == record))).mappings().one()
        await tx.execute(insert(table).values({**row, "id": fresh}))
    assert await broken(house) == (Broken("unwritten", kind="asset", record=fresh),)


async def test_a_row_as_it_once_was_is_found(house: House, tablets: tuple[Tablet, Tablet]) -> None:
    """It was written so, and something else since."""
    one, other = tablets
    record, table = inspection_id(ASSIGNMENT, ASSETS[1]), KIND_TABLES["inspection"]
    async with house.database.read() as tx:
        before = (await tx.execute(select(table).where(table.c.id == record))).mappings().one()
    other.inspect(ASSETS[1], note="其实异响")
    await settle(one, other)
    assert await broken(house) == ()
    await alter(house, "inspection", record, **before)
    (found,) = await broken(house)
    assert (found.fault, found.record, found.field) == ("changed", record, "version")


async def test_when_an_op_was_received_is_in_its_chain(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    lineage = tablets[0].client.lineage
    here = (ops.c.lineage_id == lineage) & (ops.c.n == 1)
    async with house.database.write() as tx:
        at = (await tx.execute(select(ops.c.received_at).where(here))).scalar_one()
        earlier = at - timedelta(days=1)
        await tx.execute(update(ops).where(here).values(received_at=earlier))
    assert await broken(house) == (Broken("altered", lineage, 1),)


async def test_what_is_told_of_an_op_that_came_before_is_vouched_for_too(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    """The bytes of a photo that came before its attachment: no op says when, the chain does."""
    one, other = tablets
    again = attach(other.client, house.clock, ASSETS[1], PHOTO)
    await settle(one, other)
    assert other.client.base[again].data["received_at"]
    assert await broken(house) == ()
    await alter(house, "attachment", again, received_at=house.clock.now() + timedelta(days=1))
    assert await broken(house) == (
        Broken("changed", kind="attachment", record=again, field="received_at"),
    )
    assert await uploader(other).have(digest(PHOTO)) == [digest(PHOTO)]


async def test_a_clock_that_went_back_for_long_breaks_no_chain(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    """More came in that time than is waited for: by the clock, all of it came before the rest."""
    one, other = tablets
    house.clock._now -= timedelta(hours=8)
    for number in range(WINDOW + 2):
        one.inspect(ASSETS[0], note=f"第 {number} 次")
    await settle(one, other)
    assert await broken(house) == ()


async def test_a_chain_without_its_vouching_is_another_chain(
    house: House, tablets: tuple[Tablet, Tablet]
) -> None:
    lineage = tablets[0].client.lineage
    async with house.database.write() as tx:
        query = select(ops.c.n, ops.c.outcome).where(ops.c.lineage_id == lineage)
        for row in (await tx.execute(query)).all():
            bare = row.outcome.partition(b',"wrote":')[0].removesuffix(b"}") + b"}"
            here = (ops.c.lineage_id == lineage) & (ops.c.n == row.n)
            await tx.execute(update(ops).where(here).values(outcome=bare))
    assert {one.lineage for one in await broken(house) if one.fault == "altered"} == {lineage}
    async with house.database.read() as tx:
        assert lineage in set(await tx.scalars(select(lineages.c.id)))
