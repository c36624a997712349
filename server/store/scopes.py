"""Scopes: the head and digest of each. Rule: locked in id order, always."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import EPOCH_SPAN
from server.store import bulk
from server.store.among import among
from server.store.tables import scopes
from sync.record import MARK_SPAN
from sync.scopes import ScopeState

NAMES = ("id", "head", "live", "marks")
STATES = select(scopes).where(among(scopes.c.id, "ids"))
LOCKED = STATES.order_by(scopes.c.id).with_for_update()


def signed(value: int) -> int:
    """A 64-bit count as the database's signed integer; `% MARK_SPAN` brings it back."""
    return value - MARK_SPAN if value >= MARK_SPAN >> 1 else value


async def lock(tx: AsyncConnection, ids: Collection[str], *, epoch: int) -> dict[str, ScopeState]:
    """Take the rows of `ids`, in id order, until `tx` ends; a scope that is new begins empty.

    Turns are what make a position safe: a sequence would let seq 8 commit before 7, and a
    device that had pulled 8 would never see 7.
    """
    wanted = sorted(ids)
    found = {row.id: row for row in await tx.execute(LOCKED, {"ids": wanted})}
    if missing := [id_ for id_ in wanted if id_ not in found]:
        # Two transactions may begin one scope: the second finds the row when it locks again.
        await begin(tx, missing, epoch=epoch)
        found = {row.id: row for row in await tx.execute(LOCKED, {"ids": wanted})}
    return {
        id_: ScopeState(id_, row.head, row.live, row.marks % MARK_SPAN)
        for id_, row in found.items()
    }


async def begin(tx: AsyncConnection, ids: Collection[str], *, epoch: int) -> None:
    """Make empty rows for new scopes; one that is there stays as it is."""
    rows = [(id_, epoch * EPOCH_SPAN, 0, 0) for id_ in sorted(ids)]
    await bulk.insert(tx, scopes, NAMES, rows, keep_by=("id",))


async def store(tx: AsyncConnection, states: Iterable[ScopeState]) -> None:
    rows = [(state.id, state.head, state.live, signed(state.marks)) for state in states]
    await bulk.insert(tx, scopes, NAMES, rows, replace_by=("id",))


async def states(tx: AsyncConnection, ids: Collection[str]) -> Mapping[str, ScopeState]:
    """Heads and digests of those of `ids` that exist, without a lock."""
    return {
        row.id: ScopeState(row.id, row.head, row.live, row.marks % MARK_SPAN)
        for row in await tx.execute(STATES, {"ids": list(ids)})
    }
