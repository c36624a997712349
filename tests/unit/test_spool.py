"""The files of uploads: what is stored is never touched through the upload that brought it."""

import os
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
