"""Bytes on their way, who brought which, and which ops name them. Rule: by digest, never by name.

What a device may know of stored bytes is asked here, in `load_here`, and nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.file_tables import blobs, deliveries, pins, uploads
from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import devices
from server.store.tables import ops
from sync.plan import Here
from sync.upload import Upload

ATTACHMENTS = KIND_TABLES["attachment"]


class Part(Struct, frozen=True):
    """A piece of an upload, in a store that cannot append."""

    key: str
    bytes: int


class StoredUpload(Struct, frozen=True, kw_only=True):
    """An upload as its row has it. `offset` counts the parts; a file in a folder has its length."""

    id: UUID
    device_id: UUID
    sha256: str
    bytes: int
    created_at: datetime
    expires_at: datetime
    attachment_id: UUID | None = None
    metadata: str = ""
    offset: int = 0
    refusals: int = 0
    parts: tuple[Part, ...] = ()
    done_at: datetime | None = None

    @property
    def upload(self) -> Upload:
        """What the state machine knows of it."""
        return Upload(
            sha256=self.sha256,
            bytes=self.bytes,
            expires_at=self.expires_at,
            offset=self.bytes if self.done_at else self.offset,
            refusals=self.refusals,
            is_whole=self.done_at is not None,
        )


NAMES = StoredUpload.__struct_fields__
COLUMNS = tuple(uploads.c[name] for name in NAMES)
PARTS = msgspec.json.Decoder(tuple[Part, ...])
# Nobody lets go of their copy of what is on its way out, or of what the last backup missed.
HERE = and_(blobs.c.leaving_at.is_(None), blobs.c.lost_at.is_(None))


# Made once: SQLAlchemy needs longer to put a query together than the database to answer it.
LOAD = select(*COLUMNS).where(uploads.c.id == bindparam("id"))
DONE = (
    update(uploads)
    .where(uploads.c.id == bindparam("upload"))
    .values(done_at=bindparam("at"), offset=uploads.c.bytes, parts="[]")
)


async def load(tx: AsyncConnection, upload_id: UUID) -> StoredUpload | None:
    row = (await tx.execute(LOAD, {"id": upload_id})).one_or_none()
    return _stored(row) if row else None


def _stored(row: Iterable[object]) -> StoredUpload:
    values = dict(zip(NAMES, row, strict=True))
    parts = PARTS.decode(str(values["parts"]))
    return msgspec.convert({**values, "parts": parts}, StoredUpload)


async def save(tx: AsyncConnection, one: StoredUpload) -> None:
    """Keep an upload as it is announced now, in place of an earlier announcement."""
    values = [getattr(one, name) for name in NAMES]
    values[NAMES.index("parts")] = _encoded(one.parts)
    await bulk.insert(tx, uploads, NAMES, [values], replace_by=("id",))


def _encoded(parts: Sequence[Part]) -> str:
    return msgspec.json.encode(parts).decode()


async def save_parts(
    tx: AsyncConnection, one: StoredUpload, *, offset: int, parts: Sequence[Part]
) -> bool:
    """Keep that it has grown; False where another request was faster, or it is gone."""
    done = await tx.execute(
        update(uploads)
        .where(uploads.c.id == one.id, uploads.c.offset == one.offset)
        .where(uploads.c.done_at.is_(None))
        .values(offset=offset, parts=_encoded(parts))
    )
    return done.rowcount == 1


async def save_refused(tx: AsyncConnection, upload_id: UUID) -> None:
    """All its bytes had come and were other ones: it begins again."""
    values = {"offset": 0, "parts": "[]", "refusals": uploads.c.refusals + 1}
    await tx.execute(update(uploads).where(uploads.c.id == upload_id).values(values))


async def save_done(tx: AsyncConnection, upload_id: UUID, *, at: datetime) -> None:
    await tx.execute(DONE, {"upload": upload_id, "at": at})


async def save_expiry(tx: AsyncConnection, upload_id: UUID, *, expires_at: datetime) -> None:
    await tx.execute(update(uploads).where(uploads.c.id == upload_id).values(expires_at=expires_at))


class Beginning(Struct, frozen=True):
    """What is known when bytes are announced: all of it in one question."""

    before: StoredUpload | None
    open: int  # Uploads of this device that are not whole.
    is_stored: bool  # Somebody's bytes with this digest are here.


_OPEN = select(func.count()).where(
    uploads.c.device_id == bindparam("device"), uploads.c.done_at.is_(None)
)
_STORED = select(blobs.c.bytes).where(blobs.c.sha256 == bindparam("sha256"), HERE)
_ASKED = select(
    _OPEN.scalar_subquery().label("open_count"), _STORED.scalar_subquery().label("stored_bytes")
).subquery()
BEGINNING = select(_ASKED.c.open_count, _ASKED.c.stored_bytes, *COLUMNS).select_from(
    _ASKED.outerjoin(uploads, uploads.c.id == bindparam("id"))
)


async def load_beginning(
    tx: AsyncConnection, upload_id: UUID, *, device: UUID, sha256: str
) -> Beginning:
    asked = {"id": upload_id, "device": device, "sha256": sha256}
    count, size, *row = (await tx.execute(BEGINNING, asked)).one()
    return Beginning(_stored(row) if row[0] is not None else None, count, size is not None)


async def sum_since_ended(tx: AsyncConnection, device_id: UUID) -> int:
    """How many bytes a device has announced since it was taken out of service."""
    query = (
        select(func.sum(uploads.c.bytes))
        .select_from(uploads)
        .join(devices, devices.c.id == uploads.c.device_id)
        .where(uploads.c.device_id == device_id, uploads.c.created_at >= devices.c.ended_at)
    )
    return int(await tx.scalar(query) or 0)


async def load_expired(tx: AsyncConnection, *, now: datetime, limit: int) -> list[StoredUpload]:
    """Uploads that nobody may go on with, those of whole ones too."""
    query = select(*COLUMNS).where(uploads.c.expires_at <= now).limit(limit)
    return [_stored(row) for row in await tx.execute(query)]


async def remove(
    tx: AsyncConnection, ids: Collection[UUID], *, now: datetime | None = None
) -> None:
    """Forget uploads; with `now` only those that have expired by then."""
    gone = delete(uploads).where(uploads.c.id.in_(ids))
    await tx.execute(gone if now is None else gone.where(uploads.c.expires_at <= now))


# --- Who brought which ---


async def save_delivery(tx: AsyncConnection, sha256: str, device_id: UUID, *, at: datetime) -> None:
    """Note that a device sent these bytes whole; the first time counts."""
    names = ("sha256", "device_id", "at")
    await bulk.insert(
        tx, deliveries, names, [(sha256, device_id, at)], keep_by=("sha256", "device_id")
    )


async def is_delivered(tx: AsyncConnection, sha256: str, *, device: UUID, lineage: UUID) -> bool:
    """Whether these bytes are stored, and this device or another of its lineage brought them."""
    own = select(devices.c.id).where(devices.c.lineage_id == lineage)
    query = (
        select(deliveries.c.at)
        .join(blobs, blobs.c.sha256 == deliveries.c.sha256)
        .where(deliveries.c.sha256 == sha256, HERE)
        .where(or_(deliveries.c.device_id == device, deliveries.c.device_id.in_(own)))
    )
    return await tx.scalar(query.limit(1)) is not None


async def load_here(
    tx: AsyncConnection, sha256s: Collection[str]
) -> Mapping[str, tuple[Here, ...]]:
    """Who may know that these bytes are here: lineages that brought them, scopes that show them.

    Bytes that are not stored, are on their way out, or are lost, are not among them.
    """
    if not sha256s:
        return {}
    stored = and_(blobs.c.sha256.in_(sha256s), HERE)
    brought = (
        select(blobs.c.sha256, devices.c.lineage_id, deliveries.c.at)
        .select_from(blobs)
        .join(deliveries, deliveries.c.sha256 == blobs.c.sha256)
        .join(devices, devices.c.id == deliveries.c.device_id)
        .where(stored)
    )
    shown = (
        select(blobs.c.sha256, ATTACHMENTS.c.scope_id, ATTACHMENTS.c.received_at)
        .select_from(blobs)
        .join(ATTACHMENTS, ATTACHMENTS.c.sha256 == blobs.c.sha256)
        .where(stored, ATTACHMENTS.c.received_at.is_not(None))
        .distinct()
    )
    found: dict[str, list[Here]] = {}
    for row in await tx.execute(brought):
        found.setdefault(row.sha256, []).append(Here(row.at, lineage=row.lineage_id))
    for sha256, scope, at in await tx.execute(shown):
        found.setdefault(sha256, []).append(Here(at, scope=scope))
    return {sha256: tuple(places) for sha256, places in found.items()}


# --- Which ops name them ---


async def save_pins(tx: AsyncConnection, lineage: UUID, named: Iterable[tuple[int, str]]) -> None:
    """Keep what ops of a lineage name, by their numbers: such bytes are never collected."""
    rows = [(sha256, lineage, n) for n, sha256 in named]
    names = ("sha256", "lineage_id", "n")
    await bulk.insert(tx, pins, names, rows, keep_by=names)


async def is_pinned(tx: AsyncConnection, sha256: str, *, lineage: UUID) -> bool:
    query = select(pins.c.n).where(pins.c.sha256 == sha256, pins.c.lineage_id == lineage)
    return await tx.scalar(query.limit(1)) is not None


WAITING = select(ATTACHMENTS.c.id, ATTACHMENTS.c.scope_id).where(
    ATTACHMENTS.c.sha256.in_(bindparam("sha256s", expanding=True)),
    ATTACHMENTS.c.received_at.is_(None),
    ATTACHMENTS.c.withdrawn.is_(False),
)


async def load_waiting(tx: AsyncConnection, sha256s: Collection[str]) -> dict[UUID, str]:
    """Attachments that wait for these bytes, with their scopes."""
    found = await tx.execute(WAITING, {"sha256s": list(sha256s)})
    return {row.id: row.scope_id for row in found}


async def load_made(
    tx: AsyncConnection, records: Collection[UUID], *, lineage: UUID
) -> frozenset[UUID]:
    """Those of these records that an op of this lineage wrote."""
    if not records:
        return frozenset()
    made = select(ops.c.record_id).where(ops.c.record_id.in_(records), ops.c.lineage_id == lineage)
    return frozenset(id_ for id_ in await tx.scalars(made) if id_ is not None)
