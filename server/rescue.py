"""Import a rescue file: the work of a device that cannot send any more, as if it had sent it.

Rule: under the device's own lineage and numbers, so that what comes by both ways happens once, and
what its person wrote first is no conflict of what they wrote later. A change whose number the
device has used for another, and one that never had a number, are of lineages derived from it.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import (
    ATTACHMENT_BYTES_MAX,
    OPS_PER_PUSH_MAX,
    PUSH_BYTES_UNPACKED_MAX,
    RESCUE_LINES_MAX,
    RESCUE_TOLD_MAX,
)
from schemas.ops import Made, Op, Outcome
from schemas.rescue import RescueAnswer, RescueHead, RescueRefused, RescueWaiting
from server.blob_inspect import KIND as INSPECT_BLOB
from server.blob_keep import keep_blob
from server.blobs import Blobs
from server.clock import Clock
from server.database import Database
from server.errors import ServerError
from server.jobs import Jobs
from server.push import Busy, Resolve, Restart, again, push
from server.receipts import Sender, note_received
from server.reports.making import watch
from server.rescue_file import BadLine, EditLine, OpLine, PhotoPiece, RescueFile
from server.store import devices, grants, ops, uploads
from server.store.people import Person
from sync.errors import ClonedDevice
from sync.ids import unread_id
from sync.lines import Parsed, read_line
from sync.plan import Origin

DERIVED = 5  # The version of ids that are made of others (RFC 9562, 5.5): no device's lineage.


class RescueNotTheirs(ServerError):
    slug = "rescue-not-theirs"
    title = "The device or the lineage of this rescue file is not its person's"
    status = 409


class Parts(Struct, frozen=True):
    """What an import is made with."""

    database: Database
    clock: Clock
    blobs: Blobs
    jobs: Jobs


class Source(Struct, frozen=True, kw_only=True):
    """Whose file it is: the person as known here, the device and lineage that it was made by."""

    person: Person
    device: UUID
    device_name: str
    lineage: UUID
    epoch: int
    last_n: int

    @property
    def copied(self) -> UUID:
        """The lineage of changes whose numbers the device has used for others."""
        return uuid5(self.lineage, "rescue")

    @property
    def unwritten(self) -> UUID:
        """The lineage of what was on the screen alone, and had no number yet."""
        return uuid5(self.lineage, "rescue-screen")


async def source_of(tx: AsyncConnection, head: RescueHead, person: Person, epoch: int) -> Source:
    """Place a file, and make its lineages where they are new. Raises `RescueNotTheirs`.

    A device that is not known (a database from before it was enrolled) is nobody else's either.
    """
    device = await devices.load(tx, head.device)
    if device is not None and device.person_id != person.id:
        raise RescueNotTheirs("device")
    known = device.lineage_id if device else uuid5(person.id, f"rescue/{head.device}")
    lineage = head.lineage or known
    if head.lineage is not None and lineage.version == DERIVED:
        raise RescueNotTheirs("lineage")
    await ops.begin_lineage(tx, lineage, origin="device")
    owners = await devices.load_lineage_owners(tx, lineage)
    begun = await devices.load_lineage(tx, lineage)
    if begun is None or begun[0] != "device" or not owners <= {person.id}:
        raise RescueNotTheirs("lineage")
    return Source(
        person=person,
        device=head.device,
        device_name=device.name if device else head.device_name,
        lineage=lineage,
        epoch=epoch,
        last_n=begun[1],
    )


class Taken:
    """What an import came to so far."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTED, 0)
        self.waits: list[RescueWaiting] = []
        self.refused: list[RescueRefused] = []
        self.heads: dict[str, int] = {}

    def refuse(self, line: int, detail: str, *, sha256: str | None = None) -> None:
        self.counts["rejected" if sha256 is None else "photos_wrong"] += 1
        if len(self.refused) < RESCUE_TOLD_MAX:
            self.refused.append(RescueRefused(line=line, detail=detail, sha256=sha256))

    def answered(self, lineage: UUID, line: Parsed, outcome: Outcome) -> None:
        """Count an outcome, and tell what waits."""
        waits = outcome.outcome not in ("applied", "rejected")
        self.counts["waiting" if waits else outcome.outcome] += 1
        if outcome.outcome != "applied" and len(self.waits) < RESCUE_TOLD_MAX:
            id_ = line.op.id if line.op else unread_id(lineage, line.n)
            kind = line.op.kind if line.op else ""
            self.waits.append(RescueWaiting(op=id_, kind=kind[:64], outcome=outcome.outcome))


COUNTED = (
    "applied",
    "waiting",
    "rejected",
    "known",
    "photos_taken",
    "photos_known",
    "photos_wrong",
)


