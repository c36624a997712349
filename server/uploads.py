"""Uploads of bytes: what `sync.upload` decides, done to the spool. Rule: bytes, then their row.

One request at a time writes an upload. A newer one takes over: the older one's connection is most
likely dead, and what came by it is kept. No transaction is open while bytes come.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import structlog
from msgspec import Struct, structs
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import DRAINING_UPLOAD_BYTES_MAX, UPLOADS_PER_DEVICE_MAX
from server.blob_inspect import KIND as INSPECT_BLOB
from server.blob_keep import keep_blob
from server.blobs import BlobMissing, Blobs
from server.bodies import ClientLeft
from server.clock import Clock
from server.database import Database
from server.errors import NotReady, ServerError
from server.jobs import Jobs
from server.push import Busy, Restart, again, in_turn
from server.receipts import Sender, load_held, note_received
from server.spool import FileSpool, PartSpool, Spool, Spooled, UploadLocked
from server.store import blobs as stored
from server.store import uploads
from server.store.jobs import Job
from server.store.uploads import StoredUpload
from server.upload_body import IDLE_SECONDS, Taking, Turn
from sync import upload
from sync.ids import upload_id
from sync.upload import Append
from sync.upload_headers import Announced, Checksum

LIFETIME = timedelta(days=14)
LEASE = timedelta(days=7)
TURN_SECONDS = 10.0
LARGE_BYTES = 64 * 1024 * 1024
# Of more than this, an announcement is worth its own commit: what is cut is gone on with.
AT_ONCE_BYTES_MAX = 8 * 1024 * 1024
SWEPT_EVERY = timedelta(hours=1)
SWEPT_AT_ONCE_MAX = 500

SWEEP = "sweep-uploads"

Heads = Mapping[str, int]
NOTHING_MOVED: Heads = MappingProxyType({})

log = structlog.get_logger()


class UploadNotTaken(ServerError):
    """Of a device on its way out: it hands in what it has, and nothing beyond."""

    slug = "upload-not-taken"
    title = "A device on its way out uploads only what its changes name, up to a limit"
    status = 403


class TooManyUploads(ServerError):
    slug = "too-many-uploads"
    title = "This device has begun too many uploads that are not finished"
    status = 429

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "60"}


class Progress(Struct, frozen=True):
    """How far an upload is after a request, and the heads that moved when it was whole."""

    id: UUID
    offset: int
    expires_at: datetime
    bytes: int
    heads: Heads = NOTHING_MOVED
    metadata: str = ""


class Uploads:
    """The uploads of one process."""

    def __init__(self, database: Database, blobs: Blobs, jobs: Jobs, clock: Clock) -> None:
        self._database, self._blobs, self._jobs, self._clock = database, blobs, jobs, clock
        self._turns: dict[UUID, Turn] = {}
        self._is_ending = False
        folder = blobs.root / "uploads"
        self._spool: Spool = (
            FileSpool(folder) if blobs.is_folder else PartSpool(folder, database, blobs, clock)
        )
        jobs.every(SWEEP, SWEPT_EVERY, self._sweep)

    @asynccontextmanager
    async def running(self, stopping: asyncio.Event) -> AsyncGenerator[None]:
        """Let slow uploads end when the server is told to stop; what came is kept."""
        ending = asyncio.create_task(self._end(stopping))
        try:
            yield
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    async def _end(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._is_ending = True
        for turn in tuple(self._turns.values()):
            turn.give_way()

    @asynccontextmanager
    async def _turn(self, upload: UUID) -> AsyncGenerator[Turn]:
        """Hold an upload in this process. Raises `UploadLocked` where the other one goes on."""
        while (held := self._turns.get(upload)) is not None:
            held.give_way()
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    await held.over.wait()
            except TimeoutError:
                raise UploadLocked from None
        if self._is_ending:
            raise NotReady("the server is ending")
        turn = self._turns[upload] = Turn()
        try:
            yield turn
        finally:
            del self._turns[upload]
            turn.over.set()

    # --- What a device asks ---

    async def have(
        self, sender: Sender, sha256s: Collection[str]
    ) -> tuple[frozenset[str], datetime, Heads]:
        """Those of these bytes that need not be sent, until when they stay, and heads that moved.

        Attachments that wait for them are told: they may have come while nobody could know.
        """
        now = self._clock.now()
        async with self._database.read() as tx:
            if not await self._known(tx, sender, sha256s):
                return frozenset(), now, NOTHING_MOVED

        async def work(tx: AsyncConnection, needs: frozenset[str]) -> tuple[frozenset[str], Heads]:
            known = await self._known(tx, sender, sha256s)
            leased = await stored.lease(tx, known, until=now + LEASE) if known else frozenset[str]()
            heads = await note_received(tx, self._clock, sender, leased, needs=needs)
            return frozenset(leased), heads

        try:
            leased, heads = await in_turn(self._database, work)
        except Restart:
            raise Busy from None
        return leased, now + LEASE, heads

    async def create(
        self,
        sender: Sender,
        announced: Announced,
        bytes_: int,
        body: AsyncIterator[bytes] | None,
        *,
        checksum: Checksum | None = None,
    ) -> Progress:
        """Begin an upload, or go on with the one of the same bytes; take the first of them.

        Of one that has bytes already none are taken: the answer says where to go on. Raises
        `UploadNotTaken`, `TooManyUploads` or `StorageFull`, and what `append` raises.
        """
        id_ = upload_id(sender.device, announced.sha256)
        async with self._turn(id_) as turn:
            if body is not None and bytes_ <= AT_ONCE_BYTES_MAX and self._blobs.is_folder:
                one = await self._new(sender, announced, id_, bytes_)
                if one is not None:
                    return await self._take_whole(turn, sender, announced, one, body, checksum)
            if bytes_ >= LARGE_BYTES:  # Anything less is told when it does not fit.
                await self._spool.demand_room(bytes_)
            one, is_fresh = await self._announce(sender, announced, id_, bytes_)
            if one.done_at is not None:
                await self._spool.remove(one)  # Begun before somebody else brought all of it.
                _, _, heads = await self.have(sender, [one.sha256])
                return progress(one, one.bytes, heads)
            async with self._spool.opened(one) as spooled:
                if is_fresh and spooled.offset:
                    await spooled.cut(0)
                if body is not None and spooled.offset == 0:
                    now = self._clock.now()
                    append = upload.begin(
                        one.upload, offset=0, length=None, now=now, checksum=checksum
                    )
                    await self._receive(turn, spooled, append, body)
                return await self._settle(sender, one, spooled)

    async def _new(
        self, sender: Sender, announced: Announced, id_: UUID, bytes_: int
    ) -> StoredUpload | None:
        """An upload that may do without its own announcement, if all of it comes at once.

        None of one that was begun before, of bytes that are here, and where they might be refused.
        """
        async with self._database.ask() as tx:
            known = await uploads.load_beginning(
                tx, id_, device=sender.device, sha256=announced.sha256
            )
        is_room = known.open < UPLOADS_PER_DEVICE_MAX and not sender.is_draining
        if known.before is not None or known.is_stored or not is_room:
            return None
        return fresh(sender, announced, id_, bytes_, now=self._clock.now())

    async def _take_whole(
        self,
        turn: Turn,
        sender: Sender,
        announced: Announced,
        one: StoredUpload,
        body: AsyncIterator[bytes],
        checksum: Checksum | None,
    ) -> Progress:
        """Take an upload that most likely comes whole: its row is then written with its end.

        Of one that does not, the row is written before the answer, so that it can be gone on with.
        """
        async with self._spool.opened(one) as spooled:
            if spooled.offset:  # Of a process that was killed before it had written the row.
                await spooled.cut(0)
            append = upload.begin(
                one.upload, offset=0, length=None, now=self._clock.now(), checksum=checksum
            )
            try:
                await self._receive(turn, spooled, append, body)
                is_new = spooled.offset == one.bytes
                if not is_new:
                    one, _ = await self._announce(sender, announced, one.id, one.bytes)
                return await self._settle(sender, one, spooled, is_new=is_new)
            except BaseException as error:
                with suppress(SQLAlchemyError, OSError):  # What is told is what happened first.
                    await self._announce(sender, announced, one.id, one.bytes)
                    if isinstance(error, upload.DigestDiffers):
                        await self._note_refused(one)
                raise

    async def resume(self, sender: Sender, id_: UUID) -> Progress:
        """Say how far an upload is. Where all of it is here and was not judged yet, it is now."""
        async with self._turn(id_):
            one = await self._load(sender, id_)
            if one.done_at is not None:
                return progress(one, one.bytes)
            now = self._clock.now()
            if one.expires_at - now < LIFETIME / 2:
                one = structs.replace(one, expires_at=now + LIFETIME)
                async with self._database.write() as tx:
                    await uploads.save_expiry(tx, id_, expires_at=one.expires_at)
            async with self._spool.opened(one) as spooled:
                return await self._settle(sender, one, spooled)

    async def append(
        self,
        sender: Sender,
        id_: UUID,
        body: AsyncIterator[bytes],
        *,
        offset: int,
        length: int | None,
        checksum: Checksum | None,
    ) -> Progress:
        """Add the bytes of one request. What came of one that was cut is kept.

        Raises `UploadUnknown`, `UploadExpired`, `OffsetDiffers`, `PastTheEnd`, `ChecksumDiffers`,
        `DigestDiffers`, `UploadLocked`, `StorageFull` or `StoreUnreachable`.
        """
        async with self._turn(id_) as turn:
            one = await self._load(sender, id_)
            if one.done_at is not None:
                now = self._clock.now()
                upload.begin(one.upload, offset=offset, length=length, now=now)
                return progress(one, one.bytes)
            async with self._spool.opened(one) as spooled:
                append = upload.begin(
                    structs.replace(one.upload, offset=spooled.offset),
                    offset=offset,
                    length=length,
                    now=self._clock.now(),
                    checksum=checksum,
                )
                await self._receive(turn, spooled, append, body)
                return await self._settle(sender, one, spooled)

    async def terminate(self, sender: Sender, id_: UUID) -> None:
        """Forget an upload. What was whole stays stored."""
        async with self._turn(id_):
            one = await self._load(sender, id_)
            await self._spool.remove(one)
            async with self._database.write() as tx:
                await uploads.remove(tx, [id_])

    # --- How ---

    async def _load(self, sender: Sender, id_: UUID) -> StoredUpload:
        async with self._database.ask() as tx:
            one = await uploads.load(tx, id_)
        if one is None or one.device_id != sender.device:
            raise upload.UploadUnknown
        if one.upload.state(self._clock.now()) == "expired":
            raise upload.UploadExpired
        if one.done_at is not None:  # It counts while its bytes do, as `have` does.
            async with self._database.read() as tx:
                if not await uploads.load_here(tx, [one.sha256]):
                    raise upload.UploadUnknown
        return one

    async def _known(
        self, tx: AsyncConnection, sender: Sender, sha256s: Collection[str]
    ) -> frozenset[str]:
        """Those that are stored and that this device may know of: it brought them, or sees them."""
        here = await uploads.load_here(tx, sha256s)
        held = await load_held(tx, sender) if here else frozenset[str]()
        return frozenset(
            sha256
            for sha256, places in here.items()
            if any(one.lineage == sender.lineage or one.scope in held for one in places)
        )

    async def _announce(
        self, sender: Sender, announced: Announced, id_: UUID, bytes_: int
    ) -> tuple[StoredUpload, bool]:
        """Keep what is announced; whether nothing that came before belongs to it."""
        now = self._clock.now()
        async with self._database.write() as tx:
            known = await uploads.load_beginning(
                tx, id_, device=sender.device, sha256=announced.sha256
            )
            before = known.before
            is_here = known.is_stored and bool(await self._known(tx, sender, [announced.sha256]))
            is_fresh = (
                before is None
                or (before.done_at is not None and not is_here)
                or not upload.goes_on(before.upload, bytes_=bytes_, now=now)
            )
            if is_fresh and not is_here:
                if known.open >= UPLOADS_PER_DEVICE_MAX:
                    raise TooManyUploads(f"{UPLOADS_PER_DEVICE_MAX} are not finished")
                if sender.is_draining:
                    await self._demand_named(tx, sender, announced.sha256, bytes_)
            kept = None if is_fresh else before
            one = structs.replace(
                fresh(sender, announced, id_, bytes_, now=now),
                created_at=kept.created_at if kept else now,
                offset=kept.offset if kept else 0,
                refusals=before.refusals if before else 0,
                parts=kept.parts if kept else (),
                done_at=now if is_here else None,
            )
            await uploads.save(tx, one)
        if is_fresh and before is not None:
            await self._spool.remove(before)
        return one, is_fresh

    async def _demand_named(
        self, tx: AsyncConnection, sender: Sender, sha256: str, bytes_: int
    ) -> None:
        """Raise `UploadNotTaken` where a device on its way out would bring more than it owes."""
        if not await uploads.is_pinned(tx, sha256, lineage=sender.lineage):
            raise UploadNotTaken("send the change that names it first")
        taken = await uploads.sum_since_ended(tx, sender.device)
        if taken + bytes_ > DRAINING_UPLOAD_BYTES_MAX:
            raise UploadNotTaken(f"{DRAINING_UPLOAD_BYTES_MAX} bytes in all")

    async def _receive(
        self, turn: Turn, spooled: Spooled, append: Append, body: AsyncIterator[bytes]
    ) -> None:
        """Take the bytes of one request into the spool, and drop those that do not count."""
        checking = append.checksum.digesting() if append.checksum else None
        taking = Taking(spooled, append, checking)
        cut: Exception | None = None
        try:
            async for piece in turn.pieces(body):
                await taking.take(piece)
        except (ClientLeft, TimeoutError) as error:
            cut = error
        await taking.flush()
        try:
            digest = checking.digest() if checking else None
            count = upload.kept(append, taking.count, is_cut=cut is not None, digest=digest)
        except upload.ChecksumDiffers:
            await spooled.cut(append.offset)
            raise
        if count < taking.count:
            await spooled.cut(append.offset)
        if cut is None:
            return
        await spooled.keep()
        if isinstance(cut, ClientLeft):
            raise cut
        if self._is_ending:
            raise NotReady("the server is ending")
        if turn.is_wanted:
            raise UploadLocked
        raise NotReady(f"nothing came for {IDLE_SECONDS:.0f} s")

    async def _settle(
        self, sender: Sender, one: StoredUpload, spooled: Spooled, *, is_new: bool = False
    ) -> Progress:
        """Have what came on the disk; once it is all, judge it and store it.

        One that `is_new` has no row yet.
        """
        if spooled.offset < one.bytes:
            await spooled.keep()
            return progress(one, spooled.offset)
        try:
            file, digest = await spooled.whole()
        except BlobMissing:  # A part was taken away: by nobody that we know.
            log.error("upload.part_missing", upload=str(one.id))  # noqa: TRY400
            file, digest = None, ""
        complete = structs.replace(one.upload, offset=one.bytes)
        if file is None or not upload.judged(complete, digest).is_whole:
            await spooled.cut(0)
            if not is_new:
                await self._note_refused(one)
            raise upload.DigestDiffers
        try:
            heads = await self._store(sender, one, file, is_new=is_new)
        except Exception:
            await spooled.keep()  # It is asked for again, and then is judged and stored.
            raise
        await self._spool.remove(one)
        return progress(one, one.bytes, heads)

    async def _note_refused(self, one: StoredUpload) -> None:
        async with self._database.write() as tx:
            await uploads.save_refused(tx, one.id)

    async def _store(self, sender: Sender, one: StoredUpload, file: Path, *, is_new: bool) -> Heads:
        """Keep the bytes, and all that follows from their being here, in one transaction."""
        heads: dict[str, int] = {}

        async def attempt(needs: frozenset[str]) -> None:
            async def also(tx: AsyncConnection) -> None:
                now = self._clock.now()
                await uploads.save_delivery(tx, one.sha256, sender.device, at=now)
                if is_new:
                    await uploads.save(tx, structs.replace(one, offset=one.bytes, done_at=now))
                else:
                    await uploads.save_done(tx, one.id, at=now)
                await self._jobs.add(tx, INSPECT_BLOB, one.sha256)
                moved = await note_received(tx, self._clock, sender, [one.sha256], needs=needs)
                heads.update(moved)

            await keep_blob(self._database, self._blobs, self._clock, one.sha256, file, also=also)

        try:
            await again(attempt)
        except Restart:
            raise Busy from None
        return heads

    async def _sweep(self, _: Job) -> None:
        """Forget uploads that nobody went on with, and what is left of those that were whole."""
        while True:
            async with self._database.read() as tx:
                late = await uploads.load_expired(
                    tx, now=self._clock.now(), limit=SWEPT_AT_ONCE_MAX
                )
            for one in late:
                async with self._turn(one.id):
                    await self._spool.remove(one)
            async with self._database.write() as tx:
                await uploads.remove(tx, [one.id for one in late], now=self._clock.now())
            if len(late) < SWEPT_AT_ONCE_MAX:
                break
        await self._spool.sweep(self._clock.now() - LIFETIME)


def fresh(
    sender: Sender, announced: Announced, id_: UUID, bytes_: int, *, now: datetime
) -> StoredUpload:
    """An upload of which nothing has come yet."""
    return StoredUpload(
        id=id_,
        device_id=sender.device,
        sha256=announced.sha256,
        bytes=bytes_,
        created_at=now,
        expires_at=now + LIFETIME,
        attachment_id=announced.attachment,
        metadata=announced.raw,
    )


def progress(one: StoredUpload, offset: int, heads: Heads = NOTHING_MOVED) -> Progress:
    return Progress(one.id, offset, one.expires_at, one.bytes, heads, one.metadata)
