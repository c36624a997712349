"""Bytes are whole and durable or not there: in a folder and in a real S3 store."""

import asyncio
import gc
import hashlib
import os
import resource
import signal
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import obstore
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from server.__main__ import main
from server.blob_keep import keep_blob
from server.blobs import (
    CHUNK_BYTES,
    DRAFTS,
    SEGMENT_BYTES,
    BlobMissing,
    Blobs,
    StoreUnreachable,
    blob_key,
    thumbnail_key,
)
from server.clock import ManualClock
from server.database import Database
from server.errors import UnableError
from server.settings import Settings, load_settings, variable
from server.store.file_tables import blobs as table
from tests.fixtures.patience import until
from tests.fixtures.process import free_port
from tests.fixtures.swift import S3
from tests.integration.uploading import load_sizes

CLOCK = ManualClock(datetime(2026, 11, 20, 1, 0, tzinfo=UTC), seed="blobs")
FLAT_BYTES_MAX = 100 * 1024 * 1024


def settings_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Settings:
    given = {} if kind == "folder" else dict(request.getfixturevalue("s3").settings())
    return Settings.model_validate({"data_dir": folder, **given})


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return settings_of(request.param, request, tmp_path / "data")


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def read(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start, end)])


async def keys(blobs: Blobs) -> set[str]:
    return {stored.key async for stored in blobs.walk()}


CONTENT = os.urandom(SEGMENT_BYTES + 3 * CHUNK_BYTES + 17)
KEY = blob_key(digest(CONTENT))


@pytest.mark.parametrize("content", [b"", b"x", CONTENT], ids=["nothing", "a byte", "segments"])
async def test_what_was_put_is_read_again(blobs: Blobs, content: bytes) -> None:
    key = blob_key(digest(content))
    assert await blobs.size(key) is None
    await blobs.put(key, content)
    assert await blobs.size(key) == len(content)
    assert await read(blobs, key) == content
    assert await keys(blobs) == {key}


async def test_what_rotted_is_whole_once_the_bytes_are_put_again(
    blobs: Blobs, tmp_path: Path
) -> None:
    """As long as it was, and another byte: whoever brings the bytes again mends it."""
    source, draft = tmp_path / "upload", tmp_path / "rotten"
    source.write_bytes(CONTENT)
    for given in (source, CONTENT):
        draft.write_bytes(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))
        if blobs.is_folder:
            (blobs.root / KEY).parent.mkdir(parents=True, exist_ok=True)
            draft.replace(blobs.root / KEY)
        else:
            await obstore.put_async(blobs._store, KEY, draft)
        assert await read(blobs, KEY) != CONTENT
        await blobs.put(KEY, given)
        assert await read(blobs, KEY) == CONTENT
    assert source.read_bytes() == CONTENT


async def test_a_file_is_taken_over_and_may_be_removed_then(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(CONTENT)
    await blobs.put(KEY, source)
    source.unlink()
    assert await read(blobs, KEY) == CONTENT


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (5, 5),
        (17, SEGMENT_BYTES + 3),
        (SEGMENT_BYTES, None),
        (len(CONTENT) - 1, None),
        (len(CONTENT) - 1, len(CONTENT) + 1_000),
        (len(CONTENT), None),
        (len(CONTENT) + 5, len(CONTENT) + 9),
    ],
)
async def test_a_range_is_exact_and_ends_with_the_bytes(
    blobs: Blobs, start: int, end: int | None
) -> None:
    await blobs.put(KEY, CONTENT)
    assert await read(blobs, KEY, start, end) == CONTENT[start:end]


async def test_chunks_are_small(blobs: Blobs) -> None:
    await blobs.put(KEY, CONTENT)
    assert max([len(chunk) async for chunk in blobs.read(KEY)]) <= CHUNK_BYTES


async def test_what_is_not_there_is_told(blobs: Blobs) -> None:
    with pytest.raises(BlobMissing):
        await read(blobs, KEY)


async def test_what_was_deleted_is_gone_and_deleting_again_is_no_matter(blobs: Blobs) -> None:
    small = thumbnail_key(digest(CONTENT), "small")
    await blobs.put(KEY, CONTENT)
    await blobs.put(small, b"picture")
    await blobs.delete([KEY])
    assert await keys(blobs) == {small}
    await blobs.delete([KEY, small, blob_key("ab" * 32)])
    assert await keys(blobs) == set()
    assert await blobs.size(KEY) is None


