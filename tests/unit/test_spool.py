"""The files of uploads: what is stored is never touched through the upload that brought it."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from server.spool import FileSpool
from server.store.uploads import StoredUpload

NOW = datetime(2026, 11, 20, tzinfo=UTC)
WHOLE = b"0123456789"


def upload() -> StoredUpload:
    return StoredUpload(
        id=UUID(int=1),
        device_id=UUID(int=2),
        sha256=sha256(WHOLE).hexdigest(),
        bytes=len(WHOLE),
        created_at=NOW,
        expires_at=NOW,
        attachment_id=None,
        metadata="",
    )


@pytest.mark.parametrize("offset", [0, 4])
async def test_bytes_that_are_stored_stay_when_their_upload_begins_again(
    tmp_path: Path, offset: int
) -> None:
    spool, stored = FileSpool(tmp_path / "uploads"), tmp_path / "stored"
    async with spool.opened(upload()) as spooled:
        await spooled.write([WHOLE])
        await spooled.keep()
        file, _ = await spooled.whole()
        os.link(file, stored)
    # The process died here, before the row that says so was written.
    async with spool.opened(upload()) as spooled:
        assert spooled.offset == len(WHOLE)
        await spooled.cut(offset)
        await spooled.write([b"xyz"])
        await spooled.keep()
        file, digest = await spooled.whole()
        assert file.read_bytes() == WHOLE[:offset] + b"xyz"
        assert digest == sha256(WHOLE[:offset] + b"xyz").hexdigest()
    assert stored.read_bytes() == WHOLE
    assert [one.name for one in (tmp_path / "uploads").iterdir()] == [str(UUID(int=1))]


async def test_nothing_is_kept_twice_and_of_the_first_bytes_the_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose bytes are on the disk, but not its name, is lost with them (fsync(2))."""
    forced: list[str] = []
    real = os.fsync

    def fsync(number: int) -> None:
        forced.append(str(Path(f"/proc/self/fd/{number}").readlink()))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    spool, folder = FileSpool(tmp_path / "uploads"), tmp_path / "uploads"
    file = folder / str(UUID(int=1))
    async with spool.opened(upload()) as spooled:
        await spooled.keep()
        assert forced == []
        await spooled.write([WHOLE[:4]])
        await spooled.keep()
        await spooled.keep()
        assert forced == [str(file), str(folder)]
        await spooled.write([WHOLE[4:6]])
        await spooled.keep()
        assert forced[2:] == [str(file)]
    async with spool.opened(upload()) as spooled:
        await spooled.keep()
        assert forced[3:] == [str(file), str(folder)], "who wrote these may have died over it"


@pytest.mark.parametrize("taken", [1, 4, 5, 9])
async def test_a_disk_that_takes_a_part_gets_the_rest(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(number: int, pieces: Sequence[bytes], offset: int) -> int:
        return os.pwrite(number, b"".join(pieces)[:taken], offset)

    monkeypatch.setattr(os, "pwritev", some)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda number, rest, at: real(number, rest[:taken], at))
    async with FileSpool(tmp_path).opened(upload()) as spooled:
        await spooled.write([b"an", WHOLE[:4], b"", WHOLE[4:]])
        assert spooled.offset == 2 + len(WHOLE)
        file, digest = await spooled.whole()
        assert file.read_bytes() == b"an" + WHOLE
        assert digest == sha256(b"an" + WHOLE).hexdigest()
