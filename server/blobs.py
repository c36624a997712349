"""Where bytes are: a folder, or an S3 store. Rule: whole and durable when `put` returns, or not.

Bytes are named by what they are (SHA-256), so a key never gets other bytes and putting them again
changes nothing. They land here before their row (`server.blob_keep`). obstore reads and lists both
kinds and writes to S3; a folder is written by hand, since obstore does not force files to the disk
there (docs/decisions/0007).
"""

import asyncio
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from msgspec import Struct
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from server.errors import ServerError
from server.folder import OWNER_ONLY, sync_folder
from server.outages import is_full
from server.settings import Settings

CHUNK_BYTES = 1024 * 1024  # What `read` gives at most at once.
SEGMENT_BYTES = 8 * CHUNK_BYTES  # What is asked of a store at once, there and back.
PARTS_AT_ONCE = 4
LISTED_AT_ONCE = 1_000
DRAFTS = "drafts"
KEY = re.compile(r"(?:thumbnails/)?[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})(?:-[a-z]+)?")
DRAFT = re.compile(rf"{DRAFTS}/[a-z0-9_]+")
STATUS = re.compile(r"status code: (\d{3})")
REFUSALS = (PermissionDeniedError, UnauthenticatedError)
# Whatever somebody sent is downloaded, never opened, by a browser that follows a link to the store.
ATTRIBUTES = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": "attachment",
}

log = structlog.get_logger()


class StoreUnreachable(ServerError):
    """The store of bytes is away, or refuses us: nothing was kept, and it may be sent again."""

    slug = "store-unreachable"
    title = "The store of photos and files cannot be reached; send it again later"
    status = 503

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "30"}


class BlobMissing(Exception):
    """The store has nothing under this key."""


class Stored(Struct, frozen=True):
    """One thing in the store, as it lists it."""

    key: str
    bytes: int
    modified_at: datetime

    @property
    def sha256(self) -> str | None:
        """What it belongs to; None for a draft that a crash left, and for what is not ours."""
        match = KEY.fullmatch(self.key)
        return match["sha256"] if match else None

    @property
    def is_part(self) -> bool:
        """A piece of an upload that is under way."""
        return self.key.endswith("-part")

    @property
    def is_draft(self) -> bool:
        return DRAFT.fullmatch(self.key) is not None


def blob_key(sha256: str) -> str:
    """Where the bytes with this digest are."""
    return f"{sha256[:2]}/{sha256}"


def thumbnail_key(sha256: str, size: str) -> str:
    """Where the small picture of the bytes with this digest is; `size` is a word of a to z."""
    return f"thumbnails/{sha256[:2]}/{sha256}-{size}"


@contextmanager
def telling_faults() -> Generator[None]:
    """Turn what a store says into problems. No room is told as such, by `server.errors`."""
    try:
        yield
    except FileNotFoundError:
        raise BlobMissing from None
    except BaseError as error:
        log.error("blobs.unreachable", reason=first_line(error))  # noqa: TRY400  # No trace of ours.
        raise StoreUnreachable(said_by_store(error)) from None
    except OSError as error:
        if is_full(error):
            raise
        log.error("blobs.unreachable", reason=str(error))  # noqa: TRY400
        raise StoreUnreachable(f"the store cannot be used: {error.strerror}") from None


def length_of(source: Path | bytes) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def said_by_store(error: BaseError) -> str:
    """Say what was wrong; of a listing only the status in the message tells (obstore 0.12)."""
    status = STATUS.search(str(error))
    if isinstance(error, REFUSALS) or (status and status[1] in ("401", "403")):
        return "the store refuses this server's key"
    if status and status[1] == "404":
        return "the store has no such place"
    return "the store does not answer"


def first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:500]


