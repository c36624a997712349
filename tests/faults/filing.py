"""A server process with a store of bytes: SQLite with a folder, PostgreSQL with S3."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from pydantic import SecretStr

from server.blobs import Blobs, blob_key
from server.settings import Settings, variable
from tests.faults.servers import Served, Starter
from tests.fixtures.patience import until
from tests.fixtures.swift import S3
from tests.integration.conftest import House
from tests.integration.uploading import digest


class Filed(Served):
    """A server, and the store that it keeps bytes in, looked at from outside."""

    def __init__(self, starter: Starter, house: House, folder: Path, s3: S3 | None) -> None:
        super().__init__(starter, house, folder)
        given = dict(s3.settings()) if s3 else {}
        for name, value in given.items():
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            self.environment[variable(name)] = plain
        self.folder = folder
        self._parts = starter, house, folder.with_name(f"{folder.name}_beside"), s3
        self.blobs = Blobs(Settings.model_validate({"data_dir": folder, **given}))

    @asynccontextmanager
    async def beside(self) -> AsyncGenerator["Filed"]:
        """Have another process serve the same database and store."""
        other = Filed(*self._parts)
        other.environment |= {n: v for n, v in self.environment.items() if "_BLOBS_" in n}
        other.blobs = self.blobs
        await other.start()
        try:
            yield other
        finally:
            await other.stop()

    async def has_begun(self, url: str) -> None:
        """Wait until bytes of an upload are on the disk; in an S3 store only parts ever are."""
        file = self.folder / "blobs" / "uploads" / url.rpartition("/")[2]

        async def is_there() -> bool:
            return file.exists() and file.stat().st_size > 0

        if self.blobs.is_folder:  # Another process's file: nobody tells.
            await until(is_there, "bytes of the upload are on the disk")

    async def stored(self, content: bytes) -> bytes | None:
        """The bytes with this digest as the store holds them; None where it does not."""
        key = blob_key(digest(content))
        if await self.blobs.size(key) is None:
            return None
        return b"".join([chunk async for chunk in self.blobs.read(key)])


class Filing(Protocol):
    """Has a server with a store while the block lasts."""

    def __call__(self) -> AbstractAsyncContextManager[Filed]: ...


@pytest.fixture
def filing(
    house: House, starter: Starter, tmp_path: Path, request: pytest.FixtureRequest
) -> Filing:
    s3: S3 | None = None if house.database.is_sqlite else request.getfixturevalue("s3")

    @asynccontextmanager
    async def serving() -> AsyncGenerator[Filed]:
        filed = Filed(starter, house, tmp_path / "filed", s3)
        await filed.start()
        try:
            yield filed
        finally:
            await filed.stop()

    return serving
