"""The audit chains and their roots as they are kept. Rule: only read, but for a new root."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.people_tables import devices
from server.store.proof_tables import roots
from server.store.tables import lineages, ops, voids
from server.store.vouched import Vouched
from sync.audit import NO_ROOT, Head, Linked, Root, Witness
from sync.chain import START
from sync.vouching import Beside, read_beside

ANCHOR = KIND_TABLES["anchor"]
ROWS_PER_STEP = 500
ROOTS_PER_STEP = 10  # Each names every writer of a day.
COLUMNS = (ops.c.n, ops.c.id, ops.c.kind, ops.c.record_id, ops.c.outcome_name, ops.c.received_at)
HEADS = msgspec.json.Decoder(tuple[tuple[UUID, int, str], ...])


class Columns(Struct, frozen=True):
    """What a line's own columns say of it."""

    n: int
    id: UUID | None
    kind: str
    record_id: UUID | None
    outcome_name: str
    received_at: datetime


class StoredOutcome(Struct, frozen=True):
    """What an outcome says of itself; `id` is null where the line could not be read."""

    n: int
    id: UUID | None
    outcome: str
    at: datetime | None = None  # One of before instants were kept there says none.


class Said(Struct, frozen=True):
    """What a line says of itself."""

    id: UUID
    kind: str
    record: UUID


STORED_OUTCOME, SAID = msgspec.json.Decoder(StoredOutcome), msgspec.json.Decoder(Said)


async def load_writers(tx: AsyncConnection) -> dict[UUID, bytes | None]:
    """The newest link of every writer; null of one who has ops and no row."""
    rows = await tx.execute(select(lineages.c.id, lineages.c.chain))
    found: dict[UUID, bytes | None] = {row.id: row.chain for row in rows}
    known = select(lineages.c.id)
    strangers = select(ops.c.lineage_id).where(ops.c.lineage_id.not_in(known)).distinct()
    return found | dict.fromkeys(await tx.scalars(strangers))


async def load_left_out(tx: AsyncConnection) -> dict[UUID, list[tuple[int, int]]]:
    """Per writer the numbers that were never sent."""
    found: dict[UUID, list[tuple[int, int]]] = {}
    for row in await tx.execute(select(voids.c.lineage_id, voids.c.from_n, voids.c.to_n)):
        found.setdefault(row.lineage_id, []).append((row.from_n, row.to_n))
    return found


async def stream_chain(
    tx: AsyncConnection, lineage: UUID, said: Vouched, *, by_number: bool = False
) -> AsyncIterator[Linked]:
    """A writer's ops, a few in memory; what they wrote goes to `said`.

    In the order received as the clock had it, which may have gone back; or as they were counted.
    """
    order = (ops.c.n,) if by_number else (ops.c.received_at, ops.c.n)
    query = (
        select(*COLUMNS, ops.c.payload, ops.c.outcome, ops.c.chain)
        .where(ops.c.lineage_id == lineage)
        .order_by(*order)
        .execution_options(yield_per=ROWS_PER_STEP)
    )
    async for row in await tx.stream(query):
        payload, outcome = sha256(row.payload).digest(), sha256(row.outcome).digest()
        columns = Columns(row.n, row.id, row.kind, row.record_id, row.outcome_name, row.received_at)
        is_said = is_as_said(columns, row.payload, row.outcome)
        beside = beside_of(row.outcome)
        said.take(beside.wrote)
        yield Linked(row.n, payload if is_said else b"", outcome, row.chain, beside.after or "")


def beside_of(outcome: bytes) -> Beside:
    """What is kept beside an outcome; of one that cannot be read its link says enough."""
    try:
        return read_beside(outcome)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Beside()


def is_as_said(kept: Columns, payload: bytes, outcome: bytes) -> bool:
    """Whether what is kept beside a line, by which it is found and shown, is what the line says."""
    try:
        told = STORED_OUTCOME.decode(outcome)
        said = None if told.id is None else SAID.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    at = told.at or kept.received_at
    if said is None:  # It could not be read.
        return kept == Columns(told.n, None, "", None, told.outcome, at)
    # A copy of an op that came before keeps no id of its own.
    id_ = None if kept.id is None else said.id
    return kept == Columns(told.n, id_, said.kind, said.record, told.outcome, at)


async def stream_roots(tx: AsyncConnection) -> AsyncIterator[Root]:
    """All roots, the oldest first, a few in memory at a time."""
    query = select(roots).order_by(roots.c.epoch, roots.c.day)
    async for row in await tx.stream(query.execution_options(yield_per=ROOTS_PER_STEP)):
        yield Root(row.epoch, row.day, row.root, row.previous, heads_of(row.heads))


def heads_of(text: str) -> tuple[Head, ...]:
    """What stands in the row. What is no such list vouches for nothing, which its root will say."""
    try:
        return tuple(Head(id_, n, bytes.fromhex(link)) for id_, n, link in HEADS.decode(text))
    except (msgspec.DecodeError, ValueError):
        return ()


