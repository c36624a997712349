"""Which tablet announced which attachment, and what is still on it. Rule: as in `store.office`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.kind_tables import KIND_TABLES
from server.store.office import Sites, batches, plain
from server.store.people_tables import devices, people
from server.store.tables import ops

ATTACHMENT = KIND_TABLES["attachment"]
NOT_HERE: ColumnElement[bool] = and_(
    ATTACHMENT.c.received_at.is_(None), ATTACHMENT.c.withdrawn.is_(False)
)


class Announced(Struct, frozen=True):
    """The first word of an attachment: when it arrived, and the tablet that it came from.

    A tablet that was enrolled again goes by its newest name: it holds what it held before.
    """

    record_id: UUID
    at: datetime
    device: UUID
    device_name: str
    person_name: str
    seen_at: datetime | None


def announcements(wanted: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    """The first op of a device on each attachment that is wanted, with the device of now."""
    rank = func.row_number().over(
        partition_by=ops.c.record_id, order_by=(ops.c.received_at, ops.c.n)
    )
    first = (
        select(ops.c.record_id, ops.c.received_at, ops.c.lineage_id, rank.label("rank"))
        .where(ops.c.kind == "attachment", ops.c.device_id.is_not(None), wanted)
        .subquery()
    )
    same = devices.alias("same")
    newest = (
        select(same.c.id)
        .where(same.c.lineage_id == first.c.lineage_id)
        .order_by(same.c.enrolled_at.desc(), same.c.id.desc())
        .limit(1)
        .correlate(first)
        .scalar_subquery()
    )
    return (
        select(
            first.c.record_id,
            first.c.received_at.label("at"),
            devices.c.id.label("device"),
            devices.c.name.label("device_name"),
            people.c.name.label("person_name"),
            devices.c.seen_at,
        )
        .select_from(
            first.join(devices, devices.c.id == newest).join(
                people, people.c.id == devices.c.person_id
            )
        )
        .where(first.c.rank == 1)
    )


async def load_announced(
    tx: AsyncConnection, attachments: Collection[UUID]
) -> dict[UUID, Announced]:
    """Who announced each of these attachments; none for what no device did."""
    found: dict[UUID, Announced] = {}
    for some in batches(attachments):
        rows = await tx.execute(announcements(ops.c.record_id.in_(some)))
        found |= {
            row.record_id: msgspec.convert(row, Announced, from_attributes=True) for row in rows
        }
    return found


class Held(Struct, frozen=True):
    """What one tablet holds of the files that it announced."""

    device: UUID
    device_name: str
    person_name: str
    seen_at: datetime | None
    files: int
    bytes: int
    since: datetime


async def load_held(tx: AsyncConnection, sites: Sites) -> list[Held]:
    """Every tablet that holds announced files of these sites, the longest wait first."""
    waiting = select(ATTACHMENT.c.id).where(NOT_HERE, sites.within(ATTACHMENT.c.scope_id))
    told = announcements(ops.c.record_id.in_(waiting)).subquery()
    query = (
        select(
            told.c.device,
            told.c.device_name,
            told.c.person_name,
            told.c.seen_at,
            func.count().label("files"),
            func.sum(ATTACHMENT.c.bytes).label("bytes"),
            func.min(told.c.at).label("since"),
        )
        .select_from(told.join(ATTACHMENT, ATTACHMENT.c.id == told.c.record_id))
        .group_by(told.c.device, told.c.device_name, told.c.person_name, told.c.seen_at)
        .order_by(func.min(told.c.at), told.c.device)
    )
    rows = (await tx.execute(query)).mappings()
    return [msgspec.convert({**plain(row), "bytes": int(row["bytes"])}, Held) for row in rows]


class Named(Struct, frozen=True):
    """An attachment with all that a list says of it."""

    id: UUID
    version: int
    scope_id: str
    parent: UUID
    item: str | None
    sha256: str
    bytes: int
    media_type: str
    name: str | None
    width: int | None
    height: int | None
    taken_at: datetime | None
    caption: str | None
    moment: str | None
    received_at: datetime | None


async def load_of(
    tx: AsyncConnection, sites: Sites, parents: Collection[UUID], *, limit: int
) -> list[Named]:
    """The newest attachments of these records; last those of which nobody says when."""
    columns = [ATTACHMENT.c[name] for name in Named.__struct_fields__]
    when = func.coalesce(ATTACHMENT.c.taken_at, ATTACHMENT.c.received_at)
    found: list[Named] = []
    for some in batches(parents):
        query = (
            select(*columns)
            .where(
                ATTACHMENT.c.parent.in_(some),
                ATTACHMENT.c.withdrawn.is_(False),
                sites.within(ATTACHMENT.c.scope_id),
            )
            .order_by(when.desc().nulls_last(), ATTACHMENT.c.id.desc())
            .limit(limit)
        )
        rows = await tx.execute(query)
        found += [msgspec.convert(row, Named, from_attributes=True) for row in rows]
    return sorted(found, key=age, reverse=True)[:limit]


def age(one: Named) -> tuple[bool, datetime | None, UUID]:
    at = one.taken_at or one.received_at
    return at is not None, at, one.id
