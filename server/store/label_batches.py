"""Batches of blank tags. Rule: a tag that is bound is no batch's any more, only counted there."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.office import plain
from server.store.tables import claims

FREE: ColumnElement[bool] = and_(claims.c.asset_id.is_(None), claims.c.retired.is_(False))


class Batch(Struct, frozen=True):
    """How many tags of a batch there are, and what became of them."""

    name: str
    printed_at: datetime | None
    labels: int
    bound: int
    free: int
    retired: int


def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


async def load_batches(tx: AsyncConnection, *, limit: int, offset: int) -> tuple[int, list[Batch]]:
    """A page of the batches, the newest first, and how many there are."""
    of = claims.c.batch.is_not(None)
    names = select(claims.c.batch).where(of).group_by(claims.c.batch).subquery()
    total = await tx.scalar(select(func.count()).select_from(names)) or 0
    at = func.max(claims.c.printed_at)
    counts: Mapping[str, ColumnElement[int]] = {
        "labels": func.count(),
        "bound": counted(and_(claims.c.asset_id.is_not(None), claims.c.retired.is_(False))),
        "free": counted(FREE),
        "retired": counted(claims.c.retired),
    }
    query = (
        select(
            claims.c.batch.label("name"),
            at.label("printed_at"),
            *(count.label(name) for name, count in counts.items()),
        )
        .where(of)
        .group_by(claims.c.batch)
        .order_by(at.desc(), claims.c.batch)
        .limit(limit)
        .offset(offset)
    )
    rows = (await tx.execute(query)).mappings()
    return total, [msgspec.convert(plain(row), Batch) for row in rows]


async def load_free(tx: AsyncConnection, batch: str) -> list[str]:
    """The codes of a batch that nothing is bound to, in the order in which they were dealt."""
    query = select(claims.c.code).where(claims.c.batch == batch, FREE).order_by(claims.c.code)
    return list(await tx.scalars(query))


async def retire_free(tx: AsyncConnection, batch: str) -> int:
    """Take the free tags of a batch out of use; how many that were."""
    statement = update(claims).where(claims.c.batch == batch, FREE).values(retired=True)
    return (await tx.execute(statement)).rowcount