async def test_puts_of_one_address_at_once_leave_one_whole(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(CONTENT)
    puts = [blobs.put(KEY, CONTENT) for _ in range(3)] + [blobs.put(KEY, source)]
    await asyncio.gather(*puts)
    assert await read(blobs, KEY) == CONTENT
    assert await keys(blobs) == {KEY}


async def test_the_store_says_whose_a_thing_is(blobs: Blobs) -> None:
    await blobs.put(thumbnail_key(digest(CONTENT), "large"), b"picture")
    (found,) = [stored async for stored in blobs.walk()]
    assert (found.sha256, found.bytes, found.is_draft) == (digest(CONTENT), 7, False)
    assert abs(datetime.now(UTC) - found.modified_at) < timedelta(minutes=5)
    assert await blobs.fault() == ""


async def test_a_row_follows_its_bytes_and_both_are_kept_once(
    blobs: Blobs, database: Database
) -> None:
    sha256 = digest(CONTENT)
    kept = [keep_blob(database, blobs, CLOCK, sha256, CONTENT) for _ in range(2)]
    await asyncio.gather(*kept)
    async with database.read() as tx:
        row = (await tx.execute(select(table))).one()
    assert (row.sha256, row.bytes, row.media_type) == (sha256, len(CONTENT), None)
    assert await blobs.size(KEY) == len(CONTENT)


async def test_what_else_fails_leaves_no_row(blobs: Blobs, database: Database) -> None:
    async def fails(_: object) -> None:
        raise LookupError("no such upload")

    with pytest.raises(LookupError):
        await keep_blob(database, blobs, CLOCK, digest(b"x"), b"x", also=fails)
    async with database.read() as tx:
        assert await load_sizes(tx, [digest(b"x")]) == {}


async def test_large_files_pass_with_flat_memory(blobs: Blobs, tmp_path: Path) -> None:
    source, total = tmp_path / "large", 200 * 1024 * 1024
    whole = hashlib.sha256()
    with source.open("wb") as file:
        for number in range(total // CHUNK_BYTES):
            piece = number.to_bytes(4) * (CHUNK_BYTES // 4)
            whole.update(piece)
            file.write(piece)
    key = blob_key(whole.hexdigest())
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    await blobs.put(key, source)
    found = hashlib.sha256()
    async for chunk in blobs.read(key):
        found.update(chunk)
    assert found.hexdigest() == whole.hexdigest()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert after - before < FLAT_BYTES_MAX, f"{(after - before) >> 20} MiB more"
    await blobs.delete([key])


# A folder.


@pytest.fixture
def folder(tmp_path: Path) -> Blobs:
    return Blobs(Settings(data_dir=tmp_path / "data"))


async def test_a_folder_is_its_owners_alone(folder: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(b"linked")
    source.chmod(0o644)
    await folder.put(blob_key(digest(b"linked")), source)
    await folder.put(thumbnail_key(digest(b"x"), "small"), b"x")
    for path in folder.root.rglob("*"):
        allowed = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == allowed, path
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700


async def test_a_file_of_another_disk_is_copied(
    folder: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)
    source = tmp_path / "upload"
    source.write_bytes(CONTENT)
    await folder.put(KEY, source)
    source.write_bytes(b"")
    assert await read(folder, KEY) == CONTENT


async def test_a_put_without_room_leaves_nothing_and_says_so(folder: Blobs) -> None:
    # A limit of size stands for a full disk, as in tests/faults.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK_BYTES, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            await folder.put(KEY, CONTENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert await keys(folder) == set()
    assert list((folder.root / DRAFTS).iterdir()) == []


async def test_a_draft_of_a_crash_is_nobodys_bytes(folder: Blobs) -> None:
    await folder.put(KEY, CONTENT)
    (folder.root / DRAFTS / "abc123_").write_bytes(CONTENT[:100])
    found = {stored.key: stored async for stored in folder.walk()}
    assert found[f"{DRAFTS}/abc123_"].is_draft
    assert found[f"{DRAFTS}/abc123_"].sha256 is None


async def test_what_is_shorter_than_it_was_is_put_anew(folder: Blobs) -> None:
    await folder.put(KEY, CONTENT)
    (folder.root / KEY).write_bytes(CONTENT[:100])
    await folder.put(KEY, CONTENT)
    assert await read(folder, KEY) == CONTENT


async def test_a_folder_that_is_none_is_told_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file")
    blobs = Blobs(Settings(data_dir=tmp_path))
    with pytest.raises(StoreUnreachable):
        await blobs.put(KEY, CONTENT)
    assert await blobs.fault()
    empty = Blobs(Settings(data_dir=tmp_path / "none"))
    assert await empty.fault() == ""
    assert not (tmp_path / "none").exists()


async def test_a_folder_has_no_signed_links(folder: Blobs) -> None:
    await folder.put(KEY, CONTENT)
    assert await folder.signed_url(KEY, seconds=60) is None


# S3.


def given(s3: S3, **others: object) -> Blobs:
    return Blobs(Settings.model_validate({**s3.settings(), **others}))


async def test_a_link_reads_its_own_bytes_alone_until_it_expires(s3: S3) -> None:
    blobs = given(s3)
    await blobs.put(KEY, CONTENT)
    link, short = [await blobs.signed_url(KEY, seconds=seconds) for seconds in (300, 1)]
    assert link is not None
    assert short is not None
    async with httpx.AsyncClient() as client:
        answer = await client.get(link)
        assert answer.content == CONTENT
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment"
        other = link.replace(KEY, thumbnail_key(digest(CONTENT), "small"))
        assert (await client.get(other)).status_code == 403
        assert (await client.get(link.partition("?")[0])).status_code == 400
        assert (await client.put(link, content=b"")).status_code == 403

        async def is_over() -> bool:
            return (await client.get(short)).status_code == 403

        await until(is_over, "the link has expired, by the store's clock")
    assert await blobs.signed_url(KEY) is None, "none is given away unless it is set"


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"blobs_secret": SecretStr("wrong")}, "refuses"),
        ({"blobs_key_id": "test:nobody"}, "refuses"),
        ({"blobs_url": "s3://no-such-bucket/x"}, "no such place"),
    ],
)
async def test_a_store_that_refuses_us_says_how(
    s3: S3, others: dict[str, object], says: str
) -> None:
    blobs = given(s3, **others)
    with pytest.raises(StoreUnreachable, match=says) as caught:
        await blobs.put(KEY, CONTENT)
    problem = caught.value.problem()
    assert (problem.status, caught.value.headers()["Retry-After"]) == (503, "30")
    assert "wrong" not in f"{problem}"
    assert says in await blobs.fault()


