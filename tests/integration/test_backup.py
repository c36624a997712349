"""A backup is of one moment and whole; what is put back is what was there, and is told so."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server import schema_version
from server.__main__ import main
from server.backups import manifest as manifests
from server.backups.make import Backups
from server.blobs import Blobs, blob_key, thumbnail_key
from server.database import Database
from server.folder import held
from server.jobs import Jobs
from server.settings import Settings
from server.store.file_tables import blobs as blob_table
from server.store.proof_tables import backups
from server.store.tables import lineages, metadata, ops
from sync.ids import inspection_id
from tests.fixtures.swift import S3
from tests.integration.backup_world import (
    PHOTOS,
    SHAS,
    World,
    build,
    epoch_of,
    fill,
    moved,
    settle,
)
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, Tablet, add_round, two
from tests.integration.uploading import load_sizes


@pytest.fixture
async def world(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return await build(house, tmp_path, request)


@pytest.fixture
async def tablets(world: World) -> tuple[Tablet, Tablet]:
    return await two(world.house, await add_round(world.house))


async def everything(database: Database) -> dict[str, list[str]]:
    """All rows of all tables, but what a backup itself and a restore write."""
    async with database.read() as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in await tx.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in ("backups", "meta", "lineages")
        }


async def test_what_is_put_back_is_what_was_there(
    world: World, tablets: tuple[Tablet, Tablet]
) -> None:
    tablets[0].inspect(ASSETS[0], note="风扇异响 \\ \t \x7f ~")
    await settle(*tablets)
    before = await everything(world.house.database)
    made = await world.back_up()
    assert await world.told() == [str(made)]
    assert await world.restore() == 2
    async with world.restored() as house:
        assert await everything(house.database) == before
        assert await epoch_of(house.database) == 2
        blobs: Blobs = house.app.state.blobs
        for sha256, photo in zip(SHAS, PHOTOS, strict=True):
            assert b"".join([c async for c in blobs.read(blob_key(sha256))]) == photo
        assert await blobs.size(thumbnail_key(SHAS[0], "small")) == 7
        async with house.database.write() as tx:
            assert await migrate_of(house.database) == await migrate_of(world.house.database)
            assert len(await load_sizes(tx, SHAS)) == len(SHAS)


async def migrate_of(database: Database) -> str | None:
    async with database.read() as tx:
        return await tx.run_sync(schema_version.current)


async def test_what_was_sent_after_the_backup_comes_back_from_the_tablets(
    world: World, tablets: tuple[Tablet, Tablet]
) -> None:
    one, two_ = tablets
    one.inspect(ASSETS[1], note="before")
    await settle(one, two_)
    await world.back_up()
    one.inspect(ASSETS[0], note="after")
    await settle(one, two_)
    assert one.client.backed_up_to == 1, "it is told how far a restore would lose nothing"

    await world.restore()
    async with world.restored() as house:
        one, two_ = moved(one, house), moved(two_, house)
        two_.inspect(ASSETS[2], note="meanwhile")
        await settle(two_, one)
        await settle(two_, one)
        for tablet in (one, two_):
            notes = {row.data.get("note") for row in tablet.client.base.values()}
            assert notes >= {"before", "after", "meanwhile"}
            assert tablet.client.epoch == 2
        assert one.shared == two_.shared
        assert tablet.client.base[inspection_id(ASSIGNMENT, ASSETS[0])].data["note"] == "after"


async def test_a_backup_under_load_is_of_one_moment(
    world: World, tablets: tuple[Tablet, Tablet]
) -> None:
    one, two_ = tablets
    one.inspect(ASSETS[0], note="0")
    await settle(one, two_)
    made, acknowledged = asyncio.Event(), 0

    async def push(tablet: Tablet) -> None:
        number = 0
        while not made.is_set():
            number += 1
            tablet.inspect(ASSETS[number % 20], note=f"{number}")
            tablet.inspect(ASSETS[(number + 1) % 20], note=f"{number}")
            await tablet.push()

    async def back_up() -> None:
        nonlocal acknowledged
        acknowledged = await count(world.house.database)
        await world.back_up()
        made.set()

    async with asyncio.timeout(120):
        await asyncio.gather(push(one), push(two_), back_up())
    await world.restore()
    async with world.restored() as house:
        assert acknowledged <= await count(house.database) <= await count(world.house.database)
        async with house.database.read() as tx:
            for lineage, last_n in await tx.execute(select(lineages.c.id, lineages.c.last_n)):
                where = ops.c.lineage_id == lineage
                query = select(func.count(), func.max(ops.c.n)).where(where)
                number, newest = (await tx.execute(query)).one()
                if newest is not None:
                    assert number == newest == last_n, "every op of the snapshot, and no other"
        one, two_ = moved(one, house), moved(two_, house)
        await settle(one, two_)
        await settle(one, two_)
        assert one.shared == two_.shared
        assert one.client.digest("org") == two_.client.digest("org")
        assert (one.client.unsent, two_.client.unsent) == ([], [])


async def count(database: Database) -> int:
    async with database.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(ops)) or 0)


async def test_each_photo_is_copied_once_and_goes_with_the_last_backup_that_has_it(
    world: World,
) -> None:
    world.settings = world.settings.model_copy(update={"backups_max": 2})
    pool = world.place / "blobs"
    first = await world.back_up()
    times = {file: file.stat().st_mtime_ns for file in pool.rglob("*") if file.is_file()}
    assert len(times) == len(PHOTOS) + 1
    async with world.house.database.write() as tx:
        await tx.execute(blob_table.delete().where(blob_table.c.sha256 == SHAS[4]))
    await world.blobs.delete([blob_key(SHAS[4])])
    await world.back_up()
    assert times == {f: f.stat().st_mtime_ns for f in pool.rglob("*") if f.is_file()}
    assert (pool / blob_key(SHAS[4])).exists(), "the first one has it"
    await world.back_up()
    assert not first.exists()
    assert not (pool / blob_key(SHAS[4])).exists()
    assert len(manifests.list_whole(world.place)) == 2
    await world.restore()


async def test_the_backup_is_its_owners_alone_and_shares_no_file_with_the_data(
    world: World,
) -> None:
    await world.back_up()
    for path in [world.place, *world.place.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or path.stat().st_nlink == 1, path
    await world.restore()
    for path in Blobs(world.other).root.rglob("*"):
        assert path.is_dir() or path.stat().st_nlink == 1, path


# By itself, and by hand.


async def test_the_server_makes_them_by_itself_where_a_folder_is_named(world: World) -> None:
    named = {"backup_dir": world.place, "backup_hours": 6}
    world.settings = world.settings.model_copy(update=named)
    jobs = Jobs(world.house.database, world.house.clock)
    world.backups.schedule(jobs)
    await jobs.begin_periods()
    assert await jobs.run_due() == 1
    world.house.clock.advance(timedelta(hours=5))
    assert await jobs.run_due() == 0
    world.house.clock.advance(timedelta(hours=1))
    assert await jobs.run_due() == 1
    assert len(manifests.list_whole(world.place)) == len(await world.told()) == 2
    async with world.house.database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(backups)) == 2

    without = Jobs(world.house.database, world.house.clock)
    Backups(world.other, world.house.database, world.blobs, world.house.clock).schedule(without)
    world.house.clock.advance(timedelta(days=9))
    assert await without.run_due() == 0


async def test_photos_of_an_s3_store_are_in_it_too(
    house: House, s3: S3, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = None
    if not house.database.is_sqlite:
        url = request.getfixturevalue("fresh_postgres_url")
    given = {"data_dir": tmp_path / "other", "database_url": url}
    house.settings = house.settings.model_copy(update=dict(s3.settings()))
    world = World(house, Settings.model_validate(given), tmp_path / "backups")
    await fill(world.blobs, house)
    await world.back_up()
    await world.restore()
    restored = Blobs(world.other)
    for sha256, photo in zip(SHAS, PHOTOS, strict=True):
        assert b"".join([c async for c in restored.read(blob_key(sha256))]) == photo
    await world.blobs.delete([blob_key(sha256) for sha256 in SHAS])
    back = world.other.model_copy(update=dict(s3.settings()))
    world.other = back
    assert await world.restore(force=True) == 3
    assert await Blobs(back).size(blob_key(SHAS[0])) == len(PHOTOS[0])


def test_nothing_is_put_back_while_a_server_runs_on_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with held(Settings(data_dir=tmp_path)):
        assert main(["restore", str(tmp_path / "backups"), "--data", str(tmp_path)]) == 2
    assert "in use by process" in capsys.readouterr().err


def test_a_person_makes_one_and_puts_it_back_by_two_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    one, other, place = (str(tmp_path / name) for name in ("one", "other", "backups"))
    password = ["--password-file", str(tmp_path / "password")]
    assert main(["init", "anna", "--data", one, *password]) == 0
    assert main(["backup", "--data", one]) == 2
    assert "--to DIR, or XUNJIAN_BACKUP_DIR" in capsys.readouterr().err
    assert main(["backup", "--data", one, "--to", place]) == 0
    assert "backup " in capsys.readouterr().out
    assert main(["restore", place, "--data", one]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["restore", place, "--data", other]) == 0
    assert "epoch 2" in capsys.readouterr().out
    assert main(["enrol", "anna", "--data", other]) == 0
    assert main(["restore", str(tmp_path / "nowhere"), "--data", other]) == 2
