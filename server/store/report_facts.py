"""What a report is made from, read in bulk. Rule: one statement for each thing, whatever the size.

Who may ask was settled before: nothing here looks at grants.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.file_tables import blobs
from server.store.kind_tables import KIND_TABLES
from server.store.office import (
    ASSET,
    ASSIGNMENT,
    INSPECTION,
    INSPECTION_STATE,
    ROOM,
    SUBMITTED_AT,
    Sites,
    batches,
)
from server.store.office_evidence import FINDING, FINDING_IS_OPEN, StoredFinding
from server.store.presence import scopes_of
from server.store.tables import ops

VISIT = KIND_TABLES["visit"]
FINDINGS_MAX = 2_000
SERIAL_OPS_MAX = 5_000
TELLING_FINDINGS = 2
VISITS_NEAR_MAX = 8  # That an inspection is looked for in.


class Placed(Struct, frozen=True):
    """A device and where it stands."""

    id: UUID
    name: str
    number: str
    serial: str
    category: str
    position: str
    room: str


async def load_placed(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, Placed]:
    """Devices by id, withdrawn ones too: they were inspected all the same."""
    query = select(
        ASSET.c.id,
        ASSET.c.name,
        func.coalesce(ASSET.c.number, "").label("number"),
        func.coalesce(ASSET.c.serial, "").label("serial"),
        func.coalesce(ASSET.c.category, "").label("category"),
        func.coalesce(ASSET.c.position, "").label("position"),
        func.coalesce(ROOM.c.name, "").label("room"),
    ).select_from(ASSET.outerjoin(ROOM, ROOM.c.id == ASSET.c.room))
    found: dict[UUID, Placed] = {}
    for some in batches(assets):
        for row in await tx.execute(query.where(ASSET.c.id.in_(some))):
            found[row.id] = msgspec.convert(row, Placed, from_attributes=True)
    return found


class Past(Struct, frozen=True):
    """An accepted inspection of before; answers and elements are JSON."""

    id: UUID
    asset: UUID
    template: UUID
    started_at: datetime | None
    submitted_at: str | None
    answers: str | None
    elements: str | None


async def load_past(
    tx: AsyncConnection, assets: Collection[UUID], *, before: datetime, each: int
) -> list[Past]:
    """The accepted inspections of devices begun before an instant: `each` of a device, the newest
    first."""
    columns = INSPECTION.c
    place = func.row_number().over(
        partition_by=columns.asset, order_by=(columns.started_at.desc(), columns.id.desc())
    )
    ranked = select(
        columns.id,
        columns.asset,
        columns.template,
        columns.started_at,
        SUBMITTED_AT.label("submitted_at"),
        columns.answers,
        columns.elements,
        place.label("place"),
    ).where(
        columns.withdrawn.is_(False),
        columns.started_at < before,
        INSPECTION_STATE.in_(["accepted"]),
    )
    found: list[Past] = []
    for some in batches(assets):
        inner = ranked.where(columns.asset.in_(some)).subquery()
        names = [inner.c[name] for name in Past.__struct_fields__]
        query = select(*names).where(inner.c.place <= each).order_by(inner.c.asset, inner.c.place)
        found += [
            msgspec.convert(row, Past, from_attributes=True) for row in await tx.execute(query)
        ]
    return found


async def load_findings(
    tx: AsyncConnection,
    site: UUID,
    *,
    inspections: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[StoredFinding]:
    """Findings of these inspections, free ones of that time, and open ones of before."""
    columns = [FINDING.c[n] for n in StoredFinding.__struct_fields__ if n != "asset_name"]
    free = and_(
        FINDING.c.inspection.is_(None), FINDING.c.found_at >= since, FINDING.c.found_at <= until
    )
    older = and_(FINDING_IS_OPEN, FINDING.c.found_at < since)
    of: list[UUID] = list(inspections)
    query = (
        select(*columns, ASSET.c.name.label("asset_name"))
        .select_from(FINDING.join(ASSET, ASSET.c.id == FINDING.c.asset))
        .where(
            FINDING.c.withdrawn.is_(False),
            FINDING.c.scope_id.in_(scopes_of(site)),
            or_(FINDING.c.inspection.in_(of), free, older),
        )
        .order_by(FINDING.c.found_at.desc(), FINDING.c.id)
        .limit(FINDINGS_MAX)
    )
    return [
        msgspec.convert(row, StoredFinding, from_attributes=True) for row in await tx.execute(query)
    ]


class Bytes(Struct, frozen=True):
    """What is known of bytes that the store holds."""

    sha256: str
    media_type: str | None
    fault: str | None
    width: int
    height: int
    thumbnails: bool


async def load_bytes(tx: AsyncConnection, names: Collection[str]) -> Mapping[str, Bytes]:
    """The bytes that are held, of those named, by their digest."""
    columns = [blobs.c[name] for name in Bytes.__struct_fields__]
    found: dict[str, Bytes] = {}
    every = sorted(set(names))
    for start in range(0, len(every), 10_000):
        some = every[start : start + 10_000]
        for row in await tx.execute(
            select(*columns).where(blobs.c.sha256.in_(some), blobs.c.leaving_at.is_(None))
        ):
            found[row.sha256] = msgspec.convert(row, Bytes, from_attributes=True)
    return found


async def load_asset_ops(
    tx: AsyncConnection, assets: Collection[UUID]
) -> Sequence[tuple[UUID, datetime, bytes]]:
    """What was written into devices: id, when it arrived, the op; in order of arrival."""
    query = (
        select(ops.c.record_id, ops.c.received_at, ops.c.payload)
        .where(ops.c.kind == "asset", ops.c.outcome_name == "applied")
        .order_by(ops.c.received_at, ops.c.n)
        .limit(SERIAL_OPS_MAX)
    )
    found: list[tuple[UUID, datetime, bytes]] = []
    for some in batches(assets):
        for row in await tx.execute(query.where(ops.c.record_id.in_(some))):
            assert row.record_id is not None, "found by it"
            found.append((row.record_id, row.received_at, row.payload))
    return found


async def load_visits_near(tx: AsyncConnection, site: UUID, engineer: UUID) -> list[UUID]:
    """The newest visits of an engineer at a site that have ended."""
    query = (
        select(VISIT.c.id)
        .where(
            VISIT.c.site == site,
            VISIT.c.engineer == engineer,
            VISIT.c.withdrawn.is_(False),
            VISIT.c.ended_at.is_not(None),
        )
        .order_by(VISIT.c.started_at.desc(), VISIT.c.id)
        .limit(VISITS_NEAR_MAX)
    )
    return list(await tx.scalars(query))


async def load_round_visits(
    tx: AsyncConnection, assignment: UUID
) -> list[tuple[UUID, datetime, datetime | None, str]]:
    """The visits of a round, the first one first: id, from when to when, whose."""
    columns = VISIT.c
    query = (
        select(columns.id, columns.started_at, columns.ended_at, columns.engineer_name)
        .where(columns.assignment == assignment, columns.withdrawn.is_(False))
        .order_by(columns.started_at, columns.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in await tx.execute(query)]


async def load_telling_round(
    tx: AsyncConnection, sites: Sites, *, devices: tuple[int, int]
) -> UUID | None:
    """The newest closed round there of so many devices, from least to most, with findings."""
    done = (
        select(INSPECTION.c.assignment)
        .group_by(INSPECTION.c.assignment)
        .having(func.count().between(*devices))
        .subquery()
    )
    found = (
        select(INSPECTION.c.assignment, func.count().label("findings"))
        .select_from(FINDING.join(INSPECTION, INSPECTION.c.id == FINDING.c.inspection))
        .group_by(INSPECTION.c.assignment)
        .having(func.count() >= TELLING_FINDINGS)
        .subquery()
    )
    joined = ASSIGNMENT.join(done, done.c.assignment == ASSIGNMENT.c.id).join(
        found, found.c.assignment == ASSIGNMENT.c.id
    )
    query = (
        select(ASSIGNMENT.c.id)
        .select_from(joined)
        .where(ASSIGNMENT.c.state == "closed", sites.at(ASSIGNMENT.c.site))
        .order_by(ASSIGNMENT.c.due_at.desc(), found.c.findings.desc(), ASSIGNMENT.c.id)
        .limit(1)
    )
    return (await tx.scalars(query)).one_or_none()
