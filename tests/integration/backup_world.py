"""A house with photos, a folder of its backups, and a second house to put them back in."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from server.app import create_app
from server.backups.make import Backups
from server.backups.restore import Restored, restore
from server.blob_keep import keep_blob
from server.blobs import Blobs, thumbnail_key
from server.database import Database
from server.settings import Settings
from server.store import backups as store
from server.store import installation
from tests.integration.conftest import House
from tests.integration.tablets import Tablet

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
        await keep_blob(house.database, blobs, house.clock, sha256, photo)
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
        return (await self.backups.make(self.place, say=quiet)).folder

    async def restore(self, *, force: bool = False, place: Path | None = None) -> int:
        return (await self.put_back(force=force, place=place)).epoch

    async def put_back(
        self, *, force: bool = False, may_lack: bool = False, place: Path | None = None
    ) -> Restored:
        return await restore(
            self.other,
            self.house.clock,
            place or self.place,
            is_forced=force,
            may_lack=may_lack,
            say=quiet,
        )

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


async def build(house: House, folder: Path, request: pytest.FixtureRequest) -> World:
    """A world with photos; of PostgreSQL the second house has a database of its own."""
    url = None
    if not house.database.is_sqlite:
        url = request.getfixturevalue("fresh_postgres_url")
    given = {"data_dir": folder / "other", "database_url": url, "app_dir": house.settings.app_dir}
    world = World(house, Settings.model_validate(given), folder / "backups")
    await fill(world.blobs, house)
    return world


def moved(tablet: Tablet, house: House) -> Tablet:
    """The same tablet, that finds another server at its address."""
    credential = tablet.http.headers["authorization"]
    http = house.client(authorization=credential)
    return Tablet(house, tablet.client, tablet.device, http)


async def epoch_of(database: Database) -> int:
    async with database.read() as tx:
        made = await installation.load(tx)
    assert made is not None
    return made.epoch
