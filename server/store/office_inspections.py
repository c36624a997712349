"""Inspections as the office lists them. Rule: as in `store.office`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Words
from schemas.kinds.inspection import Step
from schemas.office import InspectionStep
from server.store.kind_tables import KIND_TABLES
from server.store.listed import Sortable, ordered
from server.store.office import (
    ASSET,
    ASSIGNMENT,
    INSPECTION,
    INSPECTION_STATE,
    ROOM,
    SUBMITTED_AT,
    WORDS,
    Sites,
    batches,
    plain,
)

ATTACHMENT = KIND_TABLES["attachment"]


class Inspected(Struct, frozen=True):
    """An inspection as lists need it; its answers are read only where nobody counted them yet."""

    id: UUID
    version: int
    scope_id: str
    asset: UUID
    template: UUID
    assignment: UUID | None
    inspector: UUID
    inspector_name: str
    started_at: datetime | None
    step: Step
    state: InspectionStep
    asset_version: int
    asset_name: str
    asset_number: str
    asset_serial: str
    position: str
    room_name: str
    assignment_title: Words | None


STEP = msgspec.json.Decoder(Step | None)
ORDERS: Mapping[str, Sequence[Sortable]] = {
    "submitted_at": (SUBMITTED_AT,),
    "started_at": (INSPECTION.c.started_at,),
    "asset": (ASSET.c.name,),
    "inspector": (INSPECTION.c.inspector_name,),
}
JOINED = (
    INSPECTION.join(ASSET, ASSET.c.id == INSPECTION.c.asset)
    .outerjoin(ROOM, ROOM.c.id == ASSET.c.room)
    .outerjoin(ASSIGNMENT, ASSIGNMENT.c.id == INSPECTION.c.assignment)
)
INSPECTED = select(
    INSPECTION.c.id,
    INSPECTION.c.version,
    INSPECTION.c.scope_id,
    INSPECTION.c.asset,
    INSPECTION.c.template,
    INSPECTION.c.assignment,
    INSPECTION.c.inspector,
    INSPECTION.c.inspector_name,
    INSPECTION.c.started_at,
    INSPECTION.c.step,
    INSPECTION_STATE.label("state"),
    ASSET.c.version.label("asset_version"),
    ASSET.c.name.label("asset_name"),
    func.coalesce(ASSET.c.number, "").label("asset_number"),
    func.coalesce(ASSET.c.serial, "").label("asset_serial"),
    func.coalesce(ASSET.c.position, "").label("position"),
    func.coalesce(ROOM.c.name, "").label("room_name"),
    ASSIGNMENT.c.title.label("assignment_title"),
).select_from(JOINED)


def inspected_row(row: Mapping[str, object]) -> Inspected:
    values = dict(row)
    values["step"] = STEP.decode(str(values["step"] or "null")) or Step()
    title = values["assignment_title"]
    values["assignment_title"] = WORDS.decode(str(title)) if title else None
    return msgspec.convert(values, Inspected)


class InspectionFilter(Struct, frozen=True, kw_only=True):
    """Which inspections are asked for; what is not said limits nothing."""

    id: UUID | None = None
    ids: Collection[UUID] | None = None
    other_than: UUID | None = None
    state: InspectionStep | None = None
    site: UUID | None = None
    rounds: Collection[UUID] | None = None
    asset: UUID | None = None
    assets: Collection[UUID] | None = None
    inspector: UUID | None = None

    def conditions(self, sites: Sites) -> list[ColumnElement[bool]]:
        columns, kept = INSPECTION.c, sites.only(self.site) if self.site else sites
        asked: list[ColumnElement[bool] | None] = [
            columns.withdrawn.is_(False),
            kept.within(columns.scope_id),
            columns.id == self.id if self.id else None,
            columns.id.in_(self.ids) if self.ids is not None else None,
            columns.id != self.other_than if self.other_than else None,
            INSPECTION_STATE.in_([self.state]) if self.state else None,
            columns.assignment.in_(self.rounds) if self.rounds is not None else None,
            columns.asset == self.asset if self.asset else None,
            columns.asset.in_(self.assets) if self.assets is not None else None,
            columns.inspector == self.inspector if self.inspector else None,
        ]
        return [condition for condition in asked if condition is not None]


async def load_inspected(
    tx: AsyncConnection,
    sites: Sites,
    asked: InspectionFilter,
    *,
    order: str = "submitted_at",
    limit: int | None = None,
    offset: int = 0,
) -> list[Inspected]:
    """The inspections that are asked for, in order."""
    query = (
        INSPECTED.where(*asked.conditions(sites))
        .order_by(*ordered(ORDERS, order, INSPECTION.c.id))
        .limit(limit)
        .offset(offset)
    )
    return [inspected_row(plain(row)) for row in (await tx.execute(query)).mappings()]


async def count_inspected(
    tx: AsyncConnection, sites: Sites, asked: InspectionFilter
) -> tuple[int, str | None]:
    """How many there are, and when the oldest of them was submitted, as text."""
    query = select(func.count(), func.min(SUBMITTED_AT)).select_from(JOINED)
    row = (await tx.execute(query.where(*asked.conditions(sites)))).one()
    return row[0], row[1]


class Answered(Struct, frozen=True):
    """What was answered, as JSON."""

    answers: str | None
    elements: str | None


async def load_answers(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Answered]:
    query = select(INSPECTION.c.id, INSPECTION.c.answers, INSPECTION.c.elements)
    found: dict[UUID, Answered] = {}
    for some in batches(ids):
        rows = await tx.execute(query.where(INSPECTION.c.id.in_(some)))
        found |= {row.id: Answered(row.answers, row.elements) for row in rows}
    return found


async def load_readings(tx: AsyncConnection, assets: Collection[UUID]) -> dict[UUID, str]:
    """`asset.last` as JSON, of those assets that have it."""
    query = select(ASSET.c.id, ASSET.c.last).where(ASSET.c.last.is_not(None))
    found: dict[UUID, str] = {}
    for some in batches(assets):
        rows = await tx.execute(query.where(ASSET.c.id.in_(some)))
        found |= {row.id: row.last for row in rows}
    return found


async def count_waiting(tx: AsyncConnection, parents: Collection[UUID]) -> dict[UUID, int]:
    """How many attachments of each record are known by name only."""
    query = (
        select(ATTACHMENT.c.parent, func.count())
        .where(ATTACHMENT.c.received_at.is_(None), ATTACHMENT.c.withdrawn.is_(False))
        .group_by(ATTACHMENT.c.parent)
    )
    found: dict[UUID, int] = {}
    for some in batches(parents):
        rows = await tx.execute(query.where(ATTACHMENT.c.parent.in_(some)))
        found |= {row[0]: row[1] for row in rows}
    return found
