"""What rots among the backups is found, healed while it can be, and never holds up the rest."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server.__main__ import main
from server.audit import look
from server.backups import lost
from server.backups import manifest as manifests
from server.backups.check import check
from server.backups.make import Backups
from server.backups.pool import Pool, listed_in
from server.blob_inspect import KIND as INSPECT_BLOB
from server.blobs import Blobs, blob_key, thumbnail_key
from server.errors import UnableError
from server.store.file_tables import blobs as blob_table
from server.store.file_tables import jobs
from server.store.kind_tables import KIND_TABLES
from tests.fixtures.swift import S3
from tests.integration.backup_world import PHOTOS, SHAS, World, build, fill, moved, quiet, settle
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, add_round, two
from tests.integration.uploading import attach, digest, uploader

DAMAGES = ("flipped", "cut", "missing")


@pytest.fixture
async def world(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return await build(house, tmp_path, request)


def pooled(world: World, sha256: str) -> Path:
    return world.place / "blobs" / blob_key(sha256)


def damage(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    match how:
        case "flipped":
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        case "cut":
            file.write_bytes(content[:-1])
        case _:
            file.unlink()


async def remove_from_store(world: World, *sha256s: str) -> None:
    """As collection does once nothing names them."""
    async with world.house.database.write() as tx:
        await tx.execute(blob_table.delete().where(blob_table.c.sha256.in_(sha256s)))
    await world.blobs.delete([blob_key(sha256) for sha256 in sha256s])


# --- Found, and healed ---


@pytest.mark.parametrize("how", DAMAGES)
async def test_the_next_backup_takes_from_the_store_what_rotted(world: World, how: str) -> None:
    await world.back_up()
    damage(pooled(world, SHAS[2]), how)
    said: list[str] = []
    made = await world.backups.make(world.place, say=said.append)
    assert made.lost == ()
    assert [line for line in said if "is whole again" in line] == [
        f"{pooled(world, SHAS[2])} was damaged or missing, and is whole again"
    ]
    assert pooled(world, SHAS[2]).read_bytes() == PHOTOS[2]
    assert (world.place / "damaged" / blob_key(SHAS[2])).exists() == (how != "missing")
    await world.restore()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_rotted_is_taken_from_an_s3_store_too(world: World, s3: S3) -> None:
    world.settings = world.settings.model_copy(update=dict(s3.settings()))
    world.blobs = type(world.blobs)(world.settings)
    await fill(world.blobs, world.house)
    await world.back_up()
    damage(pooled(world, SHAS[1]), "flipped")
    await world.back_up()
    assert pooled(world, SHAS[1]).read_bytes() == PHOTOS[1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_thumbnail_that_rotted_is_copied_again(world: World) -> None:
    await world.back_up()
    small = world.place / "blobs" / thumbnail_key(SHAS[0], "small")
    damage(small, "flipped")
    await world.back_up()
    assert small.read_bytes() == b"picture"


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_the_store_has_no_more_either_is_said_to_be_lost(world: World, how: str) -> None:
    await world.back_up()
    await remove_from_store(world, SHAS[3])
    damage(pooled(world, SHAS[3]), how)
    made = await world.backups.make(world.place, say=quiet)
    assert len(made.lost) == 1
    assert str(pooled(world, SHAS[3])) in made.lost[0]
    assert str(made.folder) in await world.told(), "what is here now is all in it"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rotten", SHAS)
async def test_in_turns_everything_is_read_again_within_as_many_backups_as_is_said(
    world: World, rotten: str, tmp_path: Path
) -> None:
    await world.back_up()
    listed = listed_in(manifests.list_whole(world.place))
    limit = max(one.bytes for one in listed.values())
    pool = Pool(world.settings, world.place, world.blobs)
    damage(pooled(world, rotten), "flipped")
    turns = -(-sum(one.bytes for one in listed.values()) // limit)
    healed: list[str] = []
    for _ in range(turns):
        # Made anew each time: how far it has come is on the disk.
        pool = Pool(world.settings, world.place, world.blobs)
        found = await pool.reread(listed, tmp_path, limit=limit, say=quiet)
        assert found.bytes < 2 * limit, "no more is read than was said, and the file that ends it"
        assert f"within {turns} backups" in found.words(limit=limit)
        healed += found.healed
    assert healed == [blob_key(rotten)]
    assert pooled(world, rotten).read_bytes() == PHOTOS[SHAS.index(rotten)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_check_reads_everything_and_names_each_fault(world: World) -> None:
    first = await world.back_up()
    second = await world.back_up()
    assert await check(world.settings, world.place, world.blobs, say=quiet) == ()
    await remove_from_store(world, SHAS[4])
    damage(first / "database.sqlite", "flipped")
    damage(pooled(world, SHAS[0]), "flipped")
    damage(pooled(world, SHAS[4]), "cut")
    said: list[str] = []
    faults = await check(world.settings, world.place, world.blobs, say=said.append)
    assert len(faults) == 2
    assert str(first / "database.sqlite") in faults[0]
    assert str(pooled(world, SHAS[4])) in faults[1]
    assert f"{pooled(world, SHAS[0])} was damaged or missing, and is whole again" in said
    assert manifests.list_whole(world.place) == [first, second], "it makes no backup"
    assert not list(world.place.glob("*.part"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_a_damaged_list_names_is_not_swept_away(world: World) -> None:
    world.settings = world.settings.model_copy(update={"backups_max": 2})
    await world.back_up()
    second = await world.back_up()
    await remove_from_store(world, SHAS[4])
    (second / "blobs.ndjson").write_bytes(b'{"key":')
    await world.back_up()
    assert len(manifests.list_whole(world.place)) == 2
    assert pooled(world, SHAS[4]).exists(), "it may be in the list that cannot be read"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_note_or_manifest_that_is_no_text_any_more_keeps_no_backup_from_being_made(
    world: World,
) -> None:
    first = await world.back_up()
    manifest = first / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"revision":"', b'"revision":"\xff', 1))
    (world.place / "reread.json").write_bytes(b'{"after":"\xff"}')
    with pytest.raises(UnableError, match="is damaged"):
        manifests.read(first)
    second = await world.back_up()
    assert manifests.list_usable(world.place) == [second]


# --- A folder for each installation ---


async def test_two_installations_do_not_share_a_folder(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each would let the other's go as its own older ones."""
    (tmp_path / "password").write_text("correct horse battery\n")
    password = ["--password-file", str(tmp_path / "password")]
    theirs = str(tmp_path / "theirs")
    assert main_of(["init", "anna", "--data", theirs, *password]) == 0
    made = await world.back_up()
    assert main_of(["backup", "--data", theirs, "--to", str(world.place)]) == 2
    said = capsys.readouterr().err
    assert "holds backups of another installation" in said
    assert "XUNJIAN_BACKUP_DIR" in said
    assert manifests.list_whole(world.place) == [made]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_was_put_back_elsewhere_does_not_share_a_folder_with_who_went_on(
    world: World,
) -> None:
    """Both bear the same id; the later history keeps the folder."""
    first = await world.back_up()
    assert await world.restore() == 2
    async with world.restored() as house:
        theirs = Backups(world.other, house.database, world.blobs, house.clock)
        house.clock.advance(timedelta(hours=1))
        second = (await theirs.make(world.place, say=quiet)).folder
    with pytest.raises(UnableError, match="put back elsewhere"):
        await world.back_up()
    assert manifests.list_whole(world.place) == [first, second]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_epoch_of_which_there_is_a_backup_is_not_begun_again(world: World) -> None:
    """On a new machine no marker says how far it was; an older backup than the newest is meant."""
    first = await world.back_up()
    assert await world.restore() == 2
    async with world.restored() as house:
        theirs = Backups(world.other, house.database, world.blobs, house.clock)
        house.clock.advance(timedelta(hours=1))
        await theirs.make(world.place, say=quiet)
    (world.other.data_dir / "marker.json").unlink()
    assert await world.restore(force=True, place=first) == 3


