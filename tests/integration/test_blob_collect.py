"""Bytes that nobody needs are removed; nothing that anybody may still count on ever is."""

import asyncio
import hashlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import event, insert, select, update

from server.blob_collect import AGAIN, EVERY, Collecting
from server.blob_keep import keep_blob
from server.blobs import DRAFTS, Blobs, blob_key, thumbnail_key
from server.clock import ManualClock
from server.database import Database
from server.jobs import Jobs
from server.settings import Settings
from server.store import blob_collect as store
from server.store import blobs as rows
from server.store.file_tables import blobs as table
from server.store.file_tables import deliveries, jobs, pins, uploads
from server.store.kind_tables import KIND_TABLES
from server.store.proof_tables import reports
from tests.fixtures.swift import S3
from tests.integration.uploading import load_sizes

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
GRACE = timedelta(days=7)
CONTENT = b"a photo"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KEY = blob_key(SHA256)
ID = UUID(int=7)


class House:
    """A store of bytes with its database, and the work of collecting."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.clock = ManualClock(BEGIN, seed="collect")
        self.blobs = Blobs(settings)
        self.jobs = Jobs(database, self.clock)
        Collecting(database, self.blobs, self.jobs, self.clock, grace=GRACE)

    async def keep(self, content: bytes = CONTENT) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        await keep_blob(self.database, self.blobs, self.clock, sha256, content)
        return sha256

    async def wait(self, period: timedelta) -> None:
        """Let time go by, and what is due be done."""
        self.clock.advance(period)
        await self.work()

    async def work(self) -> None:
        """Do what is due, which goes well."""
        await self.jobs.run_due()
        async with self.database.read() as tx:
            assert set(await tx.scalars(select(jobs.c.problem))) <= {None}

    async def write(self, statement: object) -> None:
        async with self.database.write() as tx:
            await tx.execute(statement)  # type: ignore[call-overload]

    async def is_stored(self) -> bool:
        """Whether row and bytes are there; never one alone, once a turn is over."""
        async with self.database.read() as tx:
            row = await tx.scalar(select(table.c.sha256).where(table.c.sha256 == SHA256))
        assert (row is not None) == (await self.blobs.size(KEY) is not None)
        return row is not None


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> House:
    house = House(database, Settings(data_dir=tmp_path / "data"))
    await house.jobs.begin_periods()
    return house


async def pass_grace(house: House) -> None:
    """Long enough for anything to be collected."""
    for step in (GRACE + EVERY, AGAIN, AGAIN):
        await house.wait(step)


async def test_what_nobody_needs_goes_after_the_grace_with_all_that_belongs_to_it(
    house: House,
) -> None:
    await house.keep()
    await house.blobs.put(thumbnail_key(SHA256, "small"), b"picture")
    await house.write(insert(deliveries).values(sha256=SHA256, device_id=ID, at=BEGIN))
    await house.wait(GRACE - timedelta(seconds=1))
    await house.wait(AGAIN)
    assert await house.is_stored()
    await pass_grace(house)
    assert not await house.is_stored()
    assert [stored async for stored in house.blobs.walk()] == []
    async with house.database.read() as tx:
        assert (await tx.execute(select(deliveries))).all() == []


def pinned() -> object:
    return insert(pins).values(sha256=SHA256, lineage_id=ID, n=1)


def attached() -> object:
    names = {"id": ID, "scope_id": "org", "version": 1, "withdrawn": True, "stamps": "{}"}
    return insert(KIND_TABLES["attachment"]).values(**names, sha256=SHA256)


def reported() -> object:
    return insert(reports).values(
        id=ID,
        of=ID,
        of_kind="visit",
        scope_id="org",
        language="en",
        revision=1,
        basis="",
        state="ready",
        progress=100,
        digest=SHA256,
        code="x",
        bytes=1,
        missing="",
        created_at=BEGIN,
    )


def sent() -> object:
    return insert(uploads).values(
        id=ID,
        device_id=ID,
        sha256=SHA256,
        bytes=7,
        offset=0,
        refusals=0,
        metadata="",
        parts="[]",
        created_at=BEGIN,
        expires_at=BEGIN,
    )


def leased() -> object:
    until = BEGIN + timedelta(days=365)
    return update(table).where(table.c.sha256 == SHA256).values(leased_until=until)


@pytest.mark.parametrize("name", [pinned, attached, reported, sent, leased])
async def test_what_anybody_counts_on_stays(house: House, name: Callable[[], object]) -> None:
    await house.keep()
    await house.write(name())
    await pass_grace(house)
    assert await house.is_stored()
    async with house.database.read() as tx:
        assert await load_sizes(tx, [SHA256]) == {SHA256: len(CONTENT)}


async def test_a_lease_that_ended_holds_nothing(house: House) -> None:
    await house.keep()
    async with house.database.write() as tx:
        await rows.lease(tx, [SHA256], until=BEGIN + timedelta(hours=1))
    await pass_grace(house)
    assert not await house.is_stored()


@pytest.mark.parametrize("name", [pinned, attached])
async def test_what_was_named_before_anybody_could_know_that_it_leaves_comes_back(
    house: House, name: Callable[[], object]
) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    async with house.database.read() as tx:
        assert await load_sizes(tx, [SHA256]) == {}, "it is leaving: nobody counts on it"
    await house.write(name())
    await house.wait(AGAIN)
    assert await house.is_stored()
    async with house.database.read() as tx:
        assert await load_sizes(tx, [SHA256]) == {SHA256: len(CONTENT)}


async def test_what_leaves_is_not_leased_and_is_taken_back_by_who_brings_it(house: House) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    async with house.database.write() as tx:
        assert await rows.lease(tx, [SHA256], until=BEGIN + timedelta(days=99)) == set()
    await house.keep()
    await house.wait(AGAIN)
    assert await house.is_stored()
    async with house.database.write() as tx:
        assert await rows.lease(tx, [SHA256], until=BEGIN + timedelta(days=99)) == {SHA256}


async def test_who_brings_what_is_being_removed_has_it_stored_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    began, may_end = asyncio.Event(), asyncio.Event()
    really = house.blobs.delete

    async def slow(keys: list[str]) -> None:
        if KEY in keys:
            began.set()
            await may_end.wait()
        await really(keys)

    monkeypatch.setattr(house.blobs, "delete", slow)
    collecting = asyncio.create_task(house.wait(AGAIN))
    await began.wait()
    bringing = asyncio.create_task(house.keep())
    async with house.database.read() as tx:
        assert await load_sizes(tx, [SHA256]) == {}
    may_end.set()
    await asyncio.gather(collecting, bringing)
    assert await house.is_stored()


async def test_a_removal_that_was_cut_off_is_ended_by_the_next_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    with monkeypatch.context() as patch:

        async def dies(_: object) -> None:
            raise asyncio.CancelledError

        patch.setattr(house.blobs, "delete", dies)
        house.clock.advance(AGAIN)
        with pytest.raises(asyncio.CancelledError):
            await house.work()
    async with house.database.write() as tx:
        assert not await rows.save(tx, SHA256, size=7, now=house.clock.now())
    await house.wait(EVERY)
    assert not await house.is_stored()


async def test_nothing_goes_while_a_backup_holds_everything(house: House) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    until = house.clock.now() + timedelta(hours=8)
    async with house.database.write() as tx:
        await store.hold(tx, until)
    await house.wait(EVERY)
    assert await house.is_stored()
    await house.wait(EVERY)
    assert not await house.is_stored()


async def test_a_backup_that_ends_lets_nothing_go_that_another_still_holds(house: House) -> None:
    await house.keep()
    await house.wait(GRACE + EVERY)
    first, second = (house.clock.now() + timedelta(days=2, hours=hours) for hours in (0, 1))
    async with house.database.write() as tx:
        await store.hold(tx, first)
    async with house.database.write() as tx:
        await store.hold(tx, second)
    async with house.database.write() as tx:
        await store.release(tx, second)
    await house.wait(EVERY)
    assert await house.is_stored()
    async with house.database.write() as tx:
        await store.release(tx, first)
    await house.wait(EVERY)
    assert not await house.is_stored()


async def test_of_a_lease_and_a_collection_at_once_one_sees_the_other(house: House) -> None:
    """Many rounds on real databases: never a lease of what is gone."""
    for number in range(20):
        content = f"photo {number}".encode()
        sha256 = await house.keep(content)
        house.clock.advance(GRACE + EVERY)
        answers: list[set[str]] = []

        async def ask(sha256: str = sha256, answers: list[set[str]] = answers) -> None:
            for _ in range(3):
                async with house.database.write() as tx:
                    until = house.clock.now() + timedelta(days=30)
                    answers.append(await rows.lease(tx, [sha256], until=until))

        await asyncio.gather(house.work(), ask())
        house.clock.advance(AGAIN)
        await asyncio.gather(house.work(), ask())
        if any(answers):
            assert await house.blobs.size(blob_key(sha256)) == len(content)
            async with house.database.read() as tx:
                assert await load_sizes(tx, [sha256]) == {sha256: len(content)}


# What no row speaks of. The store's own clock says how old it is, so here time is the machine's.


def made_old(house: House, key: str) -> None:
    file = house.blobs.root / key
    seconds = (house.clock.now() - GRACE - timedelta(days=1)).timestamp()
    os.utime(file, (seconds, seconds))


async def test_what_leaves_and_what_goes_is_found_by_an_index(house: House) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    engine = house.database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_: object, __: object, said: str, values: tuple[object, ...], *___: object) -> None:
        asked.append((said, values))

    async with house.database.write() as tx:
        now = house.clock.now()
        await store.is_any_leaving(tx)
        await store.load_going(tx, limit=10)
        await store.begin_removal(tx, before=now, now=now, limit=10)
    event.remove(engine, "before_cursor_execute", hear)
    ours = [one for one in asked if "blobs" in one[0]]
    assert len(ours) == 4
    explain = "EXPLAIN QUERY PLAN" if house.database.is_sqlite else "EXPLAIN"
    async with house.database.write() as tx:
        if not house.database.is_sqlite:  # A small table is read whole, index or not.
            await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for said, values in ours:
            lines = await tx.exec_driver_sql(f"{explain} {said}", values)
            plan = "\n".join(str(line) for line in lines)
            assert re.search("blobs_(leaving|going)_at_idx", plan), plan
            assert not re.search(r"(SCAN|Seq Scan on) blobs(?! USING)", plan), plan


async def test_bytes_without_a_row_go_when_they_are_old(house: House) -> None:
    kept = await house.keep(b"known")
    await house.write(insert(pins).values(sha256=kept, lineage_id=ID, n=1))
    young = blob_key("ab" * 32)
    await house.blobs.put(KEY, CONTENT)
    await house.blobs.put(young, b"just came")
    await house.blobs.put(thumbnail_key("cd" * 32, "small"), b"of nothing")
    for key in (KEY, thumbnail_key("cd" * 32, "small"), blob_key(kept)):
        made_old(house, key)
    await house.work()
    assert await house.blobs.size(KEY) is not None, "not at the first look"
    await house.wait(AGAIN)
    assert {stored.key async for stored in house.blobs.walk()} == {blob_key(kept), young}
    async with house.database.read() as tx:
        assert set(await tx.scalars(select(table.c.sha256))) == {kept}


async def test_bytes_without_a_row_that_somebody_brings_anew_stay(house: House) -> None:
    await house.blobs.put(KEY, CONTENT)
    made_old(house, KEY)
    await house.work()
    await house.keep()
    await house.wait(AGAIN)
    assert await house.is_stored()


async def test_a_draft_that_a_crash_left_goes_and_a_young_one_stays(house: House) -> None:
    await house.blobs.put(KEY, CONTENT)
    for name in ("old", "young"):
        (house.blobs.root / DRAFTS / name).write_bytes(b"x")
    made_old(house, f"{DRAFTS}/old")
    await house.work()
    assert [file.name for file in (house.blobs.root / DRAFTS).iterdir()] == ["young"]


async def test_parts_of_an_upload_stay_while_it_is_under_way(house: House) -> None:
    parts = [f"{blob_key('ef' * 32)}-part", f"{blob_key('01' * 32)}-part"]
    for key in parts:
        await house.blobs.put(key, b"a part")
        made_old(house, key)
    named = msgspec.json.encode([{"key": parts[0], "bytes": 6}]).decode()
    await house.write(sent())
    await house.write(update(uploads).values(parts=named, offset=6))
    await house.work()
    assert {stored.key async for stored in house.blobs.walk()} == {parts[0]}


async def test_what_is_not_ours_in_the_store_is_left_alone(house: House) -> None:
    other = house.blobs.root / "uploads" / str(ID)
    other.parent.mkdir(parents=True)
    other.write_bytes(b"growing")
    made_old(house, f"uploads/{ID}")
    await house.work()
    assert other.exists()


async def test_an_s3_store_is_collected_alike(s3: S3, database: Database, tmp_path: Path) -> None:
    house = House(database, Settings.model_validate({"data_dir": tmp_path, **s3.settings()}))
    await house.jobs.begin_periods()
    await house.keep()
    await house.blobs.put(thumbnail_key(SHA256, "small"), b"picture")
    pinned_one = await house.keep(b"pinned")
    await house.write(insert(pins).values(sha256=pinned_one, lineage_id=ID, n=1))
    await pass_grace(house)
    assert not await house.is_stored()
    assert {stored.key async for stored in house.blobs.walk()} == {blob_key(pinned_one)}