class Rescue:
    """One import. Everything it does may be done again; then it is known already."""

    def __init__(self, parts: Parts, source: Source) -> None:
        self._parts, self._source = parts, source
        self._waiting: list[tuple[int, Parsed]] = []
        self._waiting_bytes = 0
        self._photo: Photo | None = None
        self._given_up: tuple[UUID, str] | None = None
        self.taken = Taken()

    async def take(self, file: RescueFile, head: RescueHead) -> RescueAnswer:
        """Take all lines. What came before an error that is raised is kept."""
        try:
            async for numbered in file.items():
                item = numbered.item
                if not isinstance(item, OpLine):
                    await self._flush()
                match item:
                    case OpLine():
                        await self._op(numbered.line, item)
                    case EditLine():
                        await self._edit(numbered.line, item, head)
                    case PhotoPiece():
                        await self._piece(numbered.line, item)
                    case BadLine():
                        self.taken.refuse(numbered.line, item.detail)
            await self._flush()
            self._end_photo("its bytes end before their time")
        finally:
            self._drop_photo()
        return RescueAnswer(
            person=self._source.person.id,
            person_name=self._source.person.name,
            device_name=self._source.device_name,
            made=head.made,
            whole=file.is_whole,
            partial=head.is_partial,
            waits=tuple(self.taken.waits),
            refused=tuple(self.taken.refused),
            **self.taken.counts,
        )

    # --- Changes ---

    async def _op(self, line: int, item: OpLine) -> None:
        """Gather ops that follow one another, as a device sends them."""
        if item.n > self._source.last_n + RESCUE_LINES_MAX:
            self.taken.refuse(line, f"n is {item.n}, far beyond what this device can have made")
            return
        follows = not self._waiting or item.n == self._waiting[-1][1].n + 1
        size = self._waiting_bytes + len(item.raw)
        if not follows or len(self._waiting) >= OPS_PER_PUSH_MAX or size > PUSH_BYTES_UNPACKED_MAX:
            await self._flush()
        self._waiting.append((line, read_line(item.raw, item.n)))
        self._waiting_bytes += len(item.raw)

    async def _flush(self) -> None:
        sent, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if sent:
            await self._push(sent, self._source.lineage)

    async def _edit(self, line: int, item: EditLine, head: RescueHead) -> None:
        """Make the op of what was on the screen; the same is the same op, whenever it comes."""
        edit, lineage = item.edit, self._source.unwritten
        async with self._parts.database.write() as tx:
            await ops.begin_lineage(tx, lineage, origin="device")
            last_n = (await ops.lock_lineage(tx, lineage)).last_n
        op = Op(
            n=last_n + 1,
            id=uuid5(lineage, sha256(item.raw).hexdigest()),
            by=self._source.person.id,
            made=Made(wall=head.made, session=self._source.lineage),
            kind=edit.kind,
            record=edit.record,
            base=edit.base,
            new=edit.new,
            parent=edit.parent,
            set=edit.set,
            add=edit.add,
            remove=edit.remove,
            withdraw=edit.withdraw,
            replaces=edit.replaces,
            words=edit.words,
        )
        try:
            raw = msgspec.json.encode(op)
        except (msgspec.EncodeError, ValueError, RecursionError) as error:
            self.taken.refuse(line, str(error)[:1_000])
            return
        async with self._parts.database.read() as tx:
            _, by_id = await ops.load_answered(tx, lineage, from_n=1, to_n=0, ids={op.id})
        if op.id in by_id:
            self.taken.counts["known"] += 1
            return
        await self._push([(line, read_line(raw, op.n))], lineage)

    async def _push(self, sent: Sequence[tuple[int, Parsed]], lineage: UUID) -> None:
        """Push some under a lineage; what is a copy's there goes under another, one by one."""
        lines = [parsed for _, parsed in sent]
        known = await self._load_known(lines, lineage)
        try:
            done = await push(
                self._parts.database,
                self._parts.clock,
                self._resolve(lineage),
                lines,
                first_n=lines[0].n,
                epoch=self._source.epoch,
            )
        except ClonedDevice as error:
            await self._push_copies(sent, lineage, error)
            return
        self.taken.heads |= done.heads
        visits = set()
        for parsed, outcome in zip(lines, done.outcomes, strict=True):
            if parsed.n in known:
                self.taken.counts["known"] += 1
            else:
                self.taken.answered(lineage, parsed, outcome)
            if parsed.op and parsed.op.kind == "visit" and outcome.outcome == "applied":
                visits.add(parsed.op.record)
        if visits:
            async with self._parts.database.write() as tx:
                for id_ in visits:
                    await watch(self._parts.jobs, tx, id_, "visit")

    async def _push_copies(
        self, sent: Sequence[tuple[int, Parsed]], lineage: UUID, error: ClonedDevice
    ) -> None:
        if len(sent) > 1:
            for one in sent:
                await self._push([one], lineage)
        elif lineage == self._source.lineage:
            async with self._parts.database.write() as tx:
                await ops.begin_lineage(tx, self._source.copied, origin="device")
            await self._push(sent, self._source.copied)
        else:
            self.taken.refuse(sent[0][0], error.detail)

    async def _load_known(self, lines: Sequence[Parsed], lineage: UUID) -> frozenset[int]:
        """The numbers of those that came before, under whatever number."""
        ids = {line.op.id for line in lines if line.op}
        async with self._parts.database.read() as tx:
            by_n, by_id = await ops.load_answered(
                tx, lineage, from_n=lines[0].n, to_n=lines[-1].n, ids=ids
            )
        own = (None, self._source.person.id)
        theirs = {id_ for id_, stored in by_id.items() if stored.person in own}
        return frozenset(
            line.n
            for line in lines
            if line.n in by_n or (line.op is not None and line.op.id in theirs)
        )

    def _resolve(self, lineage: UUID) -> Resolve:
        """The device as its person is now; whether it was ended is no matter, its work is theirs.

        Of somebody who left everything is reviewed, as of a device on its way out.
        """
        source = self._source

        async def resolve(tx: AsyncConnection) -> Origin:
            person = source.person
            held = await grants.load_scopes(tx, device_id=source.device, person_id=person.id)
            return Origin(
                kind="device",
                lineage=lineage,
                person=person.id,
                device=source.device,
                scopes=frozenset(held),
                draining=not person.active,
            )

        return resolve

    # --- Photos ---

    async def _piece(self, line: int, piece: PhotoPiece) -> None:
        """Add a piece. Of a photo that was given up, the rest is passed over."""
        if self._photo is None or not self._photo.goes_on(piece):
            self._end_photo("its bytes end before their time")
            if piece.at > 0 and self._given_up == (piece.attachment, piece.sha256):
                return
            self._photo = Photo(self._parts.blobs.root / "uploads", piece, line)
        photo = self._photo
        await asyncio.to_thread(photo.add, piece)
        if not photo.is_over:
            return
        self._photo, self._given_up = None, (photo.attachment, photo.sha256)
        try:
            if photo.fault:
                self.taken.refuse(line, photo.fault, sha256=photo.sha256)
            else:
                await self._keep(photo)
        finally:
            photo.drop()

    def _end_photo(self, why: str) -> None:
        """Give a photo up whose bytes did not come to an end."""
        if self._photo is not None:
            photo = self._photo
            self._given_up = (photo.attachment, photo.sha256)
            self._drop_photo()
            self.taken.refuse(photo.line, photo.fault or why, sha256=photo.sha256)

    def _drop_photo(self) -> None:
        if self._photo is not None:
            self._photo.drop()
            self._photo = None

    async def _keep(self, photo: "Photo") -> None:
        """Store bytes that are what they should be, as the last request of an upload does."""
        source, parts = self._source, self._parts
        sender = Sender(
            device=source.device,
            lineage=source.lineage,
            person=source.person.id,
            epoch=source.epoch,
            is_draining=not source.person.active,
        )
        is_known = await self._brought(photo.sha256)

        async def attempt(needs: frozenset[str]) -> None:
            async def also(tx: AsyncConnection) -> None:
                await uploads.save_delivery(tx, photo.sha256, source.device, at=parts.clock.now())
                if not is_known:
                    await parts.jobs.add(tx, INSPECT_BLOB, photo.sha256)
                moved = await note_received(tx, parts.clock, sender, [photo.sha256], needs=needs)
                self.taken.heads |= moved

            await keep_blob(
                parts.database, parts.blobs, parts.clock, photo.sha256, photo.path, also=also
            )

        try:
            await again(attempt)
        except Restart:
            raise Busy from None
        self.taken.counts["photos_known" if is_known else "photos_taken"] += 1

    async def _brought(self, sha256: str) -> bool:
        """Whether this device, or an earlier import of its work, brought these bytes."""
        async with self._parts.database.read() as tx:
            return await uploads.is_delivered(
                tx, sha256, device=self._source.device, lineage=self._source.lineage
            )


