"""The job that looks at bytes once they are here: what they are, and thumbnails of pictures.

What it has given up is asked for again, now and then: nothing is "being looked at" for ever.

Rule: it may be done again at any time, with the same result. Whatever it finds is stored beside the
bytes, which are never changed and never lost by it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from schemas.base import IMAGE_BYTES_MAX
from server.blobs import Blobs, blob_key, thumbnail_key
from server.clock import Clock
from server.database import Database
from server.images.found import BARE, LARGE, SMALL, Found
from server.images.sandbox import Sandbox
from server.jobs import RANK_FILES, Handler, Jobs, Terms
from server.store import files
from server.store.files import Known
from server.store.jobs import Job, load_unasked

KIND = "inspect-blob"
END_BYTES = 1024 * 1024  # Of each end of a file that is too large to be a picture.
AGAIN, AGAIN_EVERY = "inspect-again", timedelta(hours=6)
AGAIN_AFTER = timedelta(hours=12)  # Whatever stood in the way may be gone by then.
AT_ONCE = 500  # Questions about so many.
TERMS = Terms(rank=RANK_FILES, limit=timedelta(minutes=10))
LEFT_BEHIND = timedelta(hours=6)  # No looking takes that long: a process was killed over it.


class InspectBlob:
    """Looks at the bytes that a job names by their SHA-256."""

    def __init__(self, database: Database, blobs: Blobs, clock: Clock, folder: Path) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._folder = folder
        self._sandbox = Sandbox()

    async def __call__(self, job: Job) -> None:
        """Look at the bytes, keep copies and findings. Bytes that were collected are passed over.

        Raises `BlobMissing`, `StoreUnreachable`, and what starting a process raises.
        """
        async with self._database.read() as tx:
            known = (await files.load_known(tx, {job.key})).get(job.key)
        if known is None:
            return
        await asyncio.to_thread(tidy, self._folder, older_than=self._past())
        with TemporaryDirectory(dir=self._folder) as name:
            source, out = Path(name) / "source", Path(name) / "out"
            source.touch()
            out.mkdir()
            await self._fetch(known, source)
            found = await self._sandbox.look_at(source, out)
            await self._keep_copies(known.sha256, found, out)
        async with self._database.write() as tx:
            await files.save_known(tx, findings(known, found))

    def _past(self) -> float:
        return (self._clock.now() - LEFT_BEHIND).timestamp()

    async def _fetch(self, known: Known, target: Path) -> None:
        """Write the bytes into a file; of a large one the two ends, and a hole between them."""
        key, size = blob_key(known.sha256), known.bytes
        if size <= IMAGE_BYTES_MAX:
            await write(target, self._blobs.read(key), at=0, size=size)
            return
        await write(target, self._blobs.read(key, 0, END_BYTES), at=0, size=size)
        tail = size - END_BYTES
        await write(target, self._blobs.read(key, tail, size), at=tail, size=size)

    async def _keep_copies(self, sha256: str, found: Found, out: Path) -> None:
        wanted = (SMALL, LARGE) if found.has_thumbnails else ()
        for name in (*wanted, *([BARE] if found.bare_type else [])):
            await self._blobs.put(thumbnail_key(sha256, name), out / name)


def asking_again(database: Database, jobs: Jobs, clock: Clock) -> Handler:
    """The handler that asks for a look at all bytes that nobody has looked at and nobody will."""

    async def ask(_: Job) -> None:
        before, after = clock.now() - AGAIN_AFTER, ""
        while True:
            async with database.read() as tx:
                unread = await files.load_unread(tx, before=before, after=after, limit=AT_ONCE)
            async with database.write() as tx:
                for sha256 in await load_unasked(tx, KIND, unread, before=before):
                    await jobs.add(tx, KIND, sha256)
            if len(unread) < AT_ONCE:
                return
            after = unread[-1]

    return ask


def findings(known: Known, found: Found) -> Known:
    """What is kept of what was found."""
    return Known(
        sha256=known.sha256,
        bytes=known.bytes,
        media_type=found.media_type,
        fault=found.fault,
        width=found.width,
        height=found.height,
        thumbnails=found.has_thumbnails,
        place=msgspec.json.encode(found.place).decode() if found.place else None,
        bare_type=found.bare_type,
    )


async def write(target: Path, chunks: AsyncIterator[bytes], *, at: int, size: int) -> None:
    """Write chunks into a file, beginning at a place, and give it its size; the rest is a hole."""
    with target.open("r+b") as handle:
        handle.truncate(size)
        handle.seek(at)
        async for chunk in chunks:
            await asyncio.to_thread(handle.write, chunk)


def tidy(folder: Path, *, older_than: float) -> None:
    """Make the folder, and remove what a process left in it that was killed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        if left.stat().st_mtime < older_than:
            shutil.rmtree(left, ignore_errors=True)
