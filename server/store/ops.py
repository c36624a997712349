"""Ops as received, lineages, conflicts, claims. Rule: an outcome never changes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ops import Outcome
from schemas.push import Gap
from server.store import bulk
from server.store.tables import claims, conflicts, lineages, ops, voids
from sync.chain import START
from sync.plan import Claim, Opened, OpRow, Origin, StoredOp


class _Creation(Struct, frozen=True):
    """The part of an op that says whether it makes its record."""

    new: bool = False


OUTCOME = msgspec.json.Decoder(Outcome)
CREATION = msgspec.json.Decoder(_Creation)


async def begin_lineage(tx: AsyncConnection, lineage: UUID, *, origin: str) -> None:
    """Make the row of a writer; one that is there stays as it is."""
    names = ("id", "origin", "last_n", "chain", "backed_up_to")
    await bulk.insert(tx, lineages, names, [(lineage, origin, 0, START, 0)], keep_by=("id",))


async def lock_lineage(tx: AsyncConnection, lineage: UUID) -> tuple[int, bytes]:
    """Last number and newest link of a writer, held until `tx` ends: its pushes take turns."""
    query = (
        select(lineages.c.last_n, lineages.c.chain)
        .where(lineages.c.id == lineage)
        .with_for_update()
    )
    row = (await tx.execute(query)).one()
    return row.last_n, row.chain


async def load_answered(
    tx: AsyncConnection, lineage: UUID, *, from_n: int, to_n: int, ids: Collection[UUID]
) -> tuple[dict[int, StoredOp], dict[UUID, StoredOp]]:
    """What was answered before: under these numbers of this lineage, and to these ids at all."""
    columns = (ops.c.lineage_id, ops.c.n, ops.c.id, ops.c.device_id, ops.c.person_id, ops.c.outcome)
    query = select(*columns).where(
        or_(
            and_(ops.c.lineage_id == lineage, ops.c.n.between(from_n, to_n)),
            ops.c.id.in_(ids),
        )
    )
    by_n: dict[int, StoredOp] = {}
    by_id: dict[UUID, StoredOp] = {}
    for row in await tx.execute(query):
        stored = StoredOp(row.n, row.id, OUTCOME.decode(row.outcome), row.device_id, row.person_id)
        if row.lineage_id == lineage and from_n <= row.n <= to_n:
            by_n[row.n] = stored
        if row.id is not None:
            by_id[row.id] = stored
    return by_n, by_id


async def load_waiting(
    tx: AsyncConnection, records: Collection[UUID], *, person: UUID
) -> dict[UUID, UUID]:
    """For records that do not exist: this person's first op that would have made them.

    Nobody can have seen what another's op did not make, so that holds nothing up.
    """
    if not records:
        return {}
    query = (
        select(ops.c.record_id, ops.c.id, ops.c.payload)
        .where(ops.c.record_id.in_(records), ops.c.person_id == person, ops.c.id.is_not(None))
        .where(ops.c.outcome_name.in_(("review", "held", "rejected")))
        .order_by(ops.c.received_at.desc(), ops.c.n.desc())
    )
    return {
        row.record_id: row.id for row in await tx.execute(query) if CREATION.decode(row.payload).new
    }


async def load_claims(tx: AsyncConnection, codes: Collection[str]) -> dict[str, Claim]:
    if not codes:
        return {}
    query = select(claims).where(claims.c.code.in_(codes))
    return {
        row.code: Claim(row.code, row.asset_id, row.scope_id, row.retired)
        for row in await tx.execute(query)
    }


async def save_answered(
    tx: AsyncConnection, origin: Origin, rows: Sequence[OpRow], *, at: datetime
) -> None:
    names = (
        "lineage_id",
        "n",
        "id",
        "device_id",
        "person_id",
        "kind",
        "record_id",
        "scope_id",
        "payload",
        "outcome_name",
        "outcome",
        "replaces",
        "open",
        "received_at",
        "chain",
    )
    await bulk.insert(
        tx,
        ops,
        names,
        [
            (
                origin.lineage,
                row.n,
                row.id,
                origin.device,
                origin.person,
                row.kind,
                row.record,
                row.scope,
                row.payload,
                row.outcome.outcome,
                row.outcome_bytes,
                row.replaces,
                row.open,
                at,
                row.chain,
            )
            for row in rows
        ],
    )


async def save_lineage(tx: AsyncConnection, lineage: UUID, *, last_n: int, chain: bytes) -> None:
    statement = update(lineages).where(lineages.c.id == lineage)
    await tx.execute(statement.values(last_n=last_n, chain=chain))


async def save_void(
    tx: AsyncConnection, lineage: UUID, gaps: Sequence[Gap], *, at: datetime
) -> None:
    rows = [(lineage, gap.from_n, gap.to_n, at) for gap in gaps]
    names = ("lineage_id", "from_n", "to_n", "at")
    await bulk.insert(tx, voids, names, rows, keep_by=("lineage_id", "from_n"))


async def open_conflicts(
    tx: AsyncConnection, origin: Origin, opened: Sequence[Opened], *, at: datetime
) -> None:
    names = (
        "id",
        "record_id",
        "kind",
        "scope_id",
        "path",
        "base",
        "ours",
        "ours_version",
        "theirs",
        "op_id",
        "lineage_id",
        "person_id",
        "made_at",
        "opened_at",
    )
    await bulk.insert(
        tx,
        conflicts,
        names,
        [
            (
                one.id,
                one.record,
                one.kind,
                one.scope,
                one.conflict.path,
                one.base,
                msgspec.json.encode(one.conflict.ours).decode(),
                one.conflict.ours_version,
                msgspec.json.encode(one.conflict.theirs).decode(),
                one.op,
                origin.lineage,
                origin.person,
                one.made_at,
                at,
            )
            for one in opened
        ],
        keep_by=("id",),
    )


async def save_claims(tx: AsyncConnection, changed: Sequence[Claim]) -> None:
    """Bind codes; the batch that a blank tag was printed in stays known."""
    names = ("code", "asset_id", "scope_id", "retired")
    rows = [(claim.code, claim.asset, claim.scope, claim.retired) for claim in changed]
    await bulk.insert(tx, claims, names, rows, replace_by=("code",))
