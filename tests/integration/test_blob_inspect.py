"""Bytes that have arrived are looked at. Rule: a fault is stored, no bytes are ever lost."""

import hashlib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from schemas.office_files import PhotoPlace
from server.blob_inspect import AGAIN, AGAIN_AFTER, END_BYTES, KIND, asking_again, findings
from server.blob_keep import keep_blob
from server.blobs import Blobs, StoreUnreachable, blob_key, thumbnail_key
from server.images import sandbox
from server.images.found import BARE, LARGE, SMALL, Found
from server.jobs import JOB_TRIES_MAX, PATIENCE_MAX, Jobs
from server.store import files as store
from server.store.files import Known
from server.store.jobs import Job
from tests.fixtures import files
from tests.integration.conftest import House


def digest_of(data: bytes | Path) -> str:
    whole = data if isinstance(data, bytes) else data.read_bytes()
    return hashlib.sha256(whole).hexdigest()


async def arrived(house: House, data: bytes | Path) -> str:
    """Bytes as they are when an upload is whole, and what is to be done about them."""
    sha256 = digest_of(data)
    jobs: Jobs = house.app.state.jobs
    await keep_blob(
        house.database,
        house.app.state.blobs,
        house.clock,
        sha256,
        data,
        also=lambda tx: jobs.add(tx, KIND, sha256),
    )
    return sha256


async def known(house: House, sha256: str) -> Known:
    async with house.database.read() as tx:
        return (await store.load_known(tx, {sha256}))[sha256]


async def looked_at(house: House, data: bytes | Path) -> Known:
    sha256 = await arrived(house, data)
    assert (await known(house, sha256)).media_type is None
    assert await house.app.state.jobs.run_due() == 1
    return await known(house, sha256)


async def held(house: House, key: str) -> bytes | None:
    blobs: Blobs = house.app.state.blobs
    if await blobs.size(key) is None:
        return None
    return b"".join([chunk async for chunk in blobs.read(key)])


async def test_a_photo_gets_its_thumbnails_and_its_place(house: House) -> None:
    data = files.photo(orientation=6)
    found = await looked_at(house, data)
    assert (found.media_type, found.fault) == ("image/jpeg", None)
    assert (found.width, found.height, found.thumbnails) == (200, 320, True)
    place = msgspec.json.decode(found.place or "", type=PhotoPlace)
    assert (place.latitude, place.longitude) == files.PLACE
    assert found.bare_type == "image/jpeg"
    for name in (SMALL, LARGE, BARE):
        copy = await held(house, thumbnail_key(found.sha256, name))
        assert copy is not None
        assert copy.startswith(b"\xff\xd8\xff")
        assert b"Maker-of" not in copy
    assert await held(house, blob_key(found.sha256)) == data


async def test_performance_data_is_told_and_nothing_is_made_of_it(house: House) -> None:
    found = await looked_at(house, files.spreadsheet())
    assert found.media_type == files.SOUND["xlsx"][1]
    assert (found.fault, found.thumbnails, found.bare_type) == (None, False, None)
    assert await held(house, thumbnail_key(found.sha256, SMALL)) is None


@pytest.mark.parametrize("name", ["a bomb", "half a JPEG", "a picture with an archive behind it"])
async def test_a_hostile_file_is_kept_as_it_came_with_its_fault(name: str, house: House) -> None:
    make, fault = files.HOSTILE[name]
    data = make()
    found = await looked_at(house, data)
    assert (found.fault, found.thumbnails) == (fault, False)
    assert await held(house, blob_key(found.sha256)) == data
    assert await held(house, thumbnail_key(found.sha256, SMALL)) is None


async def test_looking_again_finds_the_same(house: House) -> None:
    first = await looked_at(house, files.photo())
    jobs: Jobs = house.app.state.jobs
    async with house.database.write() as tx:
        await jobs.add(tx, KIND, first.sha256)
    assert await jobs.run_due() == 1
    assert await known(house, first.sha256) == first


async def test_what_was_given_up_is_asked_for_again_and_nothing_waits_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also bytes whose job is gone; what still waits, or was looked at, is left alone."""
    jobs: Jobs = house.app.state.jobs

    async def unstarted(*_: object, **__: object) -> Found:
        raise sandbox.Unstarted("no process to be had")

    lost = digest_of(files.spreadsheet())
    await keep_blob(house.database, house.app.state.blobs, house.clock, lost, files.spreadsheet())
    fine = await looked_at(house, files.photo(orientation=3))
    given_up = await arrived(house, files.photo())
    with monkeypatch.context() as without:
        without.setattr(sandbox.Sandbox, "look_at", unstarted)
        for _ in range(JOB_TRIES_MAX):
            await jobs.run_due()
            house.clock.advance(PATIENCE_MAX)
    assert await jobs.run_due() == 0, "given up"
    ask = asking_again(house.database, jobs, house.clock)
    again = Job(house.clock.new_id(), AGAIN, "", "{}")
    await ask(again)
    assert (await known(house, lost)).media_type is None
    house.clock.advance(AGAIN_AFTER + timedelta(hours=1))
    await ask(again)
    await ask(again)
    assert await jobs.run_due() == 2
    assert (await known(house, given_up)).thumbnails
    assert (await known(house, lost)).media_type == files.SOUND["xlsx"][1]
    assert await known(house, fine.sha256) == fine


async def test_bytes_that_were_collected_meanwhile_are_passed_over(house: House) -> None:
    jobs: Jobs = house.app.state.jobs
    async with house.database.write() as tx:
        await jobs.add(tx, KIND, "ab" * 32)
    assert await jobs.run_due() == 1


async def test_of_a_large_file_only_the_ends_are_fetched(house: House, tmp_path: Path) -> None:
    film = tmp_path / "film"
    head = files.SOUND["video"][0]()
    with film.open("wb") as handle:
        handle.write(head)
        handle.truncate(80 * 1024 * 1024)
    found = await looked_at(house, film)
    assert (found.media_type, found.fault) == ("video/mp4", None)
    assert film.stat().st_size > 2 * END_BYTES


async def test_a_store_that_is_away_leaves_it_for_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = await arrived(house, files.photo())

    async def away(*_: object) -> int | None:
        raise StoreUnreachable("the store does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(Blobs, "size", away)
        await house.app.state.jobs.run_due()
    assert (await known(house, sha256)).media_type is None
    house.clock.advance(timedelta(minutes=2))
    assert await house.app.state.jobs.run_due() == 1
    assert (await known(house, sha256)).thumbnails


async def test_nothing_is_left_in_the_folder_for_looking(house: House) -> None:
    await looked_at(house, files.photo())
    folder = house.settings.data_dir / "cache" / "inspecting"
    assert list(folder.iterdir()) == []


def test_what_is_kept_is_what_was_found() -> None:
    nothing = dict.fromkeys(Known.__struct_fields__)
    known = {"sha256": "ab" * 32, "bytes": 7, "width": 0, "height": 0, "thumbnails": False}
    before = msgspec.convert({**nothing, **known}, Known)
    after = findings(before, sandbox.EXHAUSTED)
    assert (after.sha256, after.bytes, after.fault) == (before.sha256, 7, "exhausting")