class Blobs:
    """The store of one installation. Every method may raise `StoreUnreachable`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        place = urlsplit(settings.blobs_url or "")
        self.is_folder = place.scheme != "s3"
        self.root = (
            Path(unquote(place.path)) if self.is_folder and place.path else settings.blobs_dir
        )
        self.place = settings.blobs_url or str(self.root)  # As it is shown; it holds no secret.

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        """Made at the first use: a command that needs no bytes makes no folder."""
        if self.is_folder:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            return LocalStore(self.root)
        return s3_store(self._settings)

    async def put(self, key: str, source: Path | bytes, *, may_link: bool = True) -> None:
        """Keep bytes under their key: all of them, on the disk, or none.

        A file that is given is not written to again by anybody: a folder on the same disk takes it
        over by a link, without a copy, unless it is said that it may not. What is under the name
        already is read and forced to the disk before it counts.
        """
        assert KEY.fullmatch(key), key
        with telling_faults():
            length = length_of(source)
        digest = key[-64:] if key == blob_key(key[-64:]) else ""
        is_here = await self.is_sound(key, length, digest)
        if is_here and not self.is_folder:
            return
        with telling_faults():
            try:
                if self.is_folder:
                    if is_here and await asyncio.to_thread(forced_again, self.root, key):
                        return
                    await asyncio.to_thread(
                        put_in_folder, self.root, key, source, may_link=may_link
                    )
                else:
                    await obstore.put_async(
                        self._store,
                        key,
                        source,
                        attributes=ATTRIBUTES,
                        chunk_size=SEGMENT_BYTES,
                        max_concurrency=PARTS_AT_ONCE,
                    )
            except FileNotFoundError:
                log.error("blobs.unreachable", reason="no such place", place=self.place)  # noqa: TRY400
                raise StoreUnreachable("the store has no such place") from None

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes from `start` to before `end`, in chunks of at most `CHUNK_BYTES`.

        What lies behind the last byte is not there; that is no error. Raises `BlobMissing`, at the
        first chunk.
        """
        size = await self.size(key)
        if size is None:
            raise BlobMissing(key)
        end = size if end is None else min(end, size)
        while start < end:
            stop = min(start + SEGMENT_BYTES, end)
            with telling_faults():
                found = await obstore.get_range_async(self._store, key, start=start, end=stop)
            segment = memoryview(found)
            for at in range(0, len(segment), CHUNK_BYTES):
                yield bytes(segment[at : at + CHUNK_BYTES])
            start = stop

    async def size(self, key: str) -> int | None:
        """How many bytes are there; None where nothing is."""
        try:
            with telling_faults():
                if self.is_folder:
                    return (await asyncio.to_thread((self.root / key).stat)).st_size
                return (await obstore.head_async(self._store, key))["size"]
        except BlobMissing:
            return None

    async def is_sound(self, key: str, size: int, sha256: str) -> bool:
        """Whether so many bytes are there, and are those of this digest; empty asks for no digest.

        They are read for it: a disk that rots keeps the length.
        """
        if await self.size(key) != size:
            return False
        if not sha256:
            return True
        digest = hashlib.sha256()
        try:
            async for chunk in self.read(key):
                await asyncio.to_thread(digest.update, chunk)
        except BlobMissing:
            return False
        return digest.hexdigest() == sha256

    async def delete(self, keys: Collection[str]) -> None:
        """Remove what is under these keys; what is not there is no matter."""
        wanted = list(keys)
        with telling_faults():
            if self.is_folder:
                await asyncio.to_thread(delete_in_folder, self.root, wanted)
                return
            await obstore.delete_async(self._store, wanted)

    async def signed_url(self, key: str, *, seconds: int | None = None) -> str | None:
        """An address from which anybody may read this for `seconds`, by default as it is set.

        None where the store cannot make one, or where it is set that none is given away.
        """
        seconds = self._settings.blobs_link_seconds if seconds is None else seconds
        if isinstance(self._store, LocalStore) or not seconds:
            return None
        with telling_faults():
            return await obstore.sign_async(self._store, "GET", key, timedelta(seconds=seconds))

    async def walk(self) -> AsyncIterator[Stored]:
        """Everything of ours in the store, drafts that a crash left too, in no order."""
        with telling_faults():
            store = self._store
        listing = obstore.list(store, chunk_size=LISTED_AT_ONCE)
        while True:
            with telling_faults():
                try:
                    some = await anext(listing)
                except StopAsyncIteration:
                    return
            for one in some:
                found = Stored(one["path"], one["size"], one["last_modified"])
                if found.sha256 or found.is_draft:
                    yield found

    async def fault(self) -> str:
        """Say why the store cannot be used; nothing where it can. Makes and changes nothing."""
        if self.is_folder and not self.root.exists():
            return ""
        try:
            with telling_faults():
                async for _ in obstore.list(self._store, chunk_size=1):
                    break
        except StoreUnreachable as error:
            return error.detail
        return ""


