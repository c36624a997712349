"""Uploads that come whole in one request: fewer steps, and not one promise less."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server import blobs as blob_files
from server.blobs import StoreUnreachable
from server.folder import sync_folder
from server.store.file_tables import uploads
from sync.ids import upload_id
from tests.integration.backup_world import settle
from tests.integration.conftest import House
from tests.integration.tablets import ASSETS, Tablet, add_round, two
from tests.integration.uploading import attach, digest, stored, told, uploader

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 4_000  # A megabyte, nearly.


@pytest.fixture
async def tablet(house: House) -> Tablet:
    return (await two(house, await add_round(house)))[0]


async def test_a_photo_that_comes_in_one_request_is_one_write_once_its_bytes_are_on_the_disk(
    house: House, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    forced, named, write = blob_files.force, sync_folder, house.database.write

    def forcing(file: Path) -> None:
        forced(file)
        done.append("bytes on the disk")

    def naming(folder: Path) -> None:
        named(folder)
        done.append("name on the disk")

    def writing() -> AbstractAsyncContextManager[AsyncConnection]:
        done.append("row")
        return write()

    up = uploader(tablet)
    await up.send(b"so that the device was seen")
    monkeypatch.setattr(blob_files, "force", forcing)
    monkeypatch.setattr(blob_files, "sync_folder", naming)
    monkeypatch.setattr(house.database, "write", writing)
    answer = await up.create(PHOTO, first=PHOTO)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert done[-3:] == ["bytes on the disk", "name on the disk", "row"]
    assert (done.count("bytes on the disk"), done.count("row")) == (1, 1)
    async with house.database.read() as tx:
        (row,) = (await tx.execute(select(uploads).where(uploads.c.sha256 == digest(PHOTO)))).all()
    assert row.done_at is not None
    assert row.offset == len(PHOTO)
    assert await up.offset(answer.headers["location"]) == len(PHOTO)


async def test_other_bytes_in_the_first_request_are_not_kept_and_it_may_begin_again(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    wrong = await up.create(PHOTO, first=b"x" * len(PHOTO))
    assert told(wrong) == (422, "digest-differs")
    async with house.database.read() as tx:
        row = (await tx.execute(select(uploads))).one()
    assert (row.offset, row.refusals, row.done_at) == (0, 1, None)
    assert await stored(house, PHOTO) is None
    again = await up.create(PHOTO, first=PHOTO)
    assert (again.status_code, again.headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert await stored(house, PHOTO) == PHOTO


async def test_a_first_request_that_the_store_did_not_take_is_gone_on_with(
    house: House, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes stay, and it is asked about without a byte sent twice."""
    up = uploader(tablet)

    async def away(*_: object, **__: object) -> None:
        raise StoreUnreachable

    with monkeypatch.context() as there:
        there.setattr(house.app.state.blobs, "put", away)
        refused = await up.create(PHOTO, first=PHOTO)
    assert told(refused) == (503, "store-unreachable")
    again = await up.create(PHOTO)
    assert (again.status_code, again.headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert await stored(house, PHOTO) == PHOTO


async def test_what_was_begun_is_forgotten_once_somebody_else_brought_all_of_it(
    house: House,
) -> None:
    one, other = await two(house, await add_round(house))
    attach(one.client, house.clock, ASSETS[0], PHOTO)
    await settle(one, other)
    begun = await uploader(one).create(PHOTO, first=PHOTO[:1_000])
    assert begun.headers["upload-offset"] == "1000"
    file = house.app.state.blobs.root / "uploads" / str(upload_id(one.device, digest(PHOTO)))
    assert file.exists()
    await uploader(other).create(PHOTO, first=PHOTO)
    assert await uploader(one).have(digest(PHOTO)) == [digest(PHOTO)]
    again = await uploader(one).create(PHOTO)
    assert again.headers["upload-offset"] == str(len(PHOTO))
    assert not file.exists()
    assert await stored(house, PHOTO) == PHOTO


async def test_bytes_that_rotted_under_their_name_are_not_taken_for_those_that_came(
    house: House, tablet: Tablet
) -> None:
    """A killed process had named them and written no row, and the disk has other bytes by now."""
    file = house.app.state.blobs.root / blob_files.blob_key(digest(PHOTO))
    file.parent.mkdir(parents=True)
    file.write_bytes(PHOTO[:-1] + b"?")
    answer = await uploader(tablet).create(PHOTO, first=PHOTO)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert await stored(house, PHOTO) == PHOTO


async def test_what_a_killed_process_left_of_a_first_request_is_not_taken_for_its_bytes(
    house: House, tablet: Tablet
) -> None:
    up = uploader(tablet)
    folder = house.app.state.blobs.root / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    left = folder / str(upload_id(tablet.device, digest(PHOTO)))
    left.write_bytes(b"the beginning of something that was cut")
    answer = await up.create(PHOTO, first=PHOTO)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert await stored(house, PHOTO) == PHOTO
    assert not left.exists()