async def load_witnesses(tx: AsyncConnection) -> list[Witness]:
    """The newest root that each device holds, as it last said."""
    query = select(
        devices.c.id, devices.c.anchor_epoch, devices.c.anchor_day, devices.c.anchor_root
    ).where(devices.c.anchor_root.is_not(None))
    return [
        Witness(row.anchor_epoch, row.anchor_day, bytes.fromhex(row.anchor_root), row.id)
        for row in await tx.execute(query)
    ]


class KeptRoot(Struct, frozen=True):
    """A day's root, as lists show it."""

    epoch: int
    day: date
    root: bytes
    heads: tuple[Head, ...]
    made_at: datetime


async def load_newest_roots(tx: AsyncConnection, *, limit: int) -> list[KeptRoot]:
    """The newest roots first."""
    query = select(roots).order_by(roots.c.epoch.desc(), roots.c.day.desc()).limit(limit)
    return [
        KeptRoot(row.epoch, row.day, row.root, heads_of(row.heads), row.made_at)
        for row in await tx.execute(query)
    ]


async def load_roots(tx: AsyncConnection) -> dict[tuple[int, date], str]:
    """The root of every epoch and day, in hex."""
    rows = await tx.execute(select(roots.c.epoch, roots.c.day, roots.c.root))
    return {(row.epoch, row.day): row.root.hex() for row in rows}


async def load_anchored(tx: AsyncConnection) -> dict[tuple[int, date], str | None]:
    """The root of every epoch and day as it was told to tablets: as it stands, whatever that is."""
    rows = await tx.execute(select(ANCHOR.c.epoch, ANCHOR.c.day, ANCHOR.c.root))
    return {(row.epoch, row.day): row.root for row in rows}


async def load_server_lineages(tx: AsyncConnection) -> list[UUID]:
    """Lineages that the server itself writes under."""
    return list(await tx.scalars(select(lineages.c.id).where(lineages.c.origin == "server")))


class KeptOp(Struct, frozen=True):
    """What an op is about."""

    record: UUID | None
    received_at: datetime


async def load_ops(
    tx: AsyncConnection, named: Collection[tuple[UUID, int]]
) -> dict[tuple[UUID, int], KeptOp]:
    """Those of these ops that are there."""
    by_writer: dict[UUID, set[int]] = {}
    for lineage, n in named:
        by_writer.setdefault(lineage, set()).add(n)
    found: dict[tuple[UUID, int], KeptOp] = {}
    for lineage, numbers in by_writer.items():
        query = select(ops.c.n, ops.c.record_id, ops.c.received_at)
        here = query.where(ops.c.lineage_id == lineage, ops.c.n.in_(numbers))
        for row in await tx.execute(here):
            found[lineage, row.n] = KeptOp(row.record_id, row.received_at)
    return found


async def load_newest(tx: AsyncConnection) -> tuple[int, date, bytes] | None:
    """Epoch, day and digest of the newest root."""
    query = select(roots.c.epoch, roots.c.day, roots.c.root)
    newest = query.order_by(roots.c.epoch.desc(), roots.c.day.desc()).limit(1)
    row = (await tx.execute(newest)).one_or_none()
    return (row.epoch, row.day, row.root) if row else None


async def load_named(tx: AsyncConnection) -> dict[UUID, bytes]:
    """The link of each writer that a root named last. All roots are read, a few in memory.

    A mark in the writer's row would be easier, and would keep a writer out for whoever sets it.
    """
    named: dict[UUID, bytes] = {}
    async for root in stream_roots(tx):
        named |= {head.lineage: head.link for head in root.heads}
    return named


async def load_heads(tx: AsyncConnection, named: Mapping[UUID, bytes]) -> tuple[Head, ...]:
    """The chains that have gone on since a root `named` them last."""
    query = select(lineages.c.id, lineages.c.last_n, lineages.c.chain)
    rows = await tx.execute(query.where(lineages.c.chain != START).order_by(lineages.c.id))
    return tuple(
        Head(row.id, row.last_n, row.chain) for row in rows if named.get(row.id) != row.chain
    )


async def save_root(tx: AsyncConnection, root: Root, *, at: datetime) -> None:
    heads = [(head.lineage, head.n, head.link.hex()) for head in root.heads]
    row: Mapping[str, object] = {
        "epoch": root.epoch,
        "day": root.day,
        "root": root.root,
        "previous": root.previous,
        "heads": msgspec.json.encode(heads).decode(),
        "made_at": at,
    }
    await tx.execute(roots.insert(), row)


def previous_of(newest: tuple[int, date, bytes] | None) -> bytes:
    """The root that the next one goes on from."""
    return newest[2] if newest else NO_ROOT
