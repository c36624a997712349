"""Clients that others wrote, against the program: tuspy, tus-js-client, Uppy's tus plugin."""

import asyncio
import json
import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.faults.filing import Filed, Filing
from tests.faults.filing import filing as filing
from tests.faults.proxy import cutting
from tests.integration.conftest import House
from tests.integration.tablets import Tablet, enrol
from tests.integration.uploading import digest
from tools.app import APP, find_npm

CLIENTS = ("tus-js-client", "uppy")
CHUNK_BYTES = 200_000
CUT_BYTES = 200_000  # After at most so many, so that no piece gets through without luck.
PROGRAM = Path(__file__).with_name("tus_client.mjs")
SECONDS_MAX = 120


def photos(count: int, size: int) -> list[bytes]:
    chance = random.Random(size)
    return [chance.randbytes(size + number) for number in range(count)]


@pytest.fixture
async def tablet(house: House, site: UUID) -> Tablet:
    return await enrol(house, await house.add_person("liang", ("engineer", site)))


def run_node(
    tmp_path: Path,
    tablet: Tablet,
    origin: str,
    contents: Sequence[bytes],
    *,
    client: str,
    chunk: int = CHUNK_BYTES,
    options: Mapping[str, Any] = {},
) -> list[dict[str, str]]:
    """Upload by one of the libraries in Node; what became of each file."""
    files = []
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        meta = {"sha256": digest(content), "name": path.name, "type": "image/jpeg"}
        files.append({"path": str(path), "metadata": meta})
    _, environment = find_npm()
    node = shutil.which("node", path=environment["PATH"])
    assert node is not None
    asked = {
        "client": client,
        "endpoint": f"{origin}/files",
        "authorization": tablet.http.headers["authorization"],
        "chunkSize": chunk,
        "retries": 200,
        "options": options,
        "files": files,
    }
    done = subprocess.run(
        [node, "--input-type=module", "-", json.dumps(asked)],
        input=PROGRAM.read_text(),
        cwd=APP,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_tuspy(
    tablet: Tablet,
    origin: str,
    content: bytes,
    *,
    chunk: int = CHUNK_BYTES,
    retries: int = 0,
    checksum: bool = True,
) -> str:
    """Upload by tuspy; the address of the upload."""
    authorization = {"Authorization": tablet.http.headers["authorization"]}
    client = TusClient(f"{origin}/files", headers=authorization)
    uploader = client.uploader(
        file_stream=BytesIO(content),
        chunk_size=chunk,
        metadata={"sha256": digest(content), "name": "a.jpg", "type": "image/jpeg"},
        retries=retries,
        retry_delay=0,
        upload_checksum=checksum,
    )
    uploader.upload()
    return str(uploader.url)


async def assert_stored(filed: Filed, contents: Sequence[bytes]) -> None:
    for content in contents:
        assert await filed.stored(content) == content


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_in_node_sends_several_photos_at_once(
    filing: Filing, tablet: Tablet, tmp_path: Path, client: str
) -> None:
    contents = photos(5, 700_000)
    async with filing() as filed:
        done = await asyncio.to_thread(
            run_node, tmp_path, tablet, filed.origin, contents, client=client
        )
        assert [one.get("error") for one in done] == [None] * len(contents)
        await assert_stored(filed, contents)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_in_node_goes_on_after_every_cut(
    filing: Filing, tablet: Tablet, tmp_path: Path, client: str
) -> None:
    contents = photos(2, 600_000)
    async with filing() as filed, cutting(filed.port, seed=3, up_bytes_max=CUT_BYTES) as proxy:
        done = await asyncio.to_thread(
            run_node, tmp_path, tablet, proxy.origin, contents, client=client, chunk=300_000
        )
        assert [one.get("error") for one in done] == [None] * len(contents)
        assert proxy.cuts > len(contents)
        await assert_stored(filed, contents)


async def test_a_client_in_node_sends_the_first_bytes_with_the_creation(
    filing: Filing, tablet: Tablet, tmp_path: Path
) -> None:
    contents = [*photos(2, 500_000), b""]
    options = {"uploadDataDuringCreation": True}
    async with filing() as filed:
        done = await asyncio.to_thread(
            run_node,
            tmp_path,
            tablet,
            filed.origin,
            contents,
            client="tus-js-client",
            options=options,
        )
        assert [one.get("error") for one in done] == [None] * len(contents)
        await assert_stored(filed, contents)


async def test_an_upload_in_parts_that_are_put_together_is_refused_in_words(
    filing: Filing, tablet: Tablet, tmp_path: Path
) -> None:
    options = {"parallelUploads": 2, "retryDelays": None}
    async with filing() as filed:
        (done,) = await asyncio.to_thread(
            run_node,
            tmp_path,
            tablet,
            filed.origin,
            photos(1, 50_000),
            client="tus-js-client",
            options=options,
        )
    assert "Upload-Concat: is not offered" in done["error"]


async def test_tuspy_sends_a_photo_with_checksums_and_finds_it_there_the_second_time(
    filing: Filing, tablet: Tablet
) -> None:
    (content,) = photos(1, 900_000)
    async with filing() as filed:
        url = await asyncio.to_thread(run_tuspy, tablet, filed.origin, content)
        assert await asyncio.to_thread(run_tuspy, tablet, filed.origin, content, retries=2) == url
        await assert_stored(filed, [content])


async def test_tuspy_goes_on_after_every_cut(filing: Filing, tablet: Tablet) -> None:
    (content,) = photos(1, 600_000)
    async with filing() as filed, cutting(filed.port, seed=5, up_bytes_max=CUT_BYTES) as proxy:

        def stubborn() -> None:
            for _ in range(100):
                try:
                    run_tuspy(
                        tablet, proxy.origin, content, chunk=300_000, retries=20, checksum=False
                    )
                except (TusCommunicationError, TypeError):
                    continue  # It trips over an answer that was cut in the middle of its headers.
                return
            raise AssertionError("it never went through")

        await asyncio.to_thread(stubborn)
        assert proxy.cuts > 0
        await assert_stored(filed, [content])