class Photo:
    """One photo of the file on its way into the store, in a file of its own."""

    def __init__(self, folder: Path, first: PhotoPiece, line: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(dir=folder, prefix="rescue-")
        self._file, self.path = os.fdopen(number, "wb"), Path(name)
        self._digest = sha256()
        self.attachment, self.sha256, self.line = first.attachment, first.sha256, line
        self.of, self.count, self.fault = first.of, 0, ""
        self.is_over = False

    def goes_on(self, piece: PhotoPiece) -> bool:
        """Whether a piece is the next one of this photo."""
        named = (piece.attachment, piece.sha256, piece.of)
        return named == (self.attachment, self.sha256, self.of) and piece.at == self.count

    def add(self, piece: PhotoPiece) -> None:
        """Take a piece. What is wrong with it is kept in `fault`, and nothing more is written."""
        content = piece.decoded()
        if content is None:
            self.fault = "is not base64"
        elif piece.at != self.count:
            self.fault = "its first bytes are missing"
        elif self.count + len(content) > ATTACHMENT_BYTES_MAX:
            self.fault = f"is larger than {ATTACHMENT_BYTES_MAX} bytes"
        if self.fault or content is None:
            self.is_over = True
            return
        self._file.write(content)
        self._digest.update(content)
        self.count += len(content)
        self.is_over = self.of is None or self.count >= self.of
        if self.is_over:
            self._file.flush()
            os.fsync(self._file.fileno())
            if self._digest.hexdigest() != self.sha256 or self.of not in (None, self.count):
                self.fault = "its bytes do not have this SHA-256"

    def drop(self) -> None:
        """Take the file away; what was stored stays."""
        self._file.close()
        self.path.unlink(missing_ok=True)
