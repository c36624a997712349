"""What goes wrong with a backup is one line; what is half never counts, nor is put back."""

import asyncio
import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from server import migrate, schema_version
from server.backups import lost
from server.backups import manifest as manifests
from server.backups.make import Finished
from server.blobs import blob_key
from server.database import Database
from server.errors import UnableError
from server.folder import sqlite_file
from server.marker import Mark, Marker
from server.store import backups as store
from server.store import blob_collect, installation
from tests.fixtures.demo import ROOT
from tests.fixtures.patience import until
from tests.fixtures.process import Program
from tests.integration.backup_world import (
    PHOTOS,
    SHAS,
    World,
    build,
    epoch_of,
    quiet,
    settle,
)
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, add_round, two
from tests.integration.uploading import load_sizes


@pytest.fixture
async def world(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return await build(house, tmp_path, request)


@pytest.fixture
async def tablets(world: World) -> tuple[Tablet, Tablet]:
    return await two(world.house, await add_round(world.house))


# What goes wrong.


async def spoil(world: World, *, name: str) -> None:
    made = manifests.find(world.place)
    file = next(file for file in sorted(made.rglob("*")) if file.match(name))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("what", ["manifest", "database", "list", "lost photo", "other photo"])
async def test_a_damaged_backup_is_not_put_back_and_touches_nothing(
    world: World, what: str
) -> None:
    made = await world.back_up()
    photo = world.place / "blobs" / blob_key(SHAS[2])
    match what:
        case "manifest":
            await spoil(world, name="manifest.json")
        case "database":
            name = "database.sqlite" if world.house.database.is_sqlite else "meta.copy"
            await spoil(world, name=name)
        case "list":
            await spoil(world, name="blobs.ndjson")
        case "lost photo":
            photo.unlink()
        case "other photo":
            photo.write_bytes(b"x" * photo.stat().st_size)
    with pytest.raises(UnableError, match=r"damaged|missing") as caught:
        await world.restore()
    assert "\n" not in str(caught.value)
    assert str(made if what in ("manifest", "database", "list") else photo) in str(caught.value)
    if file := sqlite_file(world.other):
        assert not file.exists()


async def test_a_folder_without_a_whole_backup_is_told(world: World) -> None:
    world.place.mkdir()
    with pytest.raises(UnableError, match="no backup"):
        await world.restore()
    made = await world.back_up()
    (made / "manifest.json").unlink()
    with pytest.raises(UnableError, match="no backup"):
        await world.restore()
    with pytest.raises(UnableError, match="no backup"):
        await world.restore(place=made)


async def test_a_backup_that_is_interrupted_does_not_count_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    really, seen = world.blobs.read, 0

    async def stuck(key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        nonlocal seen
        seen += 1
        if seen == 3:
            begun.set()
            await asyncio.Event().wait()
        async for chunk in really(key, start, end):
            yield chunk

    with monkeypatch.context() as patch:
        patch.setattr(world.blobs, "read", stuck)
        making = asyncio.create_task(world.back_up())
        await begun.wait()
        async with world.house.database.write() as tx:
            assert await blob_collect.is_held(tx, world.house.clock.now()), "nothing is collected"
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
    assert manifests.list_whole(world.place) == []
    assert list(world.place.glob("*.part")) == []
    assert await world.told() == []
    async with world.house.database.write() as tx:
        assert not await blob_collect.is_held(tx, world.house.clock.now())
    left = world.place / "20261120T000000Z-dead.part"
    left.mkdir()
    await world.back_up()
    assert not left.exists()
    await world.restore()


async def reader_of(pipe: Path) -> int:
    """The other end of a pipe (fifo(7)), as soon as somebody waits at it."""
    ends: list[int] = []

    async def is_there() -> bool:
        try:
            ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        return bool(ends)

    await until(is_there, "somebody reads the pipe")
    return ends[0]


async def test_a_folder_that_does_not_answer_keeps_nobody_but_the_backup_waiting(
    world: World,
) -> None:
    pipe = world.place / "20200101T000000Z-dead" / "manifest.json"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    making = asyncio.create_task(world.back_up())
    end = await reader_of(pipe)
    try:
        async with world.house.client() as client:
            assert (await client.get("/health")).json() == {"status": "ok"}
            assert (await client.get("/sync")).json()["epoch"] == 1
        assert not making.done()
    finally:
        os.close(end)
    made = await making
    assert manifests.list_usable(world.place) == [made]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_server_whose_backup_hangs_serves_and_ends_when_it_is_told(world: World) -> None:
    pipe = world.place / "20200101T000000Z-dead" / "manifest.json"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    given = {"XUNJIAN_BACKUP_DIR": str(world.place), "XUNJIAN_SHUTDOWN_SECONDS": "1"}
    folder = world.place.with_name("served")
    serving = Program(
        [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(folder)],
        ready=lambda line: line.startswith("READY "),
        cwd=ROOT,
        env=os.environ | given,
    )
    end = await reader_of(pipe)
    try:
        address = serving.said[-1].split()[-1]
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{address}/health")).status_code == 200
        assert await asyncio.to_thread(serving.end) == 0
    finally:
        os.close(end)


async def test_a_full_disk_leaves_no_backup(world: World) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, hard))
    try:
        with pytest.raises(UnableError, match="no backup was made in") as caught:
            await world.back_up()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert "\n" not in str(caught.value)
    assert manifests.list_whole(world.place) == []
    assert await world.told() == []
    await world.back_up()


