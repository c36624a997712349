"""A tablet that uploads over the server's routes. Rule: it speaks tus by hand, header by header."""

import base64
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.blobs import blob_key
from server.clock import Clock
from server.store.file_tables import blobs
from sync.client import Client
from tests.integration.conftest import House
from tests.integration.tablets import Tablet

TUS = {"tus-resumable": "1.0.0"}
BYTES = {**TUS, "content-type": "application/offset+octet-stream"}


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


async def load_sizes(tx: AsyncConnection, sha256s: Collection[str]) -> dict[str, int]:
    """How many bytes each has, of those that are stored and not leaving."""
    query = select(blobs.c.sha256, blobs.c.bytes).where(
        blobs.c.sha256.in_(sha256s), blobs.c.leaving_at.is_(None)
    )
    return {row.sha256: row.bytes for row in await tx.execute(query)}


def metadata(**values: str | bytes) -> str:
    """`Upload-Metadata` of these keys."""
    encoded = {
        key: base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
        for key, value in values.items()
    }
    return ",".join(f"{key} {value}" for key, value in encoded.items())


@dataclass
class Uploader:
    """One device's way to /files."""

    http: httpx.AsyncClient

    async def create(
        self,
        content: bytes,
        *,
        first: bytes | None = None,
        length: int | None = None,
        headers: Mapping[str, str] = {},
    ) -> httpx.Response:
        given = {
            **(BYTES if first is not None else TUS),
            "upload-length": str(len(content) if length is None else length),
            "upload-metadata": metadata(sha256=digest(content)),
            **headers,
        }
        return await self.http.post("/files", headers=given, content=first or b"")

    async def begun(self, content: bytes) -> str:
        """The address of a new upload."""
        answer = await self.create(content)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    async def patch(
        self,
        url: str,
        offset: int,
        body: bytes | AsyncIterator[bytes],
        headers: Mapping[str, str] = {},
    ) -> httpx.Response:
        given = {**BYTES, "upload-offset": str(offset), **headers}
        return await self.http.patch(url, headers=given, content=body)

    async def head(self, url: str) -> httpx.Response:
        return await self.http.head(url, headers=TUS)

    async def offset(self, url: str) -> int:
        answer = await self.head(url)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    async def have(self, *sha256s: str) -> list[str]:
        answer = await self.http.post("/files/have", json={"sha256": sha256s})
        assert answer.status_code == 200, answer.text
        return list(answer.json().get("have", []))

    async def send(self, content: bytes, *, step: int = 1 << 20) -> str:
        """Bring bytes whole, as any client does."""
        url = await self.begun(content)
        while (offset := await self.offset(url)) < len(content):
            answer = await self.patch(url, offset, content[offset : offset + step])
            assert answer.status_code == 204, answer.text
        return url


def attach(
    client: Client, clock: Clock, parent: UUID, content: bytes, *, kind: str = "asset"
) -> UUID:
    """Take a photo: the op that names its bytes is in the outbox from here on."""
    record = clock.new_id()
    client.edit(
        "attachment",
        record,
        id_=clock.new_id(),
        session=client.lineage,
        at=clock.now(),
        new=True,
        parent=parent,
        set_={
            "parent": str(parent),
            "parent_kind": kind,
            "sha256": digest(content),
            "bytes": len(content),
            "media_type": "image/jpeg",
        },
    )
    return record


def uploader(tablet: Tablet) -> Uploader:
    return Uploader(tablet.http)


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and type of a problem."""
    return answer.status_code, str(answer.json()["type"]).removeprefix("/problems/")


async def stored(house: House, content: bytes) -> bytes | None:
    """The bytes as the store holds them; None where it does not."""
    store = house.app.state.blobs
    key = blob_key(digest(content))
    if await store.size(key) is None:
        return None
    return b"".join([chunk async for chunk in store.read(key)])
