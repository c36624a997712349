"""Photos as they are printed: small enough that a report can be sent by mail.

Rule: only our own thumbnails are opened, never what somebody sent.
"""

import asyncio
from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from schemas.base import REPORT_PHOTO_BYTES
from server.blobs import BlobMissing, Blobs, thumbnail_key
from server.images.found import LARGE

EDGE_PX = 1_000  # 300 dots per inch at the width that a photo is printed.
EDGES_PX = (EDGE_PX, 800, 640, 480, 360)
QUALITIES = (82, 72, 60)
PICTURES_AT_ONCE_MAX = 2  # Requests go on meanwhile.


async def load_pictures(blobs: Blobs, files: Mapping[str, str]) -> dict[str, bytes]:
    """Give the JPEG of each file name, by the digest of the photo; those that are gone left out.

    Raises `StoreUnreachable`.
    """
    budget = REPORT_PHOTO_BYTES // max(len(files), 1)
    turns = asyncio.Semaphore(PICTURES_AT_ONCE_MAX)

    async def load(sha256: str) -> bytes | None:
        async with turns:
            try:
                parts = [part async for part in blobs.read(thumbnail_key(sha256, LARGE))]
            except BlobMissing:
                return None
            return await asyncio.to_thread(shrunk, b"".join(parts), budget)

    made = await asyncio.gather(*map(load, files.values()))
    return {name: one for name, one in zip(files, made, strict=True) if one is not None}


def shrunk(picture: bytes, budget: int) -> bytes:
    """Scale a JPEG down until it is within its share; the smallest where nothing is enough."""
    made = picture
    with Image.open(BytesIO(picture)) as opened:
        opened.draft("RGB", (EDGE_PX, EDGE_PX))
        image = opened.convert("RGB")
    for edge in EDGES_PX:
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            file = BytesIO()
            image.save(file, "JPEG", quality=quality)
            made = file.getvalue()
            if len(made) <= budget:
                return made
    return made
