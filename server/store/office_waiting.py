"""Changes that wait for a person, as the office lists them. Rule: as in `store.office`.

What may be seen of a change whose record is not at a site of the reader is decided in
`server.waiting`; here it is only found. Payloads are read for those alone that are shown.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import WAITING_ROWS_MAX
from schemas.kinds.notices import Settled
from schemas.ops import OutcomeName
from schemas.problems import Problem
from server.store.grants import load_grants, load_sites
from server.store.kind_tables import KIND_TABLES
from server.store.office import Sites, batches
from server.store.people_tables import devices, people
from server.store.tables import conflicts, feed, lineages, ops
from sync.access import HELD_STATES
from sync.ids import disposition_id, unread_id

ASSIGNMENT, DISPOSITION = KIND_TABLES["assignment"], KIND_TABLES["disposition"]
PROBLEM = msgspec.json.Decoder(Problem | None)


class OpenOp(Struct, frozen=True):
    """A change that waits, without what it says. `scope` is where its record is, or would be."""

    lineage: UUID
    n: int
    op: UUID | None
    person: UUID | None
    device: UUID | None
    kind: str
    record: UUID | None
    outcome: OutcomeName
    received_at: datetime
    exists: bool
    withdrawn: bool
    scope: str | None

    @property
    def id(self) -> UUID:
        """What names it, also where its line could not be read."""
        return self.op or unread_id(self.lineage, self.n)


PLACE = feed.alias("place")
IS_PLACE = and_(
    PLACE.c.record_id == ops.c.record_id,
    or_(PLACE.c.gone.is_(None), PLACE.c.gone == "withdrawn"),
)
OPEN = (
    select(
        ops.c.lineage_id,
        ops.c.n,
        ops.c.id,
        ops.c.person_id,
        ops.c.device_id,
        ops.c.kind,
        ops.c.record_id,
        ops.c.outcome_name,
        ops.c.received_at,
        ops.c.scope_id,
        PLACE.c.scope_id.label("place"),
        PLACE.c.gone,
    )
    .select_from(ops.outerjoin(PLACE, IS_PLACE))
    .where(ops.c.open)
)


async def load_open(tx: AsyncConnection, sites: Sites, senders: Collection[UUID]) -> list[OpenOp]:
    """What waits at these sites or was sent by these people, the one that waits longest first.

    WAITING_ROWS_MAX at most are looked through.
    """
    near: list[ColumnElement[bool]] = [
        sites.within(PLACE.c.scope_id),
        sites.within(func.coalesce(ops.c.scope_id, "")),
        ops.c.person_id.in_(list(senders)),
    ]
    query = OPEN.where(or_(*near)).order_by(ops.c.received_at, ops.c.lineage_id, ops.c.n)
    return [
        OpenOp(
            lineage=row.lineage_id,
            n=row.n,
            op=row.id,
            person=row.person_id,
            device=row.device_id,
            kind=row.kind,
            record=row.record_id,
            outcome=row.outcome_name,
            received_at=row.received_at,
            exists=row.place is not None,
            withdrawn=row.gone is not None,
            scope=row.place or row.scope_id,
        )
        for row in await tx.execute(query.limit(WAITING_ROWS_MAX))
    ]


async def load_near(tx: AsyncConnection, sites: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who is granted at one of `sites`, with every site that each of them holds.

    By a grant, or as assignee or backup of a round that is out; those who left, too.
    """
    reached = await load_sites(tx)
    held: dict[UUID, set[UUID]] = {}
    for grant in await load_grants(tx):
        if grant.role != "administrator":
            held.setdefault(grant.person, set()).update(reached.reach([grant.plain]))
    near = {person for person, of in held.items() if not of.isdisjoint(sites)}
    named = union(
        *(
            select(ASSIGNMENT.c[way].label("person"), ASSIGNMENT.c.site)
            .where(ASSIGNMENT.c[way].is_not(None), ASSIGNMENT.c.state.in_(HELD_STATES))
            .where(ASSIGNMENT.c.withdrawn.is_(False))
            for way in ("assignee", "backup")
        )
    )
    for row in await tx.execute(named):
        if row.person in near:
            held[row.person].add(row.site)
    return {person: frozenset(held[person]) for person in near}


class ToldOutcome(Struct, frozen=True):
    """What the sender was told last: a change that was held may be reviewed or rejected by now."""

    outcome: OutcomeName
    problem: Problem | None
    cause: UUID | None


async def load_told(tx: AsyncConnection, waiting: Collection[OpenOp]) -> dict[UUID, ToldOutcome]:
    """By the id of the change."""
    ids = {disposition_id(one.device, one.id): one.id for one in waiting if one.device is not None}
    columns = [DISPOSITION.c[name] for name in ("id", "outcome", "problem", "cause")]
    found: dict[UUID, ToldOutcome] = {}
    for some in batches(ids):
        rows = await tx.execute(select(*columns).where(DISPOSITION.c.id.in_(some)))
        found |= {
            ids[row.id]: ToldOutcome(row.outcome, PROBLEM.decode(row.problem or "null"), row.cause)
            for row in rows
        }
    return found


SETTLED = msgspec.json.Decoder(Settled | None)


