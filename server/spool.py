"""Bytes on their way: a file that grows, or parts in a store that cannot append.

Rule: what `keep` has returned for is on the disk, and of two who would write one upload at once, in
whatever process, one is told to wait. Bytes are written in lots, off the event loop; no more of an
upload is ever in memory than one lot, or one part.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import UUID

from msgspec import structs

from server.blobs import Blobs, blob_key, telling_faults
from server.clock import Clock
from server.database import Database
from server.errors import ServerError, StorageFull
from server.folder import OWNER_ONLY, sync_folder
from server.store import uploads
from server.store.uploads import Part, StoredUpload
from sync.upload_headers import Digesting

LOT_BYTES = 1024 * 1024
PART_BYTES = 8 * LOT_BYTES
ROOM_BYTES_MIN = 256 * LOT_BYTES  # Left to the database and to everything else on this disk.
LOCK_TRIES = 40
LOCK_WAIT_SECONDS = 0.05
DIGESTS_KEPT_MAX = 1_000  # Of uploads under way; what is not among them is read again at its end.
ENTROPY_BYTES = 16
PIECES_PER_WRITE_MAX = 1_024  # IOV_MAX of Linux (writev(2)).


class UploadLocked(ServerError):
    """Another request writes the same upload just now."""

    slug = "upload-locked"
    title = "Another request goes on with this upload just now; ask again"
    status = 423

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "1"}


class Spooled(Protocol):
    """One upload while one request holds it. `offset` counts what was written, kept or not yet."""

    offset: int

    async def write(self, lot: Sequence[bytes], checking: Digesting | None = None) -> None:
        """Add bytes at the end, and tell `checking` of them."""

    async def keep(self) -> None:
        """Have all that was written on the disk, so that anybody may count on it."""

    async def cut(self, offset: int) -> None:
        """Forget what came from `offset` on and was not kept; from 0 on, everything."""

    async def whole(self) -> tuple[Path, str]:
        """Give all of it as one file, which nobody writes to again, and its SHA-256."""


class Spool(Protocol):
    """Where all uploads of one installation are on their way."""

    def opened(self, one: StoredUpload) -> AbstractAsyncContextManager[Spooled]:
        """Hold an upload. Raises `UploadLocked` where another process does, for some seconds."""

    async def remove(self, one: StoredUpload) -> None:
        """Forget an upload; what is not there is no matter."""

    async def demand_room(self, bytes_: int) -> None:
        """Raise `StorageFull` where so many bytes do not fit on the disk."""

    async def sweep(self, before: datetime) -> None:
        """Forget files that nobody wrote to since: what a crash left, too."""


class Digests:
    """How far each upload's digest was taken, so that nothing is read again while it grows."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[int, Digesting]] = OrderedDict()

    def take(self, upload: UUID, offset: int) -> Digesting | None:
        """The digest of exactly the bytes before `offset`, for one to go on with."""
        known, digest = self._known.pop(upload, (0, None))
        if offset == 0:
            return sha256()
        return digest if known == offset else None

    def put(self, upload: UUID, offset: int, digest: Digesting | None) -> None:
        if digest is None:
            return
        self._known[upload] = (offset, digest)
        while len(self._known) > DIGESTS_KEPT_MAX:
            self._known.popitem(last=False)


