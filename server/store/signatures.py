"""What signatures are looked at with: registered keys, and ops as they came. Rule: read only."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import WRITES_LOOKED_AT_MAX
from schemas.ops import Op
from server.store.office import batches
from server.store.people_tables import devices, people
from server.store.tables import lineages, ops
from sync.lines import read_kept

OPS_PER_STEP = 500


class Registered(Struct, frozen=True, kw_only=True):
    """A key as it was registered, and by whose device."""

    public_key: str
    device: UUID
    device_name: str
    person: UUID
    person_name: str
    lineage: UUID
    enrolled_at: datetime


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


async def load_keys(tx: AsyncConnection) -> list[Registered]:
    """Every key that any device registered, also of those that were ended, the oldest first."""
    query = (
        select(
            devices.c.public_key,
            devices.c.id.label("device"),
            devices.c.name.label("device_name"),
            devices.c.person_id.label("person"),
            people.c.name.label("person_name"),
            devices.c.lineage_id.label("lineage"),
            devices.c.enrolled_at,
        )
        .select_from(devices.join(people, people.c.id == devices.c.person_id))
        .where(devices.c.public_key.is_not(None))
        .order_by(devices.c.enrolled_at, devices.c.id)
    )
    return [
        msgspec.convert(row, Registered, from_attributes=True) for row in await tx.execute(query)
    ]


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