async def load_discarded(tx: AsyncConnection, records: Collection[UUID]) -> dict[UUID, Settled]:
    """Of these records, which are not there: the last change that somebody let go, and why.

    Who lets their own change go is not named in what their device is told; here they are.
    """
    over = (
        select(ops.c.id, ops.c.device_id, ops.c.record_id, people.c.name)
        .select_from(ops.join(people, people.c.id == ops.c.person_id))
        .where(
            ops.c.outcome_name.in_(("rejected", "held", "review")),
            ops.c.open.is_(False),
            ops.c.device_id.is_not(None),
            ops.c.id.is_not(None),
        )
    )
    told: dict[UUID, tuple[UUID, str]] = {}
    for some in batches(records):
        rows = await tx.execute(over.where(ops.c.record_id.in_(some)))
        told |= {disposition_id(one.device_id, one.id): (one.record_id, one.name) for one in rows}
    found: dict[UUID, Settled] = {}
    for some in batches(told):
        columns = (DISPOSITION.c.id, DISPOSITION.c.settled)
        for row in await tx.execute(select(*columns).where(DISPOSITION.c.id.in_(some))):
            what, (record, sender) = SETTLED.decode(row.settled or "null"), told[row.id]
            if what is None or what.how != "discarded":
                continue
            if record not in found or found[record].at < what.at:
                found[record] = msgspec.structs.replace(what, by_name=what.by_name or sender)
    return found


async def load_payloads(
    tx: AsyncConnection, waiting: Collection[OpenOp]
) -> dict[tuple[UUID, int], bytes]:
    """What was sent, by lineage and number; for a page of them."""
    places = {(one.lineage, one.n) for one in waiting}
    if not places:
        return {}
    lineages_ = {lineage for lineage, _ in places}
    query = select(ops.c.lineage_id, ops.c.n, ops.c.payload).where(
        ops.c.lineage_id.in_(lineages_), ops.c.n.in_({n for _, n in places}), ops.c.open
    )
    rows = [(row.lineage_id, row.n, row.payload) for row in await tx.execute(query)]
    return {(lineage, n): payload for lineage, n, payload in rows if (lineage, n) in places}


# --- Who wrote what ---


class Writing(Struct, frozen=True):
    """An op, by whom and when, as far as it says who wrote a value."""

    id: UUID
    payload: bytes
    version: int | None
    received_at: datetime
    person_name: str | None
    device_name: str | None
    origin: str


class _Versioned(Struct, frozen=True):
    version: int | None = None


VERSIONED = msgspec.json.Decoder(_Versioned)
WRITINGS = select(
    ops.c.id,
    ops.c.payload,
    ops.c.outcome,
    ops.c.received_at,
    people.c.name.label("person_name"),
    devices.c.name.label("device_name"),
    lineages.c.origin,
).select_from(
    ops.join(lineages, lineages.c.id == ops.c.lineage_id)
    .outerjoin(people, people.c.id == ops.c.person_id)
    .outerjoin(devices, devices.c.id == ops.c.device_id)
)
WRITINGS_MAX = 1_000


async def load_writings(tx: AsyncConnection, record: UUID) -> list[Writing]:
    """The newest ops on a record that were applied or met another's value, the newest first."""
    query = (
        WRITINGS.where(ops.c.record_id == record, ops.c.id.is_not(None))
        .where(ops.c.outcome_name.in_(("applied", "conflict")))
        .order_by(ops.c.received_at.desc(), ops.c.n.desc())
        .limit(WRITINGS_MAX)
    )
    return [
        Writing(
            id=row.id,
            payload=row.payload,
            version=VERSIONED.decode(row.outcome).version,
            received_at=row.received_at,
            person_name=row.person_name,
            device_name=row.device_name,
            origin=row.origin,
        )
        for row in await tx.execute(query)
    ]


class OpenConflict(Struct, frozen=True):
    """One path of a change that a person has to decide; the values are JSON."""

    id: UUID
    record: UUID
    scope: str
    path: str
    ours: str
    theirs: str


async def load_conflicts_of(tx: AsyncConnection, op: UUID) -> list[OpenConflict]:
    query = select(
        conflicts.c.id,
        conflicts.c.record_id,
        conflicts.c.scope_id,
        conflicts.c.path,
        conflicts.c.ours,
        conflicts.c.theirs,
    ).where(conflicts.c.op_id == op, conflicts.c.decided_at.is_(None))
    return [OpenConflict(*row) for row in await tx.execute(query.order_by(conflicts.c.path))]


async def load_dispute_scopes(
    tx: AsyncConnection, ops_: Collection[UUID]
) -> Mapping[UUID, set[str]]:
    """Where the open conflicts of these changes are: a tag's may be at another site."""
    if not ops_:
        return {}
    query = select(conflicts.c.op_id, conflicts.c.scope_id).where(
        conflicts.c.op_id.in_(ops_), conflicts.c.decided_at.is_(None)
    )
    found: dict[UUID, set[str]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.op_id, set()).add(row.scope_id)
    return found


async def load_senders(
    tx: AsyncConnection, waiting: Collection[OpenOp]
) -> tuple[dict[UUID, str], dict[UUID, tuple[str, str]]]:
    """Names of the people, and name and state of the devices, that sent these."""
    persons = {one.person for one in waiting if one.person is not None}
    named = {one.device for one in waiting if one.device is not None}
    rows = await tx.execute(select(people.c.id, people.c.name).where(people.c.id.in_(persons)))
    names = {row.id: row.name for row in rows}
    query = select(devices.c.id, devices.c.name, devices.c.state).where(devices.c.id.in_(named))
    return names, {row.id: (row.name, row.state) for row in await tx.execute(query)}