def demand_room(folder: Path, bytes_: int) -> None:
    """Raise `StorageFull` where the disk of a folder has no room for so many bytes."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(folder).free < bytes_ + ROOM_BYTES_MIN:
        raise StorageFull(f"there is no room for {bytes_} bytes")


def read_lots(file: Path) -> Iterator[bytes]:
    with file.open("rb") as handle:
        while lot := handle.read(LOT_BYTES):
            yield lot


def digest_of(file: Path) -> str:
    digest = sha256()
    for lot in read_lots(file):
        digest.update(lot)
    return digest.hexdigest()


# --- A folder ---


class FileSpool:
    """A file for each upload, beside the stored bytes: its length is the offset.

    The kernel frees its lock at any death (flock(2)), and keeps what was written before it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests = Digests()

    @asynccontextmanager
    async def opened(self, one: StoredUpload) -> AsyncGenerator[Spooled]:
        number = await self._held(self._folder / str(one.id))
        try:
            offset = os.fstat(number).st_size
            digest = self._digests.take(one.id, offset)
            spooled = FileSpooled(self._folder / str(one.id), number, offset, digest)
            try:
                yield spooled
            finally:
                self._digests.put(one.id, spooled.offset, spooled.digest)
        finally:
            os.close(number)

    async def _held(self, file: Path) -> int:
        for _ in range(LOCK_TRIES):
            with telling_faults():
                number = await asyncio.to_thread(held, file)
            if number is not None:
                return number
            await asyncio.sleep(LOCK_WAIT_SECONDS)
        raise UploadLocked

    async def remove(self, one: StoredUpload) -> None:
        with telling_faults():
            await asyncio.to_thread((self._folder / str(one.id)).unlink, missing_ok=True)

    async def demand_room(self, bytes_: int) -> None:
        with telling_faults():
            await asyncio.to_thread(demand_room, self._folder, bytes_)

    async def sweep(self, before: datetime) -> None:
        with telling_faults():
            await asyncio.to_thread(sweep, self._folder, before.timestamp())


def sweep(folder: Path, before: float) -> None:
    for file in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before:
                file.unlink()


def held(file: Path) -> int | None:
    """Open a file, made where there is none, and lock it; None where somebody else has it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who had it before us may have taken it away: then this is a file without a name.
        if os.fstat(number).st_ino == file.stat().st_ino:
            return number
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(number)
    return None


def part_from_store(file: Path, number: int, offset: int) -> None:
    """Give the upload a file of its own, of `offset` bytes, where its own one was stored as it is.

    That happens after a crash between the two. The descriptor and its lock go over to the new one.
    """
    fresh = file.with_name(f"{file.name}.new")
    own = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, OWNER_ONLY)
    try:
        fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        copied = 0
        while copied < offset:
            copied += os.sendfile(own, number, copied, offset - copied)
        fresh.replace(file)
        os.dup2(own, number, inheritable=False)
    finally:
        os.close(own)


class FileSpooled:
    """An upload's file. Whatever is written stays, even where this process dies."""

    def __init__(self, file: Path, number: int, offset: int, digest: Digesting | None) -> None:
        self._file, self._number = file, number
        self.offset, self.digest = offset, digest
        self._is_named = False  # For certain: who wrote its first bytes may have died over it.
        self._is_kept = offset == 0

    async def write(self, lot: Sequence[bytes], checking: Digesting | None = None) -> None:
        self._is_kept = False
        with telling_faults():
            await asyncio.to_thread(self._write, lot, checking)

    def _write(self, lot: Sequence[bytes], checking: Digesting | None) -> None:
        for start in range(0, len(lot), PIECES_PER_WRITE_MAX):
            some = lot[start : start + PIECES_PER_WRITE_MAX]
            put(self._number, some, self.offset)
            for piece in some:
                self.offset += len(piece)
                for digest in (self.digest, checking):
                    if digest is not None:
                        digest.update(piece)

    async def keep(self) -> None:
        if not self._is_kept:
            with telling_faults():
                await asyncio.to_thread(self._keep)
            self._is_kept = True

    def _keep(self) -> None:
        """Force the bytes to the disk, and once the file's name too (fsync(2))."""
        os.fsync(self._number)
        if not self._is_named:
            sync_folder(self._file.parent)
            self._is_named = True

    async def cut(self, offset: int) -> None:
        with telling_faults():
            await asyncio.to_thread(self._cut, offset)
        self.offset, self.digest = offset, None

    def _cut(self, offset: int) -> None:
        if os.fstat(self._number).st_nlink > 1:  # Stored bytes under their digest are not ours.
            part_from_store(self._file, self._number, offset)
            self._is_named = False
        os.ftruncate(self._number, offset)

    async def whole(self) -> tuple[Path, str]:
        digest, self.digest = self.digest, None
        if digest is not None:
            return self._file, digest.digest().hex()
        with telling_faults():
            return self._file, await asyncio.to_thread(digest_of, self._file)


