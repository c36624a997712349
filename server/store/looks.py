"""Looks at all chains as they are kept. Rule: what ended is never changed; the newest are kept."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import jobs
from server.store.proof_tables import looks
from server.store.tables import feed, ops
from sync.audit import Broken

LOOKS_KEPT = 30
PLACES_KEPT_MAX = 500  # Where more is broken, the first say enough.
PLACES = msgspec.json.Decoder(tuple[Broken, ...])


class KeptLook(Struct, frozen=True):
    """A look. While it is under way only `ahead` and `ops` say anything: of ops and records."""

    id: UUID
    asked_by: UUID | None
    begun_at: datetime
    ended_at: datetime | None
    ahead: int
    ops: int
    writers: int = 0
    roots: int = 0
    witnesses: int = 0
    forgotten: int = 0
    seals: int = 0
    seals_broken: int = 0
    seals_unrecorded: int = 0
    broken: int = 0
    places: tuple[Broken, ...] = ()


class AskedLook(Struct, frozen=True):
    """A job that waits, is under way, or is tried again until it is given up."""

    due_at: datetime
    has_failed: bool
    is_given_up: bool


async def begin(tx: AsyncConnection, id_: UUID, *, asked_by: UUID | None, at: datetime) -> None:
    """Note that one begins; one that was broken off before it ended is forgotten."""
    mine = looks.c.asked_by.is_(None) if asked_by is None else looks.c.asked_by.is_not(None)
    await tx.execute(delete(looks).where(looks.c.ended_at.is_(None), mine))
    is_here = feed.c.gone.is_(None) | (feed.c.gone == "withdrawn")
    ahead = await tx.scalar(select(func.count()).select_from(ops)) or 0
    ahead += await tx.scalar(select(func.count()).where(is_here)) or 0
    await tx.execute(looks.insert(), _row(KeptLook(id_, asked_by, at, None, ahead, 0)))


async def save_progress(tx: AsyncConnection, id_: UUID, *, done: int) -> None:
    """Note how many ops and records it has looked at."""
    await tx.execute(update(looks).where(looks.c.id == id_).values(ops=done))


async def forget(tx: AsyncConnection, id_: UUID) -> None:
    """It came to nothing."""
    await tx.execute(delete(looks).where(looks.c.id == id_, looks.c.ended_at.is_(None)))


async def end(tx: AsyncConnection, ended: KeptLook) -> None:
    """Keep what it found, in place of its progress; the oldest looks go."""
    await tx.execute(delete(looks).where(looks.c.id == ended.id))
    await tx.execute(looks.insert(), _row(ended))
    newest = select(looks.c.id).order_by(looks.c.begun_at.desc(), looks.c.id.desc())
    kept = (await tx.scalars(newest.limit(LOOKS_KEPT))).all()
    await tx.execute(delete(looks).where(looks.c.id.not_in(kept)))


def _row(look: KeptLook) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(look, name) for name in KeptLook.__struct_fields__}
    shown = look.places[:PLACES_KEPT_MAX]
    return row | {"places": msgspec.json.encode(shown).decode()}


async def load_last(tx: AsyncConnection, *, ended: bool) -> KeptLook | None:
    """The newest that ended, or the newest that is under way."""
    is_so = looks.c.ended_at.is_not(None) if ended else looks.c.ended_at.is_(None)
    query = select(looks).where(is_so).order_by(looks.c.begun_at.desc(), looks.c.id.desc())
    row = (await tx.execute(query.limit(1))).one_or_none()
    if row is None:
        return None
    plain = {name: getattr(row, name) for name in KeptLook.__struct_fields__ if name != "places"}
    return KeptLook(**plain, places=PLACES.decode(row.places))


async def count_broken(tx: AsyncConnection) -> int:
    """How many places the newest look that ended found."""
    query = select(looks.c.broken).where(looks.c.ended_at.is_not(None))
    found: int | None = await tx.scalar(query.order_by(looks.c.begun_at.desc()).limit(1))
    return found or 0


async def load_asked(tx: AsyncConnection, kind: str, key: str) -> AskedLook | None:
    """The job of a look that somebody asked for, until it has ended."""
    query = select(jobs.c.due_at, jobs.c.problem, jobs.c.failed_at)
    row = (await tx.execute(query.where(jobs.c.kind == kind, jobs.c.key == key))).one_or_none()
    if row is None:
        return None
    return AskedLook(row.due_at, row.problem is not None, row.failed_at is not None)
