"""What the office reads of findings, conflicts, history, devices and visits.

Rule: as in `store.office`: limited to what may be read, and no statement for a single row.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import HISTORY_ROWS_MAX
from server.store.kind_tables import KIND_TABLES
from server.store.office import ASSET, Sites, member
from server.store.people_tables import devices, people
from server.store.tables import conflicts, feed, lineages, ops

FINDING, VISIT, TAG = KIND_TABLES["finding"], KIND_TABLES["visit"], KIND_TABLES["tag"]
INSPECTION, ATTACHMENT = KIND_TABLES["inspection"], KIND_TABLES["attachment"]
SIGNATURE = KIND_TABLES["signature"]

FINDING_STEP = func.coalesce(member(FINDING.c.step, "step"), "open")
FINDING_IS_OPEN: ColumnElement[bool] = and_(
    FINDING.c.withdrawn.is_(False), FINDING_STEP.not_in(("verified", "accepted-risk"))
)


async def count_findings(
    tx: AsyncConnection, sites: Sites, *, today: Mapping[UUID, date]
) -> dict[str, tuple[int, int]]:
    """Open findings by severity: how many, and how many of them past their day.

    `today` is the day at each site: there are three of them at once on earth, at most.
    """
    days = sorted(set(today.values()))
    late = [cast(func.sum(case((FINDING.c.due_on < day, 1), else_=0)), BigInteger) for day in days]
    query = (
        select(FINDING.c.severity, FINDING.c.scope_id, func.count(), *late)
        .where(FINDING_IS_OPEN, sites.within(FINDING.c.scope_id))
        .group_by(FINDING.c.severity, FINDING.c.scope_id)
    )
    found: dict[str, tuple[int, int]] = {}
    for severity, scope, count, *overdue in await tx.execute(query):
        site = sites.of_scope(scope)
        if site is None:
            continue
        before = found.get(severity, (0, 0))
        found[severity] = (before[0] + count, before[1] + overdue[days.index(today[site.id])])
    return found


class StoredFinding(Struct, frozen=True):
    """A finding with the name of its asset; `step` and `follow_ups` are JSON."""

    id: UUID
    version: int
    scope_id: str
    asset: UUID
    asset_name: str
    inspection: UUID | None
    item: str | None
    severity: str
    text: str
    recommendation: str | None
    found_at: datetime
    step: str | None
    owner: str | None
    due_on: date | None
    follow_ups: str | None


async def load_findings(
    tx: AsyncConnection,
    sites: Sites,
    *,
    assets: Collection[UUID] | None = None,
    inspection: UUID | None = None,
    limit: int,
) -> list[StoredFinding]:
    """The newest findings of assets or of an inspection."""
    of: list[ColumnElement[bool]] = []
    if assets is not None:
        of.append(FINDING.c.asset.in_(assets))
    if inspection is not None:
        of.append(FINDING.c.inspection == inspection)
    columns = [FINDING.c[n] for n in StoredFinding.__struct_fields__ if n != "asset_name"]
    query = (
        select(*columns, ASSET.c.name.label("asset_name"))
        .select_from(FINDING.join(ASSET, ASSET.c.id == FINDING.c.asset))
        .where(FINDING.c.withdrawn.is_(False), sites.within(FINDING.c.scope_id), *of)
        .order_by(FINDING.c.found_at.desc(), FINDING.c.id)
        .limit(limit)
    )
    return [
        msgspec.convert(row, StoredFinding, from_attributes=True) for row in await tx.execute(query)
    ]


# --- Conflicts ---


class StoredConflict(Struct, frozen=True):
    id: UUID
    record_id: UUID
    kind: str
    scope_id: str
    path: str
    ours: str
    theirs: str
    person_id: UUID
    made_at: datetime
    opened_at: datetime
    op_id: UUID


OPEN_CONFLICT = conflicts.c.decided_at.is_(None)


async def load_conflicts(
    tx: AsyncConnection,
    sites: Sites,
    *,
    records: Collection[UUID] | None = None,
    limit: int,
) -> list[StoredConflict]:
    """The open conflicts, the one that has waited longest first; only of `records` when named."""
    query = select(*(conflicts.c[name] for name in StoredConflict.__struct_fields__)).where(
        OPEN_CONFLICT, sites.within(conflicts.c.scope_id)
    )
    if records is not None:
        query = query.where(conflicts.c.record_id.in_(records))
    query = query.order_by(conflicts.c.opened_at, conflicts.c.id).limit(limit)
    return [
        msgspec.convert(row, StoredConflict, from_attributes=True)
        for row in await tx.execute(query)
    ]


async def count_conflicts(tx: AsyncConnection, sites: Sites) -> int:
    query = select(func.count()).where(OPEN_CONFLICT, sites.within(conflicts.c.scope_id))
    return await tx.scalar(query) or 0


async def count_conflicts_by_inspection(
    tx: AsyncConnection, inspections: Collection[UUID]
) -> dict[UUID, int]:
    """Open conflicts of inspections and of what hangs on them."""
    if not inspections:
        return {}
    on_it = select(conflicts.c.record_id.label("of")).where(
        OPEN_CONFLICT, conflicts.c.record_id.in_(inspections)
    )
    on_children = [
        select(table.c[field].label("of"))
        .select_from(conflicts.join(table, table.c.id == conflicts.c.record_id))
        .where(OPEN_CONFLICT, table.c[field].in_(inspections))
        for table, field in ((ATTACHMENT, "parent"), (SIGNATURE, "of"), (FINDING, "inspection"))
    ]
    found = union_all(on_it, *on_children).subquery()
    rows = await tx.execute(select(found.c.of, func.count()).group_by(found.c.of))
    return {row[0]: row[1] for row in rows}


async def load_titles(tx: AsyncConnection, records: Mapping[UUID, str]) -> dict[UUID, str]:
    """What records (id → kind) are called: the name of the asset that they belong to, or their own.

    One statement for each kind that occurs.
    """
    titles: dict[UUID, str] = {}
    homes = {"inspection": "asset", "finding": "asset", "tag": "asset", "attachment": "parent"}
    via = INSPECTION.alias("via")
    for kind in sorted(set(records.values())):
        ids = [id_ for id_, of in records.items() if of == kind]
        table = KIND_TABLES[kind]
        if kind in homes:
            home = table.c[homes[kind]]
            joined = table.outerjoin(via, via.c.id == home).join(
                ASSET, or_(ASSET.c.id == home, ASSET.c.id == via.c.asset)
            )
            query = select(table.c.id, ASSET.c.name).select_from(joined)
        elif "name" in table.c:
            query = select(table.c.id, table.c.name)
        else:
            continue
        rows = await tx.execute(query.where(table.c.id.in_(ids)))
        titles |= {row[0]: row[1] for row in rows}
    return titles


# --- History ---


class StoredWrite(Struct, frozen=True):
    """An op on some record, with who and what wrote it."""

    id: UUID | None
    record_id: UUID | None
    kind: str
    payload: bytes
    outcome_name: str
    received_at: datetime
    person_id: UUID | None
    device_id: UUID | None
    person_name: str | None
    device_name: str | None
    origin: str


async def load_history(tx: AsyncConnection, records: Collection[UUID]) -> list[StoredWrite]:
    """The ops on these records, the newest first; HISTORY_ROWS_MAX at most."""
    query = (
        select(
            ops.c.id,
            ops.c.record_id,
            ops.c.kind,
            ops.c.payload,
            ops.c.outcome_name,
            ops.c.received_at,
            ops.c.person_id,
            ops.c.device_id,
            people.c.name.label("person_name"),
            devices.c.name.label("device_name"),
            lineages.c.origin,
        )
        .select_from(
            ops.join(lineages, lineages.c.id == ops.c.lineage_id)
            .outerjoin(people, people.c.id == ops.c.person_id)
            .outerjoin(devices, devices.c.id == ops.c.device_id)
        )
        .where(ops.c.record_id.in_(records))
        .order_by(ops.c.received_at.desc(), ops.c.n.desc())
        .limit(HISTORY_ROWS_MAX)
    )
    return [
        msgspec.convert(row, StoredWrite, from_attributes=True) for row in await tx.execute(query)
    ]


async def load_device_writers(tx: AsyncConnection, record: UUID) -> frozenset[UUID]:
    """Everybody whose device wrote into a record."""
    query = (
        select(ops.c.person_id)
        .distinct()
        .where(
            ops.c.record_id == record,
            ops.c.device_id.is_not(None),
            ops.c.person_id.is_not(None),
            ops.c.outcome_name.in_(("applied", "conflict")),
        )
    )
    return frozenset(await tx.scalars(query))


async def load_seqs(tx: AsyncConnection, scope: str, records: Collection[UUID]) -> dict[UUID, int]:
    """Where in its scope each record was written last."""
    query = select(feed.c.record_id, feed.c.seq).where(
        feed.c.scope_id == scope, feed.c.record_id.in_(records)
    )
    return {row.record_id: row.seq for row in await tx.execute(query)}


# --- Devices ---


class Holding(Struct, frozen=True):
    """A device that said that it holds work which has not arrived."""

    id: UUID
    name: str
    person_id: UUID
    person_name: str
    unsent: int
    unsent_since: datetime | None
    seen_at: datetime | None


async def load_holding(tx: AsyncConnection) -> Sequence[Holding]:
    """Every such device, the one that was heard of longest ago first."""
    query = (
        select(
            devices.c.id,
            devices.c.name,
            devices.c.person_id,
            people.c.name.label("person_name"),
            devices.c.unsent,
            devices.c.unsent_since,
            devices.c.seen_at,
        )
        .select_from(devices.join(people, people.c.id == devices.c.person_id))
        .where(devices.c.unsent > 0, devices.c.state != "dead")
        .order_by(devices.c.seen_at, devices.c.id)
    )
    return [msgspec.convert(row, Holding, from_attributes=True) for row in await tx.execute(query)]


async def load_devices_of(tx: AsyncConnection, persons: Collection[UUID]) -> list[UUID]:
    """The devices in use of these people."""
    if not persons:
        return []
    query = select(devices.c.id).where(
        devices.c.person_id.in_(persons), devices.c.state == "active"
    )
    return list(await tx.scalars(query))