def main_of(arguments: Sequence[str]) -> int:
    """The program on a thread of its own: it makes its own loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(main, list(arguments)).result()


# --- Put back over what rotted in the store ---


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_restore_mends_what_rotted_in_the_store(world: World) -> None:
    await world.back_up()
    await world.restore()
    store = Blobs(world.other)
    damage(store.root / blob_key(SHAS[0]), "flipped")
    assert (await world.put_back(force=True)).missing is None
    assert (store.root / blob_key(SHAS[0])).read_bytes() == PHOTOS[0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_rotted_here_and_there_is_missing(world: World) -> None:
    await world.back_up()
    await world.restore()
    store = Blobs(world.other)
    damage(store.root / blob_key(SHAS[0]), "flipped")
    damage(pooled(world, SHAS[0]), "flipped")
    with pytest.raises(UnableError, match="--without-missing"):
        await world.put_back(force=True)
    restored = await world.put_back(force=True, may_lack=True)
    assert restored.missing is not None
    assert [one.sha256 for one in lost.read_list(restored.missing)] == [SHAS[0]]


# --- Put back without what is missing ---


@pytest.mark.parametrize("how", DAMAGES)
async def test_a_restore_goes_on_without_what_is_missing_only_when_told(
    world: World, how: str
) -> None:
    await world.back_up()
    damage(pooled(world, SHAS[1]), how)
    damage(pooled(world, SHAS[2]), how)
    with pytest.raises(UnableError, match="--without-missing") as caught:
        await world.restore()
    first = min(SHAS[1:3])
    assert f"{pooled(world, first)} is missing or damaged, and 1 more" in str(caught.value)
    restored = await world.put_back(may_lack=True)
    assert restored.missing == world.other.data_dir / "missing-2.ndjson"
    listed = lost.read_list(restored.missing)
    assert {one.sha256 for one in listed} == set(SHAS[1:3])
    async with world.restored() as house:
        blobs = house.app.state.blobs
        for sha256, photo in zip(SHAS, PHOTOS, strict=True):
            is_here = sha256 not in SHAS[1:3]
            assert await blobs.size(blob_key(sha256)) == (len(photo) if is_here else None)
        async with house.database.read() as tx:
            known = set(await tx.scalars(select(blob_table.c.sha256)))
        assert known == set(SHAS) - set(SHAS[1:3])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_thumbnail_that_is_missing_holds_nothing_up_and_is_made_again(world: World) -> None:
    await world.back_up()
    damage(world.place / "blobs" / thumbnail_key(SHAS[0], "small"), "flipped")
    assert (await world.put_back()).missing is None
    async with world.restored() as house, house.database.read() as tx:
        waiting = select(jobs.c.key).where(jobs.c.kind == INSPECT_BLOB)
        assert list(await tx.scalars(waiting)) == [SHAS[0]]


async def test_who_still_holds_a_photo_that_is_missing_is_asked_for_it_again(world: World) -> None:
    one, two_ = await two(world.house, await add_round(world.house))
    photo = b"\xff\xd8\xff a photo of a switchboard"
    attachment = attach(one.client, world.house.clock, ASSETS[0], photo)
    await settle(one, two_)
    url = await uploader(one).send(photo)
    await settle(one, two_)
    assert two_.client.base[attachment].data["received_at"]
    assert await uploader(one).have(digest(photo)) == [digest(photo)]
    await world.back_up()
    damage(pooled(world, digest(photo)), "flipped")
    restored = await world.put_back(may_lack=True)
    assert restored.missing is not None
    (listed,) = lost.read_list(restored.missing)
    assert [named.id for named in listed.attachments] == [attachment]
    assert str(ASSETS[0]) in lost.words(listed)
    async with world.restored() as house:
        async with house.database.read() as tx:
            assert await lost.count_lost(tx) == 1
        one, two_ = moved(one, house), moved(two_, house)
        await settle(one, two_)
        assert "received_at" not in two_.client.base[attachment].data, "the others see it wait"
        assert await uploader(one).have(digest(photo)) == []
        assert (await uploader(one).head(url)).status_code == 404, "it begins anew"
        table = KIND_TABLES["attachment"]
        async with house.database.read() as tx:
            at = select(table.c.received_at).where(table.c.id == attachment)
            assert await tx.scalar(at) is None
        assert (await look(house.database)).broken == (), "it was written by an op in a chain"
        await uploader(one).send(photo)
        await settle(one, two_)
        assert two_.client.base[attachment].data["received_at"]
        assert await uploader(one).have(digest(photo)) == [digest(photo)]
        async with house.database.read() as tx:
            assert await lost.count_lost(tx) == 0


def test_a_person_is_told_by_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text("correct horse battery\n")
    one, other, place = (str(tmp_path / name) for name in ("one", "other", "backups"))
    assert main(["init", "a1", "--data", one, "--password-file", str(tmp_path / "password")]) == 0
    assert main(["backup", "--check", "--data", one, "--to", place]) == 2
    assert "no backup that is whole" in capsys.readouterr().err
    assert main(["backup", "--data", one, "--to", place]) == 0
    assert main(["backup", "--check", "--data", one, "--to", place]) == 0
    assert "every backup is whole" in capsys.readouterr().out
    made = manifests.find(Path(place))
    damage(made / "database.sqlite", "flipped")
    assert main(["backup", "--check", "--data", one, "--to", place]) == 1
    assert f"DAMAGED {made / 'database.sqlite'} is damaged" in capsys.readouterr().out
    assert main(["restore", place, "--data", other, "--without-missing"]) == 2
    assert "is damaged" in capsys.readouterr().err, "without its database there is nothing"