async def test_two_backups_in_one_folder_take_turns(world: World) -> None:
    both = await asyncio.gather(
        world.backups.make(world.place, say=quiet),
        world.backups.make(world.place, say=quiet),
        return_exceptions=True,
    )
    made, refused = sorted(both, key=lambda one: not isinstance(one, Finished))
    assert isinstance(made, Finished)
    assert isinstance(refused, UnableError), "whichever was later"
    assert "another backup is being made" in str(refused)


async def test_a_backup_that_was_told_stays_though_others_have_later_names(world: World) -> None:
    """Made while the clock was wrong, or by another server."""
    made = await world.back_up()
    made.rename(made.with_name("20991231T000000Z-00000000"))
    world.settings = world.settings.model_copy(update={"backups_max": 1})
    own = await world.back_up()
    assert manifests.list_whole(world.place) == [own]
    assert await world.restore(place=own) == 2


async def test_what_the_store_has_lost_is_told_and_no_device_counts_on_it(
    world: World, tablets: tuple[Tablet, Tablet]
) -> None:
    tablets[0].inspect(ASSETS[0], note="x")
    await settle(*tablets)
    await world.blobs.delete([blob_key(SHAS[1])])
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await world.back_up()
    assert await world.told() == []
    tablets[0].inspect(ASSETS[0], note="y")
    await tablets[0].push()
    assert tablets[0].client.backed_up_to == 0
    await world.restore()  # What there is can still be had.


async def test_what_is_lost_for_good_is_taken_back_and_backups_are_whole_again(
    world: World, tablets: tuple[Tablet, Tablet]
) -> None:
    tablets[0].inspect(ASSETS[0], note="x")
    await settle(*tablets)
    await world.blobs.delete([blob_key(SHAS[1])])
    with pytest.raises(UnableError, match="--without-missing"):
        await world.back_up()
    world.house.clock.advance(timedelta(hours=1))
    made = await world.backups.make(world.place, say=quiet, may_lack=True)
    file = world.settings.data_dir / "missing-1.ndjson"
    assert [one.sha256 for one in lost.read_list(file)] == [SHAS[1]]
    assert made.missing[0].startswith(f"missing {SHAS[1]}")
    assert str(file) in made.missing[-1]
    async with world.house.database.read() as tx:
        assert (await load_sizes(tx, SHAS)).keys() == set(SHAS) - {SHAS[1]}
    assert await world.told() == [str(made.folder)]
    tablets[0].inspect(ASSETS[0], note="y")
    await tablets[0].push()
    assert tablets[0].client.backed_up_to > 0
    await world.back_up()
    assert await world.restore() == 2


async def test_a_photo_that_rotted_is_not_copied(world: World) -> None:
    (world.blobs.root / blob_key(SHAS[1])).write_bytes(b"x" * len(PHOTOS[1]))
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await world.back_up()


async def test_a_database_that_was_taken_back_meanwhile_is_told_of_nothing(world: World) -> None:
    made = store.MadeBackup(
        id=UUID(int=1),
        epoch=7,
        begun_at=world.house.clock.now(),
        ended_at=world.house.clock.now(),
        place="",
        bytes=0,
        lineages=0,
        ops=0,
    )
    async with world.house.database.write() as tx:
        assert not await store.save_made(tx, made, ())
    assert await world.told() == []


# Where there is something already.


