"""Gather what ops touch, under the locks they need. Rule: one statement per step, in id order.

First without lock: which kind the named records are, and in which scopes. Then the scopes' rows
are locked, and only then, in statements of their own, the records are read: a single statement
would see a snapshot from before the lock. A record's kind never changes; one that was made
between the two is met as a second creation, and the transaction begins again.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.kinds import KINDS
from schemas.ops import Op
from server.store import grants, ops, records, scopes
from server.store.kind_tables import KIND_TABLES
from server.store.records import Located
from sync.consequences import inspection_state
from sync.lines import Parsed
from sync.plan import InspectionState, Origin, World
from sync.record import Record
from sync.scopes import device_scope, site_scope

REFERENCES = ("assignment", "asset", "parent", "of", "site")


async def gather(
    tx: AsyncConnection,
    origin: Origin,
    lines: Sequence[Parsed],
    *,
    epoch: int,
    needs: frozenset[str] = frozenset(),
) -> World:
    """The world that `plan_push` needs for `lines`, with the rows of its scopes locked."""
    sent = [line.op for line in lines if line.op is not None]
    last_n, chain = await ops.lock_lineage(tx, origin.lineage)
    by_n, by_id = await ops.load_answered(
        tx,
        origin.lineage,
        from_n=lines[0].n if lines else 1,
        to_n=lines[-1].n if lines else 0,
        ids={op.id for op in sent},
    )
    named = {op.record for op in sent} | {id_ for op in sent for id_ in references(op)}
    located = await records.locate(tx, named)
    wanted = (scopes_of(origin, sent, located.values()) | needs) & writable(origin)
    states = await scopes.lock(tx, wanted, epoch=epoch)
    found = await load_with_references(tx, located)
    return World(
        epoch=epoch,
        last_n=last_n,
        chain=chain,
        records=found,
        states=states,
        by_n=by_n,
        by_id=by_id,
        waiting=await ops.load_waiting(tx, named - found.keys(), person=origin.person),
        claims=await ops.load_claims(tx, set(codes(sent, found))),
        rounds=await load_rounds(tx, [id_ for id_, r in found.items() if r.kind == "assignment"]),
        inspectors=await load_inspectors(tx, origin, sent),
    )


def writable(origin: Origin) -> frozenset[str]:
    """Scopes that this writer's ops can change at all: nothing else is ever locked."""
    own = {device_scope(origin.device)} if origin.device else set()
    return origin.scopes | own


def references(op: Op) -> Iterable[UUID]:
    """Records that the op names: its parent and what its home and round are."""
    if op.parent is not None:
        yield op.parent
    for name in REFERENCES:
        raw = op.set.get(name)
        if raw is None:
            continue
        try:
            yield msgspec.json.decode(raw, type=UUID)
        except msgspec.DecodeError:
            continue  # The planner names the field.


def scopes_of(origin: Origin, sent: Sequence[Op], located: Iterable[Located]) -> frozenset[str]:
    """Where the ops may write: where the named records are, sites of new ones, the device's own."""
    wanted = {place.scope for place in located}
    if origin.device is not None:
        wanted.add(device_scope(origin.device))
    for op in sent:
        kind = KINDS.get(op.kind)
        if kind and op.new and kind.home.by == "site" and op.parent is not None:
            wanted.add(site_scope(op.parent))
    return frozenset(wanted)


async def load_with_references(
    tx: AsyncConnection, located: dict[UUID, Located]
) -> dict[UUID, Record]:
    """The named records as they are under the lock, and those that they name themselves."""
    found = await records.load(tx, located)
    named = {
        value
        for record in found.values()
        for name in REFERENCES
        if isinstance(value := record.data.get(name), str)
    }
    further = {UUID(value) for value in named} - found.keys()
    return found | await records.load(tx, await records.locate(tx, further))


async def load_inspectors(
    tx: AsyncConnection, origin: Origin, sent: Sequence[Op]
) -> dict[UUID, frozenset[str]]:
    """Where people may inspect, asked only when a device hands a round over."""
    hands_over = any(op.kind == "assignment" and "assignee" in op.set for op in sent)
    if origin.kind != "device" or not hands_over:
        return {}
    return {
        person: frozenset(map(site_scope, access.sites_where("inspect")))
        for person, access in (await grants.load_all_access(tx)).items()
    }


def codes(sent: Sequence[Op], found: dict[UUID, Record]) -> Iterable[str]:
    """Printed codes that the ops claim or rebind."""
    for op in sent:
        if op.kind != "tag":
            continue
        record = found.get(op.record)
        if record is not None:
            yield str(record.data.get("code"))
        if "code" in op.set:
            try:
                yield msgspec.json.decode(op.set["code"], type=str)
            except msgspec.DecodeError:
                continue


async def load_rounds(
    tx: AsyncConnection, assignments: Sequence[UUID]
) -> dict[UUID, dict[UUID, InspectionState]]:
    """How far each asset of these assignments is, from the step and review of its inspection."""
    if not assignments:
        return {}
    table = KIND_TABLES["inspection"]
    query = select(table.c.assignment, table.c.asset, table.c.step, table.c.review).where(
        table.c.assignment.in_(assignments), table.c.withdrawn.is_(False)
    )
    rounds: dict[UUID, dict[UUID, InspectionState]] = {id_: {} for id_ in assignments}
    for row in await tx.execute(query):
        state = inspection_state(
            {
                "step": msgspec.json.decode(row.step or "null"),
                "review": msgspec.json.decode(row.review or "null"),
            }
        )
        rounds[row.assignment][row.asset] = state
    return rounds
