"""What the chains say of each record, and each record's row beside it. Rule: a few at a time.

What all chains say together is kept in a file of its own that is gone with the look: in memory it
would grow with the house.
"""

import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from sqlalchemy import and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import ops, stamps
from server.store.kind_tables import KIND_TABLES
from server.store.records import SYSTEM, digest, fields_of, row_of
from server.store.tables import feed
from sync.audit import Head
from sync.plan import Origin
from sync.record import MARK_SPAN, Json, Record, mark
from sync.vouching import Wrote, bare_row, vouching_row

ROWS_PER_STEP = 500


class Body(Struct, frozen=True):
    """What a line says of its record."""

    data: dict[str, Json]


BODY = msgspec.json.Decoder(Body)


async def note(tx: AsyncConnection, lineage: UUID, wrote: Sequence[Wrote], *, at: datetime) -> None:
    """Say in a chain beside that of `lineage` what was written without any op of its own."""
    beside = uuid5(lineage, "wrote")
    await ops.begin_lineage(tx, beside, origin="server")
    before = await ops.lock_lineage(tx, beside)
    row = vouching_row(bare_row(before.last_n + 1, at, before.rooted), wrote, before.chain)
    await ops.save_answered(tx, Origin("office", beside, beside), [row], at=at)
    await ops.save_lineage(tx, beside, last_n=row.n, chain=row.chain)


class Vouched:
    """What the chains say that each record is by now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TABLE wrote (record BLOB PRIMARY KEY, version INTEGER, said TEXT, seen INTEGER)"
            " WITHOUT ROWID"
        )
        connection.execute(
            "CREATE TABLE heads (lineage BLOB, root INTEGER, link BLOB, seen INTEGER,"
            " PRIMARY KEY (lineage, root, link)) WITHOUT ROWID"
        )

    def take(self, wrote: Sequence[Wrote]) -> None:
        """Add what one op says; of one record the later version counts."""
        if not wrote:
            return
        self._connection.executemany(
            "INSERT INTO wrote VALUES (?, ?, ?, 0) ON CONFLICT (record) DO UPDATE SET"
            " version = excluded.version, said = excluded.said"
            " WHERE excluded.version > wrote.version",
            [(one.record.bytes, one.version, msgspec.json.encode(one).decode()) for one in wrote],
        )

    def name(self, at: int, heads: Sequence[Head]) -> None:
        """Add what a root names, by its place among all roots."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO heads VALUES (?, ?, ?, 0)",
            [(head.lineage.bytes, at, head.link) for head in heads],
        )

    def named(self, lineage: UUID) -> dict[int, list[bytes]]:
        """The links of a writer that roots name, by their place."""
        found: dict[int, list[bytes]] = {}
        query = "SELECT root, link FROM heads WHERE lineage = ?"
        for at, link in self._connection.execute(query, [lineage.bytes]):
            found.setdefault(at, []).append(link)
        return found

    def reach(self, lineage: UUID, links: Collection[bytes]) -> None:
        """Its chain was once at these links."""
        self._connection.executemany(
            "UPDATE heads SET seen = 1 WHERE lineage = ? AND link = ?",
            [(lineage.bytes, link) for link in links],
        )

    def has(self, lineage: UUID, link: bytes) -> bool:
        """Whether the chain of a writer was ever at a link that a root names."""
        query = "SELECT seen FROM heads WHERE lineage = ? AND link = ? LIMIT 1"
        row = self._connection.execute(query, [lineage.bytes, link]).fetchone()
        return row is not None and bool(row[0])

    def see(self, records: Collection[UUID]) -> dict[UUID, Wrote]:
        """What is said of these, which are there."""
        query = "UPDATE wrote SET seen = 1 WHERE record = ? RETURNING said"
        asked = (self._connection.execute(query, [id_.bytes]).fetchone() for id_ in records)
        found = (msgspec.json.decode(row[0], type=Wrote) for row in asked if row is not None)
        return {one.record: one for one in found}

    def unseen(self) -> Iterator[Wrote]:
        """What was written and is not there."""
        for (said,) in self._connection.execute("SELECT said FROM wrote WHERE seen = 0"):
            yield msgspec.json.decode(said, type=Wrote)


@contextmanager
def vouched() -> Iterator[Vouched]:
    """Nothing said yet. The file has no name, and is gone with the connection (sqlite.org)."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        yield Vouched(connection)


class Kept(Struct, frozen=True):
    """A record's row with its place in the feed."""

    kind: str
    id: UUID
    row: tuple[object, ...]
    seq: int | None
    mark: int | None
    body: bytes | None
    version: int | None
    gone: str | None


async def stream_rows(tx: AsyncConnection, kind: str) -> AsyncIterator[list[Kept]]:
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
        yield [Kept(kind, row[0], tuple(row[: len(names)]), *row[len(names) :]) for row in some]


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


def differs(kept: Kept, said: Wrote) -> str | None:
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


def _differs_beside(kept: Kept, said: Wrote) -> str | None:
    """The same for its place in the feed."""
    if kept.seq != said.seq:
        return "seq"
    if kept.version != said.version:
        return "version"
    if kept.mark is None or kept.mark % MARK_SPAN != said.mark:
        return "mark"
    is_withdrawn = kept.row[SYSTEM.index("withdrawn")]
    return None if (kept.gone == "withdrawn") == is_withdrawn else "gone"


def as_written(kept: Kept, names: Sequence[str]) -> tuple[object, ...]:
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
