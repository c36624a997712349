"""How far rounds are, and what belongs to them. Rule: a statement per kind, none per row."""

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from server.store import records
from server.store.among import among
from server.store.kind_tables import KIND_TABLES
from server.store.types import IdText
from sync.consequences import inspection_state
from sync.ids import read_id
from sync.plan import InspectionState
from sync.record import Record

ANY = msgspec.json.Decoder(object)
INSPECTIONS = KIND_TABLES["inspection"].c
STATES = select(
    type_coerce(INSPECTIONS.assignment, IdText()).label("assignment"),
    type_coerce(INSPECTIONS.asset, IdText()).label("asset"),
    INSPECTIONS.step,
    INSPECTIONS.review,
).where(among(INSPECTIONS.assignment, "assignments"), INSPECTIONS.withdrawn.is_(False))
CHILD_KINDS = tuple(kind for kind in KINDS.values() if kind.home.by == "record")
GENERATIONS_MAX = len(CHILD_KINDS)


async def load_states(
    tx: AsyncConnection, assignments: Collection[UUID]
) -> dict[UUID, dict[UUID, InspectionState]]:
    """How far each asset of these assignments is, from the step and review of its inspection."""
    if not assignments:
        return {}
    rounds: dict[UUID, dict[UUID, InspectionState]] = {id_: {} for id_ in assignments}
    for row in await tx.execute(STATES, {"assignments": assignments}):
        step, review = (text and ANY.decode(text) for text in (row.step, row.review))
        state = inspection_state({"step": step, "review": review})
        rounds[read_id(row.assignment)][read_id(row.asset)] = state
    return rounds


async def load_family(tx: AsyncConnection, parents: Collection[UUID]) -> dict[UUID, Record]:
    """Everything that hangs on `parents`, and on that in turn; kinds make no circle."""
    found: dict[UUID, Record] = {}
    generation = set(parents)
    for _ in range(GENERATIONS_MAX):
        children: dict[UUID, Record] = {}
        for kind in CHILD_KINDS:
            children |= await records.load_by(tx, kind.name, kind.home.field, generation)
        generation = children.keys() - found.keys()
        found |= children
        if not generation:
            break
    return found


async def load_work(tx: AsyncConnection, assignments: Collection[UUID]) -> dict[UUID, Record]:
    """The inspections and visits of rounds, the inspections' findings, and what hangs on all."""
    found: dict[UUID, Record] = {}
    for kind in ("inspection", "visit"):
        found |= await records.load_by(tx, kind, "assignment", assignments)
    found |= await records.load_by(tx, "finding", "inspection", found.keys())
    return found | await load_family(tx, found.keys())
