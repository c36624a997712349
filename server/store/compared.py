"""Each record's row beside what the chains say of it. Rule: read, a few at a time; never mended."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import stamps
from server.store.kind_tables import KIND_TABLES
from server.store.records import SYSTEM, digest, fields_of, row_of
from server.store.tables import feed
from sync.record import MARK_SPAN, Json, Record, mark
from sync.vouching import Wrote

ROWS_PER_STEP = 500


class Body(Struct, frozen=True):
    """What a line says of its record."""

    data: dict[str, Json]


BODY = msgspec.json.Decoder(Body)


class KeptRow(Struct, frozen=True):
    """A record's row with its place in the feed."""

    kind: str
    id: UUID
    row: tuple[object, ...]
    seq: int | None
    mark: int | None
    body: bytes | None
    version: int | None
    gone: str | None


async def stream_rows(tx: AsyncConnection, kind: str) -> AsyncIterator[list[KeptRow]]:
    """Every record of a kind, some at a time."""
    table = KIND_TABLES[kind]
    names = (*SYSTEM, *fields_of(kind).names, "extra", "stamps")
    at_home = and_(feed.c.scope_id == table.c.scope_id, feed.c.record_id == table.c.id)
    beside = (feed.c.seq, feed.c.mark, feed.c.body, feed.c.version, feed.c.gone)
    query = (
        select(*(table.c[name].label(f"of_{name}") for name in names), *beside)
        .select_from(table.outerjoin(feed, at_home))
        .execution_options(yield_per=ROWS_PER_STEP)
    )
    async for some in (await tx.stream(query)).partitions():
        yield [KeptRow(kind, row[0], tuple(row[: len(names)]), *row[len(names) :]) for row in some]


async def stream_strays(tx: AsyncConnection, kind: str) -> AsyncIterator[UUID]:
    """What tablets are sent as records of a kind from where no such record is."""
    table = KIND_TABLES[kind]
    at_home = and_(table.c.scope_id == feed.c.scope_id, table.c.id == feed.c.record_id)
    is_left = and_(feed.c.gone.in_(("moved", "archived")), feed.c.body.is_(None))
    query = (
        select(feed.c.record_id)
        .select_from(feed.outerjoin(table, at_home))
        .where(feed.c.kind == kind, table.c.id.is_(None), or_(feed.c.gone.is_(None), not_(is_left)))
        .execution_options(yield_per=ROWS_PER_STEP)
    )
    async for some in (await tx.stream_scalars(query)).partitions():
        for id_ in some:
            yield id_


def differs(kept: KeptRow, said: Wrote) -> str | None:
    """The first field that is not what was written; empty where it cannot be told which."""
    names = (*SYSTEM, *fields_of(kept.kind).names, "extra", "stamps")
    if kept.row[names.index("version")] != said.version:
        return "version"
    is_row = digest(kept.kind, kept.row) == said.row
    if kept.seq is None:  # It is nowhere where it says that it is.
        return "feed" if is_row else "scope_id"
    is_body = (0 if kept.body is None else mark(kept.body)) == said.mark
    if is_row and is_body:
        return _differs_beside(kept, said)
    if is_row or not is_body or kept.body is None:
        return "" if not is_row else "body"
    wanted = as_written(kept, names)
    pairs = zip(names, kept.row, wanted, strict=True)
    return next((name for name, here, there in pairs if here != there), "stamps")


def _differs_beside(kept: KeptRow, said: Wrote) -> str | None:
    """The same for its place in the feed."""
    if kept.seq != said.seq:
        return "seq"
    if kept.version != said.version:
        return "version"
    if kept.mark is None or kept.mark % MARK_SPAN != said.mark:
        return "mark"
    is_withdrawn = kept.row[SYSTEM.index("withdrawn")]
    return None if (kept.gone == "withdrawn") == is_withdrawn else "gone"


def as_written(kept: KeptRow, names: Sequence[str]) -> tuple[object, ...]:
    """The row of what the line says, which is as it was written."""
    assert kept.body is not None
    text = str(kept.row[names.index("stamps")])
    scope = str(kept.row[names.index("scope_id")])
    record = Record(
        kind=kept.kind,
        id=kept.id,
        scope=scope,
        version=kept.version or 0,
        data=BODY.decode(kept.body).data,
        stamps=stamps.decode(text),
    )
    return (*row_of(record)[:-1], text)
