"""The office and `/ready` tell which stored files are lost, and that no backup was made in time."""

import hashlib
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from server.app import create_app
from server.backups.make import KIND, Backups
from server.backups.state import LATE_AFTER
from server.blob_keep import keep_blob
from server.blobs import Blobs, blob_key
from server.errors import UnableError
from server.store.file_tables import jobs
from tests.fixtures import files
from tests.integration.conftest import House
from tests.integration.office_world import World, company
from tests.integration.test_office_audit import seen
from tests.integration.test_office_files import announce, upload


@pytest.fixture
async def world(house: House) -> AsyncGenerator[World]:
    async with company(house) as built:
        assert await built.tablet.push(built.begin()) == ["applied"]
        yield built


async def today(world: World) -> dict[str, Any]:
    answer = await world.office.get("/office/today")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ready(house: House) -> Any:
    async with house.client() as client:
        answer = await client.get("/ready")
    assert answer.status_code == 200, "it keeps nobody from working"
    return answer.json()


async def back_up(world: World, place: Path, blobs: Blobs) -> None:
    house = world.house
    await Backups(house.settings, house.database, blobs, house.clock).make(
        place, say=lambda _: None
    )


async def test_a_photo_that_a_backup_missed_is_told_with_its_inspection_until_it_is_found(
    world: World, tmp_path: Path
) -> None:
    photo, house = files.photo(), world.house
    sha256 = hashlib.sha256(photo).hexdigest()
    attachment = await announce(world, photo, name="铭牌.jpg")
    await upload(world, photo)
    blobs, place = Blobs(house.settings), tmp_path / "backups"
    await blobs.delete([blob_key(sha256)])
    assert "lost" not in await today(world)
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await back_up(world, place, blobs)
    found = await seen(world.office)
    (lost,) = found["lost_files"]
    assert (found["lost_total"], found.get("lost_elsewhere", 0)) == (1, 0)
    assert UUID(lost["id"]) == attachment
    assert (lost["record_kind"], lost["record"]) == ("inspection", str(world.inspection))
    assert (lost["title"], lost["site_name"]) == ("UPS-01", "主机房")
    assert (lost["name"], lost["bytes"]) == ("铭牌.jpg", len(photo))
    assert "waiting" not in lost
    assert (await today(world))["lost"] == 1
    assert await ready(house) == {
        "status": "ready",
        "notes": [{"field": "files", "detail": "stored files that are lost: 1"}],
    }
    await keep_blob(house.database, blobs, house.clock, sha256, photo)
    assert "lost_total" not in await seen(world.office), "somebody brought it again"
    assert await ready(house) == {"status": "ready"}


async def test_nobody_is_told_to_let_go_of_what_a_backup_missed_and_who_has_it_may_bring_it(
    world: World, tmp_path: Path
) -> None:
    photo, house = files.photo(), world.house
    sha256 = hashlib.sha256(photo).hexdigest()
    blobs = Blobs(house.settings)

    async def have() -> list[str]:
        answer = await world.tablet.client.post("/files/have", json={"sha256": [sha256]})
        found: list[str] = answer.json().get("have", [])
        return found

    await announce(world, photo)
    await upload(world, photo)
    assert await have() == [sha256]
    await blobs.delete([blob_key(sha256)])
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await back_up(world, tmp_path / "backups", blobs)
    assert await have() == []
    again = await announce(world, photo)
    assert "received_at" not in (await world.tablet.pull())[str(again)]["data"]
    await upload(world, photo)
    assert await have() == [sha256]
    assert await blobs.size(blob_key(sha256)) == len(photo)
    assert "received_at" in (await world.tablet.pull())[str(again)]["data"]
    assert await ready(house) == {"status": "ready"}


async def test_what_was_away_and_is_there_again_is_no_longer_told(
    world: World, tmp_path: Path
) -> None:
    photo, house = files.photo(), world.house
    await announce(world, photo)
    await upload(world, photo)
    blobs, place = Blobs(house.settings), tmp_path / "backups"
    away = blobs.root.with_name("away")
    blobs.root.rename(away)
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await back_up(world, place, Blobs(house.settings))
    assert (await seen(world.office))["lost_total"] == 1
    blobs.root.rmdir()
    away.rename(blobs.root)
    house.clock.advance(timedelta(hours=1))
    await back_up(world, place, Blobs(house.settings))
    assert "lost_total" not in await seen(world.office)
    assert await ready(house) == {"status": "ready"}


async def test_who_works_elsewhere_is_told_how_many_and_not_which(
    world: World, tmp_path: Path
) -> None:
    photo = files.photo()
    await announce(world, photo)
    await upload(world, photo)
    blobs = Blobs(world.house.settings)
    await blobs.delete([blob_key(hashlib.sha256(photo).hexdigest())])
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await back_up(world, tmp_path / "backups", blobs)
    found = await seen(world.stranger)
    assert (found["lost_total"], found["lost_elsewhere"]) == (1, 1)
    assert "lost_files" not in found
    await world.house.add_person("desk", ("desk", world.site))
    async with world.house.signed_in("desk") as desk:
        assert "lost" not in (await desk.get("/office/today")).json()


async def test_a_backup_that_hangs_is_told_once_it_is_late(world: World, tmp_path: Path) -> None:
    house, place = world.house, tmp_path / "backups"
    assert "backup" not in await seen(world.office), "none is asked for"
    house.settings = house.settings.model_copy(update={"backup_dir": place, "backup_hours": 1})
    app = create_app(house.settings, house.database, house.clock)
    await app.state.jobs.begin_periods()
    async with house.database.write() as tx:  # Somebody works at it, and does not come back.
        held = house.clock.now() + timedelta(days=1)
        await tx.execute(update(jobs).where(jobs.c.kind == KIND).values(taken_until=held))
    house.app = app
    async with house.signed_in("chen") as office:
        house.clock.advance(timedelta(hours=1) + LATE_AFTER)
        assert (await seen(office))["backup"] == {"scheduled": True}
        assert await ready(house) == {"status": "ready"}
        house.clock.advance(timedelta(seconds=1))
        assert (await seen(office))["backup"] == {"scheduled": True, "late": True}
        assert (await office.get("/office/today")).json()["backup_late"] is True
        assert (await ready(house))["notes"] == [
            {"field": "backups", "detail": "no backup was made in time; none yet"}
        ]
        await back_up(world, place, Blobs(house.settings))
        told = (await seen(office))["backup"]
        assert told == {"made_at": world.at(), "scheduled": True}
    house.clock.advance(timedelta(hours=1, seconds=1) + LATE_AFTER)
    (note,) = (await ready(house))["notes"]
    assert note["detail"] == "no backup was made in time; the newest is of 2026-11-20 08:00 UTC"


async def test_what_cannot_be_asked_for_its_notes_is_ready_all_the_same(world: World) -> None:
    house = world.house
    blobs = Blobs(house.settings)
    photo = files.photo()
    await announce(world, photo, name="铭牌.jpg")
    await upload(world, photo)
    await blobs.delete([blob_key(hashlib.sha256(photo).hexdigest())])
    with pytest.raises(UnableError, match="lacks 1 of the files"):
        await back_up(world, house.settings.data_dir / "backups", blobs)
    assert "notes" in await ready(house)
    async with house.database.write() as tx:  # What the notes alone ask is no longer there.
        await tx.execute(text("ALTER TABLE reports RENAME TO elsewhere"))
    try:
        assert await ready(house) == {"status": "ready"}
    finally:
        async with house.database.write() as tx:
            await tx.execute(text("ALTER TABLE elsewhere RENAME TO reports"))
