"""The demo's photos into the store of bytes, looked at like any other. Rule: bytes before rows.

They are ours, drawn in this process, so they are looked at in it: a process for each, as for what
comes from outside, would make the first start minutes long. What is found is the same.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from server.blob_inspect import findings
from server.blobs import Blobs, blob_key, thumbnail_key
from server.demo.photos import Picture
from server.images.found import BARE, LARGE, SMALL, Found
from server.images.look import look
from server.images.picture import prepare
from server.store.files import Known

AT_ONCE = 8  # Waiting for the disk, most of the time.


async def keep_pictures(blobs: Blobs, pictures: Sequence[Picture]) -> tuple[Known, ...]:
    """Put the pictures and their thumbnails into the store; what their rows are to say.

    May be repeated. Raises `StoreUnreachable`, and `OSError` where there is no room.
    """
    prepare()
    turns = asyncio.Semaphore(AT_ONCE)

    async def keep(picture: Picture) -> Known:
        async with turns:
            found, copies = await asyncio.to_thread(look_at, picture.content)
            await blobs.put(blob_key(picture.sha256), picture.content)
            for name, content in copies:
                await blobs.put(thumbnail_key(picture.sha256, name), content)
        return findings(known_of(picture), found)

    return tuple(await asyncio.gather(*map(keep, pictures)))


def known_of(picture: Picture) -> Known:
    """What is known of bytes before anybody has looked."""
    return Known(
        sha256=picture.sha256,
        bytes=len(picture.content),
        media_type=None,
        fault=None,
        width=0,
        height=0,
        thumbnails=False,
        place=None,
        bare_type=None,
    )


def look_at(content: bytes) -> tuple[Found, list[tuple[str, bytes]]]:
    """Look at one picture; the copies that were made of it, by their names."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(content)
        found = look(source, folder)
        made = [folder / one for one in (SMALL, LARGE, BARE) if (folder / one).exists()]
        return found, [(one.name, one.read_bytes()) for one in made]
