"""Jobs: what is to be done in the background. Rule: who took one holds it by its `id` and `tries`.

Whoever asks for a job again while it runs gives its row a new id and no tries, and leaves the
lease: the end of that run then does not count for it, and it runs once more, afterwards.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.file_tables import jobs

CHANNEL = "xunjian_jobs"  # Of PostgreSQL's NOTIFY: a job was added.
NAMES = ("id", "kind", "key", "payload", "due_at", "tries", "failed_at", "problem", "created_at")

INSTANTS = ("now", "until", "overdue")
FREE_AT = case((jobs.c.taken_until > jobs.c.due_at, jobs.c.taken_until), else_=jobs.c.due_at)
NEXT = select(func.min(FREE_AT, type_=jobs.c.due_at.type)).where(
    jobs.c.kind.in_(bindparam("kinds", expanding=True)), jobs.c.failed_at.is_(None)
)

Payload = TypeVar("Payload")


class Job(Struct, frozen=True):
    """One job as its handler gets it. `tries` counts this one."""

    id: UUID
    kind: str
    key: str
    payload: str
    tries: int = 0

    def read(self, type_: type[Payload]) -> Payload:
        """What it was asked with."""
        return msgspec.json.decode(self.payload, type=type_)


def ours(job: Job) -> ColumnElement[bool]:
    """The row that was taken; not one that was asked for anew, or taken by another since."""
    return and_(jobs.c.id == job.id, jobs.c.tries == job.tries)


def asked_anew(job: Job) -> ColumnElement[bool]:
    """The row that took its place while it ran."""
    same = and_(jobs.c.kind == job.kind, jobs.c.key == job.key)
    return and_(same, jobs.c.id != job.id, jobs.c.tries == 0)


async def save(
    tx: AsyncConnection, job: Job, *, due_at: datetime, now: datetime, keep: bool = False
) -> None:
    """Ask for a job: the latest word on a kind and key counts; with `keep`, the first."""
    key = ("kind", "key")
    row = (job.id, job.kind, job.key, job.payload, due_at, 0, None, None, now)
    await bulk.insert(
        tx, jobs, NAMES, [row], replace_by=() if keep else key, keep_by=key if keep else ()
    )
    if tx.dialect.name == "postgresql":  # Heard after the commit (postgresql.org, NOTIFY).
        await tx.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


async def hasten(tx: AsyncConnection, kind: str, *, due_at: datetime) -> None:
    """Have what comes again and again come no later than this: its period may have been longer."""
    later = and_(jobs.c.kind == kind, jobs.c.due_at > due_at)
    await tx.execute(update(jobs).where(later).values(due_at=due_at))


async def take(
    tx: AsyncConnection,
    ranks: Mapping[str, int],
    *,
    now: datetime,
    until: datetime,
    overdue: datetime,
) -> Job | None:
    """Take a job until `until`; nobody waits for another's row.

    Of these kinds the one with the lowest rank, and of those what has been due longest; what has
    been due since before `overdue` goes first, whatever it is. There is one kind at least.
    """
    asked = {"now": now, "until": until, "overdue": overdue}
    row = (await tx.execute(taking(tuple(ranks.items())), asked)).one_or_none()
    return Job(row.id, row.kind, row.key, row.payload, row.tries) if row else None


@cache  # There are few kinds, and few ways in which some of them have no place.
def taking(ranks: tuple[tuple[str, int], ...]) -> Executable:
    """Made once: SQLAlchemy needs longer to put it together than the database for its answer."""
    now, until, overdue = (bindparam(name, type_=jobs.c.due_at.type) for name in INSTANTS)
    turn = case((jobs.c.due_at <= overdue, 0), else_=case(dict(ranks), value=jobs.c.kind, else_=0))
    free = or_(jobs.c.taken_until.is_(None), jobs.c.taken_until <= now)
    first = (
        select(jobs.c.id)
        .where(jobs.c.kind.in_(dict(ranks)), jobs.c.failed_at.is_(None), jobs.c.due_at <= now, free)
        .order_by(turn, jobs.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(jobs)
        .where(jobs.c.id == first.scalar_subquery())
        .values(taken_until=until, tries=jobs.c.tries + 1)
        .returning(jobs.c.id, jobs.c.kind, jobs.c.key, jobs.c.payload, jobs.c.tries)
    )


async def next_due(tx: AsyncConnection, kinds: Collection[str]) -> datetime | None:
    """When there will be something to take, if nobody asks for anything."""
    found: datetime | None = await tx.scalar(NEXT, {"kinds": list(kinds)})
    return found


async def load_begun(tx: AsyncConnection, kind: str) -> datetime | None:
    """Since when a kind comes now and again; None where it does not."""
    found: datetime | None = await tx.scalar(
        select(jobs.c.created_at).where(jobs.c.kind == kind, jobs.c.key == "")
    )
    return found


async def load_unasked(
    tx: AsyncConnection, kind: str, keys: Collection[str], *, before: datetime
) -> frozenset[str]:
    """Those of these keys for which no job of this kind waits, or only one given up before then."""
    wanted = and_(jobs.c.kind == kind, jobs.c.key.in_(keys))
    alive = or_(jobs.c.failed_at.is_(None), jobs.c.failed_at > before)
    asked = await tx.scalars(select(jobs.c.key).where(wanted, alive))
    return frozenset(keys) - frozenset(asked)


async def renew(tx: AsyncConnection, job: Job, *, until: datetime) -> None:
    """Keep what was taken for longer."""
    held = and_(asked_anew(job), jobs.c.taken_until.is_not(None))
    await tx.execute(update(jobs).where(or_(ours(job), held)).values(taken_until=until))


async def finish(tx: AsyncConnection, job: Job) -> None:
    """It is done; if it was asked for anew meanwhile, that may be taken now."""
    if (await tx.execute(delete(jobs).where(ours(job)))).rowcount == 0:
        await tx.execute(update(jobs).where(asked_anew(job)).values(taken_until=None))


async def put_back(tx: AsyncConnection, job: Job, **values: object) -> None:
    """It is not done, or comes again; `values` say when, and why. It may be taken again."""
    given: Mapping[str, object] = {"taken_until": None, **values}
    await tx.execute(update(jobs).where(ours(job)).values(**given))
    await tx.execute(update(jobs).where(asked_anew(job)).values(taken_until=None))