def put(number: int, pieces: Sequence[bytes], offset: int) -> None:
    """Write pieces one after the other, from `offset` on (at most `PIECES_PER_WRITE_MAX`).

    A disk that is nearly full takes a part, and says so at the next attempt.
    """
    written = os.pwritev(number, pieces, offset)
    if written < sum(map(len, pieces)):
        rest = memoryview(b"".join(pieces))[written:]
        while rest:
            offset += written
            written = os.pwrite(number, rest, offset)
            rest = rest[written:]


# --- A store that cannot append ---


class PartSpool:
    """Parts in the store, so that any process of any machine may go on with an upload."""

    def __init__(self, folder: Path, database: Database, blobs: Blobs, clock: Clock) -> None:
        self._folder, self._database, self._blobs, self._clock = folder, database, blobs, clock

    @asynccontextmanager
    async def opened(self, one: StoredUpload) -> AsyncGenerator[Spooled]:
        spooled = PartSpooled(one, self._folder, self._database, self._blobs, self._clock)
        try:
            yield spooled
        finally:
            spooled.forget_file()

    async def remove(self, one: StoredUpload) -> None:
        await self._blobs.delete([part.key for part in one.parts])

    async def demand_room(self, bytes_: int) -> None:
        with telling_faults():
            await asyncio.to_thread(demand_room, self._folder, bytes_)

    async def sweep(self, before: datetime) -> None:
        with telling_faults():
            await asyncio.to_thread(sweep, self._folder, before.timestamp())


class PartSpooled:
    """An upload's parts. They count once the row says so, which only one of two can bring about."""

    def __init__(
        self, one: StoredUpload, folder: Path, database: Database, blobs: Blobs, clock: Clock
    ) -> None:
        self._one, self._folder = one, folder
        self._database, self._blobs, self._clock = database, blobs, clock
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._fresh: list[Part] = []
        self._file: Path | None = None
        self.offset = one.offset

    async def write(self, lot: Sequence[bytes], checking: Digesting | None = None) -> None:
        for piece in lot:
            if checking is not None:
                checking.update(piece)
            self._waiting.append(piece)
            self._waiting_bytes += len(piece)
            self.offset += len(piece)
            if self._waiting_bytes >= PART_BYTES:
                await self._put()

    async def _put(self) -> None:
        """Have what waits in the store, under a name that nothing else ever has."""
        content = b"".join(self._waiting)
        if not content:
            return
        name = sha256(self._one.id.bytes + self._clock.entropy(ENTROPY_BYTES)).hexdigest()
        part = Part(f"{blob_key(name)}-part", len(content))
        await self._blobs.put(part.key, content)
        self._fresh.append(part)
        self._waiting, self._waiting_bytes = [], 0

    async def keep(self) -> None:
        await self._put()
        if not self._fresh:
            return
        parts = (*self._one.parts, *self._fresh)
        async with self._database.write() as tx:
            is_first = await uploads.save_parts(tx, self._one, offset=self.offset, parts=parts)
        if not is_first:
            await self._blobs.delete([part.key for part in self._fresh])
            raise UploadLocked
        self._one = structs.replace(self._one, offset=self.offset, parts=parts)
        self._fresh = []

    async def cut(self, offset: int) -> None:
        gone = [part.key for part in self._fresh]
        if offset == 0:
            gone += [part.key for part in self._one.parts]
            self._one = structs.replace(self._one, offset=0, parts=())
        self._fresh, self._waiting, self._waiting_bytes = [], [], 0
        self.offset = self._one.offset
        await self._blobs.delete(gone)

    async def whole(self) -> tuple[Path, str]:
        await self.keep()
        self._file = await asyncio.to_thread(new_file, self._folder)
        digest = sha256()
        for part in self._one.parts:
            async for chunk in self._blobs.read(part.key):
                await asyncio.to_thread(append, self._file, chunk, digest)
        return self._file, digest.hexdigest()

    def forget_file(self) -> None:
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def new_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(dir=folder)
    os.close(number)
    return Path(name)


def append(file: Path, chunk: bytes, digest: Digesting) -> None:
    with file.open("ab") as handle:
        handle.write(chunk)
    digest.update(chunk)
