"""A backup is whole or does not count; what is put back is what was there."""

import asyncio
import hashlib
import json
import resource
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from server import migrate
from server.__main__ import main
from server.app import create_app
from server.backups import manifest as manifests
from server.backups.make import Backups
from server.backups.restore import restore
from server.blobs import Blobs, blob_key, thumbnail_key
from server.database import Database
from server.errors import UnableError
from server.folder import held, sqlite_file
from server.jobs import Jobs
from server.keep import keep
from server.marker import Mark, Marker
from server.settings import Settings
from server.store import backups as store
from server.store import blobs as rows
from server.store import collect, installation
from server.store.file_tables import blobs as blob_table
from server.store.proof_tables import backups
from server.store.tables import lineages, metadata, ops
from sync.ids import inspection_id
from tests.fixtures.swift import S3
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, ASSIGNMENT, Tablet, add_round, two

PHOTOS = [f"photo {number}".encode() * 1_000 for number in range(5)]
SHAS = [hashlib.sha256(photo).hexdigest() for photo in PHOTOS]


def quiet(_: str) -> None:
    """Nobody looks."""


async def settle(*tablets: Tablet) -> None:
    """Until every tablet has sent all it has, and pulled all there is."""
    for _ in range(4):
        for tablet in tablets:
            while tablet.client.push_request() is not None:
                await tablet.push()
            await tablet.pull()


async def fill(blobs: Blobs, house: House) -> None:
    for sha256, photo in zip(SHAS, PHOTOS, strict=True):
        await keep(house.database, blobs, house.clock, sha256, photo)
    await blobs.put(thumbnail_key(SHAS[0], "small"), b"picture")


class World:
    """A house with photos and a folder for its backups, and a second house to put them back in."""

    def __init__(self, house: House, other: Settings, place: Path) -> None:
        url = house.database.engine.url.render_as_string(hide_password=False)
        self.house, self.place = house, place
        self.settings = house.settings.model_copy(update={"database_url": url})
        self.other = other
        self.blobs = Blobs(self.settings)

    @property
    def backups(self) -> Backups:
        return Backups(self.settings, self.house.database, self.blobs, self.house.clock)

    async def back_up(self) -> Path:
        self.house.clock.advance(timedelta(hours=1))
        return await self.backups.make(self.place, say=quiet)

    async def restore(self, *, force: bool = False, place: Path | None = None) -> int:
        return await restore(self.other, place or self.place, is_forced=force, say=quiet)

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[House]:
        """The second house, opened."""
        database = Database(self.other.database_address)
        try:
            app = create_app(self.other, database, self.house.clock)
            yield House(self.other, database, self.house.clock, app)
        finally:
            await database.close()

    async def told(self) -> list[object]:
        async with self.house.database.read() as tx:
            return [row.place for row in await store.load_made(tx, limit=10)]


@pytest.fixture
async def world(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    url = None
    if not house.database.is_sqlite:
        url = request.getfixturevalue("fresh_postgres_url")
    given = {"data_dir": tmp_path / "other", "database_url": url, "app_dir": house.settings.app_dir}
    world = World(house, Settings.model_validate(given), tmp_path / "backups")
    await fill(world.blobs, house)
    return world


@pytest.fixture
async def tablets(world: World) -> tuple[Tablet, Tablet]:
    return await two(world.house, await add_round(world.house))


def moved(tablet: Tablet, house: House) -> Tablet:
    """The same tablet, that finds another server at its address."""
    credential = tablet.http.headers["authorization"]
    http = house.client(authorization=credential)
    return Tablet(house, tablet.client, tablet.device, http)


async def everything(database: Database) -> dict[str, list[str]]:
    """All rows of all tables, but what a backup itself and a restore write."""
    async with database.read() as tx:
        return {
            table.name: sorted(repr(tuple(row)) for row in await tx.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in ("backups", "meta", "lineages")
        }


async def epoch_of(database: Database) -> int:
    async with database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    return made.epoch


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
            assert len(await rows.load_sizes(tx, SHAS)) == len(SHAS)


async def migrate_of(database: Database) -> str | None:
    async with database.read() as tx:
        return await tx.run_sync(migrate.current)


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

    async with asyncio.timeout(60):
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
            assert await collect.is_held(tx, world.house.clock.now()), "nothing is collected"
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
    assert manifests.list_whole(world.place) == []
    assert list(world.place.glob("*.part")) == []
    assert await world.told() == []
    async with world.house.database.write() as tx:
        assert not await collect.is_held(tx, world.house.clock.now())
    left = world.place / "20261120T000000Z-dead.part"
    left.mkdir()
    await world.back_up()
    assert not left.exists()
    await world.restore()


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
    first, second = await asyncio.gather(
        world.backups.make(world.place, say=quiet),
        world.backups.make(world.place, say=quiet),
        return_exceptions=True,
    )
    assert isinstance(first, Path)
    assert isinstance(second, UnableError)
    assert "another backup is being made" in str(second)


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
        assert len(await rows.load_sizes(tx, SHAS)) == len(SHAS)
    if file := sqlite_file(world.other):
        assert file.with_name(f"{file.name}.replaced").exists()


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
    old = "0007"
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
        await migrate.check(house.database)
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


# By itself, and by hand.


async def test_the_server_makes_them_by_itself_where_a_folder_is_named(world: World) -> None:
    named = {"backup_dir": world.place, "backup_hours": 6}
    world.settings = world.settings.model_copy(update=named)
    jobs = Jobs(world.house.database, world.house.clock)
    world.backups.schedule(jobs)
    await jobs._begin_periods()
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