async def test_a_database_that_is_there_is_left_alone_unless_it_may_go(world: World) -> None:
    await world.back_up()
    await world.restore()
    async with world.restored() as house, house.database.write() as tx:
        await tx.execute(text("DELETE FROM blobs"))
    with pytest.raises(UnableError, match="--force"):
        await world.restore()
    assert await world.restore(force=True) == 3, "its epoch is above all that were told"
    async with world.restored() as house, house.database.read() as tx:
        assert len(await load_sizes(tx, SHAS)) == len(SHAS)
    if file := sqlite_file(world.other):
        assert file.with_name(f"{file.name}.replaced").exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_every_database_that_was_replaced_is_kept_whole(world: World) -> None:
    """With its log, and never with that of another."""
    await world.back_up()
    await world.restore()
    file = sqlite_file(world.other)
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as running:
        running.execute("PRAGMA journal_mode=WAL").fetchone()
        running.execute("CREATE TABLE work AS SELECT 'not in any backup' AS done")
        await asyncio.to_thread(shutil.copytree, file.parent, file.parent.with_name("killed"))
    shutil.rmtree(file.parent)
    file.parent.with_name("killed").rename(file.parent)
    await world.restore(force=True)
    await world.restore(force=True)
    names = (f"{file.name}.replaced", f"{file.name}.replaced-2")
    tables = []
    for name in names:
        with closing(sqlite3.connect(file.with_name(name))) as kept:
            found = kept.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables.append({"work", "ops"} & {table for (table,) in found})
    assert tables == [{"work", "ops"}, {"ops"}]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_damaged_database_may_be_replaced(world: World) -> None:
    await world.back_up()
    file = sqlite_file(world.other)
    assert file is not None
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not a database" * 1_000)
    with pytest.raises(UnableError, match="cannot be used"):
        await world.restore()
    await world.restore(force=True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_database_in_use_is_not_replaced(world: World) -> None:
    await world.back_up()
    await world.restore()
    async with world.restored() as house, house.database.read():
        with pytest.raises(UnableError, match="1 other connections"):
            await world.restore(force=True)


async def test_a_folder_of_another_installation_is_told(world: World) -> None:
    await world.back_up()
    world.other.data_dir.mkdir()
    Marker(world.other.data_dir).write(Mark(UUID(int=9), 4, 100))
    with pytest.raises(UnableError, match="another installation"):
        await world.restore()


async def test_the_epoch_is_above_the_one_that_the_marker_knew(world: World) -> None:
    await world.back_up()
    async with world.house.database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    world.other.data_dir.mkdir()
    Marker(world.other.data_dir).write(Mark(made.id, 4, 100))
    assert await world.restore() == 5


async def test_a_backup_of_an_older_schema_is_brought_to_this_one(world: World) -> None:
    """One as the program before the last migration would have made it."""
    made = await world.back_up()
    shutil.rmtree(made)
    made.mkdir()
    old = "0008"
    if world.house.database.is_sqlite:
        database = Database(f"sqlite+aiosqlite:///{made / 'database.sqlite'}")
    else:
        (made / "tables").mkdir()
        database = world.house.database
    columns: dict[str, tuple[str, ...]] = {}
    async with database.write() as tx:
        if not database.is_sqlite:
            await store.drop_tables(tx)
        await tx.run_sync(lambda connection: migrate.build(connection, old))
        begun = await installation.begin(tx, id_=UUID(int=5), seal_key=b"k" * 32)
        if not database.is_sqlite:
            columns = dict(await store.dump_tables(tx, made / "tables"))
    if database.is_sqlite:
        await database.close()
        (made / "database.sqlite-wal").unlink(missing_ok=True)
    manifests.write_kept(made / "blobs.ndjson", [])
    now = world.house.clock.now()
    manifests.write(
        made,
        manifests.Manifest(
            format=1,
            id=UUID(int=6),
            installation=begun.id,
            epoch=begun.epoch,
            revision=old,
            database="sqlite" if database.is_sqlite else "postgresql",
            begun_at=now,
            ended_at=now,
            files={
                str(file.relative_to(made)): manifests.digest_of(file)
                for file in made.rglob("*")
                if file.is_file()
            },
            columns=columns,
            blobs=0,
            blob_bytes=0,
            missing=0,
            lineages=0,
            ops=0,
        ),
    )
    await world.restore()
    async with world.restored() as house:
        await schema_version.check(house.database)
        assert await epoch_of(house.database) == 2


async def test_a_backup_of_the_other_database_is_told(world: World) -> None:
    await world.back_up()
    url = "postgresql+asyncpg://nobody@localhost/none" if world.house.database.is_sqlite else None
    world.other = world.other.model_copy(update={"database_url": url})
    with pytest.raises(UnableError, match="XUNJIAN_DATABASE_URL"):
        await world.restore()


async def test_a_backup_of_a_newer_program_is_told(world: World) -> None:
    made = await world.back_up()
    inner = json.loads((made / "manifest.json").read_bytes())["manifest"] | {"format": 99}
    body = json.dumps(inner, separators=(",", ":"))
    sealed = f'{{"sha256":"{hashlib.sha256(body.encode()).hexdigest()}","manifest":{body}}}'
    (made / "manifest.json").write_text(sealed)
    with pytest.raises(UnableError, match="newer program"):
        await world.restore()
