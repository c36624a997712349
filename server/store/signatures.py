"""What signatures are looked at with: themselves, and ops as they came. Rule: read only."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import WRITES_LOOKED_AT_MAX
from schemas.ops import Op
from server.store import records
from server.store.kind_tables import KIND_TABLES
from server.store.office import batches
from server.store.tables import lineages, ops
from sync.lines import read_kept
from sync.record import Record

OPS_PER_STEP = 500
SIGNATURE = KIND_TABLES["signature"]
SIGNATURES_PER_STEP = 100  # Each with its document, and with the op that brought it.


class Received(Struct, frozen=True):
    """An op as it came, and from where."""

    op: Op
    origin: Literal["device", "office", "server"]
    lineage: UUID
    n: int
    device: UUID | None
    received_at: datetime
    is_applied: bool


class Came(Struct, frozen=True, order=True):
    """When an op came: of two in one push, the one with the smaller number was first."""

    at: datetime
    n: int


def made_by(came: Sequence[Received]) -> Received | None:
    """Of the ops on a signature the one that made it."""
    return next((one for one in came if one.op.new and one.is_applied), None)


async def page(tx: AsyncConnection) -> AsyncIterator[list[Record]]:
    """Every signature that stands, some at a time, by id."""
    last = UUID(int=0)
    while True:
        query = (
            select(SIGNATURE.c.id)
            .where(SIGNATURE.c.id > last, SIGNATURE.c.withdrawn.is_(False))
            .order_by(SIGNATURE.c.id)
            .limit(SIGNATURES_PER_STEP)
        )
        ids = list(await tx.scalars(query))
        if not ids:
            return
        found = await records.load_by(tx, "signature", "id", ids)
        yield [found[id_] for id_ in ids]
        last = ids[-1]


async def load_received(
    tx: AsyncConnection, records: Collection[UUID], *, each: int = WRITES_LOOKED_AT_MAX
) -> dict[UUID, Sequence[Received]]:
    """The ops on these records that can be read, in the order in which they came.

    `each` of every record, the first ones: one that is written without end takes
    nothing away from the others.
    """
    place = func.row_number().over(
        partition_by=ops.c.record_id, order_by=(ops.c.received_at, ops.c.lineage_id, ops.c.n)
    )
    of = (
        select(
            ops.c.record_id,
            ops.c.lineage_id,
            ops.c.n,
            ops.c.device_id,
            ops.c.payload,
            ops.c.outcome_name,
            ops.c.received_at,
            lineages.c.origin,
            place.label("place"),
        )
        .select_from(ops.join(lineages, lineages.c.id == ops.c.lineage_id))
        .where(ops.c.record_id.in_(bindparam("ids", expanding=True)))
        .subquery()
    )
    query = select(of).where(of.c.place <= each).order_by(of.c.received_at, of.c.lineage_id, of.c.n)
    found: dict[UUID, list[Received]] = {}
    for some in batches(records):
        for row in await tx.execute(query, {"ids": some}):
            op = read_kept(row.payload)
            if op is None:
                continue
            found.setdefault(row.record_id, []).append(
                Received(
                    op=op,
                    origin=row.origin,
                    lineage=row.lineage_id,
                    n=row.n,
                    device=row.device_id,
                    received_at=row.received_at,
                    is_applied=row.outcome_name in ("applied", "conflict"),
                )
            )
    return dict(found)


async def stream_applied(
    tx: AsyncConnection, records: Collection[UUID]
) -> AsyncIterator[tuple[UUID, Came, Op]]:
    """Every op that was applied whole to these records and can be read; of each in their order."""
    query = (
        select(ops.c.record_id, ops.c.received_at, ops.c.n, ops.c.payload)
        .where(
            ops.c.record_id.in_(bindparam("ids", expanding=True)), ops.c.outcome_name == "applied"
        )
        .order_by(ops.c.received_at, ops.c.n)
        .execution_options(yield_per=OPS_PER_STEP)
    )
    for some in batches(records):
        async for row in await tx.stream(query, {"ids": some}):
            if (op := read_kept(row.payload)) is not None:
                yield row.record_id, Came(row.received_at, row.n), op