async def test_a_store_that_is_away_is_told_soon(s3: S3) -> None:
    blobs = given(s3, blobs_endpoint=f"http://127.0.0.1:{free_port()}")
    async with asyncio.timeout(120):
        for call in (blobs.put(KEY, CONTENT), read(blobs, KEY), blobs.size(KEY)):
            with pytest.raises(StoreUnreachable, match="does not answer"):
                await call
        assert "does not answer" in await blobs.fault()


class Cut:
    """A connection to the store through which only so many bytes pass."""

    def __init__(self, endpoint: str, bytes_max: int) -> None:
        self._host, _, port = endpoint.removeprefix("http://").partition(":")
        self._port, self._left = int(port), bytes_max
        self.endpoint = ""

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(self._host, self._port)
            answers = asyncio.create_task(self._answer(there, writer))
            async for piece in pieces(reader):
                self._left -= len(piece)
                if self._left < 0:
                    break
                back.write(piece)
                await back.drain()
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            back.close()
        finally:
            writer.close()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for piece in pieces(there):
            writer.write(piece)
            await writer.drain()


async def pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while piece := await reader.read(65_536):
        yield piece


async def test_a_put_that_was_cut_leaves_nothing_and_goes_through_later(s3: S3) -> None:
    whole = given(s3)
    prefix = whole.place.rpartition("/")[2]
    cut = Cut(s3.endpoint, bytes_max=len(CONTENT) - 1_000)
    async with await cut.serve():
        blobs = Blobs(
            Settings.model_validate({**s3.settings(prefix), "blobs_endpoint": cut.endpoint})
        )
        with pytest.raises(StoreUnreachable):
            await blobs.put(KEY, CONTENT)
    assert await keys(whole) == set()
    assert await whole.size(KEY) is None
    await whole.put(KEY, CONTENT)
    assert await read(whole, KEY) == CONTENT


# What is set.


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("blobs_url", "photos", "s3://bucket"),
        ("blobs_url", "http://bucket", "s3://bucket"),
        ("blobs_url", "file://host/photos", "file:///folder"),
        ("blobs_url", "s3://key@bucket", "neither a key"),
        ("blobs_endpoint", "objects:7070", "http://"),
        ("blobs_key_id", "xunjian", "both its id and secret"),
    ],
)
def test_a_slip_in_the_settings_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable(name), value)
    with pytest.raises(UnableError, match=says):
        load_settings()


def test_a_folder_may_be_anywhere(tmp_path: Path) -> None:
    place = tmp_path / "有 空格"
    settings = Settings(data_dir=tmp_path, blobs_url=f"file://{quote(str(place))}/")
    assert Blobs(settings).root == place


def test_the_doctor_shows_the_store_and_never_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"url": "s3://xunjian/x", "key_id": "somebody", "secret": "hush-hush"}
    away = {"endpoint": f"http://127.0.0.1:{free_port()}"}
    for name, value in (told | away).items():
        monkeypatch.setenv(variable(f"blobs_{name}"), value)
    assert main(["doctor", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "XUNJIAN_BLOBS_URL=s3://xunjian/x" in said.out
    assert "FAULT photos and files: the store does not answer" in said.out
    assert "hush-hush" not in said.out + said.err
