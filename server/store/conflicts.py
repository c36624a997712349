"""Conflicts: both values of a field that two people wrote. Rule: opened once, decided once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import bulk
from server.store.tables import conflicts
from sync.plan import Decided, Disputed, Opened, Origin


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


async def load_disputed(
    tx: AsyncConnection, ops: Collection[UUID]
) -> dict[UUID, tuple[Disputed, ...]]:
    """The conflicts of these ops that nobody has decided, by op."""
    if not ops:
        return {}
    query = select(conflicts).where(conflicts.c.op_id.in_(ops), conflicts.c.decided_at.is_(None))
    found: dict[UUID, tuple[Disputed, ...]] = {}
    for row in await tx.execute(query):
        ours, theirs = msgspec.json.decode(row.ours), msgspec.json.decode(row.theirs)
        one = Disputed(row.id, row.path, ours, theirs)
        found[row.op_id] = (*found.get(row.op_id, ()), one)
    return found


async def decide(
    tx: AsyncConnection, decided: Sequence[Decided], *, by: UUID, at: datetime
) -> None:
    """Note what a person decided, and when."""
    for one in decided:  # A person decides one conflict at a time, or the few of one op.
        statement = update(conflicts).where(conflicts.c.id == one.id)
        await tx.execute(statement.values(decided_at=at, decided_by=by, decision=one.decision))