def s3_store(settings: Settings) -> S3Store:
    """Speak to S3. What is not set here, credentials too, is looked for as AWS's own tools do."""
    place = urlsplit(settings.blobs_url or "")
    endpoint = settings.blobs_endpoint
    given: dict[str, str] = {}
    if endpoint and settings.blobs_path_style:
        given["endpoint"] = endpoint
    elif endpoint:
        scheme, _, host = endpoint.partition("://")
        given["endpoint"] = f"{scheme}://{place.netloc}.{host}"
    if settings.blobs_key_id and settings.blobs_secret:
        given["access_key_id"] = settings.blobs_key_id
        given["secret_access_key"] = settings.blobs_secret.get_secret_value()
    return S3Store(
        place.netloc,
        prefix=place.path.strip("/") or None,
        region=settings.blobs_region,
        virtual_hosted_style_request=not settings.blobs_path_style,
        disable_bulk_delete=True,  # Not every store has it; it matters to nobody how long it takes.
        config=given,  # type: ignore[arg-type]  # Its type is not there when the program runs.
        client_options={
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=20)},
    )


def put_in_folder(root: Path, key: str, source: Path | bytes, *, may_link: bool) -> None:
    """Force the bytes to the disk, give them their name, force the name to the disk.

    (link(2) and rename(2) are atomic; fsync(2) of the folder is what makes the name last.)
    """
    target = root / key
    make_folders(root, target.parent)
    if isinstance(source, bytes) or not (may_link and linked(source, target)):
        put_copy(root, target, source)
    sync_folder(target.parent)


def linked(source: Path, target: Path) -> bool:
    """Give a whole file its name; False where that is taken, or on another disk."""
    force(source)
    os.utime(source)  # Its age is how long it has been here.
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def put_copy(root: Path, target: Path, source: Path | bytes) -> None:
    """Write a draft, which replaces what is under the name."""
    drafts = root / DRAFTS
    make_folders(root, drafts)
    number, name = tempfile.mkstemp(dir=drafts, prefix="")
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as handle:
            if isinstance(source, bytes):
                handle.write(source)
            else:
                with source.open("rb") as taken:
                    shutil.copyfileobj(taken, handle, CHUNK_BYTES)
        force(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def force(file: Path) -> None:
    """Have a file's bytes on the disk, and let only its owner read them."""
    number = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(number, OWNER_ONLY)
        os.fsync(number)
    finally:
        os.close(number)


def forced_again(root: Path, key: str) -> bool:
    """Have a file and its name on the disk, made by one who may have died; False if it is gone."""
    file = root / key
    try:
        force(file)
    except FileNotFoundError:  # Collected just now.
        return False
    for folder in (file.parent, *file.parent.parents):
        sync_folder(folder)
        if folder == root:
            break
    return True


def make_folders(root: Path, folder: Path) -> None:
    """Make a folder and those above it up to `root`, each on the disk before the next."""
    if folder.is_dir():
        return
    if folder != root:
        make_folders(root, folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=folder == root)
    sync_folder(folder.parent)


def delete_in_folder(root: Path, keys: Collection[str]) -> None:
    for key in keys:
        (root / key).unlink(missing_ok=True)
